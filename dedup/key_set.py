"""A set of 64-bit keys to ask for, by which the documents of an earlier corpus are passed over.

Adding to a large corpus asks for a key of each of its documents, and hardly any is there. So a table of bits comes
first, small enough to stay in a processor's cache, and only what it lets pass is searched for.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.instructions import load64
from manifests.kernels import njit

U64 = npt.NDArray[np.uint64]
U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]

FACTOR = 0x9E3779B97F4A7C15
"""The multiplier of a text's chunks: SplitMix64's (Steele, Lea and Flood 2014)."""
FINISH = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
"""The multipliers of MurmurHash3's 64-bit finalizer (Appleby)."""
_FACTOR, _FINISH = np.uint64(FACTOR), (np.uint64(FINISH[0]), np.uint64(FINISH[1]))
_EIGHT, _HALF, _SHIFT = np.uint64(8), np.uint64(32), np.uint64(33)

BITS = 24
"""The table has 2^24 bits, 2 MiB; half a million keys let one in 33 others pass."""
_MASK, _WORD, _LOW, _ONE = np.uint64((1 << BITS) - 1), np.uint64(6), np.uint64(63), np.uint64(1)


@njit(nogil=True)
def _fill(keys: Any, table: Any) -> None:
    for key in keys:
        place = key & _MASK
        table[place >> _WORD] |= _ONE << (place & _LOW)


@njit(nogil=True)
def _find(keys: Any, table: Any, wanted: Any, found: Any) -> Any:
    """Write the places in `keys` of those in `table` and in the sorted `wanted`; returns how many."""
    count = 0
    for index in range(len(keys)):
        key = keys[index]
        place = key & _MASK
        if (table[place >> _WORD] >> (place & _LOW)) & _ONE:
            low, high = 0, len(wanted)
            while low < high:
                middle = (low + high) // 2
                if wanted[middle] < key:
                    low = middle + 1
                else:
                    high = middle
            if low < len(wanted) and wanted[low] == key:
                found[count] = index
                count += 1
    return count


@njit(nogil=True)
def _hash(data: Any, offsets: Any, out: Any) -> None:
    for index in range(len(out)):
        begin, end = offsets[index], offsets[index + 1]
        length = end - begin
        total = np.uint64(length)
        at = begin
        while at + 8 <= end:
            total = (total ^ load64(data, at)) * _FACTOR
            total ^= total >> _HALF
            at += 8
        if at < end:
            rest = np.uint64(0)
            if length >= 8:
                rest = load64(data, end - 8)  # some bytes a second time, instead of one by one
            else:
                for place in range(end - 1, begin - 1, -1):
                    rest = (rest << _EIGHT) | np.uint64(data[place])
            total = (total ^ rest) * _FACTOR
            total ^= total >> _HALF
        total = (total ^ (total >> _SHIFT)) * _FINISH[0]
        total = (total ^ (total >> _SHIFT)) * _FINISH[1]
        out[index] = total ^ (total >> _SHIFT)


def text_keys(data: U8, offsets: I64) -> U64:
    """A 64-bit key of each text `data[offsets[i]:offsets[i + 1]]`, to ask a set whether it may be there.

    It is ten times as fast to make as a digest and nothing more: texts of one key are to be compared, and no id or
    file may be made of it. Eight bytes are taken in at a time, the last eight again where they do not come out even.
    """
    out = np.empty(len(offsets) - 1, np.uint64)
    _hash(data, offsets, out)
    return out


class KeySet:
    """The set of `keys`, which are sorted."""

    def __init__(self, keys: U64) -> None:
        self.keys = keys
        self.table = np.zeros(1 << (BITS - 6), np.uint64)
        _fill(keys, self.table)

    def places(self, keys: U64) -> npt.NDArray[np.int64]:
        """The places of those of `keys` that are in the set, in order."""
        found = np.empty(len(keys), np.int64)
        return found[: _find(np.ascontiguousarray(keys), self.table, self.keys, found)]
