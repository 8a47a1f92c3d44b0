"""Byte-pair encoding of a SentencePiece vocabulary, compiled: the reference library's ids, many times faster.

Why it may cut the text: merging builds a symbol only if it is a piece of the vocabulary. So between two characters
that stand next to each other in no piece, no symbol can ever reach across, and the parts on both sides are merged as
if the other were not there. In the Llama vocabulary, for one, no piece has "▁" (the space) after another character, so
words fall apart; the table of neighbours is taken from the vocabulary itself, so nothing is assumed about it. Parts are
short and repeat, and a small cache of them, compared byte for byte, saves most of the merging.

What it must find in the model (`supported`): byte-pair encoding with byte fallback, text taken as it is, every
character of a piece a piece itself, no unused pieces. User-defined pieces are cut out of a text before anything is
merged; a text that holds one (`frozen_pieces`) is left to the reference library. The merging order is that of
`bpe_model.cc` in google/sentencepiece: best score first, among equal scores the leftmost.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from manifests.kernels import njit
from pipelines.shards.sentencepiece_model import BPE, BYTE, NORMAL, SPACE_MARK, UNUSED, USER_DEFINED, SentencePieceModel

_MARK = np.int64(ord(SPACE_MARK))
_SPACE = np.int64(ord(" "))
_ASCII = 128
_CODE_POINTS = 0x110000
MOST_SYMBOLS = 384
"""A part of more characters is left to the reference library: merging here takes the square of their number."""
CACHE_LINES = 1 << 16
CACHED_BYTES = 16
CACHED_IDS = 8
TOO_LONG = -1
_NEIGHBOUR_BITS = 1 << 22
_MIX1 = np.uint64(0x9E3779B97F4A7C15)
_MIX2 = np.uint64(0xD6E8FEB86659FD93)


class MergeTables(NamedTuple):
    """What the kernel needs of a vocabulary.

    `character_ids`: id of every one-character piece, -1 for none, shape (0x110000,). `byte_ids`: shape (256,).
    `scores`: of every piece. `pair_keys` (left id, right id in 32 bits each, plus one; 0 is empty) and `pair_ids` are
    an open-addressing table of what two pieces merge to. `ascii_neighbours`: shape (128 * 128,), 1 where a piece has
    the two characters side by side, the space standing for "▁"; `neighbours`: a bitmap of hashes of all other pairs of
    neighbours, where a bit set by chance only means one cut less.
    """

    character_ids: NDArray[np.int32]
    byte_ids: NDArray[np.int32]
    scores: NDArray[np.float32]
    pair_keys: NDArray[np.uint64]
    pair_ids: NDArray[np.int32]
    ascii_neighbours: NDArray[np.uint8]
    neighbours: NDArray[np.uint64]


def supported(model: SentencePieceModel) -> str | None:
    """None if the kernel gives the reference's ids for this model, else why not."""
    if model.model_type != BPE:
        return "the model is not byte-pair encoding"
    if model.rules or model.remove_extra_whitespaces or not model.escape_whitespaces or model.whitespace_as_suffix:
        return "the model changes the text before it splits it"
    if not model.byte_fallback or len(_bytes_of(model)) != 256:
        return "the model has no byte fallback"
    if any(piece.type == UNUSED for piece in model.pieces):
        return "the model has unused pieces"
    normal = [piece.text for piece in model.pieces if piece.type == NORMAL]
    if len(set(normal)) != len(normal):
        return "two pieces are equal"
    single = {text for text in normal if len(text) == 1}
    if any(character not in single for text in normal for character in text):
        return "a character of a piece is no piece"
    if SPACE_MARK not in single or any(" " in text for text in normal):
        return "a piece holds a space, or the mark of the space is no piece"
    return None


def frozen_pieces(model: SentencePieceModel) -> tuple[str, ...]:
    """The user-defined pieces, as they stand in a text whose spaces are marks."""
    return tuple(piece.text for piece in model.pieces if piece.type == USER_DEFINED)


def _bytes_of(model: SentencePieceModel) -> dict[int, int]:
    found: dict[int, int] = {}
    for number, piece in enumerate(model.pieces):
        if piece.type == BYTE:
            found[int(piece.text[1:-1], 16)] = number
    return found


def merge_tables(model: SentencePieceModel) -> MergeTables:
    """The tables of a supported model."""
    ids = {piece.text: number for number, piece in enumerate(model.pieces) if piece.type == NORMAL}
    character_ids = np.full(_CODE_POINTS, -1, dtype=np.int32)
    for text, number in ids.items():
        if len(text) == 1:
            character_ids[ord(text)] = number
    spelled = [text.encode() for text in ids]
    data = np.frombuffer(b"".join(spelled), dtype=np.uint8)
    starts = np.cumsum([0, *map(len, spelled)], dtype=np.int64)
    places = np.full(1 << (2 * len(ids) + 8).bit_length(), -1, dtype=np.int32)
    found = np.empty((len(data), 3), dtype=np.int64)
    numbers = np.fromiter(ids.values(), dtype=np.int64, count=len(ids))
    pairs = found[: _find_pairs(data, starts, numbers, places, found)]
    size = 1 << (4 * len(pairs) + 8).bit_length()
    keys = np.zeros(size, dtype=np.uint64)
    merged = np.zeros(size, dtype=np.int32)
    _fill_pairs(pairs, keys, merged)
    ascii_neighbours = np.zeros(_ASCII * _ASCII, dtype=np.uint8)
    neighbours = np.zeros(_NEIGHBOUR_BITS // 64, dtype=np.uint64)
    _fill_neighbours(data, starts, ascii_neighbours, neighbours)
    byte_ids = _bytes_of(model)
    return MergeTables(
        character_ids,
        np.array([byte_ids[byte] for byte in range(256)], dtype=np.int32),
        np.array([piece.score for piece in model.pieces], dtype=np.float32),
        keys,
        merged,
        ascii_neighbours,
        neighbours,
    )


@njit(nogil=True, inline="always")
def _pair_hash(key: Any) -> Any:
    value = np.uint64(key) * _MIX1
    return value ^ (value >> np.uint64(32))


@njit(nogil=True, inline="always")
def _neighbour_bit(left: Any, right: Any) -> Any:
    value = np.uint64(left) * _MIX1 ^ np.uint64(right) * _MIX2
    return (value ^ (value >> np.uint64(31))) & np.uint64(_NEIGHBOUR_BITS - 1)


@njit(nogil=True)
def _place_of(data: Any, start: Any, end: Any, starts: Any, places: Any) -> Any:
    """The slot of the piece that is spelled as the bytes from `start` to `end`, or the empty one where it would be."""
    value = np.uint64(_MIX2)
    for at in range(start, end):
        value = (value ^ np.uint64(data[at])) * _MIX1
        value ^= value >> np.uint64(32)
    mask = np.int64(len(places) - 1)
    slot = np.int64(value >> np.uint64(1)) & mask
    while places[slot] >= 0:
        first = starts[places[slot]]
        if starts[places[slot] + 1] - first == end - start:
            offset = 0
            while offset < end - start and data[first + offset] == data[start + offset]:
                offset += 1
            if offset == end - start:
                return slot
        slot = (slot + 1) & mask
    return slot


@njit(nogil=True)
def _find_pairs(data: Any, starts: Any, numbers: Any, places: Any, out: Any) -> Any:
    """Write the ids of the two halves and the whole for every cut of a piece into two others; how many there are.

    `data` are the pieces as they are spelled, from `starts` on; `numbers` their ids; `places` empty slots (-1).
    """
    for number in range(len(numbers)):
        places[_place_of(data, starts[number], starts[number + 1], starts, places)] = number
    count = 0
    for number in range(len(numbers)):
        start, end = starts[number], starts[number + 1]
        for cut in range(start + 1, end):
            if data[cut] & 0xC0 == 0x80:
                continue
            left = places[_place_of(data, start, cut, starts, places)]
            if left < 0:
                continue
            right = places[_place_of(data, cut, end, starts, places)]
            if right >= 0:
                out[count, 0], out[count, 1], out[count, 2] = numbers[left], numbers[right], numbers[number]
                count += 1
    return count


@njit()
def _fill_pairs(pairs: Any, keys: Any, merged: Any) -> None:
    mask = np.uint64(len(keys) - 1)
    for row in range(len(pairs)):
        key = ((np.uint64(pairs[row, 0]) << np.uint64(32)) | np.uint64(pairs[row, 1])) + np.uint64(1)
        slot = _pair_hash(key) & mask
        while keys[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        keys[slot] = key
        merged[slot] = pairs[row, 2]


def new_cache() -> NDArray[np.uint64]:
    """An empty cache. A line is 16 bytes of text, their number and that of the ids, and up to 8 ids in pairs."""
    return np.zeros((CACHE_LINES, 8), dtype=np.uint64)


@njit(nogil=True)
def _merged(left: Any, right: Any, pair_keys: Any, pair_ids: Any) -> Any:
    """The id that two pieces merge to, or -1."""
    if left < 0 or right < 0:
        return np.int32(-1)
    key = ((np.uint64(left) << np.uint64(32)) | np.uint64(right)) + np.uint64(1)
    mask = np.uint64(len(pair_keys) - 1)
    slot = _pair_hash(key) & mask
    while pair_keys[slot] != 0:
        if pair_keys[slot] == key:
            return pair_ids[slot]
        slot = (slot + np.uint64(1)) & mask
    return np.int32(-1)


@njit(nogil=True, inline="always")
def _code_point(data: Any, at: Any) -> Any:
    """The character at byte `at` of well-formed UTF-8 and its size; the space and "▁" both read as the space."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, np.int64(1)
    if first < 0xE0:
        return ((first & 0x1F) << 6) | (np.int64(data[at + 1]) & 0x3F), np.int64(2)
    if first < 0xF0:
        middle = (np.int64(data[at + 1]) & 0x3F) << 6
        code = ((first & 0x0F) << 12) | middle | (np.int64(data[at + 2]) & 0x3F)
        return (_SPACE if code == _MARK else code), np.int64(3)
    high = (np.int64(data[at + 1]) & 0x3F) << 12
    low = ((np.int64(data[at + 2]) & 0x3F) << 6) | (np.int64(data[at + 3]) & 0x3F)
    return ((first & 0x07) << 18) | high | low, np.int64(4)


@njit()
def _fill_neighbours(data: Any, starts: Any, ascii_neighbours: Any, neighbours: Any) -> None:
    """Note which characters stand beside each other in a piece."""
    for number in range(len(starts) - 1):
        left, width = _code_point(data, starts[number])
        at = starts[number] + width
        while at < starts[number + 1]:
            right, width = _code_point(data, at)
            if left < _ASCII and right < _ASCII:
                ascii_neighbours[left * _ASCII + right] = 1
            else:
                bit = _neighbour_bit(left, right)
                neighbours[bit >> np.uint64(6)] |= np.uint64(1) << (bit & np.uint64(63))
            left = right
            at += width


@njit(nogil=True)
def _merge_part(
    data: Any,
    start: Any,
    end: Any,
    character_ids: Any,
    byte_ids: Any,
    scores: Any,
    pair_keys: Any,
    pair_ids: Any,
    ids: Any,
    joins: Any,
    places: Any,
    out: Any,
    written: Any,
) -> Any:
    """Encode one part; returns the new end of `out`, or TOO_LONG. `ids`, `joins` and `places` are working space."""
    count: Any = np.int64(0)
    at = start
    while at < end:
        if count == MOST_SYMBOLS:
            return np.int64(TOO_LONG)
        code, width = _code_point(data, at)
        ids[count] = character_ids[_MARK if code == _SPACE else code]
        places[count] = at
        count += 1
        at += width
    places[count] = end
    for index in range(count - 1):
        joins[index] = _merged(ids[index], ids[index + 1], pair_keys, pair_ids)
    while count > 1:
        best: Any = np.int64(-1)
        for index in range(count - 1):
            if joins[index] >= 0 and (best < 0 or scores[joins[index]] > scores[joins[best]]):
                best = index
        if best < 0:
            break
        ids[best] = joins[best]
        count -= 1
        for index in range(best + 1, count):
            ids[index] = ids[index + 1]
            places[index] = places[index + 1]
            joins[index - 1] = joins[index]
        places[count] = end
        if best > 0:
            joins[best - 1] = _merged(ids[best - 1], ids[best], pair_keys, pair_ids)
        if best + 1 < count:
            joins[best] = _merged(ids[best], ids[best + 1], pair_keys, pair_ids)
    for index in range(count):
        if ids[index] >= 0:
            out[written] = ids[index]
            written += 1
        else:
            for byte_at in range(places[index], places[index + 1]):
                out[written] = byte_ids[data[byte_at]]
                written += 1
    return written


@njit(nogil=True)
def encode_bytes(data: Any, tables: MergeTables, cache: Any, out: Any) -> Any:
    """Encode well-formed UTF-8 that begins with the space that stands for the start of a text.

    Writes ids to `out` (room for one id a byte) and returns their number, or TOO_LONG if a part is longer than
    `MOST_SYMBOLS` characters.
    """
    character_ids, byte_ids, scores = tables.character_ids, tables.byte_ids, tables.scores
    pair_keys, pair_ids = tables.pair_keys, tables.pair_ids
    ascii_neighbours, neighbours = tables.ascii_neighbours, tables.neighbours
    ids = np.empty(MOST_SYMBOLS + 1, dtype=np.int32)
    joins = np.empty(MOST_SYMBOLS + 1, dtype=np.int32)
    places = np.empty(MOST_SYMBOLS + 1, dtype=np.int64)
    written = np.int64(0)
    size = np.int64(len(data))
    mask = np.uint64(len(cache) - 1)
    start = np.int64(0)
    while start < size:
        # Find the end of the part: the first place that no piece reaches across.
        before, width = _code_point(data, start)
        at = start + width
        while at < size:
            byte = np.int64(data[at])
            if byte < 0x80 and before < 0x80:
                if ascii_neighbours[before * _ASCII + byte] == 0:
                    break
                before = byte
                at += 1
                continue
            code, width = _code_point(data, at)
            if before < 0x80 and code < 0x80:
                if ascii_neighbours[before * _ASCII + code] == 0:
                    break
            else:
                bit = _neighbour_bit(before, code)
                if (neighbours[bit >> np.uint64(6)] >> (bit & np.uint64(63))) & np.uint64(1) == 0:
                    break
            before = code
            at += width
        length = at - start
        if length > CACHED_BYTES:
            written = _merge_part(
                data, start, at, character_ids, byte_ids, scores, pair_keys, pair_ids, ids, joins, places, out, written
            )
            if written < 0:
                return written
            start = at
            continue
        low = np.uint64(0)
        high = np.uint64(0)
        for offset in range(min(length, 8)):
            low |= np.uint64(data[start + offset]) << np.uint64(8 * offset)
        for offset in range(8, length):
            high |= np.uint64(data[start + offset]) << np.uint64(8 * (offset - 8))
        key = (low ^ (high * _MIX2)) * _MIX1
        line = (key ^ (key >> np.uint64(29))) & mask
        about = cache[line, 2]
        if cache[line, 0] == low and cache[line, 1] == high and about & np.uint64(0xFF) == np.uint64(length):
            for index in range(np.int64(about >> np.uint64(8))):
                pair = cache[line, 3 + (index >> 1)]
                out[written] = np.int32((pair >> np.uint64(32 * (index & 1))) & np.uint64(0xFFFFFFFF))
                written += 1
        else:
            first = written
            written = _merge_part(
                data, start, at, character_ids, byte_ids, scores, pair_keys, pair_ids, ids, joins, places, out, written
            )
            count = written - first
            if count <= CACHED_IDS:
                cache[line, 0] = low
                cache[line, 1] = high
                cache[line, 2] = np.uint64(length) | (np.uint64(count) << np.uint64(8))
                for column in range(3, 7):
                    cache[line, column] = np.uint64(0)
                for index in range(count):
                    value = np.uint64(out[first + index]) << np.uint64(32 * (index & 1))
                    cache[line, 3 + (index >> 1)] |= value
        start = at
    return written
