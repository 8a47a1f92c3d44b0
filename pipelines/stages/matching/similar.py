"""The second matching pipeline: documents that share a band, each pair verified.

Bands are cut by hash range and grouped once. A bucket's pairs are cut again by their left document, so that a pair
which met in several bands is compared once. Buckets too large for all their pairs are led where they are found.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dedup.buckets import Edges, all_pairs, buckets, lead, unique_pairs
from manifests.writing import write_text
from pipelines.engine.beam import beam
from pipelines.stages.matching.keys_file import read_keys
from pipelines.stages.matching.records_file import Verifier
from pipelines.stages.matching.shuffle import (
    U64,
    Counted,
    Plan,
    Source,
    cut,
    distinct,
    gather,
    load_wanted,
    rows_path,
    span,
    tally,
    write_edges,
)

ROW_BYTES = 16


class SimilarDocuments(beam.PTransform):
    """Signature files to verified edges: cut by band, group, pair, cut by document, group, verify.

    `skipped` is a file of sorted document numbers that take no part (they equal another). `wanted`, if given, is a file
    of sorted keys: of earlier corpora only documents with one of them take part.
    """

    def __init__(self, plan: Plan, skipped: str, wanted: str | None) -> None:
        super().__init__()
        self.plan, self.skipped, self.wanted = plan, skipped, wanted

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        plan = self.plan
        ranges = plan.ranges(ROW_BYTES * plan.method.keys_per_document, self.wanted is not None)
        found = (
            root
            | "Name files" >> beam.Create([tuple(source) for source in plan.sources], reshuffle=False)
            | "Spread files" >> beam.Reshuffle()
            | "Cut by band" >> beam.ParDo(CutBands(plan, self.skipped, self.wanted, ranges))
            | "Group by range" >> beam.GroupByKey()
            | "Pair" >> beam.ParDo(PairBuckets(plan, ranges)).with_outputs("led", main="pairs")
        )
        pairs = found.pairs | "Group by document" >> beam.GroupByKey() | "Verify" >> beam.ParDo(VerifyPairs(plan))
        return (found.led, pairs) | "All files" >> beam.Flatten()


class CutBands(beam.DoFn):
    """A source to (band hash, document) rows by range."""

    def __init__(self, plan: Plan, skipped: str, wanted: str | None, ranges: int) -> None:
        super().__init__()
        self.plan, self.skipped, self.wanted, self.ranges = plan, skipped, wanted, ranges

    def process(self, element: tuple[Any, ...]) -> Iterator[tuple[int, tuple[str, int, int]]]:
        source = Source(*element)
        sent = Counted(self._rows(source))
        yield from cut(rows_path(self.plan.folder, f"bands-{source.place}"), sent, self.ranges)
        tally(self.plan.folder, "bands", "sent", f"{source.place}", sent.rows)

    def _rows(self, source: Source) -> Iterator[tuple[U64, U64]]:
        skipped = np.load(self.skipped, mmap_mode="r")
        low, high = span(skipped, source)
        mine = np.array(skipped[low:high])
        wanted = load_wanted(self.wanted) if source.place < self.plan.frozen else None
        for documents, keys in read_keys(source, self.plan.method):
            if wanted is None:
                use = ~np.isin(documents, mine)
                yield keys[use].reshape(-1), np.repeat(documents[use], keys.shape[1])
            else:
                places = wanted.places(keys.reshape(-1))
                flat, numbers = keys.reshape(-1)[places], documents[places // keys.shape[1]]
                use = ~np.isin(numbers, mine)
                yield flat[use], numbers[use]


class PairBuckets(beam.DoFn):
    """One range of band hashes to (left, right) pairs by document; large buckets to a file of edges."""

    def __init__(self, plan: Plan, ranges: int) -> None:
        super().__init__()
        self.plan, self.ranges = plan, ranges

    def process(self, element: tuple[int, Iterable[tuple[str, int, int]]]) -> Iterator[Any]:
        number, pieces = element
        plan = self.plan
        rows = gather(pieces, 2)
        tally(plan.folder, "bands", "received", f"{number}", len(rows))
        found = buckets(rows[:, 0], rows[:, 1])
        del rows
        left, right = all_pairs(found, plan.method.compare_all_to, plan.frozen_below)
        # The range follows the left document's number, so equal pairs of all bands arrive together.
        pairs = unique_pairs(left, right)
        tally(plan.folder, "pairs", "sent", f"{number}", len(pairs[0]))
        yield from cut(rows_path(plan.folder, f"pairs-{number}"), [pairs], self.ranges)
        large = np.flatnonzero(found.ends - found.starts > plan.method.compare_all_to)
        if not len(large):
            return
        verifier = Verifier([source.records for source in plan.sources], plan.method.measure)
        parts, compared, given_up = [], 0, 0
        for bucket in large:
            members = found.documents[found.starts[bucket] : found.ends[bucket]]
            led = lead(members, verifier.similarities, plan.method.threshold, plan.frozen_below)
            parts.append(led.edges)
            compared += led.compared
            given_up += led.given_up
        edges = Edges(*(np.concatenate(side) for side in zip(*parts, strict=True)))
        name = f"led-{number:05d}"
        write_edges(Path(plan.folder) / f"{name}.npy", edges)
        write_counts(plan, name, candidates=compared, confirmed=len(edges.left), given_up=given_up)
        yield beam.TaggedOutput("led", name)


class VerifyPairs(beam.DoFn):
    """One range of pairs to a file of the edges whose true similarity reaches the threshold."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan

    def process(self, element: tuple[int, Iterable[tuple[str, int, int]]]) -> Iterator[str]:
        number, pieces = element
        plan = self.plan
        rows = gather(pieces, 2)
        tally(plan.folder, "pairs", "received", f"{number}", len(rows))
        left, right = unique_pairs(rows[:, 0], rows[:, 1])
        del rows
        verifier = Verifier([source.records for source in plan.sources], plan.method.measure)
        similarity = verifier.similarities(left, right)
        keep = similarity >= plan.method.threshold
        name = f"similar-{number:05d}"
        write_edges(Path(plan.folder) / f"{name}.npy", Edges(left[keep], right[keep], similarity[keep]))
        write_counts(plan, name, candidates=len(left), confirmed=int(keep.sum()), given_up=0)
        yield name


def write_counts(plan: Plan, name: str, **counts: int) -> None:
    """Note beside a file of edges how many pairs were candidates."""
    write_text(Path(plan.folder) / f"{name}.json", json.dumps(counts, sort_keys=True) + "\n")


def wanted_keys(plan: Plan, most: int) -> U64 | None:
    """The sorted keys of all documents that are not of an earlier corpus; None when there are more than `most`."""
    parts: list[U64] = [np.empty(0, np.uint64)]
    total = 0
    for source in plan.sources[plan.frozen :]:
        for _, keys in read_keys(source, plan.method):
            total += keys.size
            if total > most:
                return None
            parts.append(keys.reshape(-1))
    return distinct(np.concatenate(parts))
