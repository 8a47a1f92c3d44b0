"""Reads and writes code: `pre` as fenced lines, `code` in backticks; compiled, a part of the block writer."""

from typing import Any

import numpy as np

from pipelines.extraction.html.build_kernel import END, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER as TAG_NUMBER
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE
from pipelines.extraction.pages.inline_kernel import (
    INLINE,
    MARKER,
    OUT,
    begin_line,
    collapsed,
    count_text,
    end_line,
    is_digit,
    space_at,
)

LINE_NUMBERS = 2
"""Verdict on an element: it holds the numbers of the lines of code."""
_BR, _DIV, _LI, _P, _TR, _SPAN, _TD = (TAG_NUMBER[name] for name in ("br", "div", "li", "p", "tr", "span", "td"))
_SUB, _SUP = TAG_NUMBER["sub"], TAG_NUMBER["sup"]


@kernel
def _is_one_character(nodes: Any, buf: Any, row: Any) -> Any:
    """Whether a script is one character, and no digit before another digit."""
    if nodes[row, END] > row + 1:
        return False
    start, tail = nodes[row, TEXT], nodes[row, TAIL]
    if nodes[row, TEXT_END] > start and nodes[row, TAIL_END] > tail and is_digit(buf[start]) and is_digit(buf[tail]):
        return False
    characters = 0
    for at in range(nodes[row, TEXT], nodes[row, TEXT_END]):
        characters += (buf[at] & 0xC0) != 0x80
    return characters <= 1


@kernel
def _begin_script(nodes: Any, buf: Any, row: Any, out: Any, used: Any) -> Any:
    """Write what sets off a power or an index in code, if `row` is one: `10^5`, `x_{12}`; where the next byte goes."""
    tag = nodes[row, TAG]
    if tag != _SUB and tag != _SUP:
        return used
    out[used] = 95 if tag == _SUB else 94
    if _is_one_character(nodes, buf, row):
        return used + 1
    out[used + 1] = 123
    return used + 2


@kernel
def _end_script(nodes: Any, buf: Any, row: Any, out: Any, used: Any) -> Any:
    tag = nodes[row, TAG]
    if (tag != _SUB and tag != _SUP) or _is_one_character(nodes, buf, row):
        return used
    out[used] = 125
    return used + 1


@kernel
def _code_below(nodes: Any, buf: Any, row: Any, out: Any, stack: Any) -> Any:
    """Copy all text inside an element to `out`, powers and indices set off; its length."""
    used = 0
    top = 0
    current: Any = row
    while True:
        while top > 0 and nodes[stack[top - 1], END] <= current:
            top -= 1
            closing = stack[top]
            if closing == row:
                return used
            used = _end_script(nodes, buf, closing, out, used)
            for at in range(nodes[closing, TAIL], nodes[closing, TAIL_END]):
                out[used] = buf[at]
                used += 1
        state = nodes[current, STATE]
        if state & GONE:
            current = np.int64(nodes[current, END])
            continue
        used = _begin_script(nodes, buf, current, out, used)
        for at in range(nodes[current, TEXT], nodes[current, TEXT_END]):
            out[used] = buf[at]
            used += 1
        stack[top] = current
        top += 1
        current = np.int64(nodes[current, END]) if state & EMPTIED else current + 1


@kernel
def read_code(nodes: Any, buf: Any, verdicts: Any, pre: Any, inline: Any, used: Any, stack: Any) -> Any:
    """The text of a `pre`: line breaks as elements and lines as blocks count, line numbers do not."""
    end = nodes[pre, END]
    broken = False
    row = pre + 1
    if nodes[pre, STATE] & EMPTIED:
        end = pre + 1
    while row < end and not broken:
        if nodes[row, STATE] & GONE:
            row = np.int64(nodes[row, END])
            continue
        tag = nodes[row, TAG]
        broken = tag == _BR or tag == _DIV or tag == _LI
        row = np.int64(nodes[row, END]) if nodes[row, STATE] & EMPTIED else row + 1
    top = 0
    row = pre
    # Whether the last piece ends a line; a text that an element begins with counts as one that does not.
    ended = nodes[pre, TEXT_END] > nodes[pre, TEXT] and buf[nodes[pre, TEXT_END] - 1] == 10
    while True:
        while top > 0 and nodes[stack[top - 1], END] <= row:
            top -= 1
            closing = stack[top]
            if closing == pre:
                return used
            ended = False
            used = _end_script(nodes, buf, closing, inline, used)
            for at in range(nodes[closing, TAIL], nodes[closing, TAIL_END]):
                inline[used] = buf[at]
                used += 1
                ended = buf[at] == 10
        state = nodes[row, STATE]
        if state & GONE:
            row = np.int64(nodes[row, END])
            continue
        tag = nodes[row, TAG]
        if row != pre and broken:
            if tag == _BR or ((tag == _DIV or tag == _LI or tag == _P or tag == _TR) and not ended):
                inline[used] = 10
                used += 1
            ended = False
        elif row != pre and verdicts[row] & LINE_NUMBERS and (tag == _SPAN or tag == _TD):
            for at in range(nodes[row, TAIL], nodes[row, TAIL_END]):
                inline[used] = buf[at]
                used += 1
            row = np.int64(nodes[row, END])
            continue
        used = _begin_script(nodes, buf, row, inline, used)
        for at in range(nodes[row, TEXT], nodes[row, TEXT_END]):
            inline[used] = buf[at]
            used += 1
        stack[top] = row
        top += 1
        row = np.int64(nodes[row, END]) if state & EMPTIED else row + 1


@kernel
def write_code(st: Any, inline: Any, out: Any, lines: Any) -> Any:
    start, end = 0, st[INLINE]
    begin_line(st)
    while start < end and inline[start] == 10:
        start += 1
    while end > start and inline[end - 1] == 10:
        end -= 1
    # White space at the end goes; the last character that is none says where that begins.
    at = start
    last = start
    while at < end:
        size = space_at(inline, at, end)
        if size > 0:
            at += size
            continue
        at += 1
        last = at
    if last == start:
        return
    used = st[OUT]
    for place in range(3):
        out[used + place] = 96
    end_line(st, out, lines, used + 3)
    used = st[OUT]
    for place in range(start, last):
        out[used] = inline[place]
        used += 1
    end_line(st, out, lines, used)
    used = st[OUT]
    for place in range(3):
        out[used + place] = 96
    end_line(st, out, lines, used + 3)
    end_line(st, out, lines, st[OUT])
    st[MARKER] = 0


@kernel
def say_code(nodes: Any, buf: Any, row: Any, st: Any, inline: Any, scratch: Any, stack: Any) -> Any:
    """Inline code in backticks."""
    size = _code_below(nodes, buf, row, scratch, stack)
    start = st[INLINE]
    end = collapsed(scratch, 0, size, inline, start + 1)
    quoted = end > start + 1
    for at in range(start + 1, end):
        if inline[at] == 96 or (
            inline[at] == 0xE2 and at + 2 < end and inline[at + 1] == 0xB8 and inline[at + 2] == 0xA8
        ):
            quoted = False
    if quoted:
        inline[start] = 96
        inline[end] = 96
        end += 1
    else:
        for at in range(start + 1, end):
            inline[at - 1] = inline[at]
        end -= 1
    count_text(st, inline, start, end)
    st[INLINE] = end
