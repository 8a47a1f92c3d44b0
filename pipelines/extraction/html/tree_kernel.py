"""Walks over the rows of a tree, compiled: text inside elements, its length, elements by name, scripts taken out."""

from typing import Any

import numpy as np

from pipelines.extraction.html.build_kernel import (
    COLUMNS,
    END,
    NO_LINK,
    PARENT,
    PREVIOUS,
    STATE,
    TAG,
    TAIL,
    TAIL_END,
    TEXT,
    TEXT_END,
)
from pipelines.extraction.html.kernels import inlined, kernel
from pipelines.extraction.html.names import NUMBER

GONE, EMPTIED = 1, 2
"""States of an element: it is no longer in the tree; what was inside it is no longer."""


_LINK = NUMBER["a"]


@inlined
def is_link(nodes: Any, row: Any) -> Any:
    """Whether an element is a link: an `a` that leads somewhere."""
    return nodes[row, TAG] == _LINK and not nodes[row, STATE] & NO_LINK


@kernel
def plain_below(nodes: Any, buf: Any, row: Any, out: Any, stack: Any) -> Any:
    """Copy all text inside an element to `out`; its length. An element that is gone says nothing."""
    used = 0
    top = 0
    current: Any = row
    if nodes[row, STATE] & GONE:
        return used
    while True:
        while top > 0 and nodes[stack[top - 1], END] <= current:
            top -= 1
            closing = stack[top]
            if closing == row:
                return used
            for at in range(nodes[closing, TAIL], nodes[closing, TAIL_END]):
                out[used] = buf[at]
                used += 1
        state = nodes[current, STATE]
        if state & GONE:
            current = np.int64(nodes[current, END])
            continue
        for at in range(nodes[current, TEXT], nodes[current, TEXT_END]):
            out[used] = buf[at]
            used += 1
        stack[top] = current
        top += 1
        current = np.int64(nodes[current, END]) if state & EMPTIED else current + 1


@kernel
def count_characters(nodes: Any, buf: Any, end: Any, out: Any, stack: Any) -> Any:
    top = 0
    current: Any = 0
    total = 0
    while True:
        while top > 0 and nodes[stack[top - 1], END] <= current:
            top -= 1
            row = stack[top]
            out[row] = total - out[row]
            for at in range(nodes[row, TAIL], nodes[row, TAIL_END]):
                total += (buf[at] & 0xC0) != 0x80
        if current >= end:
            return
        state = nodes[current, STATE]
        if state & GONE:
            current = np.int64(nodes[current, END])
            continue
        out[current] = total
        for at in range(nodes[current, TEXT], nodes[current, TEXT_END]):
            total += (buf[at] & 0xC0) != 0x80
        stack[top] = current
        top += 1
        current = np.int64(nodes[current, END]) if state & EMPTIED else current + 1


@kernel
def drop(nodes: Any, end: Any, first_tag: Any, second_tag: Any, apart: Any) -> Any:
    """Mark the elements of two names as gone and join each one's tail to the text before it.

    Where the two do not follow each other in the buffer, `apart` gets the row and the cell of the text before it;
    returns how many there are.
    """
    count = 0
    row: Any = 1
    while row < end:
        tag = nodes[row, TAG]
        if (tag != first_tag and tag != second_tag) or nodes[row, STATE] & GONE:
            row += 1
            continue
        behind = np.int64(nodes[row, END])
        for inside in range(row, behind):
            nodes[inside, STATE] |= GONE
        previous = nodes[row, PREVIOUS]
        while previous >= 0 and nodes[previous, STATE] & GONE:
            previous = nodes[previous, PREVIOUS]
        owner, column = (previous, TAIL) if previous >= 0 else (nodes[row, PARENT], TEXT)
        start, stop = nodes[row, TAIL], nodes[row, TAIL_END]
        if start == stop:
            pass
        elif nodes[owner, column] == nodes[owner, column + 1] or nodes[owner, column + 1] == start:
            if nodes[owner, column] == nodes[owner, column + 1]:
                nodes[owner, column] = start
            nodes[owner, column + 1] = stop
            nodes[row, TAIL] = nodes[row, TAIL_END] = 0
        else:
            apart[count, 0] = row
            apart[count, 1] = owner * COLUMNS + column
            count += 1
        row = behind
    return count


@kernel
def first_of(nodes: Any, tag: Any, start: Any, end: Any) -> Any:
    for row in range(start, end):
        if nodes[row, TAG] == tag and not nodes[row, STATE] & GONE:
            return row
    return -1


@kernel
def count_marks(buf: Any, start: Any, end: Any) -> Any:
    """How many marks of formulas stand in a span of text (`pipelines.extraction.math.formulas.OPEN`, in UTF-8)."""
    count = 0
    for at in range(start, end - 2):
        if buf[at] == 0xE2 and buf[at + 1] == 0xB8 and buf[at + 2] == 0xA8:
            count += 1
    return count
