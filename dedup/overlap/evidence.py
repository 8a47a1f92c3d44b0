"""How much words say: the rarity of each, in bits, and what of it a match holds.

Runs of numbers (`[1], [2], … [13]`) and standard identities are long and say nothing. So a word of an item counts by
its inverse document frequency in ordinary mathematics and English (the file `background.tsv`, written by
`tests.benchmarks.overlap_background`; Spärck Jones 1972), numbers and single letters count little, drawings (`[asy]`)
nothing, and phrases that many items share are marked. allenai/decon weighs its n-grams in the same spirit. Weights are
whole quarters of a bit, so that sums are the same on every machine.
"""

import re
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap.splitting import encode, first_byte, last_byte
from dedup.overlap.words import COMMON_WORDS, Words, words_of
from manifests.kernels import njit

QUARTERS = 4
RAREST = 44
"""No word says more than this, however rare: names and misspellings would outweigh everything."""
NUMBER, SIGN = 6, 16
"""The weights of a number and of a character of a script that is written without spaces."""
NUMERIC, COMMON = 0x40, 0x80
"""Marks above a weight: a number (in digits or in words), and a phrase of many items."""
WEIGHT = 0x3F
LETTER = 2
"""The weight of a single letter; words weigh more."""
_LAST_ALPHABET = 0x590
"""Below it lie Latin, Greek and Cyrillic, whose single letters are symbols."""
_DRAWING = re.compile(r"\[asy\](?:(?!\[asy\]).)*?\[/asy\]", re.DOTALL)
_INSTRUCTION = re.compile(
    r"\b(?:Enter|Express|Write|Give|Leave|State|Report|Round|Submit|Put|Type|List)(?: \w+){0,3}? "
    r"(?:answers?|solutions?|results?|responses?|ordered (?:pairs?|triples?))\b[^.?!\n]{0,400}"
    r"|\b(?:Show|Explain|Justify)(?: all(?: of)?)? your (?:work|steps|reasoning|answer|thinking)\b[^.?!\n]{0,200}"
    r"|\b(?:In the (?:figure|diagram)[^.?!\n]{0,20} )?the (?:figure|diagram|picture|graph) is not (?:drawn )?to scale\b"
    r"[^.?!\n]{0,200}",
    re.IGNORECASE,
)
"""In what form to answer, and what a drawing means: the language of problems however many items have it."""
INSTRUCTION_SHARE = 0.75
"""Where more of what a text says is such, it is a problem of its own."""
_NUMBER_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen half twice thrice
double triple third quarter first second fourth fifth
ii iii iv vi vii viii ix xi xii xiii xiv xv xvi xvii xviii xix xx
"""
_IN_DIGITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
_NUMBER_SLOTS, _NUMBER_BITMAP = 4096, 64
_SEEN = 512
"""Different words that evidence counts at most: far more than decide anything."""


class Background(NamedTuple):
    """Hashes of known words in ascending order, and what each says in quarters of a bit."""

    hashes: NDArray[np.uint64]
    weights: NDArray[np.uint8]


@cache
def background() -> Background:
    """The table of common words. A word that is not in it is one of the rarest."""
    lines = COMMON_WORDS.read_text(encoding="utf-8").splitlines()
    total = int(lines[0].split("\t")[1])
    words, counts = zip(*(line.split("\t") for line in lines[1:]), strict=True)
    hashes = words_of("\n".join(words), "exact").hashes
    bits = np.minimum(RAREST / QUARTERS, np.log2(total / np.array(counts, dtype=np.float64)))
    order = np.argsort(hashes)
    return Background(hashes[order], np.maximum(LETTER + 1, np.round(bits[order] * QUARTERS)).astype(np.uint8))


@cache
def number_words() -> NDArray[np.uint64]:
    """A table of numbers in words for `is_number`: a bitmap by the upper bits of a hash (64 values), and behind it at
    the same bits the hash that has them, or 0.
    """
    table = np.zeros(_NUMBER_BITMAP + _NUMBER_SLOTS, dtype=np.uint64)
    for value in words_of(_NUMBER_WORDS, "exact").hashes:
        slot = int(value >> np.uint64(52))
        if table[_NUMBER_BITMAP + slot] not in (0, value):
            raise AssertionError("two numbers share a slot: take more slots")
        table[_NUMBER_BITMAP + slot] = value
        table[slot >> 6] |= np.uint64(1) << np.uint64(slot & 63)
    return table


class Spelled(NamedTuple):
    """Numbers in words: the upper halves of their hashes, ascending, and of those of the same numbers in digits."""

    hashes: NDArray[np.uint32]
    digits: NDArray[np.uint32]


@cache
def spelled() -> Spelled:
    """The numbers in words that `in_digits` knows; shared."""
    both = (words_of(f"{word} {value}", "exact").hashes >> np.uint64(32) for word, value in _IN_DIGITS.items())
    hashes, digits = np.array(sorted(map(tuple, both)), dtype=np.uint32).T
    return Spelled(np.ascontiguousarray(hashes), np.ascontiguousarray(digits))


@njit(nogil=True)
def in_digits(value: Any, known: Spelled) -> Any:
    """The upper half of a word's hash or, of a number in words, of the same number in digits."""
    at = np.searchsorted(known.hashes, value)
    return known.digits[at] if at < len(known.hashes) and known.hashes[at] == value else value


@njit(nogil=True, inline="always")
def is_number(data: Any, place: Any, value: Any, numbers: Any) -> Any:
    """Whether the word at a place, with the hash `value`, is a number in digits or in words."""
    return 0x30 <= data[first_byte(place)] <= 0x39 or (
        value != 0 and numbers[_NUMBER_BITMAP + np.int64(value >> np.uint64(52))] == value
    )


@njit(nogil=True)
def mark_numbers(data: Any, hashes: Any, places: Any, numbers: Any, out: Any) -> None:
    """Say of all words of a text whether they are numbers, as `is_number` does."""
    for word in range(len(hashes)):
        first = data[first_byte(places[word])]
        out[word] = (first >= 0x30) & (first <= 0x39)
        slot = hashes[word] >> np.uint64(52)
        if (numbers[slot >> np.uint64(6)] >> (slot & np.uint64(63))) & np.uint64(1) != 0:
            out[word] |= numbers[_NUMBER_BITMAP + np.int64(slot)] == hashes[word]


@njit(nogil=True)
def _is_single(data: Any, place: Any) -> Any:
    """Whether a word is one character, and 2 if it is one of a script without single letters as symbols."""
    start = first_byte(place)
    size = last_byte(place) - start
    first = data[start]
    width = 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if size != width:
        return 0
    return 1 if first < 0xD7 or first == 0xE2 or width == 4 else 2


@njit(nogil=True)
def _weigh(data: Any, hashes: Any, places: Any, known: Any, said: Any, numbers: Any) -> Any:
    weights = np.empty(len(hashes), dtype=np.uint8)
    for word in range(len(hashes)):
        value = hashes[word]
        single = _is_single(data, places[word])
        if is_number(data, places[word], value, numbers):
            weights[word] = NUMBER | NUMERIC
        elif single == 1:
            weights[word] = LETTER
        elif single == 2:
            weights[word] = SIGN
        else:
            at = np.searchsorted(known, value)
            weights[word] = said[at] if at < len(known) and known[at] == value else RAREST
    return weights


def weigh(text: str, words: Words) -> NDArray[np.uint8]:
    """What each of the words of a text says: quarters of a bit, and the mark `NUMERIC`. What draws says nothing."""
    table = background()
    weights: NDArray[np.uint8] = _weigh(
        words.data, words.hashes, words.places, table.hashes, table.weights, number_words()
    )
    if "[asy]" in text:
        starts = words.places >> 32
        for drawing in _DRAWING.finditer(text):
            first, last = (len(encode(text[:place])) for place in drawing.span())
            weights[(starts >= first) & (starts < last)] = 0
    return weights


def instructions(text: str, words: Words, weights: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which words of a text say in what form to answer."""
    marks = np.zeros(len(weights), dtype=np.bool_)
    starts = words.places >> 32
    for found in _INSTRUCTION.finditer(text):
        first, last = (len(encode(text[:place])) for place in found.span())
        marks |= (starts >= first) & (starts < last)
    said = (weights & WEIGHT).astype(np.int64)
    return marks if said[marks].sum() <= INSTRUCTION_SHARE * said.sum() else np.zeros_like(marks)


@njit(nogil=True)
def evidence_of(hashes: Any, weights: Any, words: Any) -> Any:
    """What some words of an item say together, and without its common phrases, in quarters of a bit.

    `words` are places in the item. A word counts once however often it stands there, and numbers and single letters
    never more than the others.
    """
    sums = np.zeros(4, dtype=np.int64)
    seen = np.zeros(_SEEN, dtype=np.uint32)
    for place in words:
        value = hashes[place] | np.uint32(1)
        slot = value >> np.uint32(1) & np.uint32(_SEEN - 1)
        tries = 0
        while seen[slot] != 0 and seen[slot] != value and tries < _SEEN:
            slot = (slot + np.uint32(1)) & np.uint32(_SEEN - 1)
            tries += 1
        if seen[slot] != 0:
            continue
        seen[slot] = value
        weight = np.int64(weights[place] & WEIGHT)
        slight = np.int64(weights[place] & NUMERIC != 0 or weight <= LETTER)
        sums[slight] += weight
        if weights[place] & COMMON == 0:
            sums[2 + slight] += weight
    return sums[0] + min(sums[0], sums[1]), sums[2] + min(sums[2], sums[3])
