"""Keeps sentences with formulas that stand under an unlucky name, or that a page shows only when a reader opens them.

A class such as `tabs`, `modal` or `references` names furniture on most pages, and an element that is not displayed is
seldom text. But furniture holds no mathematics in running words: an element that is left out only for its name, its
style or its tag (a dialog, a `nav`) stays if it holds a formula among `FEWEST` characters of words that
are no links; a button stays for its formula alone: it is a choice of a quiz. Titles of other pages with
formulas in them, as in the lists beside a question of Stack Exchange, are links.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER, TAGS
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE, count_marks, is_link

FEWEST = 20
"""Letters and digits outside formulas, and outside links."""
_BUTTON = NUMBER["button"]
_TAGS = np.zeros(len(TAGS) + 1, np.bool_)
"""Elements that are left out whatever they are called, and yet may hold a sentence with a formula."""
_TAGS[[NUMBER[name] for name in ("noscript", "dialog", "nav", "object", "menu", "button")]] = True


def holds_mark(tree: Tree) -> bool:
    """Whether a formula was lifted out of the tree."""
    return b"\xe2\xb8\xa8" in tree.buffer[len(tree.source) : tree.used].tobytes()


def keep_sentences(tree: Tree, verdicts: NDArray[np.int32], pardonable: int, furniture: int) -> None:
    """Take the verdict `furniture` from elements that have a bit of `pardonable` and hold a sentence with a formula.

    `verdicts` has one number a row and is changed. Linear in the size of the tree.
    """
    sums = np.zeros((tree.end + 1, 2), np.int32)
    _keep(tree.nodes, tree.buffer, tree.end, verdicts, pardonable, furniture, _TAGS, sums)


@kernel
def _count_words(buf: Any, start: Any, end: Any) -> Any:
    """Letters and digits in a span; the numbers in marks are few enough to count."""
    count = 0
    for at in range(start, end):
        byte = buf[at]
        count += 97 <= (byte | 0x20) <= 122 or 0xC3 <= byte <= 0xDF or 0xE3 <= byte <= 0xED
    return count


@kernel
def _keep(nodes: Any, buf: Any, end: Any, verdicts: Any, pardonable: Any, furniture: Any, tags: Any, sums: Any) -> Any:
    # Sums over the rows before each: words that are no links, and marks. A row adds its own text and its tail; what
    # an element holds is the sum of the rows inside it, without its own tail.
    linked_until: Any = 0
    row: Any = 0
    while row < end:
        sums[row + 1, 0] = sums[row, 0]
        sums[row + 1, 1] = sums[row, 1]
        if nodes[row, STATE] & GONE:
            row += 1
            continue
        if is_link(nodes, row):
            linked_until = max(linked_until, np.int64(nodes[row, END]))
        if row >= linked_until:
            sums[row + 1, 0] += _count_words(buf, nodes[row, TEXT], nodes[row, TEXT_END])
        if row >= linked_until or nodes[row, END] == linked_until:
            sums[row + 1, 0] += _count_words(buf, nodes[row, TAIL], nodes[row, TAIL_END])
        sums[row + 1, 1] += count_marks(buf, nodes[row, TEXT], nodes[row, TEXT_END])
        sums[row + 1, 1] += count_marks(buf, nodes[row, TAIL], nodes[row, TAIL_END])
        row += 1
    row = 1
    while row < end:
        if nodes[row, STATE] & GONE:
            row = np.int64(nodes[row, END])
            continue
        if verdicts[row] & furniture:
            behind = np.int64(nodes[row, END])
            words = sums[behind, 0] - sums[row, 0] - _count_words(buf, nodes[row, TAIL], nodes[row, TAIL_END])
            marks = sums[behind, 1] - sums[row, 1] - count_marks(buf, nodes[row, TAIL], nodes[row, TAIL_END])
            tag = nodes[row, TAG]
            may = verdicts[row] & pardonable or (tag < tags.size and tags[tag])  # others have higher numbers
            if not may or marks == 0 or (words < FEWEST and tag != _BUTTON):
                row = behind
                continue
            verdicts[row] &= ~(furniture | pardonable)
        row = np.int64(nodes[row, END]) if nodes[row, STATE] & EMPTIED else row + 1
