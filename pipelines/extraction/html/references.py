"""Character references (`&amp;`, `&#8712;`) as arrays, and their reading in compiled code.

As the HTML standard has it (section 13.2.5.72 and the following): the longest name counts, some names need no
semicolon, but not inside attributes where a letter, a digit or `=` follows; numbers from 128 to 159 are windows-1252.
"""

from html.entities import html5
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import hashed

_LONGEST_BARE = 6
_LONGEST = 32
_SLOTS = 8192


class References(NamedTuple):
    """Names and what they stand for: `rows` holds start and length of a name in `bytes`, start and length of its
    UTF-8, and whether it needs no semicolon; `slots` finds the row by the hash of the name."""

    slots: NDArray[np.int32]
    rows: NDArray[np.int32]
    bytes: NDArray[np.uint8]


def _references() -> References:
    slots = np.full(_SLOTS, -1, np.int32)
    rows: list[tuple[int, int, int, int, bool]] = []
    data = bytearray()
    for full, text in sorted(html5.items()):
        if not full.endswith(";"):
            continue
        name = full[:-1].encode()
        value = text.encode()
        place = hashed(name) & (_SLOTS - 1)
        while slots[place] >= 0:
            place = (place + 1) & (_SLOTS - 1)
        slots[place] = len(rows)
        rows.append((len(data), len(name), len(data) + len(name), len(value), full[:-1] in html5))
        data += name + value
    return References(slots, np.array(rows, np.int32), np.frombuffer(bytes(data), np.uint8))


REFERENCES = _references()
_REMAPPED = np.array(
    [ord(bytes([code]).decode("cp1252", "ignore") or chr(code)) for code in range(0x80, 0xA0)], np.int32
)


@kernel
def _row(buf: Any, start: Any, length: Any, slots: Any, rows: Any, names: Any) -> Any:
    """The row of the name of so many bytes at `start`, or -1."""
    value = np.uint32(2166136261)
    for at in range(start, start + length):
        value = (value ^ np.uint32(buf[at])) * np.uint32(16777619)
    place = np.int64(value) & (slots.size - 1)
    while slots[place] >= 0:
        row = slots[place]
        if rows[row, 1] == length:
            same = True
            for offset in range(length):
                if names[rows[row, 0] + offset] != buf[start + offset]:
                    same = False
                    break
            if same:
                return np.int64(row)
        place = (place + 1) & (slots.size - 1)
    return np.int64(-1)


@kernel
def _write_code(code: Any, out: Any, used: Any) -> Any:
    """Write a code point as UTF-8; where the next byte goes."""
    if code < 0x80:
        out[used] = code
        return used + 1
    if code < 0x800:
        out[used] = 0xC0 | (code >> 6)
        out[used + 1] = 0x80 | (code & 0x3F)
        return used + 2
    if code < 0x10000:
        out[used] = 0xE0 | (code >> 12)
        out[used + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[used + 2] = 0x80 | (code & 0x3F)
        return used + 3
    out[used] = 0xF0 | (code >> 18)
    out[used + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[used + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[used + 3] = 0x80 | (code & 0x3F)
    return used + 4


@kernel
def read_number(buf: Any, at: Any, end: Any) -> Any:
    """The digits of a numeric reference from `at` on, behind its `#`: where they end, -1 for none, and their number.

    Numbers beyond Unicode are 0x110000.
    """
    base = 10
    if at < end and (buf[at] | 0x20) == 120:
        base = 16
        at += 1
    first = at
    code: Any = 0
    while at < end:
        byte = np.int64(buf[at])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif base == 16 and 97 <= (byte | 0x20) <= 102:
            digit = (byte | 0x20) - 87
        else:
            break
        code = min(code * base + digit, 0x110000)
        at += 1
    return (at if at > first else -1), code


@kernel
def read_reference(
    buf: Any, at: Any, end: Any, attribute: Any, out: Any, used: Any, slots: Any, rows: Any, names: Any
) -> Any:
    """Read the reference whose `&` is at `at`: where it ends and where the next byte goes; `at` itself if it is none.

    What it stands for is written to `out` from `used` on.
    """
    place = at + 1
    if place < end and buf[place] == 35:  # a number
        place, code = read_number(buf, place + 1, end)
        if place < 0:
            return at, used
        if place < end and buf[place] == 59:
            place += 1
        if 0x80 <= code < 0xA0:
            code = np.int64(_REMAPPED[code - 0x80])
        elif code <= 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            code = 0xFFFD
        return place, _write_code(code, out, used)
    while place < end and place - at <= _LONGEST:
        byte = np.int64(buf[place])
        if not (48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122):
            break
        place += 1
    length = place - at - 1
    if length < 2:
        return at, used
    row = -1
    behind = place
    if place < end and buf[place] == 59:
        row = _row(buf, at + 1, length, slots, rows, names)
        behind = place + 1
    if row < 0:
        if attribute:
            if not (place < end and buf[place] == 61):
                row = _row(buf, at + 1, length, slots, rows, names)
                if row >= 0 and rows[row, 4] == 0:
                    row = -1
            behind = place
        else:
            for shorter in range(min(length, _LONGEST_BARE), 1, -1):
                row = _row(buf, at + 1, shorter, slots, rows, names)
                if row >= 0 and rows[row, 4] != 0:
                    behind = at + 1 + shorter
                    break
                row = -1
    if row < 0:
        return at, used
    for offset in range(rows[row, 3]):
        out[used + offset] = names[rows[row, 2] + offset]
    return behind, used + rows[row, 3]


def decode_references(value: bytes) -> bytes:
    """The value of an attribute with its character references read."""
    source = np.frombuffer(bytearray(value), np.uint8)  # writable, as the arrays the code was compiled for
    out = np.empty(2 * source.size + 8, np.uint8)
    return out[: _decode(source, out, *REFERENCES)].tobytes()


@kernel
def _decode(source: Any, out: Any, slots: Any, rows: Any, names: Any) -> Any:
    at = 0
    used = 0
    while at < source.size:
        if source[at] == 38:
            behind, used = read_reference(source, at, source.size, True, out, used, slots, rows, names)
            if behind > at:
                at = behind
                continue
        out[used] = source[at]
        used += 1
        at += 1
    return used
