"""Writes the blocks of a page's text over the arrays of its tree: the compiled part of
`pipelines.extraction.pages.blocks`.

One pass in document order. Texts gather in a buffer of inline text until a block begins or ends, then stand as one
line of the output, white space collapsed as `str.split` sees it. What the output held when an element began is
remembered, so that a block that turns out to be nothing but short links is taken back.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, PARENT, STATE, TAG, TAIL, TAIL_END, TEXT, TEXT_END
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NUMBER, TAGS
from pipelines.extraction.html.parser import MAX_DEPTH
from pipelines.extraction.html.tree_kernel import EMPTIED, GONE, is_link
from pipelines.extraction.pages.code_kernel import read_code, say_code, write_code
from pipelines.extraction.pages.inline_kernel import (
    CELL,
    CELLS,
    CHARACTERS,
    FORMULAS,
    IN_CELLS,
    IN_LINK,
    INDENT,
    INLINE,
    ITEM,
    LABEL,
    LINES,
    LINKED,
    LINKS,
    LISTS,
    MARKER,
    OUT,
    ROW,
    START,
    STATES,
    TABLES,
    begin_line,
    blank_line,
    close_script,
    collapsed,
    count_text,
    end_line,
    flush,
    open_script,
    put,
    say,
)
from pipelines.extraction.pages.shape_kernel import BLOCK, CLUSTER, HEADING, is_complex, is_script

FURNITURE = 1
"""Verdict on an element: it is left out of the text."""
UNMARKED = 1 << 27
"""Verdict on an item of a list: the page writes its label itself."""

_KNOWN = len(TAGS)


_DEEPEST_INDENT = 100
_LONGEST_LABEL = 24
"""Bytes of inline text that may be the label of an item."""
_BR, _CODE, _SUB, _SUP, _PRE = (NUMBER[name] for name in ("br", "code", "sub", "sup", "pre"))
_TD, _TH, _TR, _TABLE, _LI, _UL, _OL, _DL = (
    NUMBER[name] for name in ("td", "th", "tr", "table", "li", "ul", "ol", "dl")
)
_P, _DIV = NUMBER["p"], NUMBER["div"]
_MOST_LINKED, _MOST_LINKED_SURE, _LONGEST_LINK, _LONGEST_LINK_SURE, _FEWEST_LINKS = 0.8, 0.9, 90, 40, 3


@kernel
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
        elif tag == _UL or tag == _OL:
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
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:  # fmt: skip
    """The text below `root` as lines, each ended by a line break, as bytes; and what is known of each line, three
    columns as `inline_kernel` names them.

    `verdicts` says for every row whether it is furniture, `starts` what number an `ol` begins with; `kinds` and
    `levels` say for every known element what it is and the rank of a heading.
    """
    end = int(nodes[root, END])
    size, items, lists = _measure(nodes, root, end)
    bytes_, rows = size + 16 * (end - root) + 64, end - root
    room = Room(
        np.empty(bytes_ + 2 * items * min(lists, _DEEPEST_INDENT), np.uint8), np.empty((6 * rows + 16, 3), np.int64),
        np.empty(bytes_, np.uint8), np.empty(bytes_, np.uint8), np.empty(bytes_, np.uint8),
        np.empty(rows + 1, np.int64), np.empty(MAX_DEPTH + 1, np.int64), np.empty(MAX_DEPTH + 1, np.uint8),
        np.empty(MAX_DEPTH + 1, np.int32), np.empty(MAX_DEPTH + 1, np.int32), np.empty((MAX_DEPTH + 1, 5), np.int64),
        np.zeros(STATES, np.int64),
    )  # fmt: skip
    used = _write(nodes, buffer, verdicts, starts, kinds, levels, root, sure, room)
    return room.out[:used], room.lines[: room.st[LINES]]


@kernel
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
                if sure and levels[tag] == 1:  # the title of a thread stands among its categories
                    st[FORMULAS] += 1
                if kind & CLUSTER:
                    _judge(st, tag, marks[top], sure, lines)
            elif is_link(nodes, closing):
                st[IN_LINK] -= 1
            elif (tag == _SUB or tag == _SUP) and marks[top, 0] >= 0:
                close_script(st, inline, marks[top, 0], 95 if tag == _SUB else 94)
            if closing == root:
                flush(st, inline, out, lines)
                return st[OUT]
            if st[INLINE] == 0:
                st[ROW] = nodes[closing, PARENT]
            say(st, buf, np.int64(nodes[closing, TAIL]), np.int64(nodes[closing, TAIL_END]), inline)
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
            _open_block(st, nodes, row, tag, starts, kind, verdicts[row] & UNMARKED, room)
            if kind & CLUSTER:
                marks[top, 0] = st[LINES]
                marks[top, 1] = st[CHARACTERS]
                marks[top, 2] = st[LINKED]
                marks[top, 3] = st[LINKS]
                marks[top, 4] = st[FORMULAS]
            elif tag == _PRE:
                start = st[INLINE]
                st[INLINE] = read_code(nodes, buf, verdicts, row, inline, start, room.inner)
                count_text(st, inline, start, st[INLINE])
                if st[IN_CELLS] > 0:
                    put(st, inline, 32)
                else:
                    write_code(st, inline, out, lines)
                skipped = True
        elif is_link(nodes, row):
            st[IN_LINK] += 1
            st[LINKS] += 1
        elif tag == _BR:
            if st[IN_CELLS] > 0:
                put(st, inline, 32)
            else:
                flush(st, inline, out, lines)
        elif tag == _CODE:
            say_code(nodes, buf, row, st, inline, room.scratch, room.inner)
            skipped = True
        elif tag == _SUB or tag == _SUP:
            marks[top, 0] = -1
            if is_script(nodes, buf, row, kinds):
                marks[top, 0] = open_script(st, inline, 95 if tag == _SUB else 94)
            elif st[INLINE] > 0 and 48 <= inline[st[INLINE] - 1] <= 57:
                put(st, inline, 32)  # the mark of a footnote is no digit of the number before it
        if skipped:
            if row == root:
                flush(st, inline, out, lines)
                return st[OUT]
            if st[INLINE] == 0:
                st[ROW] = nodes[row, PARENT]
            say(st, buf, np.int64(nodes[row, TAIL]), np.int64(nodes[row, TAIL_END]), inline)
            row = np.int64(nodes[row, END])
            continue
        if st[INLINE] == 0:
            st[ROW] = row
        say(st, buf, np.int64(nodes[row, TEXT]), np.int64(nodes[row, TEXT_END]), inline)
        stack[top] = row
        top += 1
        row = np.int64(nodes[row, END]) if state & EMPTIED else row + 1


@kernel
def _open_block(st: Any, nodes: Any, row: Any, tag: Any, starts: Any, kind: Any, unmarked: Any, room: Any) -> Any:
    inline, out, lines, simple, numbers = room.inline, room.out, room.lines, room.simple, room.numbers
    in_simple = st[TABLES] > 0 and simple[st[TABLES] - 1] == 1
    if tag == _TD or tag == _TH:
        if in_simple:
            st[IN_CELLS] += 1
            begin_line(st)
        else:
            flush(st, inline, out, lines)
        return
    if st[IN_CELLS] > 0 and tag != _TABLE and tag != _TR:
        put(st, inline, 32)
        return
    if st[LABEL] == 1 and (tag == _P or tag == _DIV) and 0 < st[INLINE] <= _LONGEST_LABEL:
        put(st, inline, 32)  # the label and the item's first paragraph are one line
        return
    st[LABEL] = 0
    flush(st, inline, out, lines)
    if kind & HEADING:
        blank_line(st, out, lines)
    elif tag == _UL or tag == _OL:
        numbers[st[LISTS]] = starts[row] if tag == _OL else -1
        st[LISTS] += 1
    elif tag == _LI:
        st[INDENT] = min(max(0, st[LISTS] - 1), _DEEPEST_INDENT)
        if unmarked:
            st[MARKER] = 0
            st[LABEL] = 1
        elif st[LISTS] > 0 and numbers[st[LISTS] - 1] >= 0:
            st[MARKER] = 2
            st[ITEM] = numbers[st[LISTS] - 1]
            numbers[st[LISTS] - 1] += 1
        else:
            st[MARKER] = 1
    elif tag == _TABLE:
        simple[st[TABLES]] = 0 if is_complex(nodes, row) else 1
        st[TABLES] += 1
        st[CELLS] = st[CELL] = 0
    elif tag == _TR:
        if in_simple:
            st[CELLS] = st[CELL] = 0
    elif tag == _PRE or (tag == _P and st[MARKER] == 0):
        blank_line(st, out, lines)


@kernel
def _close_block(st: Any, tag: Any, levels: Any, room: Any) -> Any:
    inline, out, lines, cells, cell_ends = room.inline, room.out, room.lines, room.cells, room.cell_ends
    simple = room.simple
    in_simple = st[TABLES] > 0 and simple[st[TABLES] - 1] == 1
    if tag == _TD or tag == _TH:
        if in_simple:
            st[IN_CELLS] -= 1
            st[CELL] = collapsed(inline, 0, st[INLINE], cells, st[CELL])
            begin_line(st)
            cell_ends[st[CELLS]] = st[CELL]
            st[CELLS] += 1
        else:
            flush(st, inline, out, lines)
        return
    if st[IN_CELLS] > 0 and tag != _TABLE and tag != _TR:
        put(st, inline, 32)
        return
    if levels[tag] > 0:
        used = st[OUT]
        for _ in range(levels[tag]):
            out[used] = 35
            used += 1
        out[used] = 32
        end = collapsed(inline, 0, st[INLINE], out, used + 1)
        begin_line(st)
        if end > used + 1:
            end_line(st, out, lines, end)
            st[MARKER] = 0
        blank_line(st, out, lines)
        return
    flush(st, inline, out, lines)
    if tag == _UL or tag == _OL:
        if st[LISTS] > 0:
            st[LISTS] -= 1
        st[MARKER] = 0
        if st[LISTS] == 0:
            blank_line(st, out, lines)
    elif tag == _LI:
        st[MARKER] = 0
    elif tag == _TABLE:
        if st[TABLES] > 0:
            st[TABLES] -= 1
        blank_line(st, out, lines)
    elif tag == _TR:
        if in_simple and st[CELLS] > 0:
            if st[CELL] > 0:
                _write_row(st, out, lines, cells, cell_ends)
            st[CELLS] = st[CELL] = 0
    elif tag == _P:
        blank_line(st, out, lines)


@kernel
def _write_row(st: Any, out: Any, lines: Any, cells: Any, cell_ends: Any) -> Any:
    """The cells of a table's row in one line, between bars if they are several."""
    used = st[OUT]
    start = 0
    several = st[CELLS] > 1
    for cell in range(st[CELLS]):
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
    end_line(st, out, lines, used)


@kernel
def _judge(st: Any, tag: Any, mark: Any, sure: Any, lines: Any) -> Any:
    """Take back a block that is a cluster of links."""
    links = st[LINKS] - mark[3]
    if links < _FEWEST_LINKS or st[IN_CELLS] > 0 or st[FORMULAS] > mark[4]:
        return
    characters = st[CHARACTERS] - mark[1]
    linked = st[LINKED] - mark[2]
    if characters == 0 or st[LINES] <= mark[0]:
        return
    if linked / characters < (_MOST_LINKED_SURE if sure else _MOST_LINKED):
        return
    if linked / links > (_LONGEST_LINK_SURE if sure else _LONGEST_LINK):
        return
    if sure and tag != _P and tag != _DIV and tag != _UL:
        return
    st[LINES] = mark[0]
    st[OUT] = lines[mark[0], START]
    st[CHARACTERS], st[LINKED], st[LINKS] = mark[1], mark[2], mark[3]
