"""Which documents of a cluster stay: those of an earlier corpus, then by source priority, quality, length, id.

`survivors: alike` lets a document go only for one that stays and that it was measured to be alike to
(`dedup.survivors`). `one` leaves one of a cluster however far its ends are apart, as the published corpora were made;
with an earlier corpus in it all new documents go, each listed with the earlier one that it is nearest to, if they were
compared, and else with the first in order.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.buckets import Edges, lead
from dedup.components import Components, components
from dedup.survivors import STAYS, settle
from pipelines.stages.matching.records_file import ROW_MASK, Verifier
from pipelines.stages.matching.shuffle import U64, Plan, read_columns, span

COLUMNS = ("id", "source", "quality", "length", "bytes_hash", "words_hash")

MOST_ROUNDS = 16
"""Times that the survivors of a cluster are compared with each other; what is left then stays, alike or not."""
EQUAL = 2.0
"""The similarity of an edge between documents that are equal, which no measured one reaches."""
NO_QUALITY = -np.inf
"""A document without the score stands behind all that have it."""


StandsFor = Callable[[pa.ChunkedArray], Mapping[str, str]]


class Choice(NamedTuple):
    """What became of the clusters.

    `dropped` has a row a dropped document: id, number, kept_number, kept_id, cluster, method. `clusters` has a row a
    cluster: cluster, size, dropped, sources (source and count). Both are in an order that depends on ids alone.
    """

    dropped: pa.Table
    clusters: pa.Table


def ranked(plan: Plan, found: Components, priority: Mapping[str, int]) -> pa.Table:
    """Members of all clusters with what decides, sorted by cluster and then from the first choice to the last."""
    parts = []
    for source in plan.sources:
        low, high = span(found.members, source)
        if low == high:
            continue
        numbers, roots = found.members[low:high], found.roots[low:high]
        rows = (numbers & ROW_MASK).astype(np.int64)
        table = read_columns(source.signatures, COLUMNS).take(pa.array(rows))
        ranks = [priority.get(name, len(priority)) for name in table.column("source").to_pylist()]
        quality = pc.fill_null(table.column("quality"), NO_QUALITY)
        table = table.set_column(table.schema.get_field_index("quality"), "quality", quality)
        for name, values in (
            ("number", numbers),
            ("root", roots),
            ("cold", np.full(len(rows), source.place >= plan.frozen, np.int8)),
            ("priority", np.array(ranks, np.int32)),
        ):
            table = table.append_column(name, pa.array(values))
        parts.append(table)
    order = [(name, "ascending") for name in ("root", "cold", "priority")]
    order += [("quality", "descending"), ("length", "descending"), ("id", "ascending"), ("number", "ascending")]
    return pa.concat_tables(parts).combine_chunks().sort_by(order)


def choose(
    plan: Plan,
    found: Components,
    edges: Edges,
    priority: Mapping[str, int],
    asked: StandsFor,
) -> Choice:
    """Decide every cluster. `asked` tells of ids which of them an earlier corpus dropped, and what it kept."""
    table = ranked(plan, found, priority)
    stands_for = asked(table.column("id").filter(pc.equal(table.column("cold"), 0)))
    roots = table.column("root").to_numpy()
    numbers = table.column("number").to_numpy()
    frozen = table.column("cold").to_numpy() == 0
    starts = np.flatnonzero(np.concatenate([[True], roots[1:] != roots[:-1]]))
    sizes = np.diff(np.concatenate([starts, [len(roots)]]))
    first = np.repeat(starts, sizes)
    if plan.settings.survivors == "one":
        kept = np.where(frozen[first] & frozen | (np.arange(len(roots)) == first), STAYS, first)
        for row, match in _direct_matches(numbers, edges, plan.frozen_below):
            kept[row] = match
    else:
        # What an earlier corpus has dropped itself is no reason to drop anything but its equals.
        absent = pc.is_in(table.column("id"), pa.array(list(stands_for), pa.string())).to_numpy() & frozen
        kept = justified(plan, numbers, roots, edges, frozen, absent)
    rows = np.flatnonzero(kept != STAYS)
    kept = kept[rows]
    ids = table.column("id").combine_chunks()
    heads = ids.take(pa.array(first[rows])).to_pylist()
    matches = ids.take(pa.array(kept)).to_pylist()
    # A cluster is called after what stands for it; next to an earlier corpus, after what that one has instead.
    named = zip(heads, matches, frozen[kept].tolist(), strict=True)
    names = [stands_for.get(name, name) for name in (match if cold else head for head, match, cold in named)]
    dropped = pa.table(
        {
            "id": ids.take(pa.array(rows)),
            "number": pa.array(numbers[rows]),
            "kept_number": pa.array(numbers[kept]),
            "kept_id": pa.array(matches, pa.string()),
            "cluster": pa.array(names, pa.string()),
            "method": pa.array(_methods(plan, table, rows, kept), pa.string()),
        }
    )
    gone = np.zeros(len(roots), np.int64)
    gone[rows] = 1
    return Choice(dropped, _clusters(table, starts, sizes, np.add.reduceat(gone, starts), stands_for))


def justified(
    plan: Plan,
    numbers: U64,
    roots: U64,
    edges: Edges,
    frozen: npt.NDArray[np.bool_],
    absent: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """As `alike`, after those that would stay in one cluster were compared with each other too.

    Not all pairs of a large bucket are compared, so two documents may both stay only because nobody looked. Rows of
    `absent` count only for their equals.
    """
    gone = numbers[absent]
    use = (edges.similarity >= EQUAL) | ~(np.isin(edges.left, gone) | np.isin(edges.right, gone))
    edges = Edges(edges.left[use], edges.right[use], edges.similarity[use])
    kept = alike(numbers, edges, frozen)
    if not plan.method.keys_per_document:
        return kept
    verifier = Verifier([source.records for source in plan.sources], plan.method.measure)
    unsettled = np.unique(roots)
    for _ in range(MOST_ROUNDS):
        stay = np.flatnonzero((kept == STAYS) & ~absent & np.isin(roots, unsettled))
        bounds = np.flatnonzero(np.diff(roots[stay])) + 1
        groups = [rows for rows in np.split(stay, bounds) if len(rows) > 1 and not frozen[rows].all()]
        led = [lead(numbers[rows], verifier.similarities, plan.method.threshold, plan.frozen_below) for rows in groups]
        unsettled = np.array([roots[rows[0]] for rows, one in zip(groups, led, strict=True) if len(one.edges.left)])
        if not len(unsettled):
            break
        edges = Edges(*(np.concatenate(side) for side in zip(edges, *(one.edges for one in led), strict=True)))
        kept = alike(numbers, edges, frozen)
    return kept


def alike(numbers: U64, edges: Edges, frozen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """For each row, in order of preference, STAYS or the row for which it goes: equal to it, or verified to be alike.

    Only one of several equal documents was compared with others, so what was measured for one holds for all of them:
    equals are one node, in the place of the best of them, which alone stays if the node does.
    """
    by_number = np.argsort(numbers, kind="stable")
    left, right = (by_number[np.searchsorted(numbers[by_number], side)] for side in (edges.left, edges.right))
    equal = edges.similarity >= EQUAL
    same = components(left[equal].astype(np.uint64), right[equal].astype(np.uint64))
    node = np.arange(len(numbers))
    node[same.members.astype(np.int64)] = same.roots.astype(np.int64)  # the smallest row is the best
    kept = settle(node[left[~equal]], node[right[~equal]], edges.similarity[~equal], frozen)
    result = np.where(node != np.arange(len(numbers)), node, STAYS)
    # A node that goes takes its equals along, to the same survivor.
    goes = kept[node] != STAYS
    result[goes] = kept[node][goes]
    result[frozen] = STAYS
    return result


def _direct_matches(numbers: U64, edges: Edges, frozen_below: int) -> list[tuple[int, int]]:
    """For documents with an edge to an earlier corpus: their row and the row of the nearest there."""
    bound = np.uint64(frozen_below)
    use = (edges.left < bound) & (edges.right >= bound)
    if not use.any():
        return []
    by_number = np.argsort(numbers, kind="stable")
    rows_of = by_number[np.searchsorted(numbers[by_number], np.stack([edges.left[use], edges.right[use]]))]
    order = np.lexsort((rows_of[0], -edges.similarity[use], rows_of[1]))
    matches, documents = rows_of[0][order], rows_of[1][order]
    new = np.concatenate([[True], documents[1:] != documents[:-1]])
    return list(zip(documents[new].tolist(), matches[new].tolist(), strict=True))


def _methods(plan: Plan, table: pa.Table, rows: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]) -> list[str]:
    """The strongest reason that holds between each dropped document and the one it is listed with."""
    methods = np.full(len(rows), plan.settings.method, dtype="U10")
    for name, column in (("normalised", "words_hash"), ("bytes", "bytes_hash")):
        if name not in plan.settings.exact:
            continue
        hashes = table.column(column).combine_chunks()
        left, right = hashes.take(pa.array(rows)), hashes.take(pa.array(kept))
        equal = pc.equal(left, right).to_numpy(zero_copy_only=False)
        if name == "normalised":
            equal &= pc.not_equal(left, pa.scalar(bytes(16), left.type)).to_numpy(zero_copy_only=False)
        methods[equal] = "exact" if name == "bytes" else name
    result: list[str] = methods.tolist()
    return result


def _clusters(
    table: pa.Table,
    starts: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    dropped: npt.NDArray[np.int64],
    stands_for: Mapping[str, str],
) -> pa.Table:
    """A row a cluster, the largest first, then by name."""
    heads: Sequence[str] = table.column("id").take(pa.array(starts)).to_pylist()
    sources = table.column("source").to_pylist()
    counts = []
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        inside: dict[str, int] = {}
        for source in sources[start : start + size]:
            inside[source] = inside.get(source, 0) + 1
        counts.append(sorted(inside.items()))
    return pa.table(
        [
            pa.array([stands_for.get(name, name) for name in heads], pa.string()),
            pa.array(sizes),
            pa.array(dropped.astype(np.int64)),
            pa.array(counts, pa.map_(pa.string(), pa.int64())),
        ],
        schema=CLUSTER,
    ).sort_by([("size", "descending"), ("cluster", "ascending")])


CLUSTER = pa.schema(
    [
        pa.field("cluster", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("dropped", pa.int64(), nullable=False),
        pa.field("sources", pa.map_(pa.string(), pa.int64()), nullable=False),
    ]
)
