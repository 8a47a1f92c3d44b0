"""Runs of characters: UTF-8 bytes split into hashed words with their places, in two ways.

`published` words are what `str.split()` gives, nothing normalised (repository wellecks/overlap, `check_overlap.py`).
`exact` words are runs of letters or runs of digits, lower case, without accents, in compatibility form (𝑥 is x), so
that a formula set in `$…$` here and in `\\(…\\)` there, a curly apostrophe or a line break do not hide a match; all
else separates. Letters and digits stand apart (2x reads as 2·x does), raised and lowered digits from others (x² reads
as x^2 does), and so does each Greek letter. What is written by the means of a notation is read in
`dedup.overlap.words`. A hash only ever nominates a match: equality is decided by comparing the characters
(`same_word`).
"""

from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.characters import CLASS_SHIFT, CODE_POINTS, units
from dedup.characters import IGNORED as _IGNORED_CLASS
from dedup.characters import MARK as _MARK_CLASS
from dedup.characters import SINGLE as _SINGLE_CLASS
from dedup.characters import WORD as _WORD_CLASS
from dedup.overlap.notation import SKIPPED, WIDE_OPENERS, rewrite_wide
from manifests.kernels import njit

Method = Literal["published", "exact"]

SEPARATOR, LETTER, DIGIT, RAISED, LOWERED, ALONE, MARK, IGNORED = range(8)
"""Kinds of characters: a word is a run of one kind; ALONE is a word by itself, MARK continues any, IGNORED is not
there.
"""

_RAISED_DIGITS = (0xB2, 0xB3, 0xB9, 0x2070, *range(0x2074, 0x207A))
_LOWERED_DIGITS = tuple(range(0x2080, 0x208A))
_RAISED_LETTERS = (0x2071, 0x207F, *range(0x2090, 0x209D), *range(0x2B0, 0x2B9), *range(0x1D2C, 0x1D6B))
_GREEK = range(0x370, 0x400)
_INVISIBLE = (
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xE0000, 0xE0080),
)
"""Besides those of `dedup.characters`: what directs or allows a line break, and is often put between letters."""
_DEGREES = (0xAA, 0xBA)
"""Ordinal signs, which are letters to Unicode, and degrees to who types 60º."""
_LAST_SPACE = 0x3000

_SHIFT = np.uint32(CLASS_SHIFT)
_UNIT_MASK = np.uint32((1 << CLASS_SHIFT) - 1)
_FIRST_SHIFT = np.uint32(8)
_STOP = np.uint32(1 << 16)
_PLACES = 64


def _place_constants() -> NDArray[np.uint64]:
    """Odd multipliers for the characters of a word by place (multilinear hashing, Lemire and Kaser 2014)."""
    state = np.arange(1, _PLACES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    constants: NDArray[np.uint64] = (state ^ (state >> np.uint64(31))) | np.uint64(1)
    return constants


_CONSTANTS = _place_constants()


class Alphabet(NamedTuple):
    """What the splitter knows of a method's characters.

    `letters`, shape (0x110000,), has a code point's kind above bit 21 and below it the code point that stands for it;
    `first`, shape (256,), the same for the first byte of a character of one byte (kind above bit 8), and a mark for
    bytes at which the splitter stops; `wide`, shape (256,), says which first bytes of longer characters are asked
    after; `constants` are the multipliers of hashes.
    """

    letters: NDArray[np.uint32]
    first: NDArray[np.uint32]
    wide: NDArray[np.bool_]
    constants: NDArray[np.uint64]


@cache
def letters(method: Method) -> NDArray[np.uint32]:
    """`Alphabet.letters` of a method; shared and read-only."""
    if method == "published":
        table = np.arange(CODE_POINTS, dtype=np.uint32) | np.uint32(LETTER << CLASS_SHIFT)
        table[[code for code in range(_LAST_SPACE + 1) if chr(code).isspace()]] = 0
    else:
        folded = units("folded")
        unit = folded & _UNIT_MASK
        kind = np.zeros(CODE_POINTS, dtype=np.uint32)
        classes = folded >> _SHIFT
        kind[classes == _WORD_CLASS] = LETTER
        kind[(classes == _WORD_CLASS) & (unit >= 0x30) & (unit <= 0x39)] = DIGIT
        kind[classes == _MARK_CLASS] = MARK
        kind[classes == _SINGLE_CLASS] = ALONE
        kind[classes == _IGNORED_CLASS] = IGNORED
        kind[list(_RAISED_DIGITS)] = RAISED
        kind[list(_LOWERED_DIGITS)] = LOWERED
        greek = np.arange(_GREEK.start, _GREEK.stop)
        kind[greek[kind[greek] == LETTER]] = ALONE
        raised = np.array(_RAISED_LETTERS)
        kind[raised[kind[raised] == LETTER]] = ALONE
        kind[[*_INVISIBLE, SKIPPED]] = IGNORED
        kind[list(_DEGREES)] = SEPARATOR
        table = (kind << _SHIFT) | unit
        table[kind == SEPARATOR] = 0
    table.setflags(write=False)
    return table


def alphabet(method: Method) -> Alphabet:
    """What the splitter takes for a method."""
    table = letters(method)
    first = ((table[:256] >> _SHIFT) << _FIRST_SHIFT) | (table[:256] & np.uint32(0xFF))
    first[0x80:] = _STOP
    wide = np.zeros(256, dtype=np.bool_)
    if method == "exact":
        first[SKIPPED] = _STOP
        wide[list(WIDE_OPENERS)] = True
    return Alphabet(table, first, wide, _CONSTANTS)


@njit(nogil=True)
def _character(data: Any, at: Any) -> Any:
    """The code point at byte `at` and its size in bytes; what is no UTF-8 reads as U+FFFD, one byte long."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, np.int64(1)
    left = len(data) - at
    if 0xC2 <= first < 0xE0 and left > 1:
        return ((first & 0x1F) << 6) | (np.int64(data[at + 1]) & 0x3F), np.int64(2)
    if 0xE0 <= first < 0xF0 and left > 2:
        middle = (np.int64(data[at + 1]) & 0x3F) << 6
        return ((first & 0x0F) << 12) | middle | (np.int64(data[at + 2]) & 0x3F), np.int64(3)
    if 0xF0 <= first < 0xF5 and left > 3:
        high = (np.int64(data[at + 1]) & 0x3F) << 12
        low = ((np.int64(data[at + 2]) & 0x3F) << 6) | (np.int64(data[at + 3]) & 0x3F)
        code = ((first & 0x07) << 18) | high | low
        return (code if code < CODE_POINTS else np.int64(0xFFFD)), np.int64(4)
    return np.int64(0xFFFD), np.int64(1)


@njit(nogil=True, inline="always")
def unit_of(letters: Any, code: Any) -> Any:
    """The code point that stands for a code point."""
    return letters[code] & _UNIT_MASK


@njit(nogil=True)
def split_words(data: Any, alphabet: Any, hashes: Any, places: Any) -> Any:
    """Split UTF-8 bytes into words, return their number and fill their hashes and places.

    `data` is written to where one character reads as several. A place is the word's first byte in the upper 32 bits and
    the byte after its last in the lower 32 (see `first_byte` and `last_byte`). Both arrays need room for
    `words_room(len(data))` words.
    """
    letters, first, wide, constants = alphabet
    count = np.int64(0)
    at = np.int64(0)
    size = np.int64(len(data))
    kind = np.int64(SEPARATOR)
    start = np.int64(0)
    total = np.uint64(0)
    letter = np.int64(0)
    while at < size:
        # ASCII without a branch per byte: the ends of words are what no processor predicts.
        while at < size:
            value = first[data[at]]
            if value >= _STOP:
                break
            new = np.int64(value >> _FIRST_SHIFT)
            hashes[count] = total
            places[count] = (start << 32) | at
            changed = np.int64(new != kind)
            count += changed & np.int64(kind != SEPARATOR)
            keep = changed - 1
            start = at + ((start - at) & keep)
            letter &= keep
            total = (total & np.uint64(keep)) + np.uint64(value & np.uint32(0xFF)) * constants[letter & 63]
            letter += 1
            kind = new
            at += 1
        if at >= size:
            break
        byte = data[at]
        if byte == SKIPPED:
            at += 1
            continue
        code, width = _character(data, at)
        if wide[byte] and rewrite_wide(data, at, code, width):
            continue
        unit = letters[code]
        new = np.int64(unit >> _SHIFT)
        if new == IGNORED:
            at += width
            continue
        if new == MARK:
            new = np.int64(LETTER) if kind == SEPARATOR else kind
        if new != kind or new == ALONE:
            if kind != SEPARATOR:
                hashes[count] = total
                places[count] = (start << 32) | at
                count += 1
            start, total, letter = at, np.uint64(0), np.int64(0)
        if new != SEPARATOR:
            total += np.uint64(unit & _UNIT_MASK) * constants[letter & 63]
            letter += 1
        kind = new
        at += width
    if kind != SEPARATOR:
        hashes[count] = total
        places[count] = (start << 32) | at
        count += 1
    return count


@njit(nogil=True, inline="always")
def first_byte(place: Any) -> Any:
    """Where a word starts."""
    return place >> 32


@njit(nogil=True, inline="always")
def last_byte(place: Any) -> Any:
    """The byte after a word's last."""
    return place & 0xFFFFFFFF


@njit(nogil=True)
def fold_words(data: Any, places: Any, letters: Any, out: Any, bounds: Any) -> Any:
    """Write the folded characters of all words to `out`, word w from `bounds[w]` to `bounds[w + 1]`; returns the end.

    `out` needs room for one entry a byte of `data`, `bounds` for one more than there are words.
    """
    filled = np.int64(0)
    bounds[0] = 0
    for word in range(len(places)):
        at, end = first_byte(places[word]), last_byte(places[word])
        while at < end:
            code, width = _character(data, at)
            at += width
            if letters[code] >> _SHIFT != IGNORED:
                out[filled] = letters[code] & _UNIT_MASK
                filled += 1
        bounds[word + 1] = filled
    return filled


@njit(nogil=True)
def same_word(data: Any, place: Any, other_data: Any, other_place: Any, letters: Any) -> Any:
    """Whether the words at two places of two texts are the same, character by character."""
    at, end = first_byte(place), last_byte(place)
    there, other_end = first_byte(other_place), last_byte(other_place)
    while True:
        unit = np.uint32(0)
        while at < end:
            code, width = _character(data, at)
            at += width
            if letters[code] >> _SHIFT != IGNORED:
                unit = (letters[code] & _UNIT_MASK) + np.uint32(1)
                break
        other = np.uint32(0)
        while there < other_end:
            code, width = _character(other_data, there)
            there += width
            if letters[code] >> _SHIFT != IGNORED:
                other = (letters[code] & _UNIT_MASK) + np.uint32(1)
                break
        if unit != other:
            return False
        if unit == 0:
            return True


def word_hash(word: str) -> int:
    """The hash of a word of ASCII letters as a signed number of 64 bits, which is how tables of names are keyed."""
    total = sum(ord(letter) * int(constant) for letter, constant in zip(word.lower(), _CONSTANTS, strict=False))
    return int(np.uint64(total % (1 << 64)).astype(np.int64))


def encode(text: str) -> bytes:
    """UTF-8 bytes; a lone surrogate, which some JSON holds, is encoded as if it were a character."""
    return text.encode("utf-8", "surrogatepass")
