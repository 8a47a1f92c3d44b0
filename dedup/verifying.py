"""Similarities of many pairs at once, from the records of their documents laid end to end.

A document's record is what verification needs: its sorted shingle set, its whole signature where the recipe is
content with an estimate, or its SimHash in two halves. All are rows of 32-bit numbers.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from manifests.kernels import njit

U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

Measure = Literal["jaccard", "places", "bits"]
"""jaccard: of two sorted sets; places: share of equal places of two signatures; bits: share of equal bits."""

_MEASURES: dict[Measure, int] = {"jaccard": 0, "places": 1, "bits": 2}


@njit(nogil=True)
def _pair_similarities(records: Any, bounds: Any, left: Any, right: Any, measure: Any, out: Any) -> None:
    for pair in range(len(left)):
        i, end_i = bounds[left[pair]], bounds[left[pair] + 1]
        j, end_j = bounds[right[pair]], bounds[right[pair] + 1]
        sizes = end_i - i + end_j - j
        shared = np.int64(0)
        if i == end_i or j == end_j:
            out[pair] = 0.0
        elif measure == 0:
            while i < end_i and j < end_j:
                a, b = records[i], records[j]
                shared += np.int64(a == b)
                i += np.int64(a <= b)
                j += np.int64(b <= a)
            out[pair] = shared / (sizes - shared)
        elif measure == 1:
            for place in range(end_i - i):
                shared += np.int64(records[i + place] == records[j + place])
            out[pair] = shared / (end_i - i)
        else:
            for place in range(end_i - i):
                different = records[i + place] ^ records[j + place]
                while different:
                    different &= different - np.uint32(1)
                    shared += 1
            out[pair] = 1.0 - shared / (32 * (end_i - i))


def pair_similarities(records: U32, bounds: I64, left: I64, right: I64, measure: Measure = "jaccard") -> F64:
    """The similarity of each pair of documents; document k's record is records[bounds[k]:bounds[k + 1]].

    An empty record is similar to nothing (0.0). Under `places` and `bits` all records have one length.
    """
    out = np.empty(len(left), np.float64)
    _pair_similarities(records, bounds, left, right, _MEASURES[measure], out)
    return out
