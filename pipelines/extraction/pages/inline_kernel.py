"""Gathers inline text and makes lines of it: white space, counts, list markers; the lowest part of the block writer.

`st` holds the numbers of a run, at the places named here: the end of the output, its lines, the end of the inline text;
counts of characters, of those in links, of links, of formulas and main headings; whether a link or a cell of a table is
open; the marker of the next line (0: none, 1: a dash, 2: a number) with its indent and number; open lists and tables;
cells of a row; whether the label of an item is awaited; open scripts; where the last script ended, and its sign; the
element that the inline text begins in.
"""

from typing import Any

from pipelines.extraction.html.kernels import kernel

OUT, LINES, INLINE, CHARACTERS, LINKED, LINKS, FORMULAS = range(7)
IN_LINK, IN_CELLS, MARKER, INDENT, ITEM, LISTS, TABLES, CELLS, CELL = range(7, 16)
LABEL, SCRIPTS, SCRIPT_END, SCRIPT_SIGN, ROW = range(16, 21)
STATES = 21
START, OF, LINKED_BEFORE_END = range(3)
"""Columns of a line: where it begins in the output, the row of the element its text begins in, and the characters in
links up to its end."""


@kernel
def space_at(buf: Any, at: Any, end: Any) -> Any:
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


@kernel
def collapsed(source: Any, start: Any, end: Any, out: Any, used: Any) -> Any:
    """Write a span with white space collapsed and none at its ends; where the next byte goes."""
    first = used
    waiting = False
    at = start
    while at < end:
        byte = source[at]
        size = 0
        if byte <= 32 or byte >= 0xC2:
            size = space_at(source, at, end)
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


@kernel
def count_text(st: Any, buf: Any, start: Any, end: Any) -> Any:
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
            if blank and space_at(buf, at, end) == 0:
                blank = False
        at += 1
    if blank:
        return
    st[CHARACTERS] += characters
    if st[IN_LINK] > 0:
        st[LINKED] += characters
    if formula:
        st[FORMULAS] += 1


@kernel
def is_digit(byte: Any) -> Any:
    return 48 <= byte <= 57


@kernel
def say(st: Any, buf: Any, start: Any, end: Any, inline: Any) -> Any:
    if start == end:
        return
    used = st[INLINE]
    bare = st[SCRIPT_END] == used and used > 1 and (inline[used - 2] == 94 or inline[used - 2] == 95)
    if bare and is_digit(buf[start]) and is_digit(inline[used - 1]):  # `log_28` is no `log_{2}8`
        inline[used] = inline[used - 1]
        inline[used - 1] = 123
        inline[used + 1] = 125
        used += 2
    for offset in range(end - start):
        inline[used + offset] = buf[start + offset]
    st[INLINE] = used + end - start
    count_text(st, buf, start, end)


@kernel
def put(st: Any, inline: Any, byte: Any) -> Any:
    inline[st[INLINE]] = byte
    st[INLINE] += 1


@kernel
def begin_line(st: Any) -> Any:
    """Nothing is said yet: no script stands before what comes."""
    st[INLINE] = 0
    st[SCRIPT_END] = -1


@kernel
def open_script(st: Any, inline: Any, sign: Any) -> Any:
    """Write the sign of a script and an opening brace; where the script's text begins.

    A script right behind one of the same sign goes on with it: TeX takes no second one.
    """
    st[SCRIPTS] += 1
    at = st[INLINE]
    if at > 0 and st[SCRIPT_END] == at and st[SCRIPT_SIGN] == sign:
        if inline[at - 1] == 125:
            st[INLINE] = at - 1
            return at - 1
        start = at - 1
        while (inline[start] & 0xC0) == 0x80:
            start -= 1
        for place in range(at, start, -1):
            inline[place] = inline[place - 1]
        inline[start] = 123
        st[INLINE] = at + 1
        return at + 1
    inline[at] = sign
    inline[at + 1] = 123
    st[INLINE] = at + 2
    return at + 2


@kernel
def close_script(st: Any, inline: Any, start: Any, sign: Any) -> Any:
    """End the script whose text begins at `start`: braces stay around more than one character and inside scripts."""
    st[SCRIPTS] -= 1
    end = st[INLINE]
    while end > start and inline[end - 1] <= 32:
        end -= 1
    blank = end < st[INLINE]
    behind = start
    while behind < end and inline[behind] <= 32:
        behind += 1
    if behind > start:
        for place in range(behind, end):
            inline[place - behind + start] = inline[place]
        end -= behind - start
    opened = inline[start - 1] == 123 and inline[start - 2] == sign
    if end == start and opened:
        st[INLINE] = start - 2
        return
    if not opened and start < end and 48 <= inline[start - 1] <= 57 and 48 <= inline[start] <= 57:
        # Two scripts that are one now: their numbers stay two.
        for place in range(end, start, -1):
            inline[place] = inline[place - 1]
        inline[start] = 32
        end += 1
    first = end - 1
    while first > start and (inline[first] & 0xC0) == 0x80:
        first -= 1
    if opened and first == start and st[SCRIPTS] == 0:
        for place in range(start, end):
            inline[place - 1] = inline[place]
        end -= 1
    else:
        inline[end] = 125
        end += 1
    st[SCRIPT_END] = end
    st[SCRIPT_SIGN] = sign
    if blank:
        inline[end] = 32
        end += 1
    st[INLINE] = end


@kernel
def end_line(st: Any, out: Any, lines: Any, end: Any) -> Any:
    """Make what stands from the end of the output to `end` its next line."""
    lines[st[LINES], START] = st[OUT]
    lines[st[LINES], OF] = st[ROW]
    lines[st[LINES], LINKED_BEFORE_END] = st[LINKED]
    st[LINES] += 1
    out[end] = 10
    st[OUT] = end + 1


@kernel
def blank_line(st: Any, out: Any, lines: Any) -> Any:
    """An empty line, unless the last one is or there is none."""
    if st[LINES] > 0 and lines[st[LINES] - 1, START] < st[OUT] - 1:
        end_line(st, out, lines, st[OUT])


@kernel
def write_marker(st: Any, out: Any, used: Any) -> Any:
    """The mark of a list's item; where the text goes."""
    if st[MARKER] == 0:
        return used
    for _ in range(2 * st[INDENT]):
        out[used] = 32
        used += 1
    if st[MARKER] == 1:
        out[used] = 45
        used += 1
    else:
        number = st[ITEM]
        digits = 1
        while number >= 10:
            number //= 10
            digits += 1
        number = st[ITEM]
        for place in range(digits - 1, -1, -1):
            out[used + place] = 48 + number % 10
            number //= 10
        used += digits
        out[used] = 46
        used += 1
    out[used] = 32
    return used + 1


@kernel
def flush(st: Any, inline: Any, out: Any, lines: Any) -> Any:
    """What was said becomes a line."""
    if st[INLINE] == 0:
        return
    if st[IN_CELLS] > 0:
        put(st, inline, 32)
        return
    start = write_marker(st, out, st[OUT])
    end = collapsed(inline, 0, st[INLINE], out, start)
    begin_line(st)
    if end > start:
        end_line(st, out, lines, end)
        st[MARKER] = 0
