"""A text laid beside an item, word for word: what of the item is found again, and what differs.

The alignment is the best local one (Smith and Waterman 1981) where an equal word scores what it says and a word too
many on either side costs a quarter of a bit, so that a page header within an item does not cut it. What is counted
afterwards is enough to tell an edited item from a neighbour: words, numbers and symbols found again, numbers that stand
where others stood, and the longest run without a change.
"""

from typing import Any

import numpy as np

from dedup.overlap.contrasts import Contrasts, contrary
from dedup.overlap.evidence import COMMON, LETTER, NUMERIC, QUARTERS, WEIGHT, evidence_of, in_digits, is_number
from dedup.overlap.grams import MIX, mixed
from dedup.overlap.nominate import slack_of
from dedup.overlap.splitting import first_byte, last_byte
from manifests.kernels import njit

LONGEST_ITEM = 1200
"""Words of an item that are aligned at most, around the place that was nominated."""
WIDEST = 3000
"""Words of a text that are aligned at most."""
DRAWING_WORDS = 10
"""An item of so many words that say nothing has a drawing that is worth a look."""
FEW_BETWEEN = 12
"""Of more words than so many it cannot be said which stands in the place of which."""
STRAY_GAP = 3
"""Words of an item behind so many missing ones may be there by chance."""
_GAP = 1
_NEWLINE, _STOP_SIGN, _QUESTION, _EXCLAMATION, _BACKSLASH = 0x0A, 0x2E, 0x3F, 0x21, 0x5C
_SIEVE = 8192
_STOP, _BOTH, _ITEM, _TEXT = 0, 1, 2, 3

(
    FIRST,
    LAST,
    ITEM_FIRST,
    ITEM_LAST,
    SAID,
    TO_SAY,
    WORDS,
    ALL_WORDS,
    PLAIN,
    ALL_PLAIN,
    NUMBERS,
    ALL_NUMBERS,
    OTHER_NUMBERS,
    LETTERS,
    ALL_LETTERS,
    EVIDENCE,
    OWN_EVIDENCE,
    RUN,
    GAPS,
    LONGEST_GAP,
    LONGEST_REMARK,
    SWAPS,
    DRAWN,
    ALL_DRAWN,
    OTHER_LETTERS,
    MORE_SYMBOLS,
    CONTRASTS,
    SWAPPED,
    LONGEST_SWAP,
    BEHIND,
    GROWN,
    ASKED,
    TO_ASK,
    ASKED_OTHERS,
) = range(34)
"""Columns of an alignment: places in words (ends are behind the last), then what was found again and what there is, in
quarters of a bit and in words; instead of `OTHER_NUMBERS` of the item the text has others there; see `evidence_of` for
the evidence with and without common phrases; `RUN` is the longest run of words in the same order without a gap, `GAPS`
are places where words of the item are missing, `LONGEST_GAP` the most that are missing at one of them, `LONGEST_REMARK`
the most words between two of the item, `SWAPS` the places where the text has other words instead. What only draws says
nothing, but three words of it that follow each other are counted too, wherever they stand near the rest: `DRAWN`.
`OTHER_LETTERS` are single letters as `OTHER_NUMBERS` are numbers, `MORE_SYMBOLS` the numbers and single letters of the
text between words of the item, `CONTRASTS` the pairs of words that exclude each other (`dedup.overlap.contrasts`),
`SWAPPED` the words of the item instead of which the text has others, before and behind the item those of the same
sentence, and `LONGEST_SWAP` the most of them at one place. `BEHIND` are the words of formulas (numbers, letters,
commands) that follow the last word in its line, at most as many as the item has words, `GROWN` those that stand alone
between words of the item which follow each other, one of them of a formula too: another formula. Of the words that ask
(`dedup.overlap.asking`), common phrases left out, `TO_ASK` and `ASKED` are what there is and what was found again, in
quarters of a bit, and instead of `ASKED_OTHERS` the text has others.
"""
COLUMNS = 34


@njit(nogil=True)
def may_align(hashes: Any, targets: Any, weights: Any, low: Any, high: Any) -> Any:
    """Whether enough of an item's words stand in the part of a text that `align` would look at, in whatever order: half
    of what they say, or most of what those say that are no numbers. A sieve, which lets too much pass and nothing else.
    """
    length = min(len(targets), LONGEST_ITEM)
    first = max(0, low - slack_of(length))
    last = min(len(hashes), high + length + slack_of(length), first + WIDEST)
    there = np.zeros(_SIEVE >> 6, dtype=np.uint64)
    for place in range(first, last):
        slot = (hashes[place] >> np.uint64(32)) & np.uint64(_SIEVE - 1)
        there[slot >> np.uint64(6)] |= np.uint64(1) << (slot & np.uint64(63))
    said = all_said = plain = all_plain = np.int64(0)
    for word in range(length):
        weight = np.int64(weights[word] & WEIGHT)
        rare = weight if weights[word] & NUMERIC == 0 and weight > LETTER else np.int64(0)
        slot = np.uint64(targets[word]) & np.uint64(_SIEVE - 1)
        held = np.int64((there[slot >> np.uint64(6)] >> (slot & np.uint64(63))) & np.uint64(1))
        all_said += weight
        all_plain += rare
        said += weight * held
        plain += rare * held
    return 2 * said >= all_said or 10 * plain >= 8 * all_plain


@njit(nogil=True)
def align(
    data: Any, hashes: Any, places: Any, targets: Any, weights: Any, asks: Any, lists: Any, low: Any, high: Any
) -> Any:
    """Align an item with a text where the item's first word may stand between the words `low` and `high`.

    `hashes` (64 bits) and `places` are the text's words, `targets` and `weights` the item's, `asks` the first and last
    (excluded) of those that ask, `lists` what is known of words: `number_words()`, `contrasts()` and `spelled()`. A
    number in words is the same in digits. Returns an int64 array of shape (34,), all zero if no word is found again.
    """
    row = np.zeros(COLUMNS, dtype=np.int64)
    length = min(len(targets), LONGEST_ITEM)
    first = max(0, low - slack_of(length))
    last = min(len(hashes), high + length + slack_of(length), first + WIDEST)
    width = last - first
    if width <= 0:
        return row
    moves = np.empty((length + 1, width + 1), dtype=np.uint8)
    scores, above = np.zeros(width + 1, dtype=np.int32), np.zeros(width + 1, dtype=np.int32)
    text = np.empty(width, dtype=np.uint32)
    for place in range(width):
        text[place] = in_digits(np.uint32(hashes[first + place] >> np.uint64(32)), lists[2])
    own = np.empty(length, dtype=np.uint32)
    for word in range(length):
        own[word] = in_digits(targets[word], lists[2])
    best, best_item, best_text = np.int32(0), 0, 0
    moves[0] = _STOP
    for item in range(1, length + 1):
        target, gain = own[item - 1], np.int32(weights[item - 1] & WEIGHT)
        scores, above = above, scores
        scores[0] = 0
        moves[item, 0] = _STOP
        for place in range(1, width + 1):
            score, move = np.int32(0), np.uint8(_STOP)
            if above[place] - _GAP > score:
                score, move = above[place] - np.int32(_GAP), np.uint8(_ITEM)
            if scores[place - 1] - _GAP > score:
                score, move = scores[place - 1] - np.int32(_GAP), np.uint8(_TEXT)
            if target == text[place - 1] and above[place - 1] + gain >= score:
                score, move = above[place - 1] + gain, np.uint8(_BOTH)
            scores[place] = score
            moves[item, place] = move
            if score > best:
                best, best_item, best_text = score, item, place
    if best == 0:
        return row
    pairs = np.empty((min(length, width), 2), dtype=np.int64)
    filled = 0
    item, place = best_item, best_text
    while item > 0 and place > 0 and moves[item, place] != _STOP:
        move = moves[item, place]
        if move == _BOTH:
            pairs[filled, 0], pairs[filled, 1] = item - 1, first + place - 1
            filled += 1
        item -= move != _TEXT
        place -= move != _ITEM
    pairs = _trimmed(pairs[:filled][::-1], weights)
    _count(data, hashes, places, targets, weights, asks, lists, pairs, row)
    if row[ALL_WORDS] + DRAWING_WORDS <= len(targets):
        _draw(hashes, targets, weights, row)
    return row


@njit(nogil=True)
def _trimmed(pairs: Any, weights: Any) -> Any:
    """The pairs without those at either end that are there by chance: behind a gap in the item, and saying less than a
    bit for each word that is missing there.
    """
    first, last = 0, len(pairs)
    said = np.int64(0)
    for pair in range(len(pairs) - 1):
        said += np.int64(weights[pairs[pair, 0]] & WEIGHT)
        missing = pairs[pair + 1, 0] - pairs[pair, 0] - 1
        if missing >= STRAY_GAP and said < QUARTERS * missing:
            first, said = pair + 1, np.int64(0)
    said = np.int64(0)
    for pair in range(len(pairs) - 1, first, -1):
        said += np.int64(weights[pairs[pair, 0]] & WEIGHT)
        missing = pairs[pair, 0] - pairs[pair - 1, 0] - 1
        if missing >= STRAY_GAP and said < QUARTERS * missing:
            last, said = pair, np.int64(0)
    return pairs[first:last]


@njit(nogil=True)
def _count(
    data: Any, hashes: Any, places: Any, targets: Any, weights: Any, asks: Any, lists: Any, pairs: Any, row: Any
) -> None:
    """Fill a row of an alignment from its pairs of words (item, text), in order."""
    numbers, contrasts, _ = lists
    for word in range(len(weights)):
        weight = np.int64(weights[word] & WEIGHT)
        numeric = weights[word] & NUMERIC != 0
        row[TO_SAY] += weight
        row[ALL_WORDS] += weight > 0
        row[ALL_NUMBERS] += numeric and weight > 0
        row[ALL_LETTERS] += not numeric and weight == LETTER
        row[ALL_PLAIN] += weight if not numeric and weight > LETTER else 0
        row[TO_ASK] += weight if asks[0] <= word < asks[1] and weights[word] & COMMON == 0 else 0
    run = other_numbers = other_letters = 0
    item, place = np.int64(-1), pairs[0, 1] - pairs[0, 0] - 1
    for pair in range(len(pairs) + 1):
        if pair < len(pairs):
            next_item, next_place = pairs[pair]
        else:
            next_item = np.int64(len(targets))
            next_place = min(np.int64(len(hashes)), place + next_item - item)
        within = 0 < pair < len(pairs)
        theirs, letters = _symbols_between(data, hashes, places, numbers, place, next_place)
        other_numbers, other_letters = other_numbers + theirs, other_letters + letters
        row[MORE_SYMBOLS] += theirs + letters if within else 0
        row[CONTRASTS] += _contrary_between(hashes, targets, contrasts, item, next_item, place, next_place)
        missing, between = next_item - item - 1, next_place - place - 1
        _gap(row, missing, between if within else 0)
        swapped = min(missing, between)
        if swapped > 0 and not within:
            swapped = _of_sentence(data, places, place if pair > 0 else next_place, 1 if pair > 0 else -1, swapped)
        row[SWAPPED] += max(0, swapped)
        asked = min(next_item, np.int64(asks[1])) - max(item + 1, np.int64(asks[0]))
        row[ASKED_OTHERS] += max(0, min(swapped, asked))
        if pair == len(pairs) and pair > 0:
            row[BEHIND] = _symbols_behind(data, places, place, len(targets))
        row[GROWN] += _grown(data, places, place, next_place) if within and missing == 0 else 0
        row[LONGEST_SWAP] = max(row[LONGEST_SWAP], swapped)
        if pair < len(pairs):
            weight = np.int64(weights[next_item] & WEIGHT)
            numeric = weights[next_item] & NUMERIC != 0
            row[SAID] += weight
            row[WORDS] += weight > 0
            row[NUMBERS] += numeric and weight > 0
            row[LETTERS] += not numeric and weight == LETTER
            row[PLAIN] += weight if not numeric and weight > LETTER else 0
            row[ASKED] += weight if asks[0] <= next_item < asks[1] and weights[next_item] & COMMON == 0 else 0
            run = run + 1 if next_item == item + 1 and next_place == place + 1 and pair > 0 else 1
            row[RUN] = max(row[RUN], run)
            item, place = next_item, next_place
    row[OTHER_NUMBERS] = min(row[ALL_NUMBERS] - row[NUMBERS], other_numbers)
    row[OTHER_LETTERS] = min(row[ALL_LETTERS] - row[LETTERS], other_letters)
    row[FIRST], row[LAST] = pairs[0, 1], pairs[-1, 1] + 1
    row[ITEM_FIRST], row[ITEM_LAST] = pairs[0, 0], pairs[-1, 0] + 1
    row[EVIDENCE], row[OWN_EVIDENCE] = evidence_of(targets, weights, pairs[:, 0])


@njit(nogil=True)
def _draw(hashes: Any, targets: Any, weights: Any, row: Any) -> None:
    """Count three words of the item's drawing that follow each other, and those of them that stand in the text from the
    first word found to as many words behind the last as the item has. A sieve: it may count a few too many.
    """
    there = np.zeros(_SIEVE >> 6, dtype=np.uint64)
    for place in range(row[FIRST], min(len(hashes), row[LAST] + len(targets)) - 2):
        slot = _slot(
            hashes[place] >> np.uint64(32), hashes[place + 1] >> np.uint64(32), hashes[place + 2] >> np.uint64(32)
        )
        there[slot >> np.uint64(6)] |= np.uint64(1) << (slot & np.uint64(63))
    for word in range(len(targets) - 2):
        if (weights[word] | weights[word + 1] | weights[word + 2]) & WEIGHT == 0:
            slot = _slot(np.uint64(targets[word]), np.uint64(targets[word + 1]), np.uint64(targets[word + 2]))
            row[ALL_DRAWN] += 1
            row[DRAWN] += np.int64((there[slot >> np.uint64(6)] >> (slot & np.uint64(63))) & np.uint64(1))


@njit(nogil=True)
def _slot(first: Any, second: Any, third: Any) -> Any:
    """The place of three words in a sieve."""
    return mixed(first + second * np.uint64(3) * MIX + third * np.uint64(5) * MIX) & np.uint64(_SIEVE - 1)


@njit(nogil=True)
def _gap(row: Any, missing: Any, between: Any) -> None:
    """Count a place where words of the item are missing, and the words of the text there."""
    row[GAPS] += missing > 0
    row[LONGEST_GAP] = max(row[LONGEST_GAP], missing)
    row[LONGEST_REMARK] = max(row[LONGEST_REMARK], between - missing)
    row[SWAPS] += missing > 0 and between > 0


@njit(nogil=True)
def _is_symbol(data: Any, place: Any) -> Any:
    """Whether a word of a text is a number, a single letter or a command: part of a formula."""
    start, end = first_byte(place), last_byte(place)
    return end - start == 1 or 0x30 <= data[start] <= 0x39 or (start > 0 and data[start - 1] == _BACKSLASH)


@njit(nogil=True)
def _symbols_behind(data: Any, places: Any, word: Any, most: Any) -> Any:
    """How many words of formulas follow one right behind it in its line."""
    found = 0
    while found < most and word + 1 < len(places) and _in_line(data, places, word, word + 1):
        if not _is_symbol(data, places[word + 1]):
            break
        word += 1
        found += 1
    return found


@njit(nogil=True)
def _grown(data: Any, places: Any, first: Any, last: Any) -> Any:
    """How many words stand between two of a text, one of them of a formula, if all are of formulas too and in one line
    with them, else 0. A footnote's number between words is none.
    """
    if not (_is_symbol(data, places[first]) or _is_symbol(data, places[last])):
        return 0
    for word in range(first + 1, last):
        if not _is_symbol(data, places[word]):
            return 0
    return last - first - 1 if _in_line(data, places, first, last) else 0


@njit(nogil=True)
def _in_line(data: Any, places: Any, first: Any, last: Any) -> Any:
    """Whether two words of a text stand in one line."""
    return not np.any(data[last_byte(places[first]) : first_byte(places[last])] == _NEWLINE)


@njit(nogil=True)
def _of_sentence(data: Any, places: Any, word: Any, step: Any, most: Any) -> Any:
    """How many words, up to `most`, stand before (`step` -1) or behind a word in its sentence."""
    for count in range(most):
        left = word if step > 0 else word - 1
        if left < 0 or left + 1 >= len(places):
            return count
        start, end = last_byte(places[left]), first_byte(places[left + 1])
        lines = 0
        for at in range(start, end):
            lines += data[at] == _NEWLINE
            stop = data[at] == _STOP_SIGN and end - start > 1
            if stop or data[at] == _QUESTION or (data[at] == _EXCLAMATION and end - start > 1) or lines == 2:
                return count
        word += step
    return most


@njit(nogil=True)
def _symbols_between(data: Any, hashes: Any, places: Any, numbers: Any, first: Any, last: Any) -> Any:
    """How many words of the text between two of its words are numbers, and how many single letters. Digits that are
    part of a word are none: `f0ur`, `1etter`.
    """
    found = letters = 0
    for word in range(max(0, first + 1), last):
        start, end = first_byte(places[word]), last_byte(places[word])
        glued = word > 0 and last_byte(places[word - 1]) == start
        if is_number(data, places[word], hashes[word], numbers):
            if word + 1 < len(places) and first_byte(places[word + 1]) == end:
                glued |= last_byte(places[word + 1]) - end > 1
            found += not glued
        else:
            letters += end - start == 1
    return found, letters


@njit(nogil=True)
def _contrary_between(
    hashes: Any, targets: Any, contrasts: Contrasts, item: Any, next_item: Any, place: Any, next_place: Any
) -> Any:
    """How many words of an item that are missing between two words have one in the text there that excludes them."""
    found = 0
    if next_item - item > FEW_BETWEEN or next_place - place > FEW_BETWEEN:
        return found
    for missing in range(item + 1, next_item):
        for other in range(max(0, place + 1), next_place):
            if contrary(targets[missing], np.uint32(hashes[other] >> np.uint64(32)), contrasts):
                found += 1
                break
    return found
