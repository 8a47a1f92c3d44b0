"""Reads the pieces of HTML: white space, comments, declarations, names and the ends of raw text; compiled.

A look ahead of a few bytes needs no check, since zeros stand behind the source.
"""

from typing import Any

import numpy as np

from pipelines.extraction.html.kernels import inlined, kernel
from pipelines.extraction.html.names import PLAIN, SCRIPT, TAGS

_KNOWN = len(TAGS)


@kernel
def count_byte(buf: Any, byte: Any) -> Any:
    """How often a byte stands in `buf`."""
    count = 0
    for at in range(buf.size):
        count += buf[at] == byte
    return count


@kernel
def count_two(buf: Any, one: Any, other: Any) -> Any:
    """How often each of two bytes stands in `buf`."""
    ones = others = 0
    for at in range(buf.size):
        ones += buf[at] == one
        others += buf[at] == other
    return ones, others


@inlined
def is_blank(byte: Any) -> Any:
    return byte <= 32 and (byte == 32 or byte == 10 or byte == 9 or byte == 13 or byte == 12)


@inlined
def is_letter(byte: Any) -> Any:
    return 97 <= (byte | 0x20) <= 122


@inlined
def lower(byte: Any) -> Any:
    return byte + 32 if 65 <= byte <= 90 else byte


@inlined
def skip_blanks(buf: Any, at: Any, end: Any) -> Any:
    while at < end and is_blank(buf[at]):
        at += 1
    return at


@kernel
def skip_to_greater(buf: Any, at: Any, end: Any) -> Any:
    """Behind the next `>`, or the end."""
    while at < end:
        if buf[at] == 62:
            return at + 1
        at += 1
    return end


@kernel
def skip_comment(buf: Any, at: Any, end: Any) -> Any:
    """Behind the comment whose `<!--` ends at `at`."""
    if at < end and buf[at] == 62:
        return at + 1
    if at + 1 < end and buf[at] == 45 and buf[at + 1] == 62:
        return at + 2
    while at < end:
        if buf[at] == 45 and buf[at + 1] == 45:
            if buf[at + 2] == 62:
                return min(at + 3, end)
            if buf[at + 2] == 33 and buf[at + 3] == 62:
                return min(at + 4, end)
        at += 1
    return end


@kernel
def is_doctype(buf: Any, at: Any) -> Any:
    """Whether `<!doctype` stands at `at`, in any case."""
    return (
        (buf[at + 2] | 0x20) == 100
        and (buf[at + 3] | 0x20) == 111
        and (buf[at + 4] | 0x20) == 99
        and (buf[at + 5] | 0x20) == 116
        and (buf[at + 6] | 0x20) == 121
        and (buf[at + 7] | 0x20) == 112
        and (buf[at + 8] | 0x20) == 101
    )


@kernel
def is_cdata(buf: Any, at: Any) -> Any:
    """Whether `<![CDATA[` stands at `at`."""
    return (
        buf[at + 2] == 91
        and buf[at + 3] == 67
        and buf[at + 4] == 68
        and buf[at + 5] == 65
        and buf[at + 6] == 84
        and buf[at + 7] == 65
        and buf[at + 8] == 91
    )


@kernel
def cdata_end(buf: Any, at: Any, end: Any) -> Any:
    """Where the `]]>` stands that ends a CDATA section, or the end."""
    while at < end:
        if buf[at] == 93 and buf[at + 1] == 93 and buf[at + 2] == 62:
            return at
        at += 1
    return end


@inlined
def number_of(buf: Any, start: Any, end: Any, slots: Any, starts: Any, known: Any) -> Any:
    """The number of the name in a span, in any case, or -1."""
    value = np.uint32(2166136261)
    for at in range(start, end):
        value = (value ^ np.uint32(lower(buf[at]))) * np.uint32(16777619)
    mask = slots.size - 1
    place = np.int64(value) & mask
    while slots[place] >= 0:
        number = slots[place]
        first = starts[number]
        if starts[number + 1] - first == end - start:
            same = True
            for offset in range(end - start):
                if lower(buf[start + offset]) != known[first + offset]:
                    same = False
                    break
            if same:
                return np.int64(number)
        place = (place + 1) & mask
    return np.int64(-1)


@kernel
def own_number_of(buf: Any, start: Any, end: Any, slots: Any, names: Any, count: Any) -> Any:
    """The number of a name that only this page uses, and how many it uses now."""
    value = np.uint32(2166136261)
    for at in range(start, end):
        value = (value ^ np.uint32(lower(buf[at]))) * np.uint32(16777619)
    mask = slots.size - 1
    place = np.int64(value) & mask
    while slots[place] >= 0:
        number = slots[place]
        if names[number, 1] - names[number, 0] == end - start:
            same = True
            for offset in range(end - start):
                if lower(buf[start + offset]) != lower(buf[names[number, 0] + offset]):
                    same = False
                    break
            if same:
                return np.int64(number) + _KNOWN, count
        place = (place + 1) & mask
    slots[place] = count
    names[count, 0] = start
    names[count, 1] = end
    return count + _KNOWN, count + 1


@kernel
def raw_end(buf: Any, at: Any, end: Any, mode: Any, name_start: Any, name_end: Any) -> Any:
    """Where the text of a raw element that starts at `at` ends: at its end tag, or at the end of the page."""
    escaped = 0
    size = name_end - name_start
    while at < end:
        byte = buf[at]
        if byte == 60 and mode != PLAIN:
            place = at + 1
            if mode == SCRIPT and escaped == 0 and buf[place] == 33:
                if buf[place + 1] == 45 and buf[place + 2] == 45:
                    escaped = 1
            else:
                solidus = buf[place] == 47
                if solidus:
                    place += 1
                if solidus or escaped == 1:
                    matched = 0
                    while matched < size and place < end and (buf[place] | 0x20) == lower(buf[name_start + matched]):
                        matched += 1
                        place += 1
                    if matched == size and place < end:
                        behind = buf[place]
                        if behind == 62 or behind == 47 or is_blank(behind):
                            if escaped == 1 and not solidus:
                                escaped = 2
                            elif escaped == 2:
                                escaped = 1
                            else:
                                return at
        elif byte == 45 and escaped > 0 and buf[at + 1] == 45 and buf[at + 2] == 62:
            escaped = 0
        at += 1
    return end
