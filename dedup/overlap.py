"""Benchmark overlap: which items of a test set stand in a document, and where, on both sides.

Two methods. `published` repeats the check of the Llemma paper (section 3.5; repository wellecks/overlap): n-grams,
n 30 and 20, of whitespace-separated words, nothing normalised. Where the script's later steps keep one item a document,
this lists every one. `exact` compares normalised words (see `dedup.overlap_words`) at several n at once and finds texts
shorter than n whole, down to a stated minimum. A hit is a longest run of equal words; it is listed for every n that it
satisfies, unless its words say nothing (`dedup.overlap_evidence`). With it goes `fuzzy` (`dedup.overlap_fuzzy`), which
finds edited texts where `exact` does not see the whole; its n is 0. The headline of an audit is `counted`: the hits of
both methods that are probable enough and no boilerplate.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.benchmarks import Item
from dedup.overlap_evidence import (
    COUNTED_PROBABILITY,
    SUPPORTING_EDITED_SHARE,
    SUPPORTING_SHARE,
    SUPPORTING_WORDS,
    WHOLE_BITS,
    WHOLE_SHARE,
    evidence_of,
    is_evident,
    probability_of,
    with_context,
)
from dedup.overlap_fuzzy import Alignment, FuzzyIndex
from dedup.overlap_index import build_index, scan_texts, target_words
from dedup.overlap_words import Method, encode, first_byte, last_byte, readable
from manifests.records import Hit

PUBLISHED_LENGTHS = (20, 30)
EXACT_LENGTHS = (10, 13, 20, 30)
"""10 and 13: the ends of the range that GPT-3 (appendix C) and DeepSeekMath use; 20 and 30: Llemma's."""
SHORTEST_WHOLE = 3
"""Texts of fewer normalised words are not looked for: DeepSeekMath (section 2.1) matches whole from 3 words on."""
BATCH_BYTES = 4 << 20
FUZZY = "fuzzy"
COUNTED = "counted"
"""In a table of methods: the headline."""
BOILERPLATE_ITEMS = 5
"""A passage of one document that so many items share is the language of problems, not one of them."""


class Target(NamedTuple):
    """One text that is looked for: a field of a benchmark item. `words` is its length by the method's words."""

    benchmark: str
    item_id: str
    field: str
    text: str
    words: int


class Coverage(NamedTuple):
    """What a method can see of one field of a benchmark at one n.

    `items` have the field; `short` of them have fewer than n words; `unseen` of them cannot be found at all (by
    `published` all the short ones, by `exact` those below the stated minimum and those whose words say too little).
    """

    benchmark: str
    field: str
    method: str
    n: int
    items: int
    short: int
    unseen: int


class Overlap:
    """Looks for benchmark items in documents by one method. Building the index takes seconds, so keep the instance.

    `lengths` are the n; `shortest_whole` only matters for `exact`, where 0 turns whole matches off. Without
    `evident` every run of equal words is listed, whatever it says, and no edited text is.
    """

    def __init__(
        self,
        items: Iterable[Item],
        method: Method,
        lengths: Sequence[int] = (),
        shortest_whole: int = SHORTEST_WHOLE,
        evident: bool = True,
    ) -> None:
        self.method: Method = method
        self.lengths = tuple(sorted(set(lengths or (PUBLISHED_LENGTHS if method == "published" else EXACT_LENGTHS))))
        if self.lengths[0] < 2:
            raise ValueError("an n-gram has at least two words")
        self.shortest_whole = shortest_whole if method == "exact" else 0
        texts = [(item, field, text) for item in items for field, text in item.fields]
        words = target_words([text for _, _, text in texts], method)
        counts = np.diff(words.bounds)
        self.targets = [
            Target(item.benchmark, item.id, field, text, int(count))
            for (item, field, text), count in zip(texts, counts, strict=True)
        ]
        self._index = build_index(words, method, self.lengths[0], self.shortest_whole)
        self._fuzzy = FuzzyIndex(words, [text for _, _, text in texts]) if method == "exact" and evident else None
        self._bounds = words.bounds
        self._places = words.places

    def find(self, documents: Iterable[tuple[str, str]]) -> Iterator[Hit]:
        """Yield the hits of (id, text) pairs: documents in their order, in each the targets in theirs, then n."""
        batch: list[tuple[str, str]] = []
        size = 0
        for identifier, text in documents:
            batch.append((identifier, text))
            size += len(text)
            if size >= BATCH_BYTES:
                yield from self._find(batch)
                batch, size = [], 0
        yield from self._find(batch)

    def coverage(self) -> list[Coverage]:
        """What can be seen of every benchmark and field at every n, in the order of the targets."""
        counts: dict[tuple[str, str], list[int]] = {}
        silent: dict[tuple[str, str], list[int]] = {}
        for target in self.targets:
            counts.setdefault((target.benchmark, target.field), []).append(target.words)
            evident = self._fuzzy is None or evidence_of(target.text) >= WHOLE_BITS
            silent.setdefault((target.benchmark, target.field), []).append(target.words if evident else 0)
        rows = [
            Coverage(
                benchmark,
                field,
                self.method,
                n,
                len(words),
                sum(count < n for count in words),
                sum(count < self._least(n) for count in silent[benchmark, field]),
            )
            for (benchmark, field), words in counts.items()
            for n in self.lengths
        ]
        if self.method == "exact":
            least = self._least(self.lengths[0])
            rows += [
                Coverage(
                    benchmark, field, method, 0, len(words), 0, sum(count < least for count in silent[benchmark, field])
                )
                for method in (FUZZY, COUNTED)
                for (benchmark, field), words in counts.items()
            ]
        return rows

    def _least(self, n: int) -> int:
        return min(n, self.shortest_whole) if self.shortest_whole else n

    def _find(self, batch: Sequence[tuple[str, str]]) -> Iterator[Hit]:
        if not batch:
            return
        raws = [readable(text, self.method) for _, text in batch]
        data = np.frombuffer(b"".join(raws), dtype=np.uint8)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(raw) for raw in raws], dtype=np.int64)])
        found: dict[int, list[_Match]] = {}
        for row in sorted(scan_texts(data, offsets, self._index).tolist()):
            found.setdefault(row[0], []).append(_Match(*row))
        for number, (identifier, text) in enumerate(batch):
            hits = list(self._document_hits(identifier, text, found[number])) if number in found else []
            if self._fuzzy is not None:
                seen = {(hit.benchmark, hit.item_id, hit.field) for hit in hits if hit.kind == "whole"}
                hits += self._edited(self._fuzzy, identifier, text, raws[number], seen)
                hits = _without_boilerplate(hits)
            yield from hits

    def _edited(
        self, fuzzy: FuzzyIndex, identifier: str, text: str, raw: bytes, seen: set[tuple[str, str, str]]
    ) -> list[Hit]:
        """The hits of `fuzzy` in one document; texts that were `seen` whole are not listed again."""
        places, found = fuzzy.find(np.frombuffer(raw, dtype=np.uint8))
        hits = []
        for one in found:
            target = self.targets[one.target]
            if (target.benchmark, target.item_id, target.field) not in seen:
                hits.append(self._fuzzy_hit(identifier, text, target, one, places))
        return hits

    def _fuzzy_hit(self, identifier: str, text: str, target: Target, one: Alignment, places: NDArray[np.int64]) -> Hit:
        base = int(self._bounds[one.target])
        item_places = [int(self._places[base + word]) for word in (one.item_start, one.item_end - 1)]
        words = [int(places[word]) for word in (one.start, one.end - 1)]
        ends = (first_byte(words[0]), last_byte(words[1]))
        item_ends = (first_byte(item_places[0]), last_byte(item_places[1]))
        start, end = (_character_offsets(encode(text), ends)[byte] for byte in ends)
        item_start, item_end = (_character_offsets(encode(target.text), item_ends)[byte] for byte in item_ends)
        share = min(one.share, one.words_share)
        supported = share >= SUPPORTING_EDITED_SHARE and not one.template
        probability = probability_of(one.evidence, share, supported)
        kind = "template" if one.template else "whole" if share >= WHOLE_SHARE else "part"
        return Hit(
            document_id=identifier,
            benchmark=target.benchmark,
            item_id=target.item_id,
            field=target.field,
            method=FUZZY,
            n=0,
            document_start=start,
            document_end=end,
            item_start=item_start,
            item_end=item_end,
            score=round(one.share, 6),
            kind=kind,
            probability=probability,
            counted=probability >= COUNTED_PROBABILITY,
            document_text=with_context(text, start, end),
            item_text=with_context(target.text, item_start, item_end),
        )

    def _document_hits(self, identifier: str, text: str, found: Sequence["_Match"]) -> Iterator[Hit]:
        raw = encode(text)
        characters = _character_offsets(raw, [byte for match in found for byte in match[5:]])
        for owner, group in groupby(found, key=lambda match: match.target):
            matches = list(group)
            target = self.targets[owner]
            base = int(self._bounds[owner])
            ends = [
                (
                    first_byte(int(self._places[base + match.item_word])),
                    last_byte(int(self._places[base + match.item_word + match.words - 1])),
                )
                for match in matches
            ]
            item = _character_offsets(encode(target.text), [byte for pair in ends for byte in pair])
            places = dict(zip(matches, ends, strict=True))
            for n in self.lengths:
                need = min(n, target.words) if self.shortest_whole else n
                for match in _apart([match for match in matches if match.words >= need]):
                    item_start, item_end = (item[byte] for byte in places[match])
                    share = match.words / target.words
                    evidence = evidence_of(target.text[item_start:item_end])
                    if self._fuzzy is not None and not is_evident(evidence, share):
                        continue
                    start, end = characters[match.start], characters[match.end]
                    supported = share >= SUPPORTING_SHARE or match.words >= SUPPORTING_WORDS
                    probability = probability_of(evidence, share, supported)
                    yield Hit(
                        document_id=identifier,
                        benchmark=target.benchmark,
                        item_id=target.item_id,
                        field=target.field,
                        method=self.method,
                        n=n,
                        document_start=start,
                        document_end=end,
                        item_start=item_start,
                        item_end=item_end,
                        score=share,
                        kind="whole" if share >= WHOLE_SHARE else "part",
                        probability=probability,
                        counted=self.method == "exact" and probability >= COUNTED_PROBABILITY,
                        document_text=with_context(text, start, end),
                        item_text=with_context(target.text, item_start, item_end),
                    )


class _Match(NamedTuple):
    """A row of `dedup.overlap_index.scan`: places count words, `start` and `end` count bytes."""

    document: int
    target: int
    word: int
    item_word: int
    words: int
    start: int
    end: int


def _without_boilerplate(hits: list[Hit]) -> list[Hit]:
    """The hits of one document, those parts that many items share at the same place marked as boilerplate."""
    sharing: dict[tuple[int, int], set[tuple[str, str]]] = {}
    for hit in hits:
        sharing.setdefault((hit.document_start, hit.document_end), set()).add((hit.benchmark, hit.item_id))
    return [
        hit._replace(kind="boilerplate", counted=False)
        if hit.kind == "part" and len(sharing[hit.document_start, hit.document_end]) >= BOILERPLATE_ITEMS
        else hit
        for hit in hits
    ]


def _apart(candidates: Sequence[_Match]) -> list[_Match]:
    """Those of the matches of one target that are worth listing: the longest first, and no other that lies with more
    than half of its words in a part of the document that is listed already (a target that repeats itself, or a document
    that does, has one match for every way of laying one upon the other). In document order.
    """
    chosen: list[_Match] = []
    for match in sorted(candidates, key=lambda match: (-match.words, match.word, match.item_word)):
        end = match.word + match.words
        shared = (min(end, one.word + one.words) - max(match.word, one.word) for one in chosen)
        if all(2 * words <= match.words for words in shared):
            chosen.append(match)
    return sorted(chosen)


def _character_offsets(raw: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """Byte offsets into UTF-8 and the character offsets they are."""
    if raw.isascii():
        return {offset: offset for offset in offsets}
    found = {}
    before = total = 0
    for offset in sorted(set(offsets)):
        total += len(raw[before:offset].decode("utf-8", "surrogatepass"))
        found[offset] = total
        before = offset
    return found
