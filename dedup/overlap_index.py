"""The index of benchmark n-grams, and the kernel that scans a text against it.

Any match of at least `shortest` words contains, in the text, an anchor of k words that starts at a multiple of s, as
long as k + s - 1 <= shortest. So the index holds the k-grams of the benchmark and the text is looked up at every s-th
word only; a candidate is extended to both sides to the longest run of equal words, which makes all larger n answers of
the same scan. Texts shorter than `shortest` are found whole, by their first words. Every word of a match is compared
character by character, so no collision of hashes can become a match.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.overlap_words import (
    Method,
    alphabet,
    first_byte,
    fold_words,
    last_byte,
    place_constants,
    readable,
    same_word,
    split_words,
    words_of,
    words_room,
)
from manifests.kernels import njit

MIX = np.uint64(0xD6E8FEB86659FD93)
FILTER_BITS_PER_GRAM = 4
"""So that a filter of two large test sets fits the second-level cache."""
SLOTS_PER_GRAM = 2
SHORTEST_ANCHOR = 7
OPENING_BITS = 1 << 14
SPANS_PER_TARGET = 64
"""Matches of one benchmark text listed for one document; more can only come from endless repetition."""
SPAN_COLUMNS = 7


class GramTable(NamedTuple):
    """An open-addressing table from the hash of a `length`-gram to the places where it stands in the benchmark.

    `filter` is a bitmap asked first. Slot i holds hash `keys[i]` and the range `firsts[i]`, `counts[i]` of
    `targets` and `words` (a target and a global word number); `counts` 0 is an empty slot.
    """

    length: int
    filter: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    firsts: NDArray[np.int32]
    counts: NDArray[np.int32]
    targets: NDArray[np.int32]
    words: NDArray[np.int32]


class TargetWords(NamedTuple):
    """All words of all targets, one after the other: target t has words `bounds[t]` to `bounds[t + 1]`.

    `folded[folded_bounds[w]:folded_bounds[w + 1]]` are the characters of word w after folding; `places` says
    where it stands in its own text, in bytes.
    """

    bounds: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    places: NDArray[np.int64]
    folded: NDArray[np.uint32]
    folded_bounds: NDArray[np.int64]


class GramIndex(NamedTuple):
    """Everything the scan needs. `wholes.length` 0 means that short targets are not looked for; `openings` is a bitmap
    of their first words' hashes.
    """

    letters: NDArray[np.uint32]
    constants: NDArray[np.uint64]
    target: TargetWords
    anchors: GramTable
    stride: int
    shortest: int
    wholes: GramTable
    openings: NDArray[np.uint64]


@njit(nogil=True, inline="always")
def _bits_of(value: Any) -> Any:
    """The bits of a hash in its word of a bitmap: a blocked Bloom filter (Putze, Sanders and Singler 2007)."""
    first = np.uint64(1) << (value >> np.uint64(58))
    return first | (np.uint64(1) << ((value >> np.uint64(52)) & np.uint64(63)))


@njit(nogil=True, inline="always")
def _is_set(bitmap: Any, value: Any) -> Any:
    bits = _bits_of(value)
    return bitmap[value & np.uint64(len(bitmap) - 1)] & bits == bits


@njit(nogil=True)
def _set_bits(bitmap: Any, value: Any) -> None:
    bitmap[value & np.uint64(len(bitmap) - 1)] |= _bits_of(value)


@njit(nogil=True, inline="always")
def gram_hash(hashes: Any, at: Any, length: Any, constants: Any) -> Any:
    """A 64-bit hash of `length` word hashes from `at` on."""
    value = np.uint64(length)
    for offset in range(length):
        value += hashes[at + offset] * constants[offset & 63]
    value ^= value >> np.uint64(29)
    value *= MIX
    return value ^ (value >> np.uint64(32))


@njit(nogil=True)
def _gram_hashes(hashes: Any, starts: Any, length: Any, constants: Any) -> Any:
    out = np.empty(len(starts), dtype=np.uint64)
    for index in range(len(starts)):
        out[index] = gram_hash(hashes, starts[index], length, constants)
    return out


@njit(nogil=True)
def _fill_slots(unique: Any, firsts: Any, counts: Any, table: GramTable) -> None:
    mask = np.uint64(len(table.keys) - 1)
    for index in range(len(unique)):
        key = unique[index]
        _set_bits(table.filter, key)
        slot = (key >> np.uint64(20)) & mask
        while table.counts[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        table.keys[slot] = key
        table.firsts[slot] = firsts[index]
        table.counts[slot] = counts[index]


def gram_table(target: TargetWords, length: int, owners: NDArray[np.int32], starts: NDArray[np.int32]) -> GramTable:
    """A table of the `length`-grams that start at the given global words; `owners` are their targets."""
    keys = _gram_hashes(target.hashes, starts, length, place_constants())
    order = np.argsort(keys, kind="stable")
    unique, firsts, counts = np.unique(keys[order], return_index=True, return_counts=True)
    bits = _power_of_two(max(64, FILTER_BITS_PER_GRAM * len(unique)))
    slots = _power_of_two(max(8, SLOTS_PER_GRAM * len(unique)))
    table = GramTable(
        length,
        np.zeros(bits // 64, dtype=np.uint64),
        np.zeros(slots, dtype=np.uint64),
        np.zeros(slots, dtype=np.int32),
        np.zeros(slots, dtype=np.int32),
        owners[order].astype(np.int32),
        starts[order].astype(np.int32),
    )
    _fill_slots(unique, firsts.astype(np.int32), counts.astype(np.int32), table)
    return table


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def target_words(texts: Sequence[str], method: Method) -> TargetWords:
    """Split and fold the benchmark's texts."""
    letters = alphabet(method)
    raws = [np.frombuffer(readable(text, method), dtype=np.uint8) for text in texts]
    parts = [words_of(raw, method) for raw in raws]
    folded: list[NDArray[np.uint32]] = []
    folded_bounds: list[NDArray[np.int64]] = []
    done = 0
    for raw, part in zip(raws, parts, strict=True):
        out = np.empty(len(raw) + 1, dtype=np.uint32)
        bounds = np.empty(len(part.places) + 1, dtype=np.int64)
        filled = int(fold_words(raw, part.places, letters, out, bounds))
        folded.append(out[:filled].copy())
        folded_bounds.append(bounds[1:] + done)
        done += filled
    counts = np.array([len(part.hashes) for part in parts], dtype=np.int64)
    return TargetWords(
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)]),
        _joined([part.hashes for part in parts], np.uint64),
        _joined([part.places for part in parts], np.int64),
        _joined(folded, np.uint32),
        np.concatenate([np.zeros(1, dtype=np.int64), *folded_bounds]),
    )


def _joined(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays]).astype(dtype)


def build_index(target: TargetWords, method: Method, shortest: int, whole_minimum: int) -> GramIndex:
    """Index the targets: those of at least `shortest` words for matches of that length or more, and, unless
    `whole_minimum` is 0, those with fewer words but at least so many to be found whole.
    """
    # A longer stride means fewer look-ups, but shorter anchors, and those of fewer than 7 words are common.
    stride = max(1, min(shortest // 2, shortest - SHORTEST_ANCHOR + 1))
    length = shortest - stride + 1
    counts = np.diff(target.bounds)
    owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    words = np.arange(len(owners), dtype=np.int32)
    room = target.bounds[1:][owners] - words
    long_enough = counts[owners] >= shortest
    anchored = long_enough & (room >= length)
    anchors = gram_table(target, length, owners[anchored], words[anchored])
    first = words == target.bounds[:-1][owners]
    short = first & ~long_enough & (counts[owners] >= whole_minimum) & (whole_minimum > 0)
    wholes = gram_table(target, max(whole_minimum, 1), owners[short], words[short])
    if not short.any():
        wholes = wholes._replace(length=0)
    openings = np.zeros(OPENING_BITS // 64, dtype=np.uint64)
    for word in words[short]:
        _set_bits(openings, target.hashes[word])
    return GramIndex(alphabet(method), place_constants(), target, anchors, stride, shortest, wholes, openings)


@njit(nogil=True, inline="always")
def slot_of(key: Any, bitmap: Any, keys: Any, counts: Any) -> Any:
    """The slot of a gram's hash in a `GramTable`, or -1."""
    slot = np.int64(-1)
    if _is_set(bitmap, key):
        mask = np.uint64(len(keys) - 1)
        at = (key >> np.uint64(20)) & mask
        while counts[at] != 0:
            if keys[at] == key:
                slot = np.int64(at)
                break
            at = (at + np.uint64(1)) & mask
    return slot


@njit(nogil=True)
def _larger(spans: Any) -> Any:
    larger = np.empty((2 * len(spans), SPAN_COLUMNS), dtype=np.int64)
    larger[: len(spans)] = spans
    return larger


@njit(nogil=True)
def scan(data: Any, offsets: Any, hashes: Any, places: Any, index: GramIndex) -> Any:
    """Scan the texts that lie in `data` (UTF-8) between consecutive `offsets`.

    The word arrays are working space with room for the words of the longest text. Returns one row a match, an int64
    array of shape (matches, 7): number of the text, target, first word in the text, first word in the target, number of
    words, first byte in the text, byte after the last. A match is as long as it can be: neither end can move outwards.
    """
    # Fields of a tuple are taken out once: in the loops each access would count references.
    table, constants, openings = index.letters, index.constants, index.openings
    target_bounds, target_hashes = index.target.bounds, index.target.hashes
    folded, folded_bounds = index.target.folded, index.target.folded_bounds
    length, stride, shortest = index.anchors.length, index.stride, index.shortest
    bitmap, keys, firsts, counts = index.anchors.filter, index.anchors.keys, index.anchors.firsts, index.anchors.counts
    owners, words = index.anchors.targets, index.anchors.words
    opening = index.wholes.length
    whole_bitmap, whole_keys = index.wholes.filter, index.wholes.keys
    whole_firsts, whole_counts = index.wholes.firsts, index.wholes.counts
    whole_owners = index.wholes.targets
    found = np.empty((64, SPAN_COLUMNS), dtype=np.int64)
    filled = 0
    seen = np.zeros(len(target_bounds) - 1, dtype=np.int32)
    for number in range(len(offsets) - 1):
        text = data[offsets[number] : offsets[number + 1]]
        before = filled
        count = split_words(text, table, constants, hashes, places)
        for at in range(0, count - length + 1, stride):
            slot = slot_of(gram_hash(hashes, at, length, constants), bitmap, keys, counts)
            if slot < 0:
                continue
            for place in range(firsts[slot], firsts[slot] + counts[slot]):
                owner = owners[place]
                if seen[owner] >= SPANS_PER_TARGET:
                    continue
                word = words[place]
                low, high = target_bounds[owner], target_bounds[owner + 1]
                left = 0
                while left < stride and at - left > 0 and word - left > low:
                    here, there = at - left - 1, word - left - 1
                    if hashes[here] != target_hashes[there] or not same_word(
                        text, places[here], table, folded, folded_bounds[there], folded_bounds[there + 1]
                    ):
                        break
                    left += 1
                # A match that reaches back to the anchor before this one was found there.
                if left == stride:
                    continue
                right = 0
                while at + right < count and word + right < high:
                    here, there = at + right, word + right
                    if hashes[here] != target_hashes[there] or not same_word(
                        text, places[here], table, folded, folded_bounds[there], folded_bounds[there + 1]
                    ):
                        break
                    right += 1
                if right > 0 and left + right >= shortest:
                    if filled == len(found):
                        found = _larger(found)
                    found[filled, 0], found[filled, 1] = number, owner
                    found[filled, 2], found[filled, 3] = at - left, word - left - low
                    found[filled, 4] = left + right
                    found[filled, 5], found[filled, 6] = (
                        first_byte(places[at - left]),
                        last_byte(places[at + right - 1]),
                    )
                    filled += 1
                    seen[owner] += 1
        for at in range(count - opening + 1 if opening > 0 else 0):
            if not _is_set(openings, hashes[at]):
                continue
            slot = slot_of(gram_hash(hashes, at, opening, constants), whole_bitmap, whole_keys, whole_counts)
            if slot < 0:
                continue
            for place in range(whole_firsts[slot], whole_firsts[slot] + whole_counts[slot]):
                owner = whole_owners[place]
                low = target_bounds[owner]
                whole = target_bounds[owner + 1] - low
                if seen[owner] >= SPANS_PER_TARGET or at + whole > count:
                    continue
                right = 0
                while right < whole:
                    here, there = at + right, low + right
                    if hashes[here] != target_hashes[there] or not same_word(
                        text, places[here], table, folded, folded_bounds[there], folded_bounds[there + 1]
                    ):
                        break
                    right += 1
                if right == whole:
                    if filled == len(found):
                        found = _larger(found)
                    found[filled, 0], found[filled, 1] = number, owner
                    found[filled, 2], found[filled, 3], found[filled, 4] = at, 0, whole
                    found[filled, 5], found[filled, 6] = first_byte(places[at]), last_byte(places[at + whole - 1])
                    filled += 1
                    seen[owner] += 1
        for row in range(before, filled):
            seen[found[row, 1]] = 0
    return found[:filled]


def scan_texts(data: NDArray[np.uint8], offsets: NDArray[np.int64], index: GramIndex) -> NDArray[np.int64]:
    """`scan` with its working space. A text must be shorter than 2**31 bytes."""
    room = words_room(int(np.diff(offsets).max(initial=0)))
    hashes = np.empty(room, dtype=np.uint64)
    places = np.empty(room, dtype=np.int64)
    spans: NDArray[np.int64] = scan(data, offsets, hashes, places, index)
    return spans
