"""The search for benchmark items in documents, by one method: the index, documents in batches, and hits in order.

A long document is searched in windows that share enough text for any item to lie whole in one of them, so that memory
is that of a window however long the document is.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dedup.benchmarks import Item
from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.evidence import QUARTERS
from dedup.overlap.hits import FUZZY, Listing, Row, document_hits
from dedup.overlap.index import Index, build_index, plan_of
from dedup.overlap.judging import BOUNDED_BITS, WHOLE_BITS
from dedup.overlap.scan import ALIGNED_START, LENGTH, NUMBER, START, WORD, scan_texts
from dedup.overlap.splitting import Method, encode
from dedup.overlap.storage import map_arrays, write_arrays
from dedup.overlap.targets import Names, Targets, as_arrays, from_arrays, names_of
from dedup.overlap.words import raw_words, reading
from manifests.records import Hit

PUBLISHED_LENGTHS = (20, 30)
EXACT_LENGTHS = (10, 13, 20, 30)
"""10 and 13: the ends of the range that GPT-3 (appendix C) and DeepSeekMath use; 20 and 30: Llemma's."""
SHORTEST_WHOLE = 3
"""Texts of fewer normalised words are not looked for: DeepSeekMath (section 2.1) matches whole from 3 words on."""
BATCH_CHARACTERS = 4 << 20
WINDOW = 4 << 20
"""Characters of a document that are searched at once."""
COUNTED = "counted"
"""In a table of methods: the headline."""


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


class _Piece(NamedTuple):
    """A window of a document of the batch: its number, its first character, and what it is asked for: hits that begin
    from character `first` on and before `last`.
    """

    document: int
    start: int
    first: int
    last: int


class Overlap:
    """Looks for benchmark items in documents by one method. Building the index takes seconds, so keep the instance.

    `lengths` are the n; `shortest_whole` only matters for `exact`, where 0 turns whole matches off. Without `evident`
    every run of equal words is listed, whatever it says, and no edited text is; `fuzzy` (by default as `evident`) says
    whether edited texts are looked for too, which only `exact` does.
    """

    def __init__(
        self,
        items: Iterable[Item],
        method: Method,
        lengths: Sequence[int] = (),
        shortest_whole: int = SHORTEST_WHOLE,
        evident: bool = True,
        fuzzy: bool | None = None,
    ) -> None:
        self.method: Method = method
        self.lengths = tuple(sorted(set(lengths or (PUBLISHED_LENGTHS if method == "published" else EXACT_LENGTHS))))
        if self.lengths[0] < 2:
            raise ValueError("an n-gram has at least two words")
        self.shortest_whole = shortest_whole if method == "exact" else 0
        evident = evident and method == "exact"
        self.listing = Listing(
            method, self.lengths, self.shortest_whole > 0, evident, evident if fuzzy is None else evident and fuzzy
        )
        texts = [(number, item, field, text) for number, item in enumerate(items) for field, text in item.fields]
        plan = plan_of(self.lengths[0], self.shortest_whole)
        self._set(
            build_index([one[3] for one in texts], [one[0] for one in texts], method, plan),
            names_of([one[1:3] for one in texts]),
        )

    def _set(self, index: Index, names: Names) -> None:
        self._plan = plan_of(self.lengths[0], self.shortest_whole)
        self._index = index
        for array in as_arrays(index, names).values():
            array.flags.writeable = False  # as mapped ones are: kernels are compiled once for both
        self.targets = Targets(names, index)
        self._choices = frozenset(benchmark for benchmark, field in names.kinds if field == OPTIONS)
        longest = int(np.diff(index.text_bounds).max(initial=0))
        self._margin = min(WINDOW // 4, 4096 + 4 * longest)

    def save(self, path: Path) -> None:
        """Write the index to a file, which `load` maps."""
        about = {"listing": list(self.listing), "whole": self.shortest_whole, "kinds": self.targets.names.kinds}
        write_arrays(path, about, as_arrays(self._index, self.targets.names))

    @classmethod
    def load(cls, path: Path) -> "Overlap":
        """The search that was saved, its index mapped: all who load a file share one copy of it in memory."""
        about, arrays = map_arrays(path)
        method, lengths, whole, evident, fuzzy = about["listing"]
        one = cls.__new__(cls)
        one.method, one.lengths, one.shortest_whole = method, tuple(lengths), about["whole"]
        one.listing = Listing(method, one.lengths, whole, evident, fuzzy)
        one._set(*from_arrays(arrays, about["kinds"]))
        return one

    def find(self, documents: Iterable[tuple[str, str]]) -> Iterator[Hit]:
        """Yield the hits of (id, text) pairs: documents in their order, in each the targets in theirs, then n."""
        batch: list[tuple[str, str]] = []
        size = 0
        for identifier, text in documents:
            batch.append((identifier, text))
            size += len(text)
            if size >= BATCH_CHARACTERS:
                yield from self._find(batch)
                batch, size = [], 0
        yield from self._find(batch)

    def coverage(self) -> list[Coverage]:
        """What can be seen of every benchmark and field at every n, in the order of the targets."""
        counts: dict[tuple[str, str], list[int]] = {}
        silent: dict[tuple[str, str], list[int]] = {}
        least = round(BOUNDED_BITS * QUARTERS) if self.listing.evident else 0
        kinds = [self.targets.names.kinds[kind] for kind in self.targets.names.kind.tolist()]
        says = self.targets.evidence() if self.listing.evident else np.zeros(len(kinds), dtype=np.int64)
        for kind, words, said in zip(kinds, self.targets.words().tolist(), says.tolist(), strict=True):
            counts.setdefault(kind, []).append(words)
            silent.setdefault(kind, []).append(words if said >= least else 0)
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
            fewest = self._least(self.lengths[0])
            rows += [
                Coverage(
                    benchmark,
                    field,
                    method,
                    0,
                    len(words),
                    0,
                    sum(count < fewest for count in silent[benchmark, field]),
                )
                for method in ((FUZZY, COUNTED) if self.listing.fuzzy else (COUNTED,))
                for (benchmark, field), words in counts.items()
            ]
        return rows

    def _least(self, n: int) -> int:
        return min(n, self.shortest_whole) if self.shortest_whole else n

    def _find(self, batch: Sequence[tuple[str, str]]) -> Iterator[Hit]:
        found: dict[int, list[Row]] = {}
        pieces = [piece for number, (_, text) in enumerate(batch) for piece in self._pieces(number, text)]
        group: list[tuple[_Piece, bytes]] = []
        size = 0
        for piece in pieces:
            raw = raw_words(batch[piece.document][1][piece.start : piece.last + self._margin], self.method)
            group.append((piece, raw))
            size += len(raw)
            if size >= BATCH_CHARACTERS:
                self._scan(batch, group, found)
                group, size = [], 0
        self._scan(batch, group, found)
        for number, (identifier, text) in enumerate(batch):
            if number in found:
                yield from document_hits(identifier, text, found[number], self.targets, self.listing, self._choices)

    def _pieces(self, number: int, text: str) -> Iterator[_Piece]:
        if len(text) <= WINDOW + self._margin:
            yield _Piece(number, 0, 0, len(text))
            return
        for first in range(0, len(text), WINDOW):
            yield _Piece(number, max(0, first - self._margin), first, min(len(text), first + WINDOW))

    def _scan(
        self,
        batch: Sequence[tuple[str, str]],
        group: Sequence[tuple[_Piece, bytes]],
        found: dict[int, list[Row]],
    ) -> None:
        """Add the rows of some pieces to those of their documents, with places of the whole text."""
        if not group:
            return
        least, least_whole = (
            round(bits * QUARTERS) if self.listing.evident else 0 for bits in (WHOLE_BITS, BOUNDED_BITS)
        )
        rows = scan_texts(
            [raw for _, raw in group],
            self._index,
            reading(self.method),
            self._plan,
            least,
            least_whole,
            self.listing.fuzzy,
        )
        for row in rows.tolist():
            piece, _ = group[row[NUMBER]]
            text = batch[piece.document][1]
            if piece.start or piece.last < len(text):
                before = len(encode(text[: piece.start]))
                begin = row[START] if row[LENGTH] else row[ALIGNED_START]
                low, high = (len(encode(text[piece.start : at])) for at in (piece.first, piece.last))
                if not low <= begin < high:
                    continue
                row[WORD] += piece.start  # in words of one window only: far apart from those of the next
                for at in range(START, ALIGNED_START + 2):
                    row[at] += before
            found.setdefault(piece.document, []).append(tuple(row))
