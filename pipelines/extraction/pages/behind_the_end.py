"""The text that stands behind the end of a page or an article: behind its first `</body>` or `</html>`, and its notes.

The HTML standard appends it to the body (sections 13.2.6.4.19 and 13.2.6.4.22), and a reader sees it. A page that names
its article names it before that end, so what follows is looked at apart: two pages that were joined, comments that a
program added, a page that closes `html` too early. Notes belong to an article whether they stand in it or, as some
templates write them, in a block of their own behind it.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, LAST, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.pages import blocks
from pipelines.extraction.pages.block_kernel import FURNITURE
from pipelines.extraction.pages.main_text import body_of

_NOTES = re.compile(r"(?:^|[\s_-])(?:foot|end)-?notes(?:$|[\s_-])")
_NOTES_ON_PAGE = (b"footnotes", b"endnotes", b"foot-notes", b"end-notes")
_BLOCKS = tuple(NUMBER[name] for name in ("div", "section", "aside", "ol"))
FEWEST = 20
"""Characters of a text behind the end that is more than a counter's or an advertisement's."""


def notes_behind(tree: Tree, verdicts: NDArray[np.int32], chosen: int) -> Iterator[str]:
    """The blocks of notes behind the element `chosen` that say so by their names, up to the page's own end."""
    if not any(name in tree.source for name in _NOTES_ON_PAGE):
        return
    end = behind = int(tree.nodes[chosen, END])
    blocks_behind = (node for number in _BLOCKS for node in tree.each(number, body_of(tree)) if node.row >= end)
    for node in sorted(blocks_behind, key=lambda node: node.row):
        names = f"{node.get('class') or ''} {node.get('id') or ''}".lower()
        if node.row < behind or node.row >= tree.behind or not _NOTES.search(names):
            continue
        behind = node.row + tree.size(node.row)
        seen = not tree.nodes[node.row, STATE] & GONE and not verdicts[node.row] & FURNITURE
        if seen and (text := blocks.write(tree, verdicts, node.row, False)):
            yield text


def behind_the_end(tree: Tree, verdicts: NDArray[np.int32], chosen: int) -> Iterator[str]:
    """The texts of the body's elements behind the page's end, without those inside the element `chosen`."""
    body = body_of(tree)
    if chosen == body:
        return
    row = body + 1 if tree.behind < tree.end else max(int(tree.nodes[body, LAST]), body + 1)
    last = int(tree.nodes[body, END])
    while row < last:
        behind = int(tree.nodes[row, END])
        if not tree.nodes[row, STATE] & GONE:
            if row >= tree.behind and row != chosen and not verdicts[row] & FURNITURE:
                text = blocks.write(tree, verdicts, row, False)
                if len(text) >= FEWEST:
                    yield text
            tail = " ".join((Node(tree, row).tail or "").split()) if behind >= tree.behind else ""
            if len(tail) >= FEWEST:
                yield tail
        row = behind
