"""The scan of one text for runs of equal words: a gram nominates, characters decide, and the run is as long as it can
be.

Each word of the text is looked up; a candidate is extended to both sides to the longest run of equal words, which makes
all larger n answers of the same scan. The words of a run are compared character by character with those of the item, so
no collision of hashes can become a match.
"""

from typing import Any

import numpy as np

from dedup.overlap.evidence import evidence_of
from dedup.overlap.grams import BLOCK, gram_hash, marked, may_hold
from dedup.overlap.index import Index, owner_of
from dedup.overlap.splitting import same_word
from dedup.overlap.words import Reading, read_words
from manifests.kernels import njit

RUNS_PER_TARGET = 64
"""Runs of one benchmark text listed for one text; more can only come from endless repetition."""
CANDIDATES_PER_TARGET = 256
RUN_COLUMNS = 4


@njit(nogil=True)
def larger(rows: Any) -> Any:
    """Room for twice as many rows."""
    out = np.empty((2 * len(rows), rows.shape[1]), dtype=rows.dtype)
    out[: len(rows)] = rows
    return out


@njit(nogil=True)
def item_words(index: Index, reading: Reading, owner: Any) -> Any:
    """The bytes of a text of the index, with notation in one form, and the places of its words."""
    data = index.text[index.text_bounds[owner] : index.text_bounds[owner + 1]].copy()
    hashes, places = np.empty(len(data) + 2, dtype=np.uint64), np.empty(len(data) + 2, dtype=np.int64)
    count = read_words(data, reading, hashes, places)
    return data, places[:count]


@njit(nogil=True)
def _equal_run(data: Any, places: Any, at: Any, item: Any, item_places: Any, word: Any, letters: Any) -> Any:
    """How many words before and from the words `at` and `word` on are the same."""
    left = 0
    while left < at and left < word:
        if not same_word(data, places[at - left - 1], item, item_places[word - left - 1], letters):
            break
        left += 1
    right = 0
    while at + right < len(places) and word + right < len(item_places):
        if not same_word(data, places[at + right], item, item_places[word + right], letters):
            break
        right += 1
    return left, right


@njit(nogil=True)
def scan_runs(
    data: Any, hashes: Any, triples: Any, places: Any, index: Index, reading: Reading, plan: Any, least: Any, seen: Any
) -> Any:
    """The runs of equal words in one text.

    `least` is the evidence that a part and a whole must have, in quarters of a bit. Returns an int64 array of shape
    (runs, 4): text of the index, first word in the text, first word in the item, number of words. `seen`, shape (texts
    of the index,), is zero before and after.
    """
    shortest, stride, whole = plan
    found = np.empty((16, RUN_COLUMNS), dtype=np.int64)
    constants = reading.alphabet.constants
    filled = 0
    for short in range(2 if whole > 0 else 1):
        for candidate in _candidates(hashes, triples, index, constants, short == 1, stride, shortest, seen):
            owner, at, word = candidate
            low, high = index.bounds[owner], index.bounds[owner + 1]
            if seen[owner] >= RUNS_PER_TARGET or _says_less(hashes, index, candidate, least):
                continue
            item, item_places = item_words(index, reading, owner)
            left, right = _equal_run(data, places, at, item, item_places, word, reading.alphabet.letters)
            if left + right < (high - low if short == 1 else shortest) or right == 0:
                continue
            if _evidence(index, owner, word - left, left + right) < least[np.int64(left + right == high - low)]:
                continue
            if filled == len(found):
                found = larger(found)
            found[filled, 0], found[filled, 1] = owner, at - left
            found[filled, 2], found[filled, 3] = word - left, left + right
            filled += 1
            seen[owner] += 1
    for row in range(filled):
        seen[found[row, 0]] = 0
    return found[:filled]


@njit(nogil=True)
def _evidence(index: Index, owner: Any, word: Any, length: Any) -> Any:
    """What `length` words of a text of the index say, from `word` on."""
    low, high = index.bounds[owner], index.bounds[owner + 1]
    said, _ = evidence_of(index.hashes[low:high], index.weights[low:high], np.arange(word, word + length))
    return said


@njit(nogil=True)
def _says_less(hashes: Any, index: Index, candidate: Any, least: Any) -> Any:
    """Whether the words that are the same by their hashes, which no run exceeds, say too little: most candidates are
    runs of numbers, and to read an item for each would cost more than all else.
    """
    owner, at, word = candidate
    if least[0] == 0:
        return False
    low, high = index.bounds[owner], index.bounds[owner + 1]
    left, right = _hash_run(hashes, at, index.hashes, low + word, low, high, high - low)
    return _evidence(index, owner, word - left, left + right) < least[np.int64(left + right == high - low)]


@njit(nogil=True)
def _possible(hashes: Any, triples: Any, bitmap: Any, length: Any, constants: Any) -> Any:
    """The words at which a gram begins that may be in the table of a bitmap, and its hashes."""
    # No array grows in this loop, and nothing branches: either would make it much slower.
    found, values = np.empty(len(hashes) + 1, dtype=np.int64), np.empty(len(hashes) + 1, dtype=np.uint64)
    filled = np.int64(0)
    for at in range(len(hashes) - length + 1):
        value = gram_hash(hashes, triples, at, length, constants)
        found[filled], values[filled] = at, value
        filled += np.int64(may_hold(bitmap, value))
    return found[:filled], values[:filled]


@njit(nogil=True)
def _candidates(
    hashes: Any, triples: Any, index: Index, constants: Any, short: Any, stride: Any, shortest: Any, seen: Any
) -> Any:
    """Where runs may be, by hashes alone: an int64 array of shape (candidates, 3), text of the index, word in the text,
    word in the item.
    """
    bounds, targets, owners = index.bounds, index.hashes, index.owners
    table = index.wholes if short else index.anchors
    starts = table.places
    found = np.empty((16, 3), dtype=np.int64)
    filled = 0
    if len(starts) == 0:
        return found[:0]
    possible, values = _possible(hashes, triples, table.bitmap, table.length, constants)
    for block in range(0, len(values), BLOCK):
        for number, entry in marked(table, values[block : block + BLOCK]):
            at = possible[block + number]
            place = np.int64(starts[entry])
            owner = owner_of(place, owners, bounds)
            if seen[owner] >= CANDIDATES_PER_TARGET:
                continue
            left, right = _hash_run(hashes, at, targets, place, bounds[owner], bounds[owner + 1], stride)
            # A run that reaches back to the anchor before this one was found there.
            if (left >= stride and not short) or left + right < (
                bounds[owner + 1] - bounds[owner] if short else shortest
            ):
                continue
            if filled == len(found):
                found = larger(found)
            found[filled, 0], found[filled, 1], found[filled, 2] = owner, at, place - bounds[owner]
            filled += 1
            seen[owner] += 1
    for row in range(filled):
        seen[found[row, 0]] = 0
    return found[:filled]


@njit(nogil=True)
def _hash_run(hashes: Any, at: Any, targets: Any, place: Any, low: Any, high: Any, stride: Any) -> Any:
    """How many words before (up to `stride`) and from the words `at` and `place` on are the same by their hashes."""
    left = 0
    while left < stride and left < at and place - left > low:
        if np.uint32(hashes[at - left - 1] >> np.uint64(32)) != targets[place - left - 1]:
            break
        left += 1
    right = 0
    while at + right < len(hashes) and place + right < high:
        if np.uint32(hashes[at + right] >> np.uint64(32)) != targets[place + right]:
            break
        right += 1
    return left, right
