"""The kernels that ask a fastText model: words and n-grams to rows, their sum, and the walk down the tree of labels.

What is added to what, in which order and in which precision, is the library's; `filters.fasttext_compiled` makes the
tables and says where it all comes from.
"""

import math
from typing import Any

import numpy as np

from manifests.kernels import njit

LABEL = b"__label__"
END = b"</s>"
_LABEL_BYTES = np.frombuffer(LABEL, np.uint8)
_END_BYTES = np.frombuffer(END, np.uint8)
_FNV_START, _FNV_PRIME = 2166136261, 16777619
LONGEST_REMEMBERED = 40
"""Bytes of a word whose rows are remembered."""
_LEAST = 1e-5
"""What is added to a probability before its logarithm is taken (std_log in loss.cc)."""


@njit(nogil=True, inline="always")
def _next_hash(value: Any, byte: Any) -> Any:
    """The hash with one more byte, which is taken as a signed number (Dictionary::hash)."""
    signed = np.uint32(byte) | (np.uint32(0xFFFFFF00) if byte & 0x80 else np.uint32(0))
    return np.uint32((np.uint32(value) ^ signed) * np.uint32(_FNV_PRIME))


@njit(nogil=True)
def fill_grams(keys: Any, rows: Any, gram_keys: Any, gram_rows: Any) -> None:
    mask = len(gram_keys) - 1
    for number in range(len(keys)):
        slot = (keys[number] * 40503) & mask
        while gram_keys[slot] != 0:
            slot = (slot + 1) & mask
        gram_keys[slot] = keys[number] + 1
        gram_rows[slot] = rows[number]


@njit(nogil=True)
def fill_words(spelled: Any, starts: Any, slots: Any) -> None:
    mask = len(slots) - 1
    for number in range(len(starts) - 1):
        value = np.uint32(_FNV_START)
        for at in range(starts[number], starts[number + 1]):
            value = _next_hash(value, spelled[at])
        slot = np.int64(value) & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = number


@njit(nogil=True)
def row_numbers(data: Any, end: Any, shortest: Any, longest: Any, buckets: Any, keys: Any, rows: Any, out: Any) -> Any:
    """Write the rows of the n-grams of characters of a word with its marks (computeSubwords); how many they are."""
    mask = len(keys) - 1
    used = 0
    for first in range(end):
        if data[first] & 0xC0 == 0x80:
            continue
        value = np.uint32(_FNV_START)
        at = first
        for size in range(1, longest + 1):
            if at >= end:
                break
            value = _next_hash(value, data[at])
            at += 1
            while at < end and data[at] & 0xC0 == 0x80:
                value = _next_hash(value, data[at])
                at += 1
            if size < shortest or (size == 1 and (first == 0 or at == end)):
                continue
            key = np.int64(np.uint32(value) % np.uint32(buckets))  # of 32 bits: half the time of a division of 64
            slot = (key * 40503) & mask
            while keys[slot] != 0:
                if keys[slot] == key + 1:
                    out[used] = rows[slot]
                    used += 1
                    break
                slot = (slot + 1) & mask
    return used


@njit(nogil=True)
def _word(data: Any, start: Any, end: Any, slots: Any, spelled: Any, starts: Any) -> Any:
    """The number of a word or label; -1 for one that the model does not know."""
    value = np.uint32(_FNV_START)
    for at in range(start, end):
        value = _next_hash(value, data[at])
    mask = len(slots) - 1
    slot = np.int64(value) & mask
    while slots[slot] >= 0:
        number = slots[slot]
        first = starts[number]
        if starts[number + 1] - first == end - start:
            same = True
            for offset in range(end - start):
                if spelled[first + offset] != data[start + offset]:
                    same = False
                    break
            if same:
                return number
        slot = (slot + 1) & mask
    return -1


@njit(nogil=True)
def _remember(data: Any, start: Any, end: Any, tables: Any, rows: Any, used: Any) -> None:
    """Enter a word with its rows behind those of the model, so that it need not be taken apart again."""
    number = tables.known[0]
    spelled, placed = tables.word_starts[number], tables.row_starts[number]
    if end - start > LONGEST_REMEMBERED:
        return
    if (
        number + 2 > len(tables.word_starts)
        or spelled + end - start > len(tables.word_bytes)
        or placed + used > len(tables.rows_of)
    ):
        tables.known[1] = 1
        return
    value = np.uint32(_FNV_START)
    for at in range(start, end):
        value = _next_hash(value, data[at])
        tables.word_bytes[spelled + at - start] = data[at]
    for place in range(used):
        tables.rows_of[placed + place] = rows[place]
    tables.word_starts[number + 1] = spelled + end - start
    tables.row_starts[number + 1] = placed + used
    mask = len(tables.word_slots) - 1
    slot = np.int64(value) & mask
    while tables.word_slots[slot] >= 0:
        slot = (slot + 1) & mask
    tables.word_slots[slot] = number
    tables.known[0] = number + 1


@njit(nogil=True, inline="always")
def _is(data: Any, start: Any, size: Any, word: Any) -> Any:
    """Whether the word of `size` bytes stands at `start`."""
    same = True
    for offset in range(size):
        same &= data[start + offset] == word[offset]
    return same


@njit(nogil=True)
def add_rows(data: Any, tables: Any, shortest: Any, longest: Any, buckets: Any, hidden: Any) -> Any:
    """Add up the rows of all words of a line that ends with a line feed (getLine, computeHidden); how many rows."""
    size = len(data)
    width = len(hidden)
    around = np.empty(size + 2, np.uint8)
    rows = np.empty((size + 2) * longest, np.int32)
    count = 0
    start = 0
    while start < size:
        byte = data[start]
        if byte == 32 or 9 <= byte <= 13 or byte == 0:
            if byte != 10:
                start += 1
                continue
            known = _word(_END_BYTES, 0, 4, tables.word_slots, tables.word_bytes, tables.word_starts)
            if known >= 0:
                for place in range(tables.row_starts[known], tables.row_starts[known + 1]):
                    for column in range(width):
                        hidden[column] += tables.input[tables.rows_of[place], column]
                    count += 1
            break
        end = start + 1
        while end < size and not (data[end] == 32 or 9 <= data[end] <= 13 or data[end] == 0):
            end += 1
        known = _word(data, start, end, tables.word_slots, tables.word_bytes, tables.word_starts)
        is_end = end - start == 4 and _is(data, start, 4, _END_BYTES)
        if known >= 0:
            for place in range(tables.row_starts[known], tables.row_starts[known + 1]):
                for column in range(width):
                    hidden[column] += tables.input[tables.rows_of[place], column]
                count += 1
        elif not is_end and not (end - start >= 9 and _is(data, start, 9, _LABEL_BYTES)):
            around[0] = 60
            around[1 : end - start + 1] = data[start:end]
            around[end - start + 1] = 62
            size_of = end - start + 2
            used = row_numbers(around, size_of, shortest, longest, buckets, tables.gram_keys, tables.gram_rows, rows)
            for place in range(used):
                for column in range(width):
                    hidden[column] += tables.input[rows[place], column]
            count += used
            _remember(data, start, end, tables, rows, used)
        if is_end:
            break
        start = end
    return count


@njit(nogil=True, inline="always")
def _log(value: Any) -> Any:
    return np.float32(math.log(np.float64(value) + _LEAST))


@njit(nogil=True)
def walk(hidden: Any, count: Any, left: Any, right: Any, output: Any, scores: Any, leaves: Any) -> Any:
    """Probabilities of the leaves that the library reaches with a threshold of 0 (dfs); how many they are."""
    share = np.float32(1.0 / count)
    for column in range(len(hidden)):
        hidden[column] *= share
    labels = (len(left) + 1) // 2
    nodes = np.empty(2 * labels, np.int32)
    waiting = np.empty(2 * labels, np.float32)
    nodes[0], waiting[0], depth = len(left) - 1, np.float32(0.0), 1
    least = _log(np.float32(0.0))
    used = 0
    while depth:
        depth -= 1
        node, score = nodes[depth], waiting[depth]
        if score < least:
            continue
        if left[node] < 0:
            scores[used] = np.float32(math.exp(score))
            leaves[used] = node
            used += 1
            continue
        value = np.float32(0.0)
        for column in range(len(hidden)):
            value += output[node - labels, column] * hidden[column]
        value = np.float32(1.0 / np.float64(np.float32(1.0) + np.float32(math.exp(-value))))
        nodes[depth], waiting[depth] = right[node], score + _log(value)
        nodes[depth + 1], waiting[depth + 1] = left[node], score + _log(np.float32(1.0 - np.float64(value)))
        depth += 2
    return used


@njit(nogil=True)
def two_likeliest(scores: Any, leaves: Any, number: Any) -> Any:
    """The places of the greatest of two scores or more and of the next, and of the leaf `number` (-1: not there)."""
    first, second, mine = -1, -1, -1
    for place in range(len(scores)):
        if leaves[place] == number:
            mine = place
        if first < 0 or scores[place] > scores[first]:
            first, second = place, first
        elif second < 0 or scores[place] > scores[second]:
            second = place
    return first, second, mine
