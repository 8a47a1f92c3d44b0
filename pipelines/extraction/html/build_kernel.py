"""Builds the tree of a page: makes elements, puts them and texts into their places, knows what is open; compiled.

`nodes` has a row for each element, with the columns named here. `w` is everything else that changes while a page is
read, in one array of numbers: the states, the open elements (section 13.2.4.2 of the HTML standard), the formatting
elements that are active (13.2.4.3), the modes of templates, and how many elements of each name are open.
"""

from typing import Any

import numpy as np

from pipelines.extraction.html.kernels import inlined, kernel
from pipelines.extraction.html.names import (
    BUTTON_SCOPE,
    GROUPS,
    IMPLIED,
    LIST_SCOPE,
    MATH_TEXT,
    NUMBER,
    SCOPE,
    SVG_TEXT,
    TABLE_SCOPE,
    TAGS,
    THOROUGH,
)

TAG, PARENT, END, PREVIOUS, TEXT, TEXT_END, TAIL, TAIL_END, FIRST_ATTRIBUTE, ATTRIBUTES, LAST, STATE = range(12)
"""Columns of an element: the number of its name; its parent and the element before it below the same parent (-1: none);
the row behind the last element inside it; its spans of text; its attributes; its last child; its state."""
COLUMNS = 12
NAME, NAME_START, NAME_END, VALUE, VALUE_END = range(5)
"""Columns of an attribute: the number of its name (-1: none of the known), and the spans of name and value, still with
character references; a value that starts at -1 was not there."""

MATHML, SVG, HTML_INSIDE = 4, 8, 16
"""States of an element while a page is read: its namespace, and that HTML may stand in an `annotation-xml`."""
FOREIGN = MATHML | SVG
OPENED = 64
"""State of an element that is among the open ones."""
NO_LINK = 32
"""State of an `a` that leads nowhere: it only has a name."""

(
    COUNT, DEPTH, MODE, FOSTER, MOVED, ACTIVE, TEMPLATES, HEAD_ROW, FORM_ROW, QUIRKS, USED, SPARE, CONTENT, RAW_OPEN,
    FRAMESET_OK, BEHIND, SKIP_LINE, LOST, CLONES,
    XML, NULS,
) = range(21)  # fmt: skip
"""States in `w`: rows so far; open elements; the insertion mode; whether texts and elements go before the table they
stand in; whether rows are out of the order of the page; active formatting elements; modes of templates; the rows of
`head` and of the open `form` (-1: none); quirks; the end of the buffer and the bytes of it to spare; what the contents
of the last start tag are; whether it awaits its end tag; whether a frameset may come; the first row behind the page's
own end (-1: it goes on); whether a line feed is skipped; whether a limit was broken; how
many more elements may be opened again; whether the page says that it is XML, where `/>` ends an element; whether it
holds a NUL."""
STACK = 32
MAX_DEPTH = 2_048
ACTIVE_LIST = STACK + MAX_DEPTH + 8
MAX_ACTIVE = 48
"""Formatting elements that are opened again in the next block; pages that forget thousands mean none of them."""
TEMPLATE_MODES = ACTIVE_LIST + MAX_ACTIVE + 8
OPEN = TEMPLATE_MODES + MAX_DEPTH + 8
"""Where the counts of open elements by name begin in `w`."""
LONGEST_COPY = 4_096
"""Bytes of a text that are copied to add to it where something else stands behind it in the buffer."""

KNOWN = len(TAGS)
_SPAN, _TEMPLATE, _TABLE, _ANNOTATION = (NUMBER[name] for name in ("span", "template", "table", "annotation-xml"))
_POINTS = np.zeros(KNOWN + 1, np.int32)
_POINTS[[NUMBER[name] for name in (*MATH_TEXT, "annotation-xml")]] |= MATHML
_POINTS[[NUMBER[name] for name in SVG_TEXT]] |= SVG
_CONTEXT = np.zeros(KNOWN + 1, np.uint8)
_CONTEXT[[NUMBER[name] for name in ("table", "tbody", "tfoot", "thead", "tr")]] = 1
BUTTON, LIST, PLAIN_SCOPE, TABLE = SCOPE | BUTTON_SCOPE, SCOPE | LIST_SCOPE, SCOPE, TABLE_SCOPE
"""The scopes of the standard, by the groups that end them."""


@inlined
def groups_of(tag: Any) -> Any:
    return GROUPS[min(tag, KNOWN)]


@inlined
def top_of(w: Any) -> Any:
    """The row of the current node."""
    return np.int64(w[STACK + w[DEPTH] - 1])


@kernel
def copy_bytes(buf: Any, start: Any, end: Any, used: Any) -> Any:
    for at in range(start, end):
        buf[used] = buf[at]
        used += 1
    return used


@inlined
def new_row(nodes: Any, w: Any, tag: Any, space: Any, first: Any, number: Any) -> Any:
    """A new element that stands nowhere yet."""
    row = np.int64(w[COUNT])
    w[COUNT] = row + 1
    for column in range(COLUMNS):
        nodes[row, column] = 0
    nodes[row, TAG] = tag
    nodes[row, PARENT] = -1
    nodes[row, PREVIOUS] = -1
    nodes[row, LAST] = -1
    nodes[row, STATE] = space
    nodes[row, FIRST_ATTRIBUTE] = first
    nodes[row, ATTRIBUTES] = number
    return row


@inlined
def link_last(nodes: Any, row: Any, parent: Any) -> Any:
    """Put an element behind all that is in `parent`."""
    nodes[row, PARENT] = parent
    nodes[row, PREVIOUS] = nodes[parent, LAST]
    nodes[parent, LAST] = row


@kernel
def unlink(nodes: Any, row: Any) -> Any:
    """Take an element that has no text behind it out of its place."""
    parent = nodes[row, PARENT]
    if parent < 0:
        return
    if nodes[parent, LAST] == row:
        nodes[parent, LAST] = nodes[row, PREVIOUS]
    else:
        behind = nodes[parent, LAST]
        while behind >= 0 and nodes[behind, PREVIOUS] != row:
            behind = nodes[behind, PREVIOUS]
        if behind >= 0:
            nodes[behind, PREVIOUS] = nodes[row, PREVIOUS]
    nodes[row, PARENT] = -1
    nodes[row, PREVIOUS] = -1


@kernel
def foster_place(nodes: Any, w: Any) -> Any:
    """The parent of what may not stand in a table, and the element it goes before, -1 for none (section 13.2.6.1)."""
    place = w[DEPTH] - 1
    while place > 0:
        row = w[STACK + place]
        tag = nodes[row, TAG]
        if not nodes[row, STATE] & FOREIGN:
            if tag == _TEMPLATE:
                return np.int64(row), np.int64(-1)
            if tag == _TABLE:
                if nodes[row, PARENT] >= 0:
                    return np.int64(nodes[row, PARENT]), np.int64(row)
                return np.int64(w[STACK + place - 1]), np.int64(-1)
        place -= 1
    return np.int64(w[STACK]), np.int64(-1)


@inlined
def is_context(nodes: Any, row: Any) -> Any:
    """Whether an element is one in which only rows, cells and their like may stand."""
    return _CONTEXT[min(nodes[row, TAG], KNOWN)] == 1 and not nodes[row, STATE] & FOREIGN


@kernel
def link(nodes: Any, w: Any, row: Any, target: Any) -> Any:
    """Put an element into `target`, or before the table where that is what tables demand."""
    if w[FOSTER] and is_context(nodes, target):
        parent, before = foster_place(nodes, w)
        if before >= 0:
            w[MOVED] = 1
            nodes[row, PARENT] = parent
            nodes[row, PREVIOUS] = nodes[before, PREVIOUS]
            nodes[before, PREVIOUS] = row
            return
        if parent != target:
            w[MOVED] = 1
        target = parent
    link_last(nodes, row, target)


@inlined
def push(nodes: Any, w: Any, row: Any) -> Any:
    if w[DEPTH] >= MAX_DEPTH:
        w[LOST] = 1
        return
    w[STACK + w[DEPTH]] = row
    w[DEPTH] += 1
    nodes[row, STATE] |= OPENED
    if not nodes[row, STATE] & FOREIGN:
        w[OPEN + nodes[row, TAG]] += 1


@inlined
def pop(nodes: Any, w: Any) -> Any:
    w[DEPTH] -= 1
    row = w[STACK + w[DEPTH]]
    nodes[row, STATE] &= ~OPENED
    if not nodes[row, STATE] & FOREIGN:
        w[OPEN + nodes[row, TAG]] -= 1


@inlined
def insert(nodes: Any, w: Any, tag: Any, space: Any, first: Any, number: Any) -> Any:
    """A new element at its place, open."""
    row = new_row(nodes, w, tag, space, first, number)
    target = top_of(w)
    if w[FOSTER]:
        link(nodes, w, row, target)
    else:
        link_last(nodes, row, target)
    push(nodes, w, row)
    return row


@kernel
def remove_from_stack(nodes: Any, w: Any, place: Any) -> Any:
    """Take the element at a place of the stack out of it."""
    row = w[STACK + place]
    nodes[row, STATE] &= ~OPENED
    if not nodes[row, STATE] & FOREIGN:
        w[OPEN + nodes[row, TAG]] -= 1
    for at in range(place, w[DEPTH] - 1):
        w[STACK + at] = w[STACK + at + 1]
    w[DEPTH] -= 1


@kernel
def in_scope(nodes: Any, w: Any, tag: Any, scope: Any) -> Any:
    """Whether an element of a name is open and no element of the groups `scope` is around what follows it."""
    if w[OPEN + tag] == 0:
        return False
    for place in range(w[DEPTH] - 1, -1, -1):
        row = w[STACK + place]
        state = nodes[row, STATE]
        other = nodes[row, TAG]
        if state & FOREIGN:
            if scope & SCOPE and _POINTS[min(other, KNOWN)] & state:
                return False
        elif other == tag:
            return True
        elif groups_of(other) & scope:
            return False
    return False


@kernel
def pop_until(nodes: Any, w: Any, tag: Any) -> Any:
    """Close elements until one of a name is closed."""
    while w[DEPTH] > 1:
        row = top_of(w)
        pop(nodes, w)
        if nodes[row, TAG] == tag and not nodes[row, STATE] & FOREIGN:
            return


@kernel
def imply_ends(nodes: Any, w: Any, but: Any, thorough: Any) -> Any:
    """Close elements whose end tags may be left out, but those of the name `but` (-1: none)."""
    wanted = IMPLIED | THOROUGH if thorough else IMPLIED
    while w[DEPTH] > 1:
        row = top_of(w)
        tag = nodes[row, TAG]
        if nodes[row, STATE] & FOREIGN or not groups_of(tag) & wanted or tag == but:
            return
        pop(nodes, w)


@kernel
def append_text(nodes: Any, w: Any, buf: Any, row: Any, column: Any, start: Any, end: Any) -> Any:
    """Add a span of the buffer to a text; whether there was room for it.

    Pieces of one text mostly follow each other. Where something was written between them, both are copied behind all
    that the buffer holds.
    """
    if nodes[row, column] == nodes[row, column + 1]:
        nodes[row, column] = start
    elif nodes[row, column + 1] != start:
        size = nodes[row, column + 1] - nodes[row, column]
        if size > LONGEST_COPY or size + end - start > w[SPARE]:
            return False
        w[SPARE] -= size + end - start
        free = np.int64(w[USED])
        behind = copy_bytes(buf, np.int64(nodes[row, column]), np.int64(nodes[row, column + 1]), free)
        behind = copy_bytes(buf, start, end, behind)
        nodes[row, column] = free
        nodes[row, column + 1] = behind
        w[USED] = behind
        return True
    nodes[row, column + 1] = end
    return True


@kernel
def insert_text(nodes: Any, w: Any, buf: Any, start: Any, end: Any) -> Any:
    """Put a text, a span of the buffer, in its place."""
    parent = top_of(w)
    before = np.int64(-1)
    if w[FOSTER] and is_context(nodes, parent):
        parent, before = foster_place(nodes, w)
    last = np.int64(nodes[before, PREVIOUS] if before >= 0 else nodes[parent, LAST])
    row, column = (parent, TEXT) if last < 0 else (last, TAIL)
    if append_text(nodes, w, buf, row, column, start, end):
        return
    row = new_row(nodes, w, _SPAN, 0, 0, 0)
    link(nodes, w, row, top_of(w))
    nodes[row, TEXT] = start
    nodes[row, TEXT_END] = end
