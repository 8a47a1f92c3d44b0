"""From UTF-8 bytes to the hashes of a document's shingles, in compiled passes without an object per word.

The first pass writes the normalised text (words with one space between them) and where each word starts; over ASCII
it goes by bits, 64 bytes at a time. The second hashes words eight bytes at a time and rolls the
polynomial of a shingle's word hashes modulo 2^64 from one shingle to the next; MurmurHash3's 64-bit mixer finishes
it and the upper 32 bits are the shingle's hash. A document of fewer than n words has one shingle, all of its words;
one without words has none. `reference_hashes` says the same in plain Python integers.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.characters import CLASS_SHIFT, IGNORED, MARK, SEPARATOR, SINGLE, Normalisation, units
from dedup.instructions import load64, store64, trailing_zeros
from manifests.kernels import njit

U64 = npt.NDArray[np.uint64]
U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

_MASK = (1 << 64) - 1
BASE = 0x9E3779B97F4A7C15
"""The polynomial's base: the odd integer nearest to 2^64 over the golden ratio."""

WORD_FACTOR = 0xBF58476D1CE4E5B9
"""The multiplier of a word's chunks: the first of SplitMix64's (Steele, Lea and Flood 2014)."""

UNIT_MASK = (1 << CLASS_SHIFT) - 1
BACKSLASH, SPACE, SPECIAL = ord("\\"), ord(" "), 0xFF
BLOCK = 64
"""Bytes that are looked at together."""
ONE_BY_ONE = 16
"""Bytes after a character outside ASCII or a command that are taken one by one."""
PADDING = 16
"""Bytes after the normalised text that the word hash may read (and masks away), and that copies may touch."""


def mix64(value: int) -> int:
    """MurmurHash3's 64-bit finalizer (Appleby), on Python integers."""
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & _MASK
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ (value >> 33)


def word_hash(word: str) -> int:
    """The 64-bit hash of one normalised word (reference).

    Its UTF-8 bytes are padded with zeros to a multiple of 8, at least 16, and taken as little-endian integers.
    """
    raw = word.encode("utf-8")
    raw = raw.ljust(max(16, -(-len(raw) // 8) * 8), b"\0")
    total = 0
    for start in range(0, len(raw), 8):
        total = (total ^ int.from_bytes(raw[start : start + 8], "little")) * WORD_FACTOR & _MASK
        total ^= total >> 32
    return total


def reference_hashes(words: Sequence[str], n: int) -> list[int]:
    """The 32-bit hashes of the shingles of `n` words, in order and with repetitions (reference)."""
    hashes = [word_hash(word) for word in words]
    found = []
    for start in range(max(len(hashes) - n + 1, min(len(hashes), 1))):
        total = 0
        for value in hashes[start : start + n]:
            total = (total * BASE + value) & _MASK
        found.append(mix64(total) >> 32)
    return found


_BASE64, _FACTOR64 = np.uint64(BASE), np.uint64(WORD_FACTOR)
_M1, _M2, _S33, _S32 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53), np.uint64(33), np.uint64(32)
_ONE, _SEVEN, _S56 = np.uint64(1), np.uint64(7), np.uint64(56)
_HIGH, _LOW, _SPACES = np.uint64(0x8080808080808080), np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x2020202020202020)
_GATHER = np.uint64(0x0102040810204080)
"""Times a number with one bit in each byte, this has them all in its highest byte."""
_UNIT32, _SHIFT32 = np.uint32(UNIT_MASK), np.uint32(CLASS_SHIFT)


@njit(nogil=True)
def _map_ascii(data: Any, start: Any, end: Any, ascii_map: Any, mapped: Any) -> None:
    """What each byte becomes: itself, its lower case, SPACE where it separates, SPECIAL where it takes more thought.

    SPECIAL also stands behind the end, for a whole block.
    """
    at, last, put = np.uint64(start), np.uint64(end), np.uint64(0)
    while at < last:
        mapped[put] = ascii_map[data[at]]
        at += _ONE
        put += _ONE
    for offset in range(BLOCK):
        mapped[end - start + offset] = SPECIAL


@njit(nogil=True)
def _decode(data: Any, position: Any, end: Any) -> Any:
    """Code point and length of the character at `position`; (0, 1) where the bytes are not UTF-8."""
    lead = np.int64(data[position])
    if lead < 0xC2 or lead > 0xF4:
        return np.int64(0), np.int64(1)
    length = np.int64(2) if lead < 0xE0 else np.int64(3) if lead < 0xF0 else np.int64(4)
    if position + length > end:
        return np.int64(0), np.int64(1)
    code = lead & (np.int64(0x7F) >> length)
    for offset in range(1, length):
        byte = np.int64(data[position + offset])
        if byte & 0xC0 != 0x80:
            return np.int64(0), np.int64(1)
        code = (code << 6) | (byte & 0x3F)
    if (length == 3 and (code < 0x800 or 0xD800 <= code <= 0xDFFF)) or (length == 4 and not 0x10000 <= code < 0x110000):
        return np.int64(0), np.int64(1)
    return code, length


@njit(nogil=True)
def _encode(code: Any, out: Any, written: Any) -> Any:
    """Write one code point as UTF-8 and return the new end."""
    if code < 0x80:
        out[written] = code
        return written + 1
    if code < 0x800:
        out[written] = 0xC0 | (code >> 6)
        out[written + 1] = 0x80 | (code & 0x3F)
        return written + 2
    if code < 0x10000:
        out[written] = 0xE0 | (code >> 12)
        out[written + 1] = 0x80 | ((code >> 6) & 0x3F)
        out[written + 2] = 0x80 | (code & 0x3F)
        return written + 3
    out[written] = 0xF0 | (code >> 18)
    out[written + 1] = 0x80 | ((code >> 12) & 0x3F)
    out[written + 2] = 0x80 | ((code >> 6) & 0x3F)
    out[written + 3] = 0x80 | (code & 0x3F)
    return written + 4


@njit(nogil=True)
def _copy(mapped: Any, begin: Any, end: Any, text: Any, written: Any) -> Any:
    """Append mapped[begin:end] to the text and return the new end; may write rubbish up to 16 bytes behind it."""
    store64(text, written, load64(mapped, begin))
    store64(text, written + 8, load64(mapped, begin + 8))
    done = np.int64(16)
    while done < end - begin:
        store64(text, written + done, load64(mapped, begin + done))
        done += 8
    return written + end - begin


@njit(nogil=True)
def _plain_words(mapped: Any, position: Any, outside: Any, text: Any, written: Any, starts: Any, count: Any) -> Any:
    """Take words until a SPECIAL byte, 64 bytes at a time; (position, outside, bytes written, words).

    A block becomes two sets of bits, bytes of words and SPECIAL bytes. The work then goes by the edges of words, of
    which there are two in about seven bytes, and not by bytes. Where SPECIAL bytes are dense, most would end within
    the first block, so the first bytes are taken one by one.
    """
    at, put, words, before = np.uint64(position), np.uint64(written), np.uint64(count), np.uint64(outside)
    for _ in range(ONE_BY_ONE):  # unsigned, because a signed index is checked for being negative
        code = mapped[at]
        if code == SPECIAL:
            return np.int64(at), np.int64(before), np.int64(put), np.int64(words)
        separates = np.uint64(code == SPACE)
        text[put] = code
        starts[words] = put
        words += before & (separates ^ _ONE)
        put += (before & separates) ^ _ONE
        before = separates
        at += _ONE
    position, outside, written, count = np.int64(at), np.int64(before), np.int64(put), np.int64(words)
    begin = position  # where the open word, or what is here of it, begins
    while True:
        inside, special = np.uint64(0), np.uint64(0)
        for part in range(8):
            eight = load64(mapped, position + 8 * part)
            high = eight & _HIGH
            # Bytes behind a SPECIAL one may come out wrong, by its carry, and are not looked at.
            other = ((eight ^ _SPACES) + _LOW) & _HIGH
            special |= (((high >> _SEVEN) * _GATHER) >> _S56) << np.uint64(8 * part)
            inside |= (((other >> _SEVEN) * _GATHER) >> _S56) << np.uint64(8 * part)
        size = np.int64(BLOCK)
        edges = inside ^ ((inside << _ONE) | np.uint64(outside ^ 1))
        if special:
            size = trailing_zeros(special)
            edges &= (_ONE << np.uint64(size)) - _ONE
        while edges:
            edge = position + trailing_zeros(edges)
            edges &= edges - _ONE
            if outside:
                begin = edge
                starts[np.uint64(count)] = written
                count += 1
                outside = np.int64(0)
            else:
                written = _copy(mapped, begin, edge + 1, text, written)  # with the SPACE behind it
                outside = np.int64(1)
        position += size
        if size < BLOCK:
            break
    if outside == 0:
        written = _copy(mapped, begin, position, text, written)
    return position, outside, written, count


@njit(nogil=True)
def normalise(data: Any, start: Any, end: Any, ascii_map: Any, table: Any, mapped: Any, text: Any, starts: Any) -> Any:
    """Write the words of data[start:end] with a space after each and where each starts; (words, bytes written).

    `starts` gets one entry more than there are words: the end of the text. `mapped` is working space.
    """
    _map_ascii(data, start, end, ascii_map, mapped)
    count = np.int64(0)
    written = np.int64(0)
    position = start
    outside = np.int64(1)  # no word is open
    while position < end:
        place, outside, written, count = _plain_words(mapped, position - start, outside, text, written, starts, count)
        position = start + place
        if position == end:
            break
        byte = data[position]
        if byte == BACKSLASH:
            if outside == 0:
                text[written] = SPACE
                written += 1
                outside = np.int64(1)
            position += 1
            if position == end:
                break
            byte = data[position]
            if byte == BACKSLASH:
                position += 1
            elif 65 <= byte <= 90 or 97 <= byte <= 122:
                starts[count] = written
                count += 1
                text[written] = BACKSLASH
                written += 1
                while 65 <= byte <= 90 or 97 <= byte <= 122:
                    text[written] = byte
                    written += 1
                    position += 1
                    if position == end:
                        break
                    byte = data[position]
                text[written] = SPACE
                written += 1
            continue
        single = False
        while position < end and data[position] >= 0x80:
            point, length = _decode(data, position, end)
            position += length
            unit = table[point]
            kind = unit >> _SHIFT32
            if kind == IGNORED:
                continue
            if outside == 0 and (kind in (SEPARATOR, SINGLE) or (single and kind != MARK)):
                text[written] = SPACE
                written += 1
                outside = np.int64(1)
            if kind == SEPARATOR:
                continue
            if outside == 1:
                starts[count] = written
                count += 1
                outside = np.int64(0)
                single = kind == SINGLE
            written = _encode(np.int64(unit & _UNIT32), text, written)
        if single and outside == 0:
            text[written] = SPACE
            written += 1
            outside = np.int64(1)
    if outside == 0:
        text[written] = SPACE
        written += 1
    starts[count] = written
    return count, written


@njit(nogil=True)
def word_hashes(text: Any, starts: Any, count: Any, hashes: Any) -> None:
    """Hash every word; reads up to PADDING bytes behind the text."""
    for index in range(count):
        begin = starts[index]
        length = starts[index + 1] - begin - 1
        first = np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - 8 * min(length, 8))
        left = max(length - 8, 0)
        # A shift by 64 is undefined, so the mask of nothing is made in two steps.
        second = (np.uint64(1) << np.uint64(8 * min(left, 7))) - np.uint64(1)
        if left > 7:
            second = np.uint64(0xFFFFFFFFFFFFFFFF)
        total = (load64(text, begin) & first) * _FACTOR64
        total ^= total >> _S32
        total = (total ^ (load64(text, begin + 8) & second)) * _FACTOR64
        total ^= total >> _S32
        done = np.int64(16)
        while done < length:
            chunk = load64(text, begin + done)
            if length - done < 8:
                chunk &= (np.uint64(1) << np.uint64(8 * (length - done))) - np.uint64(1)
            total = (total ^ chunk) * _FACTOR64
            total ^= total >> _S32
            done += 8
        hashes[index] = total


@njit(nogil=True)
def shingle_hashes(hashes: Any, count: Any, n: Any, out: Any) -> Any:
    """Roll the polynomial over `count` word hashes; returns the number of 32-bit hashes written."""
    if count == 0:
        return 0
    width = min(count, n)
    total = np.uint64(0)
    power = np.uint64(1)
    for index in range(width):
        total = total * _BASE64 + hashes[index]
        power *= _BASE64
    made = count - width + 1
    for index in range(made):
        value = total
        if index + 1 < made:
            total = total * _BASE64 + hashes[index + width] - hashes[index] * power
        value ^= value >> _S33
        value *= _M1
        value ^= value >> _S33
        value *= _M2
        out[index] = np.uint32((value ^ (value >> _S33)) >> _S32)
    return made


class Shingler:
    """Turns documents into shingle hashes, reusing its buffers from one document to the next.

    `n` is the number of words in a shingle. The instance is not safe to share between threads.
    """

    def __init__(self, n: int = 5, normalisation: Normalisation = "lower") -> None:
        if n < 1:
            raise ValueError("a shingle has at least one word")
        self.n = n
        self.normalisation: Normalisation = normalisation
        table = units(normalisation)
        quick = np.where(table[:128] == 0, SPACE, table[:128] & UNIT_MASK)
        ascii_map: U8 = np.concatenate([quick, np.full(128, SPECIAL)]).astype(np.uint8)
        ascii_map[BACKSLASH] = SPECIAL
        self.tables: tuple[U8, U32] = ascii_map, table
        """What becomes of each byte of ASCII, and of each code point."""
        self._rooms: tuple[U8, U8, I64, U64] = (
            np.empty(0, np.uint8),
            np.empty(0, np.uint8),
            np.empty(0, np.int64),
            np.empty(0, np.uint64),
        )

    def __call__(self, data: U8) -> tuple[U32, U8]:
        """Shingle hashes (in order, with repetitions) and normalised text of one document's UTF-8 bytes.

        The text is a view of a buffer that the next call overwrites. `data` need not be valid UTF-8.
        """
        return self.span(data, 0, len(data))

    def span(self, data: U8, start: int, end: int) -> tuple[U32, U8]:
        """The same for the document at data[start:end]."""
        mapped, text, starts, hashes = self.rooms(end - start)
        count, written = normalise(data, start, end, *self.tables, mapped, text, starts)
        word_hashes(text, starts, count, hashes)
        shingles = np.empty(count, np.uint32)
        made = shingle_hashes(hashes, count, self.n, shingles)
        return shingles[:made], text[: max(written - 1, 0)]

    def rooms(self, longest: int) -> tuple[U8, U8, I64, U64]:
        """Working space for documents of up to `longest` bytes: mapped bytes, text, starts and hashes of words."""
        if longest + 2 > len(self._rooms[2]):
            # The worst input has two words in three bytes and twice as much normalised text as bytes; the pages of
            # these buffers that no document reaches are never touched.
            room = max(longest + 2, 1 << 16)
            self._rooms = (
                np.zeros(room + BLOCK + PADDING, np.uint8),
                np.zeros(2 * room + PADDING, np.uint8),
                np.empty(room, np.int64),
                np.empty(room, np.uint64),
            )
        return self._rooms


def as_bytes(text: str | bytes) -> U8:
    """The bytes of a text as the kernel takes them; lone surrogates stay (and separate words)."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return np.frombuffer(raw, dtype=np.uint8)
