"""The kernel that picks out of a text the words that belong to a language, for `filters.language`.

White space is what `str.split` takes for it, in UTF-8.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from manifests.kernels import njit

MARKS = b".,;:!?()[]\"'"
"""Marks in ASCII that may stand around a word."""
SYMBOLS = b"0123456789=+*/^_<>|\\()[]{}~@#%&$"
"""Within a word they say that it belongs to no language."""
ALONE = b"aAI"
"""Letters that are words."""
SPACES = (*range(9, 14), *range(28, 32), 32)
WIDE = (0xC2, 0xE1, 0xE2, 0xE3)
"""With these begins white space beyond ASCII, and much else."""
_MARK, _SYMBOL, _ALONE, _SPACE, _WIDE, _BEYOND, _AT, _COLON = (1 << bit for bit in range(8))


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(256, np.uint8)
    beyond = range(128, 256)
    members = (MARKS, SYMBOLS, ALONE, SPACES, WIDE, beyond, b"@", b":")
    for bit, those in zip((_MARK, _SYMBOL, _ALONE, _SPACE, _WIDE, _BEYOND, _AT, _COLON), members, strict=True):
        kinds[list(those)] |= bit
    return kinds


KINDS = _kinds()
"""What each byte may be, as bits."""


@njit(nogil=True)
def _wide_blank(data: Any, at: Any) -> Any:
    """How many bytes the white space beyond ASCII at `at` has; 0 if there is none."""
    byte = data[at]
    if byte == 0xC2:
        return 2 if at + 1 < len(data) and (data[at + 1] == 0x85 or data[at + 1] == 0xA0) else 0
    if at + 2 >= len(data):
        return 0
    second, third = data[at + 1], data[at + 2]
    if byte == 0xE1:
        return 3 if second == 0x9A and third == 0x80 else 0
    if byte == 0xE3:
        return 3 if second == 0x80 and third == 0x80 else 0
    if second == 0x81:
        return 3 if third == 0x9F else 0
    if second != 0x80:
        return 0
    return 3 if 0x80 <= third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF else 0  # noqa: PLR1714


@njit(nogil=True)
def _is_word(data: Any, start: Any, end: Any, seen: Any, kinds: Any) -> Any:
    """Whether the word from `start` to `end`, in which such bytes were `seen`, is one of a language."""
    if seen & _AT:
        return False
    if seen & _COLON:
        for at in range(start, end - 2):
            if data[at] == 58 and data[at + 1] == 47 and data[at + 2] == 47:
                return False
    if seen & _BEYOND:
        return True
    if seen & _MARK:
        while start < end and kinds[data[start]] & _MARK:
            start += 1
        while end > start and kinds[data[end - 1]] & _MARK:
            end -= 1
    if seen & _SYMBOL:
        for at in range(start, end):
            if kinds[data[at]] & _SYMBOL:
                return False
    return end - start > 1 or (end - start == 1 and kinds[data[start]] & _ALONE != 0)


@njit(nogil=True)
def keep_words(data: Any, kinds: Any, out: Any) -> Any:
    """Write the words of a text (UTF-8) that belong to a language, with a space between two; how many bytes they are.

    `out` has room for as many bytes as the text.
    """
    size = len(data)
    used = 0
    start = 0
    while start < size:
        seen = np.uint8(0)
        end = start
        blank = 0
        while end < size:
            kind = kinds[data[end]]
            if kind & (_SPACE | _WIDE):
                blank = 1 if kind & _SPACE else _wide_blank(data, end)
                if blank:
                    break
            seen |= kind
            end += 1
        if end > start and _is_word(data, start, end, seen, kinds):
            if used:
                out[used] = 32
                used += 1
            for at in range(start, end):
                out[used] = data[at]
                used += 1
        start = end + blank
    return used
