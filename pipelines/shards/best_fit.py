"""Which row each piece of a document goes into, so that it leaves least room: the kernel of `pipelines.shards.packing`.

It stands alone because loading what compiles it takes longer than all else that packing needs, and few ask for it.
"""

from typing import Any

import numpy as np

from manifests.kernels import njit


@njit(nogil=True)
def best_fit_rows(sizes: Any, length: Any) -> Any:
    """The row of each piece, shape (pieces,); `sizes`: their tokens, the longest first, each at most `length`.

    `some[leaf]` tells whether a row has so much room, and its parents whether one below them has, so that the row in
    which a piece leaves least room is found in steps as many as `length` has bits (arXiv 2404.10830, appendix A).
    """
    leaves = 1
    while leaves <= length:
        leaves *= 2
    some = np.zeros(2 * leaves, dtype=np.uint8)
    first = np.full(length + 1, -1, dtype=np.int64)
    following = np.full(len(sizes), -1, dtype=np.int64)
    row_of = np.empty(len(sizes), dtype=np.int64)
    rows = 0
    for piece in range(len(sizes)):
        node = leaves + sizes[piece]
        while not some[node]:
            # The next rooms to the right are those of the sibling of the first left child above.
            while node % 2:
                node //= 2
            if node == 0:
                break
            node += 1
        if node == 0:
            room = length
            row = rows
            rows += 1
        else:
            while node < leaves:
                node *= 2
                if not some[node]:
                    node += 1
            room = node - leaves
            row = first[room]
            first[room] = following[row]
            if first[room] < 0:
                some[node] = 0
                node //= 2
                while node >= 1:
                    some[node] = some[2 * node] | some[2 * node + 1]
                    node //= 2
        row_of[piece] = row
        room -= sizes[piece]
        following[row] = first[room]
        first[room] = row
        node = leaves + room
        while node >= 1 and not some[node]:
            some[node] = 1
            node //= 2
    return row_of
