"""What an element is by what stands inside it: a table that lays out a page, a script of a formula; compiled."""

from typing import Any

import numpy as np

from pipelines.extraction.html.build_kernel import END, STATE, TAG, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER, TAGS
from pipelines.extraction.html.scan_kernel import is_letter
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE, count_marks

BLOCK, CLUSTER, HEADING = 1, 2, 4
"""Kinds of elements, as bits: they stand on lines of their own, may be clusters of links, are headings."""
_KNOWN = len(TAGS)
_LARGEST_SCRIPT = 100
"""Elements in a `sub` or `sup` that may be a script."""
_A, _BR, _SMALL, _PRE = (NUMBER[name] for name in ("a", "br", "small", "pre"))
_TD, _TABLE, _UL, _DL, _P = (NUMBER[name] for name in ("td", "table", "ul", "dl", "p"))
_H1, _H2, _H3, _H4 = (NUMBER[name] for name in ("h1", "h2", "h3", "h4"))


@kernel
def is_complex(nodes: Any, table: Any) -> Any:
    """Whether a table lays out the page rather than holding rows of data."""
    paragraphs = 0
    cells = 0
    row = table + 1
    end = nodes[table, END]
    while row < end:
        if nodes[row, STATE] & GONE:
            row = np.int64(nodes[row, END])
            continue
        tag = nodes[row, TAG]
        if tag == _TABLE or tag == _PRE or tag == _UL or tag == _DL or tag == _H1 or tag == _H2 or tag == _H3:
            return True
        if tag == _H4:
            return True
        if tag == _P:
            paragraphs += 1
        elif tag == _TD:
            cells += 1
        row = np.int64(nodes[row, END]) if nodes[row, STATE] & EMPTIED else row + 1
    return paragraphs > 2 * cells


@kernel
def is_script(nodes: Any, buf: Any, row: Any, kinds: Any) -> Any:
    """Whether a `sub` or `sup` says something that is no link (a footnote's mark), no formula, no logo of LaTeX.

    Nor is it one with blocks inside or with more than a few elements.
    """
    said = False
    end = np.int64(nodes[row, END])
    if end - row > _LARGEST_SCRIPT:
        return False
    for inside in range(row, end):
        if nodes[inside, STATE] & GONE:
            continue
        tag = nodes[inside, TAG]
        if tag == _SMALL and nodes[inside, TEXT_END] > nodes[inside, TEXT] and is_letter(buf[nodes[inside, TEXT]]):
            return False
        if tag == _A or tag == _BR or (tag < _KNOWN and kinds[tag] & BLOCK):
            return False
        start, end = nodes[inside, TEXT], nodes[inside, TEXT_END]
        said |= end > start
        if count_marks(buf, start, end) > 0:
            return False
    return said
