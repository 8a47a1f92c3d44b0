"""Builds the tree of a page: opens and closes elements, adds texts, implies what a page leaves out; compiled.

`nodes` has a row for each element, with the columns named here; `stack` holds the rows of what is open.
"""

from typing import Any

import numpy as np

from pipelines.extraction.html.kernels import inlined, kernel
from pipelines.extraction.html.names import NUMBER, TAGS
from pipelines.extraction.html.scan_kernel import skip_blanks

TAG, PARENT, END, PREVIOUS, TEXT, TEXT_END, TAIL, TAIL_END, FIRST_ATTRIBUTE, ATTRIBUTES, LAST, STATE = range(12)
"""Columns of an element: the number of its name; its parent and the element before it below the same parent (-1: none);
the row behind the last element inside it; its spans of text; its attributes; its last child; its state."""
COLUMNS = 12
NAME, NAME_START, NAME_END, VALUE, VALUE_END = range(5)
"""Columns of an attribute: the number of its name (-1: none of the known), and the spans of name and value, still with
character references; a value that starts at -1 was not there."""

_HTML, _HEAD, _BODY, _P = (NUMBER[name] for name in ("html", "head", "body", "p"))
_KNOWN = len(TAGS)


@kernel
def copy_bytes(buf: Any, start: Any, end: Any, used: Any) -> Any:
    for at in range(start, end):
        buf[used] = buf[at]
        used += 1
    return used


@inlined
def append_text(nodes: Any, top: Any, buf: Any, start: Any, end: Any) -> Any:
    """Add the text of a span at the end of what is below `top`; pieces of one text follow each other in the buffer."""
    last = nodes[top, LAST]
    row, column = (top, TEXT) if last < 0 else (last, TAIL)
    if nodes[row, column] == nodes[row, column + 1]:
        nodes[row, column] = start
    elif nodes[row, column + 1] != start:  # the text of a script goes on: rare enough to copy both
        moved = copy_bytes(buf, np.int64(nodes[row, column]), np.int64(nodes[row, column + 1]), end)
        size = end - start
        for offset in range(size):
            buf[moved + offset] = buf[start + offset]
        nodes[row, column] = end
        nodes[row, column + 1] = moved + size
        return moved + size
    nodes[row, column + 1] = end
    return end


@inlined
def open_element(nodes: Any, count: Any, tag: Any, stack: Any, depth: Any, open_count: Any) -> Any:
    """A new element at the end of what is open; the new depth."""
    parent = stack[depth - 1] if depth > 0 else -1
    for column in range(COLUMNS):
        nodes[count, column] = 0
    nodes[count, TAG] = tag
    nodes[count, PARENT] = parent
    nodes[count, PREVIOUS] = nodes[parent, LAST] if parent >= 0 else -1
    nodes[count, LAST] = -1
    if parent >= 0:
        nodes[parent, LAST] = count
    stack[depth] = count
    open_count[tag] += 1
    return depth + 1


@inlined
def close_element(nodes: Any, count: Any, stack: Any, depth: Any, open_count: Any) -> Any:
    element = stack[depth - 1]
    nodes[element, END] = count
    open_count[nodes[element, TAG]] -= 1
    return depth - 1


@inlined
def imply(nodes: Any, count: Any, tag: Any, stack: Any, depth: Any, open_count: Any, seen: Any, in_head: Any) -> Any:
    """Open the `html`, `head` or `body` that the start tag `tag` implies; `seen` notes whether each was there."""
    if tag == _HTML:
        return count, depth
    if depth == 0:
        depth = open_element(nodes, count, _HTML, stack, depth, open_count)
        count += 1
    if tag in (_BODY, _HEAD):
        return count, depth
    kind = in_head[tag] if tag < _KNOWN else 0
    if depth <= 1 and kind == 1:
        if seen[0]:
            return count, depth
        seen[0] = 1
        depth = open_element(nodes, count, _HEAD, stack, depth, open_count)
        count += 1
    elif kind != 2:
        if seen[1] or open_count[_BODY] > 0 or open_count[_HEAD] > 0:
            return count, depth
        seen[0] = seen[1] = 1
        depth = open_element(nodes, count, _BODY, stack, depth, open_count)
        count += 1
    return count, depth


@inlined
def say(
    nodes: Any, count: Any, buf: Any, start: Any, end: Any, stack: Any, depth: Any, open_count: Any, seen: Any,
    in_head: Any,
) -> Any:  # fmt: skip
    """Add text that is already in place at the end of the buffer; count, depth and end of the buffer."""
    tag = np.int64(nodes[stack[depth - 1], TAG]) if depth > 0 else _HTML
    if tag in (_HTML, _HEAD):
        first = skip_blanks(buf, start, end)
        if first > start and depth > 0:
            append_text(nodes, np.int64(stack[depth - 1]), buf, start, first)
        if first == end:
            return count, depth, end
        start = first
        while depth > 0 and tag == _HEAD:
            depth = close_element(nodes, count, stack, depth, open_count)
            tag = np.int64(nodes[stack[depth - 1], TAG]) if depth > 0 else _HTML
        count, depth = imply(nodes, count, _P, stack, depth, open_count, seen, in_head)
    return count, depth, append_text(nodes, np.int64(stack[depth - 1]), buf, start, end)
