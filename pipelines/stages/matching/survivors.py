"""Which document of a cluster stays: frozen corpus first, then source priority, quality, length, id.

With an earlier corpus in the cluster all of its documents stay and all new ones go; each new one names the earlier
document it is most similar to, if they were compared, and else the first in order.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.buckets import Edges
from dedup.components import Components
from pipelines.stages.matching.records_file import ROW_MASK
from pipelines.stages.matching.shuffle import U64, Plan, read_columns, span

COLUMNS = ("id", "source", "quality", "length", "bytes_hash", "words_hash")

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
    cold = table.column("cold").to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], roots[1:] != roots[:-1]]))
    sizes = np.diff(np.concatenate([starts, [len(roots)]]))
    first = np.repeat(starts, sizes)
    with_frozen = cold[first] == 0
    drop = np.where(with_frozen, cold == 1, np.arange(len(roots)) != first)
    kept = first.copy()
    for row, match in _direct_matches(numbers, edges, plan.frozen_below):
        kept[row] = match
    rows, kept = np.flatnonzero(drop), kept[drop]
    ids = table.column("id").combine_chunks()
    kept_ids = ids.take(pa.array(kept))
    names = [stands_for.get(name, name) for name in ids.take(pa.array(kept)).to_pylist()]
    dropped = pa.table(
        {
            "id": ids.take(pa.array(rows)),
            "number": pa.array(numbers[rows]),
            "kept_number": pa.array(numbers[kept]),
            "kept_id": kept_ids,
            "cluster": pa.array(names, pa.string()),
            "method": pa.array(_methods(plan, table, rows, kept), pa.string()),
        }
    )
    return Choice(dropped, _clusters(table, starts, sizes, np.add.reduceat(drop, starts), stands_for))


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
    methods = np.full(len(rows), plan.parameters.method, dtype="U10")
    for name, column in (("normalised", "words_hash"), ("bytes", "bytes_hash")):
        if name not in plan.exact:
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
