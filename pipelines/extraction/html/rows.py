"""Elements of a tree by their kinds or by flags, and how much of a page is shown: one pass over its rows, compiled."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import COLUMNS, END, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER, TAGS
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import GONE


def kinds(*names: str) -> NDArray[np.uint8]:
    """For every known element whether it is one of `names`; the last is for all others."""
    table = np.zeros(len(TAGS) + 1, np.uint8)
    table[[NUMBER[name] for name in names]] = 1
    return table


def rows_of(
    tree: Tree, of: NDArray[np.uint8], flags: NDArray[np.int32], wanted: int = 0, least: int = 1, first: int = 0
) -> list[int]:
    """The rows at `first` or inside it of elements of the kinds `of`, or whose `wanted` flags are at least `least`.

    They come in order; `flags` has one number a row.
    """
    end = tree.cells[first * COLUMNS + END]
    out = np.empty(end - first, np.int32)
    found: list[int] = out[: _pick(tree.nodes, flags, first, end, of, wanted, least, out)].tolist()
    return found


def shown_in(tree: Tree, row: int, without: NDArray[np.uint8], most: int) -> int:
    """How many characters an element of a tree that was just read shows, but for those right inside `without`.

    It may be too few where it is `most` or more.
    """
    return int(_count_shown(tree.nodes, tree.buffer, row, without, most))


@kernel
def _pick(nodes: Any, flags: Any, start: Any, end: Any, kinds: Any, wanted: Any, least: Any, out: Any) -> Any:
    """Write the rows of the elements in the tree that are of `kinds`, or whose `wanted` flags are at least `least`."""
    count = 0
    last = kinds.size - 1
    for row in range(start, end):
        named = kinds[min(nodes[row, TAG], last)] or (flags[row] & wanted) >= least
        if named and not nodes[row, STATE] & GONE:
            out[count] = row
            count += 1
    return count


@kernel
def _count_shown(nodes: Any, buf: Any, row: Any, kinds: Any, most: Any) -> Any:
    """Characters of text inside an element of a tree of which nothing is gone, but for those right inside `kinds`.

    It is enough to count to `most`.
    """
    total = 0
    last = kinds.size - 1
    for inside in range(row, np.int64(nodes[row, END])):
        if not kinds[min(nodes[inside, TAG], last)]:
            for at in range(nodes[inside, TEXT], nodes[inside, TEXT_END]):
                total += (buf[at] & 0xC0) != 0x80
        if inside > row:
            for at in range(nodes[inside, TAIL], nodes[inside, TAIL_END]):
                total += (buf[at] & 0xC0) != 0x80
        if total >= most:
            return total
    return total
