"""Connected components where the duplicate graph outgrows one worker: alternating stars on the runner.

Large-star and small-star (Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii 2014, "Connected Components in
MapReduce and Beyond") rewire edges towards the smallest neighbour and keep components as they are. A round is one
pipeline; its last step counts what is not yet a star: a document with two parents, or a parent that has one itself.
Only a round that counts nothing ends the loop, so the result is proven or the run fails. Nodes travel packed, as
everywhere.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from dedup.components import Components
from manifests.errors import Fault
from manifests.writing import write_text
from pipelines.engine.beam import beam
from pipelines.stages.matching.shuffle import (
    U64,
    Run,
    cut,
    gather,
    ranges_of,
    rows_path,
    run_counted,
    save_rows,
    tally,
)

MOST_ROUNDS = 64
"""The paper proves O(log^2 n) rounds and sees about log n; a graph that needs more is a bug."""


def group_minimum(nodes: U64, neighbours: U64) -> tuple[U64, U64, U64]:
    """Rows sorted by node, distinct, and for each row the least of its node and the node's neighbours."""
    order = np.lexsort((neighbours, nodes))
    nodes, neighbours = nodes[order], neighbours[order]
    new = np.ones(len(nodes), dtype=bool)
    new[1:] = (nodes[1:] != nodes[:-1]) | (neighbours[1:] != neighbours[:-1])
    nodes, neighbours = nodes[new], neighbours[new]
    starts = np.flatnonzero(np.concatenate([[True], nodes[1:] != nodes[:-1]]))
    least = np.minimum(neighbours[starts], nodes[starts])
    return nodes, neighbours, np.repeat(least, np.diff(np.concatenate([starts, [len(nodes)]])))


def large_star(nodes: U64, neighbours: U64) -> tuple[U64, U64]:
    """Every neighbour above its node is tied to the least of them all; rows hold both directions of an edge."""
    nodes, neighbours, least = group_minimum(nodes, neighbours)
    above = neighbours > nodes
    return neighbours[above], least[above]


def small_star(nodes: U64, neighbours: U64) -> tuple[U64, U64]:
    """A node and its neighbours, all below it, are tied to the least of them."""
    nodes, neighbours, least = group_minimum(nodes, neighbours)
    children = np.concatenate([neighbours, nodes])
    parents = np.concatenate([least, least])
    use = children != parents
    return children[use], parents[use]


class CutBothWays(beam.DoFn):
    """A file of edges to (node, neighbour) rows by node, in both directions."""

    def __init__(self, folder: str, ranges: int) -> None:
        super().__init__()
        self.folder, self.ranges = folder, ranges

    def process(self, path: str) -> Iterator[tuple[int, tuple[str, int, int]]]:
        edges = np.load(path, allow_pickle=False)
        name = Path(path).stem
        tally(self.folder, "nodes", "sent", name, 2 * len(edges))
        ends = edges[:, 0], edges[:, 1]
        yield from cut(rows_path(self.folder, f"nodes-{name}"), [ends, ends[::-1]], self.ranges)


class Star(beam.DoFn):
    """One range of nodes, rewired and cut again by the larger end."""

    def __init__(self, large: bool, folder: str, ranges: int) -> None:
        super().__init__()
        self.large, self.folder, self.ranges = large, folder, ranges

    def process(self, element: tuple[int, Iterable[tuple[str, int, int]]]) -> Iterator[Any]:
        number, pieces = element
        rows = gather(pieces, 2)
        children, parents = (large_star if self.large else small_star)(rows[:, 0], rows[:, 1])
        before, after = ("nodes", "larger") if self.large else ("larger", "children")
        tally(self.folder, before, "received", f"{number}", len(rows))
        tally(self.folder, after, "sent", f"{number}", len(children))
        yield from cut(rows_path(self.folder, f"{after}-{number}"), [(children, parents)], self.ranges)
        if not self.large:
            tops = np.unique(parents)
            tally(self.folder, "parents", "sent", f"{number}", len(tops))
            for place, piece in cut(rows_path(self.folder, f"parents-{number}"), [(tops,)], self.ranges):
                yield beam.TaggedOutput("parents", (place, piece))


class Settle(beam.DoFn):
    """One range of children with their parents, and of nodes that are parents: write the edges, count faults."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder

    def process(self, element: tuple[int, dict[str, Iterable[tuple[str, int, int]]]]) -> Iterator[int]:
        number, groups = element
        edges, parents = gather(groups["edges"], 2), gather(groups["parents"], 1)
        tally(self.folder, "children", "received", f"{number}", len(edges))
        tally(self.folder, "parents", "received", f"{number}", len(parents))
        edges, parents = np.unique(edges, axis=0), np.unique(parents)
        children = np.unique(edges[:, 0])
        faults = len(edges) - len(children) + int(np.isin(parents, children).sum())
        folder = Path(self.folder)
        save_rows(folder / f"edges-{number:05d}.npy", edges)
        write_text(folder / f"faults-{number:05d}.json", json.dumps(faults) + "\n")
        yield number


class Round(beam.PTransform):
    """Files of edges to files of edges: large star, small star, and the count of what is no star yet."""

    def __init__(self, paths: list[str], folder: str, ranges: int) -> None:
        super().__init__()
        self.paths, self.folder, self.ranges = paths, folder, ranges

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        stars = (
            root
            | "Name files" >> beam.Create(self.paths, reshuffle=False)
            | "Spread files" >> beam.Reshuffle()
            | "Cut both ways" >> beam.ParDo(CutBothWays(self.folder, self.ranges))
            | "Group by node" >> beam.GroupByKey()
            | "Large star" >> beam.ParDo(Star(True, self.folder, self.ranges))
            | "Group by larger end" >> beam.GroupByKey()
            | "Small star" >> beam.ParDo(Star(False, self.folder, self.ranges)).with_outputs("parents", main="edges")
        )
        return (
            {"edges": stars.edges, "parents": stars.parents}
            | "Group by child" >> beam.CoGroupByKey()
            | "Settle" >> beam.ParDo(Settle(self.folder))
        )


def components_by_stars(
    paths: list[Path], edges: int, folder: Path, run: Run, say: Callable[[str], None], range_bytes: int = 8 << 20
) -> tuple[Components, int]:
    """Components of the edges in `paths` (NumPy files of (n, 2) document numbers), and how many rounds it took.

    `edges` is their number, `folder` is for the rounds' files, `run` runs a pipeline, and a worker holds about
    `range_bytes` of rows at a time. Raises Fault when the rounds
    do not converge.
    """
    ranges = ranges_of(edges * 32, range_bytes)
    current = [str(path) for path in paths]
    for number in range(1, MOST_ROUNDS + 1):
        target = folder / f"round-{number:02d}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        names, place = tuple(current), str(target)
        made = partial(Round, list(names), place, ranges)
        run_counted(run, lambda pipeline, made=made: pipeline | made(), target, say)  # type: ignore[misc]
        faults = sum(json.loads(path.read_text()) for path in sorted(target.glob("faults-*.json")))
        current = [str(path) for path in sorted(target.glob("edges-*.npy"))]
        if number > 1:
            shutil.rmtree(folder / f"round-{number - 1:02d}", ignore_errors=True)
        if faults == 0:
            rows = np.concatenate([np.empty((0, 2), np.uint64), *(np.load(path) for path in current)])
            roots = np.unique(rows[:, 1])
            members = np.concatenate([rows[:, 0], roots])
            order = np.argsort(members)
            return Components(members[order], np.concatenate([rows[:, 1], roots])[order]), number
    raise Fault(f"components of the duplicates did not converge in {MOST_ROUNDS} rounds; this is a bug")
