"""The source of a page as the parser takes it.

Characters that no text may hold (those that XML forbids, and the marks that stand for formulas) are replaced here,
written out or as references.
"""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.kernels import inlined, kernel
from pipelines.extraction.html.references import read_number
from pipelines.extraction.math.delimited import BREAK, GONE
from pipelines.extraction.math.formulas import CLOSE, OPEN

_SPACE = frozenset({0x00, 0x0B, 0x0C, ord(BREAK), ord(GONE)})
_RESERVED = {code: " " if code in _SPACE else "" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
_RESERVED |= {ord(BREAK): " ", ord(GONE): " ", ord(OPEN): "((", ord(CLOSE): "))"}
"""What no text of a tree may hold: characters that XML forbids and our own marks."""
_RESERVED_REFERENCE = re.compile(
    (
        "&#(?:0*+("
        + "|".join(str(code) for code in _RESERVED if code)
        + ")(?![0-9])|[xX]0*+("
        + "|".join(f"(?i:{code:x})" for code in _RESERVED if code)
        + ")(?![0-9a-fA-F]));?"
    ).encode()
)
_CONTROL, _RETURN, _REFERENCE, _MARK = 1, 2, 4, 8
"""What a page may hold that is not as the parser takes it: a control character, a carriage return, a numeric character
reference, a mark."""
_BLOCK = 64
"""Bytes that are looked through at once."""
_CODES: NDArray[np.int64] = np.array(sorted(code for code in _RESERVED if code), np.int64)
_MARKS: NDArray[np.uint8] = np.array([list(chr(code).encode()) for code in _RESERVED if code > 0x7FF], np.uint8)


def readable(page: bytes) -> bytes:
    """UTF-8 without reserved characters, line ends as `\\n`."""
    if not page:
        return page
    data = np.frombuffer(page, np.uint8)
    seen = _seen(data)
    if seen & _CONTROL or (seen & _MARK and _holds_mark(data, _MARKS)):
        page = page.decode("utf-8", "replace").translate(_RESERVED).encode()
        seen = _seen(np.frombuffer(page, np.uint8)) if page else 0
    if seen & _REFERENCE and _refers_to(np.frombuffer(page, np.uint8), _CODES):
        page = _RESERVED_REFERENCE.sub(
            lambda match: _RESERVED[int(match[1] or match[2], 10 if match[1] else 16)].encode(), page
        )
    if seen & _RETURN:
        data = np.frombuffer(page, np.uint8)
        out = np.empty(data.size, np.uint8)
        page = out[: _with_line_feeds(data, out)].tobytes()
    return page


@kernel
def _seen(page: Any) -> Any:
    """What a page that is not empty needs, as bits. Nothing ends the loop early, so many bytes are read at once.

    `_MARK` is set by what may begin a mark: `_holds_mark` knows.
    """
    size = page.size - 1
    first, second = page[:size], page[1:]
    control, line, reference, mark = np.uint8(0), np.uint8(0), np.uint8(0), np.uint8(0)
    for at in range(size):
        byte, after = first[at], second[at]
        control |= np.uint8(byte < 32) & np.uint8(byte != 10) & np.uint8(byte != 13) & np.uint8(byte != 9)
        line |= np.uint8(byte == 13)
        reference |= np.uint8(byte == 38) & np.uint8(after == 35)
        mark |= np.uint8(byte == 0xE2) & np.uint8(after == 0xB8)
        mark |= np.uint8(byte == 0xEE) & np.uint8(after == 0x80)
        mark |= np.uint8(byte == 0xEF) & np.uint8(after == 0xBF)
    last = page[size]
    if last < 32 and last != 10 and last != 9:  # noqa: PLR1714 - compiled
        if last == 13:
            line = np.uint8(1)
        else:
            control = np.uint8(1)
    return _CONTROL * control | _RETURN * line | _REFERENCE * reference | _MARK * mark


@inlined
def _holds_ampersand(block: Any) -> Any:
    """Whether `_BLOCK` bytes hold one. Nothing ends the loop early, so many are read at once."""
    found = np.uint8(0)
    for at in range(_BLOCK):
        found |= np.uint8(block[at] == 38)
    return found != 0


@kernel
def _refers_to(page: Any, codes: Any) -> Any:
    """Whether a numeric character reference stands for one of `codes`."""
    size = page.size
    at = 0
    while at < size - 2:
        while at < size - _BLOCK and not _holds_ampersand(page[at : at + _BLOCK]):
            at += _BLOCK
        while at < size - 2 and page[at] != 38:
            at += 1
        if at >= size - 2 or page[at + 1] != 35:
            at += 1
            continue
        after, code = read_number(page, at + 2, size)
        at = max(after, at + 2)
        if after < 0:
            continue
        for other in codes:
            if code == other:
                return True
    return False


@kernel
def _with_line_feeds(page: Any, out: Any) -> Any:
    """Write a page with its line ends as `\\n`; how many bytes that are."""
    used = 0
    size = page.size
    for at in range(size):
        byte = page[at]
        pair = byte == 13 and at + 1 < size and page[at + 1] == 10
        out[used] = 10 if byte == 13 else byte
        used += 0 if pair else 1
    return used


@kernel
def _holds_mark(page: Any, marks: Any) -> Any:
    for at in range(page.size - 2):
        byte = page[at]
        if byte >= 0xE2:
            for mark in range(marks.shape[0]):
                if byte == marks[mark, 0] and page[at + 1] == marks[mark, 1] and page[at + 2] == marks[mark, 2]:
                    return True
    return False
