"""Writes the text of an element: headings, paragraphs, lists, tables, definition lists and code as plain Markdown.

One pass over the tree, compiled (`pipelines.extraction.pages.block_kernel`). Furniture is skipped on the way, and a
block that turns out to be nothing but short links is taken back when it ends.
"""

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.names import TAGS
from pipelines.extraction.html.rows import kinds, rows_of
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages.block_kernel import write_blocks
from pipelines.extraction.pages.line_judge import without_side_lines
from pipelines.extraction.pages.shape_kernel import BLOCK, CLUSTER, HEADING

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_PARAGRAPHS = frozenset(
    ["p", "div", "section", "article", "main", "blockquote", "figure", "figcaption", "details", "summary",
    "address", "center", "fieldset", "form", "header", "footer", "aside", "body", "html", "hgroup", "legend",
    "caption"]
)  # fmt: skip
_LINES = frozenset(["li", "dt", "dd", "tr", "option", "thead", "tbody", "tfoot", "colgroup"])
_GROUPS = frozenset(["ul", "ol", "dl", "table"])
_CLUSTERS = frozenset(["ul", "ol", "dl", "table", "div", "section", "p", "aside", "header", "footer", "td", "center"])
_BLOCKS = _PARAGRAPHS | _LINES | _GROUPS | frozenset(_HEADINGS) | {"pre", "hr", "td", "th", "textarea"}
_LONGEST_START = 6
_COUNTED = kinds("ol")

_KINDS: NDArray[np.uint8] = np.array(
    [BLOCK * (tag in _BLOCKS) | CLUSTER * (tag in _CLUSTERS) | HEADING * (tag in _HEADINGS) for tag in TAGS], np.uint8
)
_LEVELS: NDArray[np.uint8] = np.array([int(tag[1]) if tag in _HEADINGS else 0 for tag in TAGS], np.uint8)


def write(tree: Tree, verdicts: NDArray[np.int32], row: int, sure: bool, judged: bool = False) -> str:
    """The text below an element, blocks separated by line breaks, paragraphs by blank lines.

    `sure`: the page itself said that this element is the text. `judged`: lines that stand beside the text go.
    """
    data, lines = write_lines(tree, verdicts, row, sure)
    if judged:
        data = without_side_lines(tree, row, sure, data, lines)
    text = str(data.data, "utf-8")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")  # twice as fast as an expression for any number of them
    return text.strip()


def write_lines(
    tree: Tree, verdicts: NDArray[np.int32], row: int, sure: bool
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The same as bytes, with what is known of each line; see `write_blocks`."""
    return write_blocks(tree.nodes, tree.buffer, verdicts, _starts(tree, verdicts), _KINDS, _LEVELS, row, sure)


def _starts(tree: Tree, verdicts: NDArray[np.int32]) -> NDArray[np.int32]:
    """For every row the number that its items are counted from."""
    starts = np.ones(tree.end, np.int32)
    for row in rows_of(tree, _COUNTED, verdicts):
        start = tree.attribute(row, "start") or ""
        if start.isdecimal() and len(start) <= _LONGEST_START:
            starts[row] = int(start)
    return starts
