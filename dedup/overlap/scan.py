"""The scan of a batch of texts: words, runs of equal words, nominations, and each of them laid beside its item.

One pass over the words of a text, all in compiled code; what comes back is little, as texts hold few items.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dedup.overlap.alignment import ALL_PLAIN, COLUMNS, EVIDENCE, FIRST, LAST, PLAIN, SAID, TO_SAY, align, may_align
from dedup.overlap.contrasts import contrasts
from dedup.overlap.evidence import mark_numbers, number_words, spelled
from dedup.overlap.grams import fill_triples
from dedup.overlap.index import Index, Plan
from dedup.overlap.nominate import nominate, slack_of
from dedup.overlap.runs import larger, scan_runs
from dedup.overlap.splitting import first_byte, last_byte
from dedup.overlap.words import Reading, read_words, words_room
from manifests.kernels import njit

NUMBER, TARGET, WORD, ITEM_WORD, LENGTH, START, END, ALIGNED_START, ALIGNED_END = range(9)
"""Columns of a row: the text, the text of the index, the run in words of both (length 0: an edited text) and in bytes
of
the text, the alignment in bytes of the text. Behind them stand the columns of `dedup.overlap.alignment`.
"""
ALIGNMENT = 9
ROW = ALIGNMENT + COLUMNS


@njit(nogil=True)
def _scan(
    data: Any,
    offsets: Any,
    index: Index,
    reading: Reading,
    plan: Any,
    lists: Any,
    room: Any,
    least: Any,
    least_whole: Any,
    edited: Any,
) -> Any:
    hashes, triples = np.empty(room, dtype=np.uint64), np.empty(room, dtype=np.uint64)
    places, numeric = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.bool_)
    texts = len(index.least)
    runs_seen, bits_seen = np.zeros(texts, dtype=np.int32), np.zeros(texts if edited else 0, dtype=np.uint64)
    state = np.zeros((texts if edited else 0, 4), dtype=np.int64)
    bounds, targets, weights, asks = index.bounds, index.hashes, index.weights, index.asks
    constants = reading.alphabet.constants
    found = np.empty((16, ROW), dtype=np.int64)
    filled = 0
    for number in range(len(offsets) - 1):
        text = data[offsets[number] : offsets[number + 1]]
        count = read_words(text, reading, hashes, places)
        fill_triples(hashes, count, constants, triples)
        words, where = hashes[:count], places[:count]
        first_row = filled
        for run in scan_runs(text, words, triples, where, index, reading, plan, (least, least_whole), runs_seen):
            low, high = bounds[run[0]], bounds[run[0] + 1]
            if filled == len(found):
                found = larger(found)
            found[filled, NUMBER], found[filled, TARGET] = number, run[0]
            found[filled, WORD], found[filled, ITEM_WORD], found[filled, LENGTH] = run[1], run[2], run[3]
            found[filled, START], found[filled, END] = first_byte(where[run[1]]), last_byte(where[run[1] + run[3] - 1])
            found[filled, ALIGNED_START:] = 0
            if least > 0:
                place = run[1] - run[2]
                row = align(text, words, where, targets[low:high], weights[low:high], asks[run[0]], lists, place, place)
                _put(found[filled], row, where)
            filled += 1
        if not edited:
            continue
        mark_numbers(text, words, where, lists[0], numeric)
        for one in nominate(words, numeric[:count], index, constants, state, bits_seen):
            owner = one[0]
            low, high = bounds[owner], bounds[owner + 1]
            slack = slack_of(high - low)
            known = False
            for row_number in range(first_row, filled):
                place = found[row_number, WORD] - found[row_number, ITEM_WORD]
                if found[row_number, TARGET] == owner and one[1] - slack <= place <= one[2] + slack:
                    known = True
            if known or not may_align(words, targets[low:high], weights[low:high], one[1], one[2]):
                continue
            row = align(text, words, where, targets[low:high], weights[low:high], asks[owner], lists, one[1], one[2])
            if row[EVIDENCE] < least or (2 * row[SAID] < row[TO_SAY] and 10 * row[PLAIN] < 8 * row[ALL_PLAIN]):
                continue
            if filled == len(found):
                found = larger(found)
            found[filled, :ALIGNMENT] = 0
            found[filled, NUMBER], found[filled, TARGET] = number, owner
            _put(found[filled], row, where)
            found[filled, WORD] = row[FIRST]
            filled += 1
    return found[:filled]


@njit(nogil=True)
def _put(found: Any, row: Any, places: Any) -> None:
    if row[LAST] > 0:
        found[ALIGNED_START] = first_byte(places[row[FIRST]])
        found[ALIGNED_END] = last_byte(places[row[LAST] - 1])
    found[ALIGNMENT:] = row


def scan_texts(
    texts: list[bytes], index: Index, reading: Reading, plan: Plan, least: int, least_whole: int, edited: bool
) -> NDArray[np.int64]:
    """Scan UTF-8 texts, each shorter than 2**31 bytes.

    `least` is the evidence, in quarters of a bit, that is listed at all, `least_whole` the same for a text that is
    found whole; 0 lists every run and aligns none. `edited` says whether edited texts are looked for. Returns an int64
    array of shape (found, 43).
    """
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    data = np.frombuffer(bytearray().join(texts), dtype=np.uint8)
    room = words_room(int(sizes.max(initial=0)))
    rows: NDArray[np.int64] = _scan(
        data, offsets, index, reading, plan, (number_words(), contrasts(), spelled()), room, least, least_whole, edited
    )
    return rows
