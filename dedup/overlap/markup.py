"""Marks that formats of pages and cards put into a text and that are no text: roles, cloze marks, comments.

`dedup.overlap.words` asks for them where a word stands behind a colon or a brace; what LaTeX and HTML write instead of
characters is in `dedup.overlap.notation`.
"""

from typing import Any

from dedup.overlap.notation import SKIPPED, is_digit, is_letter
from manifests.kernels import njit

_COMMENT, _END_COMMENT = b"<!--", b"-->"
_LONGEST_COMMENT = 64
"""Bytes of a comment that hides no item: a longer one is read."""
_SPACE, _BRACE, _END_BRACE, _COLON, _GRAVE, _C, _D = 0x20, 0x7B, 0x7D, 0x3A, 0x60, 0x63, 0x64


@njit(nogil=True)
def mark_end(data: Any, start: Any, end: Any) -> Any:
    """Behind the mark that the word from `start` to `end`, which stands behind a colon or a brace, is part of; `start`
    if it is text.

    A role of reStructuredText or MyST (`:math:`, `{math}` before a grave accent), the mark of a flash card (`{{c1::`),
    and the upright d of an integral (`\\mathrm{d}x`), which is text: its brace is taken away.
    """
    size = len(data)
    if end + 1 >= size:
        return start
    apart = start < 2 or data[start - 2] <= _SPACE
    if data[start - 1] == _COLON:
        return end if data[end] == _COLON and data[end + 1] == _GRAVE else start
    if apart and data[end] == _END_BRACE and data[end + 1] == _GRAVE:
        return end
    if start > 1 and data[start - 2] == _BRACE and data[start] == _C and is_digit(data[end]):
        after = end
        while after < size and is_digit(data[after]):
            after += 1
        return after + 2 if after + 1 < size and data[after] == _COLON and data[after + 1] == _COLON else start
    if start > 1 and data[start] == _D and end == start + 1 and is_letter(data[start - 2]) and data[end] == _END_BRACE:
        alone = end + 2 >= size or not is_letter(data[end + 2])
        if alone and is_letter(data[end + 1]):
            data[end] = SKIPPED
            return end + 1
    return start


def without_comments(text: bytes) -> bytes:
    """The text with what stands in short comments of HTML skipped; the bytes keep their places."""
    at = text.find(_COMMENT)
    if at < 0:
        return text
    data = bytearray(text)
    while at >= 0:
        end = data.find(_END_COMMENT, at + len(_COMMENT), at + _LONGEST_COMMENT)
        if end >= 0:
            last = end + len(_END_COMMENT)
            data[at:last] = bytes((SKIPPED,)) * (last - at)
        at = data.find(_COMMENT, at + len(_COMMENT))
    return bytes(data)
