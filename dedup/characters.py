"""What every Unicode character is to the comparison of documents: part of a word, or what separates words.

The tables come from one pinned version of Unicode (the file `unicode-14.tsv` beside this module), not from the
Python that runs, so that a signature made on another machine or a later Python is the same. Two of the three
normalisations map a character to one other character; none looks at its neighbours, which is what lets the kernel
work in one pass over the bytes. `python -m dedup.characters` writes the file anew from a Python whose `unicodedata`
has the pinned version.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

Normalisation = Literal["none", "lower", "folded"]
"""`none`: words as written. `lower`: simple lower case. `folded`: also compatibility forms (𝑥 is x, ２ is 2) and
letters with accents as their base letter. A LaTeX command is never changed: `\\Delta` is not `\\delta`."""

UNICODE_VERSION = "14.0.0"
TABLE = Path(__file__).with_name("unicode-14.tsv")

SEPARATOR, WORD, MARK, SINGLE, IGNORED = range(5)
"""Classes. WORD: letters and numbers (general categories L and N). MARK: category M, continues any word. SINGLE: a
letter of a script written without spaces, a word by itself. IGNORED: not there at all. SEPARATOR: the rest."""

CODE_POINTS = 0x110000
CLASS_SHIFT = 21

_ACCENTS = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
"""Blocks of diacritical marks; marks of other blocks are vowels of their scripts and stay (Unicode, Blocks.txt)."""

_IGNORED = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x200C, 0x200D),  # joiners inside Persian and Indic words
    (0x2060, 0x2064),  # word joiner, invisible operators
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
    (0xE0100, 0xE01EF),
)
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)


def _within(code: int, blocks: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in blocks)


def classify(character: str) -> int:
    """The class of one character by the running Python's `unicodedata`."""
    code = ord(character)
    if _within(code, _IGNORED):
        return IGNORED
    major = unicodedata.category(character)[0]
    if major == "M":
        return MARK
    if major == "L" and _within(code, _WITHOUT_SPACES):
        return SINGLE
    return WORD if major in "LN" else SEPARATOR


def lower(character: str) -> str:
    """Simple lower case: always one character (İ, whose full lower case is two, becomes i)."""
    return character.lower()[0]


def fold(character: str) -> str:
    """Compatibility decomposition without diacritical marks, case folded, where that is one word character."""
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    base = [one for one in decomposed if not _within(ord(one), _ACCENTS)]
    return base[0] if len(base) == 1 and classify(base[0]) in (WORD, SINGLE) else lower(character)


def _row(code: int) -> tuple[int, int, int]:
    """Class, distance to the lower-case form, distance to the folded form."""
    character = chr(code)
    kind = classify(character)
    if kind in (SEPARATOR, IGNORED):
        return kind, 0, 0
    return kind, ord(lower(character)) - code, ord(fold(character)) - code


def ranges() -> Iterator[tuple[int, int, int, int, int]]:
    """Runs of characters with equal rows: first, last, class, distance to lower, distance to folded."""
    if unicodedata.unidata_version != UNICODE_VERSION:
        raise RuntimeError(f"this table is pinned to Unicode {UNICODE_VERSION}, not {unicodedata.unidata_version}")
    first, current = 0, _row(0)
    for code in range(1, CODE_POINTS):
        row = _row(code)
        if row != current:
            if current[0] != SEPARATOR:
                yield first, code - 1, *current
            first, current = code, row
    if current[0] != SEPARATOR:
        yield first, CODE_POINTS - 1, *current


def render() -> str:
    """The table's text: one line a run, `first last class lower folded`, the first two in hexadecimal."""
    lines = (f"{first:x}\t{last:x}\t{kind}\t{low}\t{folded}\n" for first, last, kind, low, folded in ranges())
    return f"# Unicode {UNICODE_VERSION}: first last class lower folded\n" + "".join(lines)


@cache
def units(normalisation: Normalisation) -> npt.NDArray[np.uint32]:
    """For every code point: its class above bit 21 and below it the code point that stands for it.

    Shape (0x110000,). Separators are 0. Under `folded`, diacritical marks are ignored, so that a letter and its
    accent written as two characters equal the letter written as one. The array is shared and read-only.
    """
    table = np.zeros(CODE_POINTS, dtype=np.uint32)
    for line in TABLE.read_text("ascii").splitlines()[1:]:
        first_hex, last_hex, kind, low, folded = line.split("\t")
        first, last = int(first_hex, 16), int(last_hex, 16)
        shift = {"none": 0, "lower": int(low), "folded": int(folded)}[normalisation]
        table[first : last + 1] = np.arange(first + shift, last + 1 + shift) + (int(kind) << CLASS_SHIFT)
    if normalisation == "folded":
        for first, last in _ACCENTS:
            table[first : last + 1] = IGNORED << CLASS_SHIFT
    table.setflags(write=False)
    return table


if __name__ == "__main__":
    TABLE.write_text(render(), "ascii")
