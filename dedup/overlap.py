"""Benchmark overlap: which items of a test set stand in a document, and where, on both sides.

Two methods. `published` repeats the check of the Llemma paper (section 3.5; repository wellecks/overlap): n-grams,
n 30 and 20, of whitespace-separated words, nothing normalised. Where the script's later steps keep one item a document,
this lists every one. `exact` compares normalised words (see `dedup.overlap_words`) at several n at once and finds texts
shorter than n whole, down to a stated minimum. A hit is a longest run of equal words; it is listed for every n that it
satisfies.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.benchmarks import Item
from dedup.overlap_index import build_index, scan_texts, target_words
from dedup.overlap_words import Method, encode, first_byte, last_byte
from manifests.records import Hit

PUBLISHED_LENGTHS = (20, 30)
EXACT_LENGTHS = (10, 13, 20, 30)
"""10 and 13: the ends of the range that GPT-3 (appendix C) and DeepSeekMath use; 20 and 30: Llemma's."""
SHORTEST_WHOLE = 3
"""Texts of fewer normalised words are not looked for: DeepSeekMath (section 2.1) matches whole from 3 words on."""
BATCH_BYTES = 4 << 20


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
    `published` all the short ones, by `exact` those below the stated minimum).
    """

    benchmark: str
    field: str
    method: Method
    n: int
    items: int
    short: int
    unseen: int


class Overlap:
    """Looks for benchmark items in documents by one method. Building the index takes seconds, so keep the instance.

    `lengths` are the n; `shortest_whole` only matters for `exact`, where 0 turns whole matches off.
    """

    def __init__(
        self,
        items: Iterable[Item],
        method: Method,
        lengths: Sequence[int] = (),
        shortest_whole: int = SHORTEST_WHOLE,
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
        self._bounds = words.bounds
        self._places = words.places

    def find(self, documents: Iterable[tuple[str, str]]) -> Iterator[Hit]:
        """Yield the hits of (id, text) pairs: documents in their order, in each the targets in theirs, then n."""
        batch: list[tuple[str, bytes]] = []
        size = 0
        for identifier, text in documents:
            raw = encode(text)
            batch.append((identifier, raw))
            size += len(raw)
            if size >= BATCH_BYTES:
                yield from self._find(batch)
                batch, size = [], 0
        yield from self._find(batch)

    def coverage(self) -> list[Coverage]:
        """What can be seen of every benchmark and field at every n, in the order of the targets."""
        counts: dict[tuple[str, str], list[int]] = {}
        for target in self.targets:
            counts.setdefault((target.benchmark, target.field), []).append(target.words)
        return [
            Coverage(
                benchmark,
                field,
                self.method,
                n,
                len(words),
                sum(count < n for count in words),
                sum(count < self._least(n) for count in words),
            )
            for (benchmark, field), words in counts.items()
            for n in self.lengths
        ]

    def _least(self, n: int) -> int:
        return min(n, self.shortest_whole) if self.shortest_whole else n

    def _find(self, batch: Sequence[tuple[str, bytes]]) -> Iterator[Hit]:
        if not batch:
            return
        data = np.frombuffer(b"".join(raw for _, raw in batch), dtype=np.uint8)
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(raw) for _, raw in batch], dtype=np.int64)])
        spans = scan_texts(data, offsets, self._index)
        if not len(spans):
            return
        spans = spans[np.lexsort((spans[:, 3], spans[:, 2], spans[:, 1], spans[:, 0]))]
        borders = np.flatnonzero(np.diff(spans[:, 0])) + 1
        for rows in np.split(spans, borders):
            number = int(rows[0, 0])
            text = data[offsets[number] : offsets[number + 1]]
            yield from self._document_hits(batch[number][0], text, rows)

    def _document_hits(self, identifier: str, text: NDArray[np.uint8], rows: NDArray[np.int64]) -> Iterator[Hit]:
        characters = _character_offsets(text, rows[:, 5:7])
        for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows[:, 1])) + 1):
            owner = int(rows[part[0], 1])
            target = self.targets[owner]
            item_places = self._places[self._bounds[owner] : self._bounds[owner + 1]]
            raw = np.frombuffer(encode(target.text), dtype=np.uint8)
            for n in self.lengths:
                need = min(n, target.words) if self.shortest_whole else n
                for row in _apart(rows, [int(index) for index in part if rows[index, 4] >= need]):
                    first, length = int(rows[row, 3]), int(rows[row, 4])
                    bytes_of_item = (first_byte(item_places[first]), last_byte(item_places[first + length - 1]))
                    item = _character_offsets(raw, np.array([bytes_of_item], dtype=np.int64))
                    yield Hit(
                        document_id=identifier,
                        benchmark=target.benchmark,
                        item_id=target.item_id,
                        field=target.field,
                        method=self.method,
                        n=n,
                        document_start=int(characters[row, 0]),
                        document_end=int(characters[row, 1]),
                        item_start=int(item[0, 0]),
                        item_end=int(item[0, 1]),
                        score=length / target.words,
                    )


def _apart(rows: NDArray[np.int64], candidates: list[int]) -> list[int]:
    """Those of the matches of one target that are worth listing: the longest first, and no other that lies with more
    than half of its words in a part of the document that is listed already (a target that repeats itself, or a document
    that does, has one match for every way of laying one upon the other). In document order.
    """
    chosen: list[int] = []
    for row in sorted(candidates, key=lambda row: (-int(rows[row, 4]), int(rows[row, 2]), int(rows[row, 3]))):
        start, length = int(rows[row, 2]), int(rows[row, 4])
        shared = (
            min(start + length, int(rows[one, 2] + rows[one, 4])) - max(start, int(rows[one, 2])) for one in chosen
        )
        if all(2 * words <= length for words in shared):
            chosen.append(row)
    return sorted(chosen)


def _character_offsets(text: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Byte offsets into UTF-8 as character offsets, in the same shape."""
    unique, inverse = np.unique(offsets, return_inverse=True)
    characters = np.empty(len(unique), dtype=np.int64)
    before, total = 0, 0
    for index, offset in enumerate(unique.tolist()):
        total += int(np.count_nonzero((text[before:offset] & 0xC0) != 0x80))
        characters[index] = total
        before = offset
    shaped: NDArray[np.int64] = characters[inverse].reshape(offsets.shape)
    return shaped
