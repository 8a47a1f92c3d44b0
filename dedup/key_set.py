"""A set of 64-bit keys to ask for, by which the documents of an earlier corpus are passed over.

Adding to a large corpus asks for a key of each of its documents, and hardly any is there. So a table of bits comes
first, small enough to stay in a processor's cache, and only what it lets pass is searched for.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from manifests.kernels import njit

U64 = npt.NDArray[np.uint64]

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
