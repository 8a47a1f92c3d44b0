"""The true similarity of two documents: the Jaccard index of their sets of shingle hashes.

A set is a sorted array of distinct 32-bit hashes, the same that the signature was made of. Two different shingles
share a hash once in 2^32 pairs, which moves the index of two documents of a million words each by less than 0.0002.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from manifests.kernels import njit

U32 = npt.NDArray[np.uint32]


@njit(nogil=True)
def _compact(values: Any) -> Any:
    """Move the distinct values of a sorted array to its front; returns their number."""
    if len(values) == 0:
        return 0
    kept = np.int64(1)
    for index in range(1, len(values)):
        values[kept] = values[index]
        kept += np.int64(values[index] != values[kept - 1])
    return kept


def shingle_set(hashes: U32) -> U32:
    """The sorted distinct hashes; `hashes` is left as it was."""
    values = np.sort(hashes)
    return values[: _compact(values)]


@njit(nogil=True)
def _shared(left: Any, right: Any) -> Any:
    """How many values two sorted arrays of distinct values have in common."""
    i, j, shared = np.int64(0), np.int64(0), np.int64(0)
    while i < len(left) and j < len(right):
        a, b = left[i], right[j]
        shared += np.int64(a == b)
        i += np.int64(a <= b)
        j += np.int64(b <= a)
    return shared


def jaccard(left: U32, right: U32) -> float:
    """Size of the intersection over size of the union of two sorted sets; 0.0 where both are empty."""
    if not len(left) or not len(right):
        return 0.0
    shared = int(_shared(left, right))
    return shared / (len(left) + len(right) - shared)
