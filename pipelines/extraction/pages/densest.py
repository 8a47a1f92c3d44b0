"""The smallest element that holds nearly all of a page's running text: what is left of a page that names no main text.

Running text is what stands outside links, in paragraphs or in pieces long enough to be one. From the body downwards,
the element that holds `ENOUGH` of it and every formula is entered, as long as there is one. Readability and trafilatura
score elements by their paragraphs; here nothing is scored, so that a page whose text is in two places keeps both.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, PARENT, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE, count_marks, is_link
from pipelines.extraction.pages.block_kernel import FURNITURE

ENOUGH, ENOUGH_OF_ALL = 0.98, 0.7
"""The shares of the running text and of all text outside links, in bytes, that an element must hold to be entered."""
FEWEST = 400
"""Bytes of running text that a page must have, or there is nothing to go by."""
LONG = 60
"""Bytes of a piece of text outside a paragraph that is running text all the same."""
_P, _PRE, _DD, _BLOCKQUOTE = (NUMBER[name] for name in ("p", "pre", "dd", "blockquote"))
_ENTERED: NDArray[np.uint8] = np.zeros(len(NUMBER) + 1, np.uint8)
_ENTERED[
    [NUMBER[name] for name in ("div", "section", "article", "main", "td", "table", "tbody", "tr", "center", "form")]
] = 1


def densest(tree: Tree, verdicts: NDArray[np.int32], root: int) -> int:
    """The row of that element inside `root`; `root` itself if its parts share the text."""
    return int(_densest(tree.nodes, tree.buffer, verdicts, root, np.zeros((tree.end, 3), np.int64), _ENTERED))


@kernel
def _weigh(buf: Any, start: Any, end: Any, in_link: Any, in_paragraph: Any, weights: Any, owner: Any) -> Any:
    """Adds the bytes of running text, the formulas and the bytes outside links of one piece."""
    weights[owner, 1] += count_marks(buf, start, end)
    if not in_link:
        written = 0
        for at in range(start, end):
            written += buf[at] > 32
        weights[owner, 2] += written
        if in_paragraph or written >= LONG:
            weights[owner, 0] += written


@kernel
def _densest(nodes: Any, buf: Any, verdicts: Any, root: Any, weights: Any, entered: Any) -> Any:
    end = np.int64(nodes[root, END])
    link_end = np.int64(0)
    paragraph_end = np.int64(0)
    row = np.int64(root)
    while row < end:
        state = nodes[row, STATE]
        if state & GONE:
            row = np.int64(nodes[row, END])
            continue
        tag = nodes[row, TAG]
        behind = np.int64(nodes[row, END])
        parent = nodes[row, PARENT]
        if row != root:
            linked = parent < link_end and row < link_end and not is_link(nodes, row)
            _weigh(buf, nodes[row, TAIL], nodes[row, TAIL_END], linked, row < paragraph_end, weights, parent)
            if verdicts[row] & FURNITURE:
                row = behind
                continue
        if is_link(nodes, row):
            link_end = max(link_end, behind)
        elif tag in (_P, _PRE, _DD, _BLOCKQUOTE):
            paragraph_end = max(paragraph_end, behind)
        _weigh(buf, nodes[row, TEXT], nodes[row, TEXT_END], row < link_end, row < paragraph_end, weights, row)
        row = behind if state & EMPTIED else row + 1
    for below in range(end - 1, root, -1):
        if not nodes[below, STATE] & GONE:
            weights[nodes[below, PARENT], 0] += weights[below, 0]
            weights[nodes[below, PARENT], 1] += weights[below, 1]
            weights[nodes[below, PARENT], 2] += weights[below, 2]
    best = np.int64(root)
    if weights[root, 0] < FEWEST:
        return best
    row = root + 1
    while row < nodes[best, END]:
        if nodes[row, STATE] & GONE or not entered[min(nodes[row, TAG], entered.size - 1)]:
            row = np.int64(nodes[row, END])
        elif (
            weights[row, 0] >= ENOUGH * weights[root, 0]
            and weights[row, 1] == weights[root, 1]
            and weights[row, 2] >= ENOUGH_OF_ALL * weights[root, 2]
        ):
            best = row
            row += 1
        else:
            row = np.int64(nodes[row, END])
    return best
