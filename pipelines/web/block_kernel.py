"""Writes the blocks of a page's text over the arrays of its tree: the compiled part of `pipelines.web.blocks`.

One pass in document order. Texts gather in a buffer of inline text until a block begins or ends, then stand as one
line of the output, white space collapsed as `str.split` sees it. What the output held when an element began is
remembered, so that a block that turns out to be nothing but short links is taken back.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipelines.web.html_names import NUMBER, TAGS
from pipelines.web.html_parser import END, MAX_DEPTH, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.web.html_tree import EMPTIED, GONE, plain_below

FURNITURE, LINE_NUMBERS = 1, 2
"""Verdicts on an element: it is left out of the text; it holds the numbers of the lines of code."""

_KNOWN = len(TAGS)
BLOCK, CLUSTER, HEADING = 1, 2, 4

_OUT, _LINES, _INLINE, _CHARACTERS, _LINKED, _LINKS, _FORMULAS = range(7)
_IN_LINK, _IN_CELLS, _MARKER, _INDENT, _NUMBER, _LISTS, _TABLES, _CELLS, _CELL = range(7, 16)
_STATES = 16

_DEEPEST_INDENT = 100
_A, _BR, _CODE, _SUB, _SUP, _PRE = (NUMBER[name] for name in ("a", "br", "code", "sub", "sup", "pre"))
_TD, _TH, _TR, _TABLE, _LI, _UL, _OL, _DL = (
    NUMBER[name] for name in ("td", "th", "tr", "table", "li", "ul", "ol", "dl")
)
_P, _DIV, _SPAN, _H1, _H2, _H3, _H4 = (NUMBER[name] for name in ("p", "div", "span", "h1", "h2", "h3", "h4"))
_MOST_LINKED, _MOST_LINKED_SURE, _LONGEST_LINK, _FEWEST_LINKS = 0.8, 0.9, 40, 3


@numba.njit(cache=True, nogil=True)
def _space(buf: Any, at: Any, end: Any) -> Any:
    """The size of the white space character at `at`, as `str.isspace` sees it; 0 if it is none."""
    byte = buf[at]
    if byte <= 32:
        return 1 if byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31 else 0
    if byte < 0xC2:
        return 0
    if byte == 0xC2:
        return 2 if at + 1 < end and (buf[at + 1] == 0x85 or buf[at + 1] == 0xA0) else 0
    if at + 2 >= end or byte < 0xE1 or byte > 0xE3:
        return 0
    second, third = buf[at + 1], buf[at + 2]
    if byte == 0xE2:
        if second == 0x80:
            return 3 if third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF else 0
        return 3 if second == 0x81 and third == 0x9F else 0
    if byte == 0xE3:
        return 3 if second == 0x80 and third == 0x80 else 0
    return 3 if second == 0x9A and third == 0x80 else 0


@numba.njit(cache=True, nogil=True)
def _collapsed(source: Any, start: Any, end: Any, out: Any, used: Any) -> Any:
    """Write a span with white space collapsed and none at its ends; where the next byte goes."""
    first = used
    waiting = False
    at = start
    while at < end:
        byte = source[at]
        size = 0
        if byte <= 32 or byte >= 0xC2:
            size = _space(source, at, end)
        if size > 0:
            waiting = True
            at += size
            continue
        if waiting:
            if used > first:
                out[used] = 32
                used += 1
            waiting = False
        out[used] = byte
        used += 1
        at += 1
    return used


@numba.njit(cache=True, nogil=True)
def _count(st: Any, buf: Any, start: Any, end: Any) -> Any:
    """Count what a text says: characters, unless it is white space, and whether it holds the mark of a formula."""
    characters = 0
    blank = True
    formula = False
    at = start
    while at < end:
        byte = buf[at]
        if byte > 32 and byte < 0x80:
            blank = False
            characters += 1
        elif (byte & 0xC0) != 0x80:
            characters += 1
            if byte == 0xE2 and at + 2 < end and buf[at + 1] == 0xB8 and buf[at + 2] == 0xA8:
                formula = True
            if blank and _space(buf, at, end) == 0:
                blank = False
        at += 1
    if blank:
        return
    st[_CHARACTERS] += characters
    if st[_IN_LINK] > 0:
        st[_LINKED] += characters
    if formula:
        st[_FORMULAS] += 1


@numba.njit(cache=True, nogil=True)
def _say(st: Any, buf: Any, start: Any, end: Any, inline: Any) -> Any:
    if start == end:
        return
    used = st[_INLINE]
    for offset in range(end - start):
        inline[used + offset] = buf[start + offset]
    st[_INLINE] = used + end - start
    _count(st, buf, start, end)


@numba.njit(cache=True, nogil=True)
def _put(st: Any, inline: Any, byte: Any) -> Any:
    inline[st[_INLINE]] = byte
    st[_INLINE] += 1


@numba.njit(cache=True, nogil=True)
def _end_line(st: Any, out: Any, lines: Any, end: Any) -> Any:
    """Make what stands from the end of the output to `end` its next line."""
    lines[st[_LINES]] = st[_OUT]
    st[_LINES] += 1
    out[end] = 10
    st[_OUT] = end + 1


@numba.njit(cache=True, nogil=True)
def _blank_line(st: Any, out: Any, lines: Any) -> Any:
    """An empty line, unless the last one is or there is none."""
    if st[_LINES] > 0 and lines[st[_LINES] - 1] < st[_OUT] - 1:
        _end_line(st, out, lines, st[_OUT])


@numba.njit(cache=True, nogil=True)
def _write_marker(st: Any, out: Any, used: Any) -> Any:
    """The mark of a list's item; where the text goes."""
    if st[_MARKER] == 0:
        return used
    for _ in range(2 * st[_INDENT]):
        out[used] = 32
        used += 1
    if st[_MARKER] == 1:
        out[used] = 45
        used += 1
    else:
        number = st[_NUMBER]
        digits = 1
        while number >= 10:
            number //= 10
            digits += 1
        number = st[_NUMBER]
        for place in range(digits - 1, -1, -1):
            out[used + place] = 48 + number % 10
            number //= 10
        used += digits
        out[used] = 46
        used += 1
    out[used] = 32
    return used + 1


@numba.njit(cache=True, nogil=True)
def _flush(st: Any, inline: Any, out: Any, lines: Any) -> Any:
    """What was said becomes a line."""
    if st[_INLINE] == 0:
        return
    if st[_IN_CELLS] > 0:
        _put(st, inline, 32)
        return
    start = _write_marker(st, out, st[_OUT])
    end = _collapsed(inline, 0, st[_INLINE], out, start)
    st[_INLINE] = 0
    if end > start:
        _end_line(st, out, lines, end)
        st[_MARKER] = 0


@numba.njit(cache=True, nogil=True)
def _is_complex(nodes: Any, table: Any) -> Any:
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
        if tag == _TABLE or tag == _PRE or tag == _UL or tag == _DL or tag == _H1 or tag == _H2 or tag == _H3:  # noqa: PLR1714
            return True
        if tag == _H4:
            return True
        if tag == _P:
            paragraphs += 1
        elif tag == _TD:
            cells += 1
        row = np.int64(nodes[row, END]) if nodes[row, STATE] & EMPTIED else row + 1
    return paragraphs > 2 * cells


@numba.njit(cache=True, nogil=True)
def _code(nodes: Any, buf: Any, verdicts: Any, pre: Any, inline: Any, used: Any, stack: Any) -> Any:
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
        broken = tag == _BR or tag == _DIV or tag == _LI  # noqa: PLR1714 - compiled
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
            if tag == _BR or ((tag == _DIV or tag == _LI or tag == _P or tag == _TR) and not ended):  # noqa: PLR1714
                inline[used] = 10
                used += 1
            ended = False
        elif row != pre and verdicts[row] & LINE_NUMBERS and (tag == _SPAN or tag == _TD):  # noqa: PLR1714
            for at in range(nodes[row, TAIL], nodes[row, TAIL_END]):
                inline[used] = buf[at]
                used += 1
            row = np.int64(nodes[row, END])
            continue
        for at in range(nodes[row, TEXT], nodes[row, TEXT_END]):
            inline[used] = buf[at]
            used += 1
        stack[top] = row
        top += 1
        row = np.int64(nodes[row, END]) if state & EMPTIED else row + 1


@numba.njit(cache=True, nogil=True)
def _write_code(st: Any, inline: Any, out: Any, lines: Any) -> Any:
    start, end = 0, st[_INLINE]
    st[_INLINE] = 0
    while start < end and inline[start] == 10:
        start += 1
    while end > start and inline[end - 1] == 10:
        end -= 1
    # White space at the end goes; the last character that is none says where that begins.
    at = start
    last = start
    while at < end:
        size = _space(inline, at, end)
        if size > 0:
            at += size
            continue
        at += 1
        last = at
    if last == start:
        return
    used = st[_OUT]
    for place in range(3):
        out[used + place] = 96
    _end_line(st, out, lines, used + 3)
    used = st[_OUT]
    for place in range(start, last):
        out[used] = inline[place]
        used += 1
    _end_line(st, out, lines, used)
    used = st[_OUT]
    for place in range(3):
        out[used + place] = 96
    _end_line(st, out, lines, used + 3)
    _end_line(st, out, lines, st[_OUT])
    st[_MARKER] = 0


@numba.njit(cache=True, nogil=True)
def _say_code(nodes: Any, buf: Any, row: Any, st: Any, inline: Any, scratch: Any, stack: Any) -> Any:
    """Inline code in backticks."""
    size = plain_below(nodes, buf, row, scratch, stack)
    start = st[_INLINE]
    end = _collapsed(scratch, 0, size, inline, start + 1)
    quoted = end > start + 1
    for at in range(start + 1, end):
        if inline[at] == 96:
            quoted = False
        elif inline[at] == 0xE2 and at + 2 < end and inline[at + 1] == 0xB8 and inline[at + 2] == 0xA8:
            quoted = False
    if quoted:
        inline[start] = 96
        inline[end] = 96
        end += 1
    else:
        for at in range(start + 1, end):
            inline[at - 1] = inline[at]
        end -= 1
    _count(st, inline, start, end)
    st[_INLINE] = end


@numba.njit(cache=True, nogil=True)
def _has_child(nodes: Any, row: Any) -> Any:
    if nodes[row, STATE] & EMPTIED:
        return False
    current = row + 1
    while current < nodes[row, END]:
        if not nodes[current, STATE] & GONE:
            return True
        current = np.int64(nodes[current, END])
    return False


@numba.njit(cache=True, nogil=True)
def _holds_formula(buf: Any, start: Any, end: Any) -> Any:
    for at in range(start, end - 2):
        if buf[at] == 0xE2 and buf[at + 1] == 0xB8 and buf[at + 2] == 0xA8:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _measure(nodes: Any, first: Any, end: Any) -> Any:
    """Bytes of text, items and lists among some rows: what bounds the output."""
    size = 0
    items = 0
    lists = 0
    for row in range(first, end):
        size += nodes[row, TEXT_END] - nodes[row, TEXT] + nodes[row, TAIL_END] - nodes[row, TAIL]
        tag = nodes[row, TAG]
        if tag == _LI:
            items += 1
        elif tag == _UL or tag == _OL:  # noqa: PLR1714 - compiled
            lists += 1
    return size, items, lists


class Room(NamedTuple):
    """What the compiled code writes to."""

    out: NDArray[np.uint8]
    lines: NDArray[np.int64]
    inline: NDArray[np.uint8]
    scratch: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    cell_ends: NDArray[np.int64]
    numbers: NDArray[np.int64]
    simple: NDArray[np.uint8]
    stack: NDArray[np.int32]
    inner: NDArray[np.int32]
    marks: NDArray[np.int64]
    st: NDArray[np.int64]


def write_blocks(
    nodes: NDArray[np.int32], buffer: NDArray[np.uint8], verdicts: NDArray[np.int32], starts: NDArray[np.int32],
    kinds: NDArray[np.uint8], levels: NDArray[np.uint8], root: int, sure: bool,
) -> NDArray[np.uint8]:  # fmt: skip
    """The text below `root` as lines, each ended by a line break; an array of bytes.

    `verdicts` says for every row whether it is furniture, `starts` what number an `ol` begins with; `kinds` and
    `levels` say for every known element what it is and the rank of a heading.
    """
    end = int(nodes[root, END])
    size, items, lists = _measure(nodes, root, end)
    bytes_, rows = size + 16 * (end - root) + 64, end - root
    room = Room(
        np.empty(bytes_ + 2 * items * min(lists, _DEEPEST_INDENT), np.uint8), np.empty(6 * rows + 16, np.int64),
        np.empty(bytes_, np.uint8), np.empty(bytes_, np.uint8), np.empty(bytes_, np.uint8),
        np.empty(rows + 1, np.int64), np.empty(MAX_DEPTH + 1, np.int64), np.empty(MAX_DEPTH + 1, np.uint8),
        np.empty(MAX_DEPTH + 1, np.int32), np.empty(MAX_DEPTH + 1, np.int32), np.empty((MAX_DEPTH + 1, 5), np.int64),
        np.zeros(_STATES, np.int64),
    )  # fmt: skip
    return room.out[: _write(nodes, buffer, verdicts, starts, kinds, levels, root, sure, room)]


@numba.njit(cache=True, nogil=True)
def _write(
    nodes: Any, buf: Any, verdicts: Any, starts: Any, kinds: Any, levels: Any, root: Any, sure: Any, room: Any
) -> Any:
    st, inline, out, lines = room.st, room.inline, room.out, room.lines
    stack, marks = room.stack, room.marks
    top = 0
    row = root
    while True:
        while top > 0 and nodes[stack[top - 1], END] <= row:
            top -= 1
            closing = stack[top]
            tag = np.int64(nodes[closing, TAG])
            kind = kinds[tag] if tag < _KNOWN else 0
            if kind & BLOCK:
                _close_block(st, tag, levels, room)
                if kind & CLUSTER:
                    _judge(st, tag, marks[top], sure, lines)
            elif tag == _A:
                st[_IN_LINK] -= 1
            if closing == root:
                _flush(st, inline, out, lines)
                return st[_OUT]
            _say(st, buf, np.int64(nodes[closing, TAIL]), np.int64(nodes[closing, TAIL_END]), inline)
        state = nodes[row, STATE]
        if state & GONE:
            row = np.int64(nodes[row, END])
            continue
        skipped = False
        tag = np.int64(nodes[row, TAG])
        kind = kinds[tag] if tag < _KNOWN else 0
        if row != root and verdicts[row] & FURNITURE:
            skipped = True
        elif kind & BLOCK:
            _open_block(st, nodes, row, tag, starts, kind, room)
            if kind & CLUSTER:
                marks[top, 0] = st[_LINES]
                marks[top, 1] = st[_CHARACTERS]
                marks[top, 2] = st[_LINKED]
                marks[top, 3] = st[_LINKS]
                marks[top, 4] = st[_FORMULAS]
            elif tag == _PRE:
                start = st[_INLINE]
                st[_INLINE] = _code(nodes, buf, verdicts, row, inline, start, room.inner)
                _count(st, inline, start, st[_INLINE])
                if st[_IN_CELLS] > 0:
                    _put(st, inline, 32)
                else:
                    _write_code(st, inline, out, lines)
                skipped = True
        elif tag == _A:
            st[_IN_LINK] += 1
            st[_LINKS] += 1
        elif tag == _BR:
            if st[_IN_CELLS] > 0:
                _put(st, inline, 32)
            else:
                _flush(st, inline, out, lines)
        elif tag == _CODE:
            _say_code(nodes, buf, row, st, inline, room.scratch, room.inner)
            skipped = True
        elif (
            (tag == _SUB or tag == _SUP)  # noqa: PLR1714 - compiled
            and nodes[row, TEXT_END] > nodes[row, TEXT]
            and not _has_child(nodes, row)
            and not _holds_formula(buf, np.int64(nodes[row, TEXT]), np.int64(nodes[row, TEXT_END]))
        ):
            _put(st, inline, 95 if tag == _SUB else 94)
        if skipped:
            if row == root:
                _flush(st, inline, out, lines)
                return st[_OUT]
            _say(st, buf, np.int64(nodes[row, TAIL]), np.int64(nodes[row, TAIL_END]), inline)
            row = np.int64(nodes[row, END])
            continue
        _say(st, buf, np.int64(nodes[row, TEXT]), np.int64(nodes[row, TEXT_END]), inline)
        stack[top] = row
        top += 1
        row = np.int64(nodes[row, END]) if state & EMPTIED else row + 1


@numba.njit(cache=True, nogil=True)
def _open_block(st: Any, nodes: Any, row: Any, tag: Any, starts: Any, kind: Any, room: Any) -> Any:
    inline, out, lines, simple, numbers = room.inline, room.out, room.lines, room.simple, room.numbers
    in_simple = st[_TABLES] > 0 and simple[st[_TABLES] - 1] == 1
    if tag == _TD or tag == _TH:  # noqa: PLR1714 - compiled
        if in_simple:
            st[_IN_CELLS] += 1
            st[_INLINE] = 0
        else:
            _flush(st, inline, out, lines)
        return
    if st[_IN_CELLS] > 0 and tag != _TABLE and tag != _TR:  # noqa: PLR1714 - compiled
        _put(st, inline, 32)
        return
    _flush(st, inline, out, lines)
    if kind & HEADING:
        _blank_line(st, out, lines)
    elif tag == _UL or tag == _OL:  # noqa: PLR1714 - compiled
        numbers[st[_LISTS]] = starts[row] if tag == _OL else -1
        st[_LISTS] += 1
    elif tag == _LI:
        st[_INDENT] = min(max(0, st[_LISTS] - 1), _DEEPEST_INDENT)
        if st[_LISTS] > 0 and numbers[st[_LISTS] - 1] >= 0:
            st[_MARKER] = 2
            st[_NUMBER] = numbers[st[_LISTS] - 1]
            numbers[st[_LISTS] - 1] += 1
        else:
            st[_MARKER] = 1
    elif tag == _TABLE:
        simple[st[_TABLES]] = 0 if _is_complex(nodes, row) else 1
        st[_TABLES] += 1
        st[_CELLS] = st[_CELL] = 0
    elif tag == _TR:
        if in_simple:
            st[_CELLS] = st[_CELL] = 0
    elif tag == _PRE or (tag == _P and st[_MARKER] == 0):
        _blank_line(st, out, lines)


@numba.njit(cache=True, nogil=True)
def _close_block(st: Any, tag: Any, levels: Any, room: Any) -> Any:
    inline, out, lines, cells, cell_ends = room.inline, room.out, room.lines, room.cells, room.cell_ends
    simple = room.simple
    in_simple = st[_TABLES] > 0 and simple[st[_TABLES] - 1] == 1
    if tag == _TD or tag == _TH:  # noqa: PLR1714 - compiled
        if in_simple:
            st[_IN_CELLS] -= 1
            st[_CELL] = _collapsed(inline, 0, st[_INLINE], cells, st[_CELL])
            st[_INLINE] = 0
            cell_ends[st[_CELLS]] = st[_CELL]
            st[_CELLS] += 1
        else:
            _flush(st, inline, out, lines)
        return
    if st[_IN_CELLS] > 0 and tag != _TABLE and tag != _TR:  # noqa: PLR1714 - compiled
        _put(st, inline, 32)
        return
    if levels[tag] > 0:
        used = st[_OUT]
        for _ in range(levels[tag]):
            out[used] = 35
            used += 1
        out[used] = 32
        end = _collapsed(inline, 0, st[_INLINE], out, used + 1)
        st[_INLINE] = 0
        if end > used + 1:
            _end_line(st, out, lines, end)
            st[_MARKER] = 0
        _blank_line(st, out, lines)
        return
    _flush(st, inline, out, lines)
    if tag == _UL or tag == _OL:  # noqa: PLR1714 - compiled
        if st[_LISTS] > 0:
            st[_LISTS] -= 1
        st[_MARKER] = 0
        if st[_LISTS] == 0:
            _blank_line(st, out, lines)
    elif tag == _LI:
        st[_MARKER] = 0
    elif tag == _TABLE:
        if st[_TABLES] > 0:
            st[_TABLES] -= 1
        _blank_line(st, out, lines)
    elif tag == _TR:
        if in_simple and st[_CELLS] > 0:
            if st[_CELL] > 0:
                _write_row(st, out, lines, cells, cell_ends)
            st[_CELLS] = st[_CELL] = 0
    elif tag == _P:
        _blank_line(st, out, lines)


@numba.njit(cache=True, nogil=True)
def _write_row(st: Any, out: Any, lines: Any, cells: Any, cell_ends: Any) -> Any:
    """The cells of a table's row in one line, between bars if they are several."""
    used = st[_OUT]
    start = 0
    several = st[_CELLS] > 1
    for cell in range(st[_CELLS]):
        if several:
            out[used] = 124
            out[used + 1] = 32
            used += 2
        for at in range(start, cell_ends[cell]):
            out[used] = cells[at]
            used += 1
        if several:
            out[used] = 32
            used += 1
        start = cell_ends[cell]
    if several:
        out[used] = 124
        used += 1
    _end_line(st, out, lines, used)


@numba.njit(cache=True, nogil=True)
def _judge(st: Any, tag: Any, mark: Any, sure: Any, lines: Any) -> Any:
    """Take back a block that is a cluster of links."""
    links = st[_LINKS] - mark[3]
    if links < _FEWEST_LINKS or st[_IN_CELLS] > 0 or st[_FORMULAS] > mark[4]:
        return
    characters = st[_CHARACTERS] - mark[1]
    linked = st[_LINKED] - mark[2]
    if characters == 0 or st[_LINES] <= mark[0]:
        return
    if linked / characters < (_MOST_LINKED_SURE if sure else _MOST_LINKED) or linked / links > _LONGEST_LINK:
        return
    if sure and tag != _P and tag != _DIV and tag != _UL:  # noqa: PLR1714 - compiled
        return
    st[_LINES] = mark[0]
    st[_OUT] = lines[mark[0]]
    st[_CHARACTERS], st[_LINKED], st[_LINKS] = mark[1], mark[2], mark[3]
