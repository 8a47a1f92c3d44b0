"""From token ids of documents to rows of a shard.

`documents`: one row a document. Packed in one of two ways:

`concatenated`, as Llemma's trainer does: documents one after the other, each closed by its end mark, cut every N
tokens. The rows' ids, one after the other, are the documents' ids, one after the other.

`best_fit` (Ding et al., "Fewer Truncations Improve Language Modeling", arXiv 2404.10830, section 2): a document is cut
only if it is longer than a row; what is left of it, and every shorter document, goes whole into the row in which it
leaves least room, the longest first. What stays free is filled up with end marks.

Either way no token is dropped or added, and every row says which documents its tokens belong to and where in the
document each piece begins. Rows that are too short when a unit ends are packed with the others' by
`pipelines.shards.tails`. Attention across documents inside a row is the trainer's business (Llemma's did not mask it).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from manifests.settings.shards import ShardSettings

Ids = NDArray[np.int32]

HELD_TOKENS = 1 << 26
"""Tokens that `BestFit` holds at most before it packs them: 256 MiB."""
LOOSE = 64
"""A row of `BestFit` with more than one in so many tokens free is given back to be packed with others."""


class Piece(NamedTuple):
    """A document's tokens, or some of them: its id, the tokens, how many of the document come before, its source."""

    id: str
    ids: Ids
    position: int
    source: str


class Row(NamedTuple):
    """One row: token ids, and for each piece of a document how many, the document's id, its beginning, its source."""

    input_ids: Ids
    lengths: list[int]
    ids: list[str]
    positions: list[int]
    sources: list[str]


class Packing(Protocol):
    """Makes rows of documents. `cut`: documents in several rows so far; `cut_that_fit`: those that fit into one."""

    cut: int
    cut_that_fit: int

    def add(self, piece: Piece, *, whole: bool) -> Iterator[Row]:
        """Take a document, or a piece of one that was cut before; yields rows that are done."""
        ...

    def finish(self) -> Iterator[Row]:
        """Yield what is left; only these rows may be shorter than the others."""
        ...


def packing(settings: ShardSettings, mark: int, *, last: bool = False) -> Packing:
    """What the settings ask for; `mark` fills rows up; `last`: no row is given back to be packed with others."""
    if settings.layout == "documents":
        return Concatenated(0)
    if settings.packing == "best_fit":
        return BestFit(settings.sequence_length, mark, last=last)
    return Concatenated(settings.sequence_length)


class Concatenated:
    """Documents one after the other in rows of `length` tokens; 0: one row a document."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.cut = self.cut_that_fit = 0
        self._pieces: list[Piece] = []
        self._held = 0

    def add(self, piece: Piece, *, whole: bool) -> Iterator[Row]:
        """Take a document; yields the rows that it completes. A document without tokens makes no row."""
        size = len(piece.ids)
        if not self.length:
            if size:
                yield _row([piece])
            return
        if whole and self._held + size > self.length:
            self.cut += 1
            self.cut_that_fit += size <= self.length
        at = 0
        while at < size:
            part = piece.ids[at : at + self.length - self._held]
            self._pieces.append(Piece(piece.id, part, piece.position + at, piece.source))
            self._held += len(part)
            at += len(part)
            if self._held == self.length:
                yield self._done()

    def finish(self) -> Iterator[Row]:
        """Yield what is left, if anything is."""
        if self._held:
            yield self._done()

    def _done(self) -> Row:
        pieces, self._pieces, self._held = self._pieces, [], 0
        return _row(pieces)


class BestFit:
    """Documents where they fit best in rows of `length` tokens."""

    def __init__(self, length: int, mark: int, *, last: bool) -> None:
        self.length, self.mark, self.last = length, mark, last
        self.cut = self.cut_that_fit = 0
        self._pieces: list[Piece] = []
        self._held = 0

    def add(self, piece: Piece, *, whole: bool) -> Iterator[Row]:
        """Take a document; yields rows when enough are held."""
        size = len(piece.ids)
        self.cut += whole and size > self.length
        for at in range(0, size, self.length):
            part = Piece(piece.id, piece.ids[at : at + self.length], piece.position + at, piece.source)
            if len(part.ids) == self.length:
                yield _row([part])
            else:
                self._pieces.append(part)
                self._held += len(part.ids)
        if self._held >= HELD_TOKENS:
            loose: list[Row] = []
            for row in self._packed():
                if self._is_loose(row):
                    loose.append(row)
                else:
                    yield filled(row, self.length, self.mark)
            self._pieces = [one for row in loose for one in pieces_of(row)]
            self._held = sum(len(one.ids) for one in self._pieces)

    def finish(self) -> Iterator[Row]:
        """Yield all that is left, the loose rows at the end and not filled up, unless these are the last."""
        rows = list(self._packed())
        self._pieces, self._held = [], 0
        yield from (filled(row, self.length, self.mark) for row in rows if self.last or not self._is_loose(row))
        yield from (row for row in rows if not self.last and self._is_loose(row))

    def _is_loose(self, row: Row) -> bool:
        return (self.length - len(row.input_ids)) * LOOSE > self.length

    def _packed(self) -> Iterator[Row]:
        from pipelines.shards.best_fit import best_fit_rows

        sizes = np.array([len(piece.ids) for piece in self._pieces], dtype=np.int64)
        order = np.argsort(-sizes, kind="stable")
        row_of = best_fit_rows(sizes[order], self.length)
        by_row = np.argsort(row_of, kind="stable")
        starts = np.flatnonzero(np.diff(row_of[by_row], prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(by_row)]):
            yield _row([self._pieces[order[one]] for one in by_row[start:end]])


def _row(pieces: list[Piece]) -> Row:
    return Row(
        np.concatenate([piece.ids for piece in pieces]),
        [len(piece.ids) for piece in pieces],
        [piece.id for piece in pieces],
        [piece.position for piece in pieces],
        [piece.source for piece in pieces],
    )


def pieces_of(row: Row) -> Iterator[Piece]:
    """The pieces that a row is made of."""
    at = 0
    for name, size, position, source in zip(row.ids, row.lengths, row.positions, row.sources, strict=True):
        yield Piece(name, row.input_ids[at : at + size], position, source)
        at += size


def filled(row: Row, length: int, mark: int) -> Row:
    """The row with marks behind its tokens, so that it has `length` of them; its lengths stay as they are."""
    room = np.full(length - len(row.input_ids), mark, dtype=np.int32)
    return row._replace(input_ids=np.concatenate([row.input_ids, room]))


def marked(ids: Ids, bos: int | None, eos: int | None) -> Ids:
    """A document's ids between its marks."""
    before = bos is not None
    found = np.empty(before + len(ids) + (eos is not None), dtype=np.int32)
    found[before : before + len(ids)] = ids
    if bos is not None:
        found[0] = bos
    if eos is not None:
        found[-1] = eos
    return found
