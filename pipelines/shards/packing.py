"""From token ids of documents to rows of a shard.

`documents`: one row a document. `packed`: documents one after the other, each closed by its end mark, cut every N
tokens; the last row of a unit is shorter and is packed with the others' (`pipelines.shards.tails`). No token is dropped
or added: the rows' ids, one after the other, are the documents' ids, one after the other, and every row says which
documents its tokens belong to. A document may run over several rows; attention across documents inside a row is the
trainer's business (Llemma's trainer did not mask it).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


class Row(NamedTuple):
    """One row: token ids, and for each piece of a document in it how many they are and the document's id."""

    input_ids: Ids
    lengths: list[int]
    ids: list[str]


class Packer:
    """Packs documents into rows of `length` tokens; 0: one row a document."""

    def __init__(self, length: int) -> None:
        self.length = length
        self._pieces: list[tuple[str, Ids]] = []
        self._held = 0

    def add(self, identifier: str, ids: Ids) -> Iterator[Row]:
        """Take a document; yields the rows that it completes. A document without tokens makes no row."""
        if not self.length:
            if len(ids):
                yield Row(ids, [len(ids)], [identifier])
            return
        at = 0
        while at < len(ids):
            piece = ids[at : at + self.length - self._held]
            self._pieces.append((identifier, piece))
            self._held += len(piece)
            at += len(piece)
            if self._held == self.length:
                yield self._row()

    def finish(self) -> Iterator[Row]:
        """Yield what is left, if anything is."""
        if self._held:
            yield self._row()

    def _row(self) -> Row:
        pieces, self._pieces, self._held = self._pieces, [], 0
        return Row(
            np.concatenate([piece for _, piece in pieces]),
            [len(piece) for _, piece in pieces],
            [identifier for identifier, _ in pieces],
        )


def marked(ids: Ids, bos: int | None, eos: int | None) -> Ids:
    """A document's ids between its marks."""
    begin = [] if bos is None else [bos]
    end = [] if eos is None else [eos]
    return np.concatenate([np.array(begin, dtype=np.int32), ids, np.array(end, dtype=np.int32)])
