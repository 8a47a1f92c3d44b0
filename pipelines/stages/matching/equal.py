"""The first matching pipeline: documents that are equal, by bytes or by normalised text, and ids that occur twice."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dedup.blake2b import digests
from dedup.buckets import Edges, buckets, shared, stars, unique_pairs
from manifests.errors import UserError
from pipelines.corpus.columns import buffers_of
from pipelines.corpus.rows import made_from_text
from pipelines.engine.beam import beam
from pipelines.stages.matching.records_file import ROW_BITS, ROW_MASK
from pipelines.stages.matching.shuffle import (
    U64,
    Counted,
    Plan,
    Source,
    cut,
    distinct,
    fixed,
    gather,
    load_wanted,
    numbers_of,
    read_columns,
    rows_path,
    tally,
    write_edges,
)

KINDS = (("id", "id"), ("bytes", "bytes_hash"), ("normalised", "words_hash"))
"""Reasons to be equal and the columns that tell; the first is the fault of an id that occurs twice."""

ROW_BYTES = 32


class EqualDocuments(beam.PTransform):
    """Signature files to one file of edges a range of hashes: name the files, cut, group, pair.

    `wanted`, if given, is a file of hashes: of earlier corpora only documents with one of them take part.
    """

    def __init__(self, plan: Plan, wanted: str | None = None) -> None:
        super().__init__()
        self.plan, self.wanted = plan, wanted

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        ranges = self.plan.ranges(ROW_BYTES * len(KINDS), self.wanted is not None)
        return (
            root
            | "Name files" >> beam.Create([tuple(source) for source in self.plan.sources], reshuffle=False)
            | "Spread files" >> beam.Reshuffle()
            | "Cut by hash" >> beam.ParDo(CutEqual(self.plan, self.wanted, ranges))
            | "Group by range" >> beam.GroupByKey()
            | "Pair equals" >> beam.ParDo(PairEqual(self.plan))
        )


class CutEqual(beam.DoFn):
    """A source to (128-bit hash, kind, document) rows by range."""

    def __init__(self, plan: Plan, wanted: str | None, ranges: int) -> None:
        super().__init__()
        self.plan, self.wanted, self.ranges = plan, wanted, ranges

    def process(self, element: tuple[Any, ...]) -> Iterator[tuple[int, tuple[str, int, int]]]:
        source = Source(*element)
        sent = Counted(self._rows(source))
        yield from cut(rows_path(self.plan.folder, f"equal-{source.place}"), sent, self.ranges)
        tally(self.plan.folder, "equal", "sent", f"{source.place}", sent.rows)

    def _rows(self, source: Source) -> Iterator[tuple[U64, ...]]:
        frozen = source.place < self.plan.frozen
        # An id of an earlier corpus may come again, so only those of new documents are compared.
        asked = self.plan.settings.exact
        kinds_here = [kind for kind, (name, _) in enumerate(KINDS) if (not frozen if name == "id" else name in asked)]
        numbers = numbers_of(source, 0, source.rows)
        wanted = load_wanted(self.wanted) if frozen else None
        for kind in kinds_here:
            column = KINDS[kind][1]
            hashes, who = hashes_of(read_columns(source.signatures, [column]).column(column)), numbers
            if wanted is not None:
                places = wanted.places(hashes[:, 0])
                hashes, who = hashes[places], numbers[places]
            # The normalised hash of a text without words is all zeros and equals nothing.
            use = hashes.any(axis=1)
            yield hashes[use, 0], hashes[use, 1], np.full(int(use.sum()), kind, np.uint64), who[use]


def hashes_of(column: pa.ChunkedArray) -> U64:
    """A column's hashes, shape (rows, 2): as it holds them, or of its strings."""
    if pa.types.is_fixed_size_binary(column.type):
        return fixed(column).view("<u8")
    return digests(*buffers_of(column.cast(pa.large_string()).combine_chunks()))


def wanted_hashes(plan: Plan, most: int) -> U64 | None:
    """The sorted hashes of all documents that are not of an earlier corpus; None when there are more than `most`."""
    new = plan.sources[plan.frozen :]
    if len(KINDS) * sum(source.rows for source in new) > most:
        return None
    tables = (read_columns(source.signatures, [column for _, column in KINDS]) for source in new)
    return distinct(np.concatenate([hashes_of(column)[:, 0] for table in tables for column in table.columns]))


class PairEqual(beam.DoFn):
    """One range of hashes to edges in a file; yields the range. Raises UserError for an id that occurs twice."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan

    def process(self, element: tuple[int, Iterable[tuple[str, int, int]]]) -> Iterator[int]:
        number, pieces = element
        rows = gather(pieces, 4)
        tally(self.plan.folder, "equal", "received", f"{number}", len(rows))
        pairs = [(np.empty(0, np.uint64), np.empty(0, np.uint64))]
        for kind, (name, _) in enumerate(KINDS):
            part = rows[rows[:, 2] == kind]
            part = part[shared(part[:, 0])]
            part = part[np.lexsort((part[:, 3], part[:, 1], part[:, 0]))]
            # One number for each distinct hash of 128 bits, for buckets go by 64.
            new = (part[1:, :2] != part[:-1, :2]).any(axis=1)
            groups = np.concatenate([[0], np.cumsum(new)])[: len(part)].astype(np.uint64)
            found = stars(buckets(groups, part[:, 3]), self.plan.frozen_below)
            if name == "id":
                self._refuse(*found)
            else:
                pairs.append(found)
        left, right = unique_pairs(*(np.concatenate(side) for side in zip(*pairs, strict=True)))
        write_edges(Path(self.plan.folder) / f"equal-{number:05d}.npy", Edges(left, right, np.ones(len(left))))
        yield number

    def _refuse(self, left: U64, right: U64) -> None:
        # The same id in an earlier corpus is no fault: that document is dropped if it is equal, by other keys.
        own = left >= np.uint64(self.plan.frozen_below)
        # Nor is one that was made from the text: the texts are equal then, and their files' lists tell them apart.
        for place in np.unique(left[own] >> ROW_BITS).tolist():
            mine = own & (left >> ROW_BITS == place)
            ids = read_columns(self.plan.sources[place].signatures, ["id"]).column("id")
            own[mine] = ~made_from_text(ids.take(pa.array(left[mine] & ROW_MASK))).to_numpy()
        if not own.any():
            return
        first, second = min(zip(left[own].tolist(), right[own].tolist(), strict=True))
        here, there = (self.plan.sources[number >> 32] for number in (first, second))
        identifier = read_columns(here.signatures, ["id"]).column("id")[first & int(ROW_MASK)].as_py()
        raise UserError(
            f"id {identifier!r} occurs twice, in {here.shown} (text {(first & int(ROW_MASK)) + 1}) and in "
            f"{there.shown} (text {(second & int(ROW_MASK)) + 1}); ids must differ"
        )
