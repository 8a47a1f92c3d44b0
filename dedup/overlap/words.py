"""Words of a text as the overlap scan sees them: split by characters, then read as their notation means them.

The splitter (`dedup.overlap.splitting`) knows characters only. Where a word stands beside a sign of notation, a
backslash, an ampersand, a hyphen at the end of a line, this pass asks `dedup.overlap.notation`: the word is dropped
(`\\dfrac`, a tag), becomes another (`\\alpha`), or is joined to its neighbours (`1{,}000`, `Poincar\\'e`,
`perpen-⏎dicular`). Only `exact` words are read so; `published` ones stay as `str.split()` gives them.
"""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap.markup import mark_end, without_comments
from dedup.overlap.names import ACCENT, ENVIRONMENT, FRACTION, KEPT, LAST_LETTERS, LENGTH, NOTHING, commands, names
from dedup.overlap.notation import (
    SKIPPED,
    accent_end,
    annotation_end,
    braced_letter_end,
    break_end,
    entity_end,
    escape_end,
    group_end,
    is_pair,
    line_end,
    link_end,
    lookup,
    tag_end,
    thousands,
)
from dedup.overlap.splitting import (
    Alphabet,
    Method,
    alphabet,
    encode,
    first_byte,
    fold_words,
    last_byte,
    letters,
    split_words,
    unit_of,
    word_hash,
)
from manifests.kernels import njit

_ALWAYS = b"&<"
"""Bytes before a word that belong to a notation, mostly."""
_SECOND = b'#/,!}(\x27`"^~'
"""Bytes that may belong to one, which the byte before them says (`_BEFORE_SECOND`, or digits on both sides)."""
_BEFORE_SECOND = b"\\&<](,"
_BACKSLASH, _AND, _HASH, _LESS, _SLASH, _COMMA, _BANG, _END_BRACE = 0x5C, 0x26, 0x23, 0x3C, 0x2F, 0x2C, 0x21, 0x7D
_PARENTHESIS, _BRACE, _BRACKET, _HYPHEN, _COLON = 0x28, 0x7B, 0x5D, 0x2D, 0x3A


_ORDINARY, _NOTED, _COMMAND, _IF_SECOND, _IF_ACCENT, _CUT, _ROLE = range(7)
"""Kinds of bytes beside a word. `_CUT` stands behind it, the others before."""


COMMON_WORDS = Path(__file__).with_name("background.tsv")
"""Words of ordinary mathematics and English, one a line with a count behind it, under a first line that counts all."""


_PARTS = """
digit digits sided fold foot inch mile cent percent element letter player person piece minded handed shaped coloured
colored legged headed eyed footed toothed paged seated storey story wheel wheeled door gallon litre liter pound gram
kilogram metre meter dollar euro twenty thirty forty fifty sixty seventy eighty ninety hour minute week year old day
long wide tall high deep dimensional term point based
"""
"""Words that stand in compounds of problems (`two-digit`) and are too rare in ordinary texts for that list."""
_PREFIXES = frozenset(
    "anti back bi co counter down hyper in inter mono multi non out over poly post pre pseudo quasi re semi sub super "
    "tri un under up".split()
)
"""What begins words of one piece (`counter-⏎example`)."""


class Reading(NamedTuple):
    """All that `read_words` takes for a method: its characters, and the tables of names (empty: nothing is read).

    `signs`, shape (256,), says what kind of byte beside a word may belong to a notation (`_ORDINARY` and those behind
    it), `common` has the hashes of words that stand in compounds, ascending.
    """

    alphabet: Alphabet
    signs: NDArray[np.uint8]
    seconds: NDArray[np.bool_]
    command_keys: NDArray[np.int64]
    command_values: NDArray[np.int64]
    keys: NDArray[np.int64]
    values: NDArray[np.int64]
    common: NDArray[np.uint64]


@cache
def reading(method: Method) -> Reading:
    """What a method reads; shared."""
    signs = np.zeros(256, dtype=np.uint8)
    seconds = np.zeros(256, dtype=np.bool_)
    empty = np.zeros(0, dtype=np.int64)
    if method == "published":
        return Reading(alphabet(method), signs, seconds, empty, empty, empty, empty, np.zeros(0, dtype=np.uint64))
    signs[list(_ALWAYS)] = _NOTED
    seconds[[*_BEFORE_SECOND, *b"0123456789"]] = True
    signs[list(_SECOND)] = _IF_SECOND
    signs[_BACKSLASH], signs[_BRACE], signs[_HYPHEN], signs[_COLON] = _COMMAND, _IF_ACCENT, _CUT, _ROLE
    return Reading(alphabet(method), signs, seconds, *commands(word_hash), *names(), _common_words(alphabet(method)))


def _common_words(alphabet: Alphabet) -> NDArray[np.uint64]:
    words = [line.partition("\t")[0] for line in COMMON_WORDS.read_text(encoding="utf-8").splitlines()[1:]]
    words = [word for word in (*words, *_PARTS.split()) if word not in _PREFIXES]
    text = np.frombuffer(bytearray("\n".join(words).encode()), dtype=np.uint8)
    hashes, places = np.empty(len(text) + 2, dtype=np.uint64), np.empty(len(text) + 2, dtype=np.int64)
    return np.unique(hashes[: split_words(text, alphabet, hashes, places)])


@njit(nogil=True)
def read_words(data: Any, reading: Reading, hashes: Any, places: Any) -> Any:
    """Split UTF-8 bytes into words as they are read, return their number and fill hashes and places.

    As `split_words`; `data` is written to where notation is brought to one form.
    """
    alphabet, signs, seconds, command_keys, command_values, keys, values, common = reading
    count = split_words(data, alphabet, hashes, places)
    if len(keys) == 0:
        return count
    size = np.int64(len(data))
    filled, skip = np.int64(0), np.int64(0)
    for word in range(count):
        place = places[word]
        start, end = first_byte(place), last_byte(place)
        if end <= skip:
            continue
        kind = signs[data[start - 1]] if start > 0 else np.uint8(_ORDINARY)
        if start < skip:  # \u22125 is a sign and a 5
            start, kind = skip, np.uint8(_ORDINARY)
            hashes[word], place = _hash(data, alphabet, start, end), (start << 32) | end
        if kind == _ROLE or kind == _IF_ACCENT:
            after = mark_end(data, start, end)
            if after > end and data[end] == SKIPPED:
                filled, skip = _join(data, alphabet, hashes, places, word, count, filled, start, after)
                continue
            if after > start:
                skip = after
                continue
        if kind == _COMMAND:
            value = lookup(command_keys, command_values, np.int64(hashes[word]))
            if value == NOTHING:
                continue
            letter = data[start]
            if value != KEPT and (value > 0 or letter in (0x6E, 0x72, 0x74, 0x75, 0x78)):
                filled, skip = _command(data, alphabet, value, hashes, places, word, count, filled)
                continue
        elif kind != _ORDINARY and kind != _CUT and kind != _ROLE and (start > 1 or kind == _NOTED):
            if kind == _IF_SECOND:
                noted = seconds[data[start - 2]]
            else:
                noted = kind == _NOTED or (start > 2 and data[start - 3] == _BACKSLASH)
            if noted:
                at, after, joined = _construct(data, data[start - 1], start, keys, values)
                if joined:
                    filled, skip = _join(data, alphabet, hashes, places, word, count, filled, at, after)
                    continue
                if after > start:
                    skip = after
                    continue
        if end < size and signs[data[end]] == _CUT:
            after = line_end(data, end + 1, end - 1)
            if after > end + 1 and not _is_compound(data, alphabet, common, hashes, places, word, count, after):
                data[end:after] = SKIPPED
                filled, skip = _join(data, alphabet, hashes, places, word, count, filled, start, after)
                continue
        hashes[filled], places[filled] = hashes[word], place
        filled += 1
    return filled


@njit(nogil=True)
def _is_compound(
    data: Any, alphabet: Any, common: Any, hashes: Any, places: Any, word: Any, count: Any, after: Any
) -> Any:
    """Whether a hyphen at the end of a line stands in a compound (`two-⏎digit`): both words are common ones, and what
    they would be together is none.
    """
    if word + 1 >= count or first_byte(places[word + 1]) != after:
        return False
    if not (_is_among(common, hashes[word]) and _is_among(common, hashes[word + 1])):
        return False
    start, end, last = first_byte(places[word]), last_byte(places[word]), last_byte(places[word + 1])
    both = np.concatenate((data[start:end], data[after:last]))
    return not _is_among(common, _hash(both, alphabet, 0, len(both)))


@njit(nogil=True)
def _is_among(common: Any, value: Any) -> Any:
    at = np.searchsorted(common, value)
    return at < len(common) and common[at] == value


@njit(nogil=True)
def _construct(data: Any, sign: Any, start: Any, keys: Any, values: Any) -> Any:
    """What notation ends with `sign` before the word at `start`: its first byte, the byte behind it (`start` for none),
    and whether it reads as part of a word rather than as nothing.
    """
    at = start - 1
    second = data[start - 2] if start > 1 else np.uint8(0)
    third = data[start - 3] if start > 2 else np.uint8(0)
    if sign == _AND:
        after, joined = entity_end(data, at, keys, values)
        return at, max(after, start), joined
    if sign == _HASH:
        if second == _AND:
            after, joined = entity_end(data, start - 2, keys, values)
            return start - 2, max(after, start), joined
        return at, start, False
    if sign == _LESS:
        if second == _LESS:
            return at, max(annotation_end(data, start - 2), start), False
        after = break_end(data, at)
        if after > at:
            return at, after, True
        return at, max(tag_end(data, at, keys, values), start), False
    if sign == _SLASH:
        if second == _LESS:
            return at, max(tag_end(data, start - 2, keys, values), start), False
        if second == _PARENTHESIS and third == _BRACKET:
            return at, max(link_end(data, start - 3), start), False
        return at, start, False
    if sign == _PARENTHESIS:
        if second == _BRACKET:
            return at, max(link_end(data, start - 2), start), False
        return at, start, False
    if sign == _COMMA or sign == _BANG or sign == _END_BRACE:
        first = at if sign == _COMMA else np.int64(-1)
        if second == _BACKSLASH and sign != _END_BRACE:  # 1\,000 and 1,\!000
            first = start - 3 if third == _COMMA and sign == _BANG else start - 2
        elif second == _COMMA and third == _BRACE and sign == _END_BRACE:  # 1{,}000
            first = start - 3
        if first > 0 and thousands(data, first - 1, start) and not (first == at and is_pair(data, first - 1, start)):
            data[first:start] = SKIPPED
            return first, start, True
        return at, start, False
    if sign == _BRACE:
        after = accent_end(data, start - 3) if third == _BACKSLASH else start - 3
        return start - 3, after, after > start - 3
    after = accent_end(data, start - 2) if second == _BACKSLASH else start - 2
    return start - 2, after, after > start - 2


@njit(nogil=True)
def _command(data: Any, alphabet: Any, value: Any, hashes: Any, places: Any, word: Any, count: Any, filled: Any) -> Any:
    """Read the word behind a backslash, which stands for `value`; returns how many words are filled, and the byte to
    read on from.
    """
    start, end = first_byte(places[word]), last_byte(places[word])
    at = start - 1
    if data[start] == 0x75 or data[start] == 0x78:
        after, joined = escape_end(data, at)
        if joined:
            return _join(data, alphabet, hashes, places, word, count, filled, at, after)
        if after > at:
            return filled, after
    if value == FRACTION:
        follower = end + (end + 1 < len(data) and data[end] == 0x20)
        if (
            word + 1 < count
            and first_byte(places[word + 1]) == follower
            and last_byte(places[word + 1]) == follower + 2
            and 0x30 <= data[follower] <= 0x39
        ):
            for digit in range(follower, follower + 2):  # \frac12
                hashes[filled] = np.uint64(data[digit]) * alphabet.constants[0]
                places[filled] = (digit << 32) | (digit + 1)
                filled += 1
            return filled, follower + 2
        return filled, end
    if value == ENVIRONMENT or value == LENGTH:
        return filled, group_end(data, end, value == ENVIRONMENT)
    if value == ACCENT:
        after = braced_letter_end(data, at, end)
        if after > at:
            return _join(data, alphabet, hashes, places, word, count, filled, at, after)
    if value >= 0x40:
        if value < 0x80:
            data[start] = value
            end = start + 1
        else:
            data[start - 1], data[start] = 0xC0 | (value >> 6), 0x80 | (value & 0x3F)
            start, end = start - 1, start + 1
        hashes[filled] = np.uint64(unit_of(alphabet.letters, value)) * alphabet.constants[0]
        places[filled] = (start << 32) | end
        return filled + 1, last_byte(places[word])
    if value >= LAST_LETTERS:
        start = end - (value - LAST_LETTERS)
    elif data[start] in (0x6E, 0x72, 0x74):  # \nfind and \n\n, from a dump as JSON
        start += 1
        if start == end:
            return filled, end
    hashes[filled] = _hash(data, alphabet, start, end)
    places[filled] = (start << 32) | end
    return filled + 1, end


@njit(nogil=True)
def _hash(data: Any, alphabet: Any, start: Any, end: Any) -> Any:
    """The hash of the word that `data[start:end]` is."""
    hashes, places = np.empty(end - start + 2, dtype=np.uint64), np.empty(end - start + 2, dtype=np.int64)
    split_words(data[start:end], alphabet, hashes, places)
    return hashes[0]


@njit(nogil=True)
def _join(
    data: Any, alphabet: Any, hashes: Any, places: Any, word: Any, count: Any, filled: Any, at: Any, after: Any
) -> Any:
    """Split anew what a construct from `at` to `after` makes one with the words that touch it; see `_command`."""
    start = at
    if filled > 0 and last_byte(places[filled - 1]) == at:
        filled -= 1
        start = first_byte(places[filled])
    follower = word
    while follower < count and first_byte(places[follower]) < after:
        follower += 1
    end = max(after, last_byte(places[follower - 1])) if follower > word else after
    if end == after and follower < count and first_byte(places[follower]) == after:
        end = last_byte(places[follower])
        follower += 1
    some, there = np.empty(end - start + 2, dtype=np.uint64), np.empty(end - start + 2, dtype=np.int64)
    # As many as were there, so that none is written over that is yet to be read.
    for one in range(min(split_words(data[start:end], alphabet, some, there), follower - filled)):
        hashes[filled] = some[one]
        places[filled] = ((first_byte(there[one]) + start) << 32) | (last_byte(there[one]) + start)
        filled += 1
    return filled, end


def words_room(size: int) -> int:
    """How many words `size` bytes can hold at most: one a byte, as letters and digits may take turns."""
    return size + 2


class Words(NamedTuple):
    """The words of one text: 64-bit hashes and places (see `split_words`), and its bytes with notation in one form."""

    hashes: NDArray[np.uint64]
    places: NDArray[np.int64]
    data: NDArray[np.uint8]


def raw_words(text: str, method: Method) -> bytes:
    """The bytes that `read_words` takes: UTF-8, for `exact` words without short comments of HTML."""
    raw = encode(text)
    return without_comments(raw) if method == "exact" else raw


def words_of(text: str, method: Method) -> Words:
    """Split a text (fewer than 2**31 bytes of UTF-8) into words."""
    data = np.frombuffer(bytearray(raw_words(text, method)), dtype=np.uint8)
    room = words_room(len(data))
    hashes = np.empty(room, dtype=np.uint64)
    places = np.empty(room, dtype=np.int64)
    count = read_words(data, reading(method), hashes, places)
    return Words(hashes[:count], places[:count], data)


def words_of_text(text: str, method: Method = "exact") -> list[str]:
    """The folded words of `text`, as strings."""
    words = words_of(text, method)
    folded = np.empty(len(words.data) + 1, dtype=np.uint32)
    bounds = np.empty(len(words.places) + 1, dtype=np.int64)
    filled = int(fold_words(words.data, words.places, letters(method), folded, bounds))
    characters = folded[:filled].astype("<u4").tobytes().decode("utf-32-le", "replace")
    return [characters[first:last] for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)]
