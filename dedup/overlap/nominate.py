"""Where a text may hold an edited item: places at which several of an item's rare anchors lie together.

Anchors are three words each, in which all numbers are one, so that an item with other numbers is nominated too. A
window over the text is as long as the item and a little more; different anchors are counted in it, and a window with
enough of them is a nomination. Nothing is decided here.
"""

from typing import Any

import numpy as np

from dedup.overlap.grams import BLOCK, marked, may_hold, mixed
from dedup.overlap.index import FUZZY_WORDS, Index, owner_of
from manifests.kernels import njit

NOMINATION_COLUMNS = 3
NOMINATIONS_PER_TEXT = 4096
"""More places of one text can only come from endless repetition."""


@njit(nogil=True, inline="always")
def slack_of(length: Any) -> Any:
    """How many words an edited text may be longer or shorter than its item of `length` words."""
    return 8 + length // 4


@njit(nogil=True)
def _ones(value: Any) -> Any:
    """The number of bits that are set."""
    count = 0
    while value != 0:
        value &= value - np.uint64(1)
        count += 1
    return count


@njit(nogil=True)
def nominate(hashes: Any, numeric: Any, index: Index, constants: Any, state: Any, seen: Any) -> Any:
    """The nominations of one text.

    `numeric` says which words are numbers. Returns an int64 array of shape (nominations, 3): text of the index, least
    and largest difference between an anchor's place in the text and its place in the item, in words. `state`, an int64
    array of shape (texts of the index, 4), is working space; its first column and `seen`, uint64 of shape (texts,), are
    zero before and after.
    """
    bounds, owners, least = index.bounds, index.owners, index.least
    table = index.fuzzy
    starts = table.places
    found = np.empty((NOMINATIONS_PER_TEXT, NOMINATION_COLUMNS), dtype=np.int64)
    touched = np.empty(len(least), dtype=np.int64)
    filled, count = 0, 0
    possible, values = _possible(hashes, numeric, table.bitmap, constants[5], constants)
    for block in range(0, len(values) if len(starts) > 0 else 0, BLOCK):
        for number, entry in marked(table, values[block : block + BLOCK]):
            at = possible[block + number]
            place = np.int64(starts[entry])
            owner = owner_of(place, owners, bounds)
            word = place - bounds[owner]
            length = bounds[owner + 1] - bounds[owner]
            if seen[owner] != 0 and at - state[owner, 1] > length + slack_of(length):
                if _ones(seen[owner]) >= least[owner] and filled < NOMINATIONS_PER_TEXT:
                    found[filled, 0], found[filled, 1], found[filled, 2] = owner, state[owner, 2], state[owner, 3]
                    filled += 1
                seen[owner] = 0
            if seen[owner] == 0:
                if state[owner, 0] == 0:
                    state[owner, 0] = 1
                    touched[count] = owner
                    count += 1
                state[owner, 1], state[owner, 2], state[owner, 3] = at, at - word, at - word
            seen[owner] |= np.uint64(1) << np.uint64(word & 63)
            state[owner, 2] = min(state[owner, 2], at - word)
            state[owner, 3] = max(state[owner, 3], at - word)
    for row in range(count):
        owner = touched[row]
        if _ones(seen[owner]) >= least[owner] and filled < NOMINATIONS_PER_TEXT:
            found[filled, 0], found[filled, 1], found[filled, 2] = owner, state[owner, 2], state[owner, 3]
            filled += 1
        state[owner, 0] = 0
        seen[owner] = 0
    return found[:filled]


@njit(nogil=True, inline="always")
def _blind_hash(hashes: Any, numeric: Any, at: Any, number: Any, constants: Any) -> Any:
    """The hash of the three words from `at` on, numbers being one."""
    first = number if numeric[at] else hashes[at]
    second = number if numeric[at + 1] else hashes[at + 1]
    third = number if numeric[at + 2] else hashes[at + 2]
    return mixed(first * constants[0] + second * constants[1] + third * constants[2])


@njit(nogil=True)
def _possible(hashes: Any, numeric: Any, bitmap: Any, number: Any, constants: Any) -> Any:
    """The words at which an anchor begins that may be in the table of a bitmap, and its hashes."""
    found, values = np.empty(len(hashes) + 1, dtype=np.int64), np.empty(len(hashes) + 1, dtype=np.uint64)
    filled = np.int64(0)
    for at in range(len(hashes) - FUZZY_WORDS + 1):
        value = _blind_hash(hashes, numeric, at, number, constants)
        found[filled], values[filled] = at, value
        filled += np.int64(may_hold(bitmap, value))
    return found[:filled], values[:filled]
