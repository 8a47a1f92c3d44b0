"""The source of a page as the parser takes it, and what words it holds.

Characters that no text may hold (those that XML forbids, and the marks that stand for formulas) are replaced here,
written out or as references. One pass over the bytes finds the words that later steps ask for.
"""

import functools
import re
from collections.abc import Iterable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from pipelines.web.automaton import Automaton
from pipelines.web.formulas import CLOSE, OPEN
from pipelines.web.formulas_text import BREAK, GONE

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
_MARKS: NDArray[np.uint8] = np.array([list(chr(code).encode()) for code in _RESERVED if code > 0x7FF], np.uint8)


def readable(page: bytes) -> bytes:
    """UTF-8 without reserved characters, line ends as `\\n`."""
    if _holds_reserved(np.frombuffer(page, np.uint8), _MARKS):
        page = page.decode("utf-8", "replace").translate(_RESERVED).encode()
    if b"&#" in page and _RESERVED_REFERENCE.search(page):
        page = _RESERVED_REFERENCE.sub(
            lambda match: _RESERVED[int(match[1] or match[2], 10 if match[1] else 16)].encode(), page
        )
    if b"\r" in page:
        page = page.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return page


@numba.njit(cache=True, nogil=True)
def _holds_reserved(page: Any, marks: Any) -> Any:
    for at in range(page.size):
        byte = page[at]
        if byte < 32:
            if byte != 10 and byte != 13 and byte != 9:  # noqa: PLR1714 - compiled
                return True
        elif byte >= 0xE2 and at + 2 < page.size:
            for mark in range(marks.shape[0]):
                if byte == marks[mark, 0] and page[at + 1] == marks[mark, 1] and page[at + 2] == marks[mark, 2]:
                    return True
    return False


class Words:
    """Which words stand in a page, in any case of ASCII letters; asked with `in`."""

    def __init__(self, page: bytes, known: "KnownWords") -> None:
        self._page = page
        self._numbers = known.numbers
        self._found = known.automaton.found(np.frombuffer(page, np.uint8))

    @functools.cached_property
    def _lower(self) -> bytes:
        return self._page.lower()

    def __contains__(self, word: object) -> bool:
        number = self._numbers.get(str(word))
        return str(word).encode() in self._lower if number is None else bool(self._found >> number & 1)


class KnownWords:
    """Up to 64 words, in lower case, that `Words` finds in one pass; others it looks for one by one."""

    def __init__(self, words: Iterable[str]) -> None:
        self.numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
        if len(self.numbers) > 64:
            raise ValueError(f"expected at most 64 words, found {len(self.numbers)}")
        self.automaton = Automaton({word.encode(): number for word, number in self.numbers.items()})
