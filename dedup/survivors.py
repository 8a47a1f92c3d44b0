"""Who stays of documents that are alike: everyone who is not alike to somebody better that stays.

The greedy independent set of the duplicate graph in order of preference. Whoever goes has an edge to one that stays, so
every loss is justified by a measured similarity; in a chain of near copies every second or third stays, where a rule
that keeps one a component would drop documents which are like nothing that is left.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from manifests.kernels import njit

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

STAYS = -1


@njit(nogil=True)
def _settle(starts: Any, others: Any, similarity: Any, fixed: Any, kept: Any) -> None:
    """`kept[v]`: STAYS, or the neighbour for which v goes."""
    for node in range(len(fixed)):
        kept[node] = -1
        if fixed[node]:
            continue
        for edge in range(starts[node], starts[node + 1]):
            other = others[edge]
            if other < node and kept[other] == -1:
                kept[node] = other
                break
    # The nearest of those that stay, now that all is settled; of equals the first in order.
    for node in range(len(fixed)):
        if kept[node] == -1:
            continue
        nearest = -1.0
        for edge in range(starts[node], starts[node + 1]):
            other = others[edge]
            if kept[other] == -1 and similarity[edge] > nearest:  # neighbours stand in order
                nearest = similarity[edge]
                kept[node] = other


def settle(left: I64, right: I64, similarity: F64, fixed: npt.NDArray[np.bool_]) -> I64:
    """For each node STAYS, or the node that stays and is nearest to it.

    Nodes are numbered in order of preference; (left[i], right[i]) are edges in any order; nodes of `fixed` stay
    whatever they are alike to. The answer depends on the set of edges alone.
    """
    ends = np.concatenate([left, right])
    others = np.concatenate([right, left])
    order = np.lexsort((others, ends))
    starts = np.searchsorted(ends[order], np.arange(len(fixed) + 1))
    kept = np.empty(len(fixed), np.int64)
    _settle(starts, others[order], np.concatenate([similarity, similarity])[order], fixed, kept)
    return kept
