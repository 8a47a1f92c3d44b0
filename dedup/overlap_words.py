"""Words of a text as the overlap scan sees them: two ways to split UTF-8 bytes into hashed words with their places.

`published` words are what `str.split()` gives, nothing normalised (repository wellecks/overlap, `check_overlap.py`).
`exact` words are runs of letters and digits, lower case, without accents, in compatibility form (𝑥 is x), so that a
formula set in `$…$` here and in `\\(…\\)` there, a curly apostrophe or a line break do not hide a match; all else
separates, and a raised or lowered digit and a Greek letter stand apart (x² reads as x^2 does). Before that, notation is
brought to one form (`dedup.overlap_notation`). A hash only ever nominates a match:
equality is decided by comparing the characters (`same_word`).
"""

from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.characters import CLASS_SHIFT, CODE_POINTS, IGNORED, MARK, SEPARATOR, SINGLE, WORD, units
from dedup.overlap_notation import GREEK, one_notation
from manifests.kernels import njit

Method = Literal["published", "exact"]

_RAISED = (0xB2, 0xB3, 0xB9, 0x2070, *range(0x2074, 0x207A), *range(0x2080, 0x208A))
_LAST_SPACE = 0x3000

_UNIT_MASK = np.uint32((1 << CLASS_SHIFT) - 1)
_SHIFT = np.uint32(CLASS_SHIFT)
_PLACES = 64


def _place_constants() -> NDArray[np.uint64]:
    """Odd multipliers for the characters of a word by place (multilinear hashing, Lemire and Kaser 2014)."""
    state = np.arange(1, _PLACES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    constants: NDArray[np.uint64] = (state ^ (state >> np.uint64(31))) | np.uint64(1)
    return constants


_CONSTANTS = _place_constants()


@cache
def alphabet(method: Method) -> NDArray[np.uint32]:
    """For every code point: its class above bit 21 and below it the code point that stands for it; separators are 0.

    Shape (0x110000,), shared and read-only. The classes are those of `dedup.characters`.
    """
    if method == "exact":
        table = units("folded").copy()
        greek = [code for code in range(*GREEK) if table[code] >> _SHIFT == WORD]
        apart = np.array([*_RAISED, *greek])
        table[apart] = (table[apart] & _UNIT_MASK) | np.uint32(SINGLE << CLASS_SHIFT)
    else:
        table = np.arange(CODE_POINTS, dtype=np.uint32) + np.uint32(WORD << CLASS_SHIFT)
        table[[code for code in range(_LAST_SPACE + 1) if chr(code).isspace()]] = 0
    table.setflags(write=False)
    return table


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


@njit(nogil=True)
def split_words(data: Any, table: Any, constants: Any, hashes: Any, places: Any) -> Any:
    """Split UTF-8 bytes into words, return their number and fill their hashes and places.

    A place is the word's first byte in the upper 32 bits and the byte after its last in the lower 32 (see `first_byte`
    and `last_byte`). Both arrays need room for `words_room(len(data))` words.
    """
    count = np.int64(0)
    at = np.int64(0)
    size = np.int64(len(data))
    inside, single = np.int64(0), False
    start = np.int64(0)
    total = np.uint64(0)
    letter = np.int64(0)
    while at < size:
        # ASCII without a branch per byte: the ends of words are what no processor predicts.
        while at < size:
            byte = data[at]
            if byte >= 0x80:
                break
            unit = table[byte]
            is_word = np.int64(unit != 0)
            hashes[count] = total
            places[count] = (start << 32) | at
            count += inside & (1 - is_word)
            start += (at - start) & (inside - 1)
            total = (total + np.uint64(unit & _UNIT_MASK) * constants[letter & 63]) & np.uint64(-is_word)
            letter = (letter + 1) & -is_word
            inside = is_word
            at += 1
        # Anything else, one character at a time.
        while at < size and data[at] >= 0x80:
            code, width = _character(data, at)
            unit = table[code]
            kind = unit >> _SHIFT
            if kind == IGNORED:
                at += width
                continue
            if inside and kind != MARK and (single or kind in (SEPARATOR, SINGLE)):
                hashes[count] = total
                places[count] = (start << 32) | at
                count += 1
                inside, single, total, letter = np.int64(0), False, np.uint64(0), np.int64(0)
            if kind != SEPARATOR:
                if not inside:
                    inside, single, start = np.int64(1), kind == SINGLE, at
                total += np.uint64(unit & _UNIT_MASK) * constants[letter & 63]
                letter += 1
            at += width
        if inside and single and at < size:
            hashes[count] = total
            places[count] = (start << 32) | at
            count += 1
            inside, single, total, letter = np.int64(0), False, np.uint64(0), np.int64(0)
    if inside:
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
def fold_words(data: Any, places: Any, table: Any, out: Any, bounds: Any) -> Any:
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
            if table[code] >> _SHIFT != IGNORED:
                out[filled] = table[code] & _UNIT_MASK
                filled += 1
        bounds[word + 1] = filled
    return filled


@njit(nogil=True)
def same_word(data: Any, where: Any, table: Any, folded: Any, first: Any, last: Any) -> Any:
    """Whether the word at the place `where` of `data` folds to `folded[first:last]`, character by character."""
    at, end = first_byte(where), last_byte(where)
    place = np.int64(first)
    while at < end:
        code, width = _character(data, at)
        at += width
        unit = table[code]
        if unit >> _SHIFT == IGNORED:
            continue
        if place >= last or folded[place] != unit & _UNIT_MASK:
            return False
        place += 1
    return place == last


def words_room(size: int) -> int:
    """How many words `size` bytes can hold at most (a one-byte word and a two-byte raised digit in three bytes)."""
    return 2 * size // 3 + 2


class Words(NamedTuple):
    """The words of one text: 64-bit hashes and places (see `split_words`)."""

    hashes: NDArray[np.uint64]
    places: NDArray[np.int64]


def words_of(data: NDArray[np.uint8], method: Method) -> Words:
    """Split UTF-8 bytes (fewer than 2**31) into words."""
    room = words_room(len(data))
    hashes = np.empty(room, dtype=np.uint64)
    places = np.empty(room, dtype=np.int64)
    count = split_words(data, alphabet(method), _CONSTANTS, hashes, places)
    return Words(hashes[:count], places[:count])


def place_constants() -> NDArray[np.uint64]:
    """The multipliers that `split_words` takes."""
    return _CONSTANTS


def encode(text: str) -> bytes:
    """UTF-8 bytes; a lone surrogate, which some JSON holds, is encoded as if it were a character."""
    return text.encode("utf-8", "surrogatepass")


def readable(text: str, method: Method) -> bytes:
    """The UTF-8 bytes of `text` that are split into words: of the length of `encode(text)`, place for place."""
    raw = encode(text)
    return one_notation(raw) if method == "exact" else raw


def words_of_text(text: str) -> list[str]:
    """The folded words of `text` by the `exact` method, as strings."""
    raw = np.frombuffer(readable(text, "exact"), dtype=np.uint8)
    places = words_of(raw, "exact").places
    folded = np.empty(len(raw) + 1, dtype=np.uint32)
    bounds = np.empty(len(places) + 1, dtype=np.int64)
    filled = int(fold_words(raw, places, alphabet("exact"), folded, bounds))
    characters = folded[:filled].astype("<u4").tobytes().decode("utf-32-le", "replace")
    return [characters[first:last] for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]
