"""Tables of word n-grams: from the hash of a gram to the places where it stands in the benchmarks.

A table is four arrays without pointers, so that it can be written to a file and mapped by many processes: a bitmap
asked first (a blocked Bloom filter; Putze, Sanders and Singler 2007), a directory by the upper bits of the hash, and
behind it a mark and a place for each entry, by ascending hash.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from manifests.kernels import njit

MIX = np.uint64(0xD6E8FEB86659FD93)
_FILTER_BITS_PER_GRAM = 6
"""So that the filters of two large test sets fit the second-level cache."""
_ENTRIES_PER_BUCKET = 2
BLOCK = 4096
"""Hashes that are asked for at a time: a gram may stand in very many places."""


class Grams(NamedTuple):
    """The `length`-grams of some places. Bucket b has the entries `directory[b]` to `directory[b + 1]`: `marks` are the
    lower halves of their hashes, `places` the words where they begin. `shift` takes a hash to its bucket.
    """

    length: int
    shift: int
    bitmap: NDArray[np.uint64]
    directory: NDArray[np.uint32]
    marks: NDArray[np.uint32]
    places: NDArray[np.uint32]


@njit(nogil=True, inline="always")
def mixed(value: Any) -> Any:
    """A hash whose bits all depend on all bits of a sum."""
    value ^= value >> np.uint64(29)
    value *= MIX
    return value ^ (value >> np.uint64(32))


@njit(nogil=True, inline="always")
def triple(hashes: Any, at: Any, constants: Any) -> Any:
    """The sum that stands for three words from `at` on."""
    return hashes[at] * constants[0] + hashes[at + 1] * constants[1] + hashes[at + 2] * constants[2]


@njit(nogil=True, inline="always")
def gram_hash(hashes: Any, triples: Any, at: Any, length: Any, constants: Any) -> Any:
    """A 64-bit hash of `length` words from `at` on: all of up to three, else three of three at both ends and between.

    What is nominated is compared word by word, so words between may be left out.
    """
    if length < 3:
        value = hashes[at] * constants[0]
        if length == 2:
            value += hashes[at + 1] * constants[1]
        return mixed(value)
    if length == 3:
        return mixed(triples[at])
    value = triples[at] + triples[at + length - 3] * constants[3] + triples[at + (length >> 1) - 1] * constants[4]
    return mixed(value)


@njit(nogil=True)
def fill_triples(hashes: Any, count: Any, constants: Any, out: Any) -> None:
    """The sums of all three words that follow each other."""
    for at in range(count - 2):
        out[at] = triple(hashes, at, constants)


@njit(nogil=True, inline="always")
def _bits_of(value: Any) -> Any:
    first = np.uint64(1) << (value >> np.uint64(58))
    return first | (np.uint64(1) << ((value >> np.uint64(52)) & np.uint64(63)))


@njit(nogil=True, inline="always")
def may_hold(bitmap: Any, value: Any) -> Any:
    """Whether a table may hold the gram of a hash."""
    bits = _bits_of(value)
    return bitmap[value & np.uint64(len(bitmap) - 1)] & bits == bits


@njit(nogil=True)
def _fill_bitmap(bitmap: Any, keys: Any) -> None:
    for value in keys:
        bitmap[value & np.uint64(len(bitmap) - 1)] |= _bits_of(value)


@njit(nogil=True)
def _hashes(hashes: Any, triples: Any, starts: Any, length: Any, constants: Any) -> Any:
    out = np.empty(len(starts), dtype=np.uint64)
    for index in range(len(starts)):
        out[index] = gram_hash(hashes, triples, np.int64(starts[index]), length, constants)
    return out


def gram_table(
    hashes: NDArray[np.uint64], length: int, starts: NDArray[np.uint32], constants: NDArray[np.uint64], most: int = 0
) -> Grams:
    """The table of the `length`-grams that begin at the words `starts` of all words; without those that more than
    `most`
    places share, unless that is 0.
    """
    triples = np.empty(len(hashes), dtype=np.uint64)
    fill_triples(hashes, len(hashes), constants, triples)
    keys = _hashes(hashes, triples, starts, length, constants)
    order = np.argsort(keys, kind="stable")
    keys, places = keys[order], starts[order]
    if most:
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        few = counts[inverse] <= most
        keys, places = keys[few], places[few]
    buckets = _power_of_two(max(2, len(keys) // _ENTRIES_PER_BUCKET))
    shift = 64 - (buckets.bit_length() - 1)
    bitmap = np.zeros(_power_of_two(max(64, _FILTER_BITS_PER_GRAM * len(keys))) // 64, dtype=np.uint64)
    _fill_bitmap(bitmap, keys)
    directory = np.searchsorted(keys >> np.uint64(shift), np.arange(buckets + 1, dtype=np.uint64)).astype(np.uint32)
    return Grams(length, shift, bitmap, directory, keys.astype(np.uint32), places.astype(np.uint32))


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


@njit(nogil=True)
def marked(table: Grams, values: Any) -> Any:
    """The entries of a table that have the marks of hashes: an int64 array of shape (found, 2), the number of the hash
    and the entry.

    First all buckets are asked for and then all their entries, so that the processor waits for many of them at a time.
    """
    shift, directory, marks = table.shift, table.directory, table.marks
    first, last = np.empty(len(values), dtype=np.int64), np.empty(len(values), dtype=np.int64)
    room = np.int64(0)
    for number in range(len(values)):
        bucket = values[number] >> np.uint64(shift)
        first[number], last[number] = directory[bucket], directory[bucket + np.uint64(1)]
        room += last[number] - first[number]
    found = np.empty((room + 1, 2), dtype=np.int64)
    filled = np.int64(0)
    for number in range(len(values)):
        mark = np.uint32(values[number])
        for entry in range(first[number], last[number]):
            found[filled, 0], found[filled, 1] = number, entry
            filled += np.int64(marks[entry] == mark)
    return found[:filled]
