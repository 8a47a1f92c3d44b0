"""What a page says where something else cannot be shown, and what it shows in elements that are seldom text.

A `noscript` may hold the article for those without scripts, an `object` what stands in the place of a plug-in that no
browser has any more (HTML standard, section 4.8.7), a `map` the text around its areas (section 4.8.13), a text field
that cannot be written in a listing or a letter, a `foreignObject` paragraphs in a drawing. Most hold notices ("enable
JavaScript", "your browser does not support"), pixels of trackers or forms. So one stays only if it says something that
the page does not say elsewhere, and if that is no notice.
"""

import re

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import STATE, TAG
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.rows import kinds, rows_of
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.pages.block_kernel import FURNITURE
from pipelines.extraction.pages.main_text import body_of
from pipelines.extraction.pages.opened import says_something

_NOTICE = re.compile(
    r"java[\s-]?script|\benable|browser|plug-?in|\bflash\b|cookies?\b|disqus|activate|supported|"
    r"turn(?:ed)? on|switch(?:ed)? on|\bplayer\b|\bdownload\b|\binstall\b",
    re.IGNORECASE,
)
"""Words of notices; the first is the same in most languages."""
_LONGEST_NOTICE = 400
"""Characters of a text that may be a notice as a whole."""
FEWEST_WITHOUT_SCRIPT = 200
"""Characters of a `noscript` that is more than a notice."""
_HEAD = 40
"""Characters by which a text is looked for in the rest of the page."""
_MOST = 50
_NOSCRIPT, _TEXTAREA, _SVG = (NUMBER[name] for name in ("noscript", "textarea", "svg"))
_FOREIGN = "foreignobject"
_ON_PAGE = (b"foreignObject", b"foreignobject")
_GROUPS = frozenset({"g", "a", "switch", "svg"})
_INSTEAD = kinds("noscript", "object", "textarea", "map")


def open_instead(tree: Tree, verdicts: NDArray[np.int32]) -> None:
    """Take the verdict FURNITURE from what stands for something else and says something."""
    rows = rows_of(tree, _INSTEAD, verdicts)[:_MOST]
    if not rows:
        return
    lengths = tree.lengths()
    most = max(FEWEST_WITHOUT_SCRIPT, int(lengths[body_of(tree)]) // 2 + 1)
    for row in rows:
        tag = int(tree.nodes[row, TAG])
        if (tag == _NOSCRIPT and lengths[row] >= most) or _stays(tree, row, tag):
            verdicts[row] &= ~FURNITURE


def open_drawings(tree: Tree, verdicts: NDArray[np.int32]) -> None:
    """Keep the paragraphs that stand in drawings, without what the drawings say besides."""
    if not any(name in tree.source for name in _ON_PAGE):
        return
    for drawing in list(tree.each(_SVG, 0))[:_MOST]:
        if tree.nodes[drawing.row, STATE] & GONE:
            continue
        end = drawing.row + tree.size(drawing.row)
        kept = {
            row
            for row in range(drawing.row + 1, end)
            if Node(tree, row).tag == _FOREIGN and says_something(tree, row) and not verdicts[row] & FURNITURE
        }
        if not kept:
            continue
        verdicts[drawing.row] &= ~FURNITURE
        row = drawing.row + 1
        while row < end:
            if row in kept:
                row += tree.size(row)
            elif Node(tree, row).tag not in _GROUPS:
                verdicts[row] |= FURNITURE
                row += tree.size(row)
            else:
                row += 1


def _stays(tree: Tree, row: int, tag: int) -> bool:
    """Whether an element holds a sentence of its own that is no notice; a text field, only one that none writes in."""
    if tag == _TEXTAREA and tree.attribute(row, "readonly") is None:
        return False
    text = " ".join(tree.text_below(row).split())
    if tag == _NOSCRIPT and text.startswith("<"):  # markup that was written as text: a pixel that nobody sees
        return False
    if not says_something(tree, row) or (len(text) < _LONGEST_NOTICE and _NOTICE.search(text)):
        return False
    return tree.source.count(text[:_HEAD].encode()) < 2
