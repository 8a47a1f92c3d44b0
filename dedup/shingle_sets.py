"""Sets of shingles for a column of documents, and how they are kept: sorted, distinct, and as the gaps between them.

Hashes are spread evenly, so they are sorted by spreading them over as many slots as there are hashes and putting the
few that share a slot in order. A set of n numbers below 2^32 is kept as its size and its gaps in a Golomb-Rice code
(Rice and Plaunt 1971) whose parameter the size gives: within a tenth of a bit of what a random set must take, two bytes
in three of the text instead of four in five. Every set begins at a byte, so that one can be read without the others.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.columns import Ragged
from dedup.instructions import load64, trailing_zeros
from manifests.kernels import njit

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]

PADDING = 8
"""Bytes behind coded sets that decoding may look at."""
MOST_IN_A_SLOT = 48
"""Hashes of one slot that are still put in order one by one; repeated ones are many more, or made on purpose."""

FEW = 24
"""So many hashes are put in order one by one at once."""

_ONE, _SEVEN = np.uint64(1), np.uint64(7)
_WINDOW = np.int64(56)
"""Bits that can always be looked at together, from any bit of a byte on."""


@njit(nogil=True)
def _sort(values: Any, start: Any, end: Any, room: Any, slots: Any) -> None:
    """Sort values[start:end] in place; `room` is as long as it, `slots` longer by one."""
    count = np.int64(end - start)
    if count < FEW:
        for place in range(start + 1, end):
            value = values[place]
            at = place
            while at > start and values[at - 1] > value:
                values[at] = values[at - 1]
                at -= 1
            values[at] = value
        return
    size = np.uint64(count)
    for index in range(count + 1):
        slots[index] = 0
    most = np.int64(0)
    for place in range(start, end):
        slot = np.int64((np.uint64(values[place]) * size) >> np.uint64(32)) + 1
        slots[slot] += 1
        most = max(most, np.int64(slots[slot]))
    if most > MOST_IN_A_SLOT:
        values[start:end].sort()
        return
    for index in range(1, count + 1):
        slots[index] += slots[index - 1]
    for place in range(start, end):
        value = values[place]
        slot = np.int64((np.uint64(value) * size) >> np.uint64(32))
        room[slots[slot]] = value
        slots[slot] += 1
    for place in range(count):
        value = room[place]
        at = start + place
        while at > start and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@njit(nogil=True)
def _sets(values: Any, bounds: Any, room: Any, slots: Any) -> None:
    """Make each document's hashes a sorted set, moved together; `bounds` follows."""
    written = np.int64(0)
    start = bounds[0]
    for row in range(len(bounds) - 1):
        end = bounds[row + 1]
        _sort(values, start, end, room, slots)
        first = written
        for place in range(start, end):
            if written == first or values[place] != values[written - 1]:
                values[written] = values[place]
                written += 1
        start = end
        bounds[row + 1] = written


def shingle_sets(hashes: Ragged) -> Ragged:
    """The sorted distinct hashes of each document. The arrays of `hashes` are written over."""
    longest = int(np.diff(hashes.bounds).max(initial=0))
    _sets(hashes.values, hashes.bounds, np.empty(longest, np.uint32), np.empty(longest + 1, np.int64))
    return Ragged(hashes.values[: hashes.bounds[-1]], hashes.bounds)


@njit(nogil=True)
def _parameter(count: Any) -> Any:
    """Bits of a gap that are written as they are: the mean gap's, rounded down."""
    mean = np.uint64(0x100000000) // np.uint64(count)
    bits = np.int64(0)
    while mean > _ONE:
        mean >>= _ONE
        bits += 1
    return min(bits, np.int64(31))


@njit(nogil=True)
def _encode(values: Any, bounds: Any, out: Any, ends: Any) -> None:
    """Write each set to `out`, which is zero, and where it ends to `ends`."""
    at = np.int64(0)
    for row in range(len(bounds) - 1):
        count = bounds[row + 1] - bounds[row]
        left = count
        while left >= 128:
            out[at] = np.uint8(128 | (left & 127))
            left >>= 7
            at += 1
        if count:
            out[at] = np.uint8(left)
            at += 1
            keep = _parameter(count)
            bit = 8 * at
            expected = np.uint64(0)
            for place in range(bounds[row], bounds[row + 1]):
                value = np.uint64(values[place])
                gap = value - expected
                expected = value + _ONE
                bit += np.int64(gap >> np.uint64(keep))
                # One bit ends the quotient, then `keep` bits of the gap: at most 32, within five bytes of any bit.
                code = (((gap & ((_ONE << np.uint64(keep)) - _ONE)) << _ONE) | _ONE) << (np.uint64(bit) & _SEVEN)
                byte = bit >> 3
                while code:
                    out[byte] |= np.uint8(code & np.uint64(0xFF))
                    code >>= np.uint64(8)
                    byte += 1
                bit += 1 + keep
            at = (bit + 7) >> 3
        ends[row] = at


def encode(sets: Ragged) -> tuple[U8, I64]:
    """The code of sorted sets, end to end, and where each begins and the last ends: (bytes,), (documents + 1,)."""
    sizes = np.diff(sets.bounds)
    # All quotients of a set together are at most twice its size, for the parameter is more than half of the mean gap.
    room = int(((sizes * 36 + 7) // 8 + 12).sum()) + PADDING
    out = np.zeros(room, np.uint8)
    ends = np.zeros(len(sizes) + 1, np.int64)
    _encode(sets.values, sets.bounds, out, ends[1:])
    return out[: ends[-1]], ends


@njit(nogil=True)
def _sizes(data: Any, offsets: Any, bounds: Any) -> None:
    """Where the decoded sets begin: the sum of the sizes that they begin with."""
    for row in range(len(offsets) - 1):
        count = np.int64(0)
        shift = 0
        for place in range(offsets[row], min(offsets[row + 1], offsets[row] + 6)):
            byte = np.int64(data[place])
            count |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        bounds[row + 1] = bounds[row] + min(count, 8 * (offsets[row + 1] - offsets[row]))


@njit(nogil=True)
def _decode(data: Any, offsets: Any, bounds: Any, values: Any) -> Any:
    """Write the sets to `values`; the row of one that is damaged, or -1."""
    for row in range(len(offsets) - 1):
        count = bounds[row + 1] - bounds[row]
        if not count:
            continue
        at, end = offsets[row], 8 * offsets[row + 1]
        while data[at] >= 128:
            at += 1
        bit = 8 * (at + 1)
        keep = _parameter(count)
        mask = (_ONE << np.uint64(keep)) - _ONE
        expected = np.uint64(0)
        for place in range(bounds[row], bounds[row + 1]):
            quotient = np.uint64(0)
            while True:
                if bit >= end:
                    return row
                window = load64(data, bit >> 3) >> (np.uint64(bit) & _SEVEN)
                if window & ((_ONE << np.uint64(_WINDOW)) - _ONE):
                    zeros = trailing_zeros(window)
                    quotient += np.uint64(zeros)
                    bit += zeros + 1
                    break
                quotient += np.uint64(_WINDOW)
                bit += _WINDOW
            if bit + keep > end:
                return row
            gap = (load64(data, bit >> 3) >> (np.uint64(bit) & _SEVEN)) & mask
            bit += keep
            expected += (quotient << np.uint64(keep)) | gap
            values[place] = np.uint32(expected)
            expected += _ONE
    return -1


def decode(data: U8, offsets: I64) -> Ragged:
    """The sets whose codes are data[offsets[i]:offsets[i + 1]]; `PADDING` bytes of anything follow the last.

    Raises ValueError for a code that is damaged.
    """
    bounds = np.zeros(len(offsets), np.int64)
    _sizes(data, offsets, bounds)
    values = np.empty(int(bounds[-1]), np.uint32)
    if _decode(data, offsets, bounds, values) >= 0:
        raise ValueError("a set of shingles is damaged")
    return Ragged(values, bounds)
