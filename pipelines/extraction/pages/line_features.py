"""What is known of each line of a page's text, as small numbers: what `line_judge` decides by; compiled.

A line has its own shape (length, links, signs, common words), its place (block, elements around it, long lines before
and behind it), the words of the classes and ids around it together with its own words if they are few, and the same of
the two lines on each side. Words are looked up by hash in a table of weights; their sum is the line's `WEIGHT`.
Kohlschütter, Fankhauser and Nejdl ("Boilerplate Detection using Shallow Text Features", WSDM 2010) show that lengths
and links of a block and its neighbours tell most.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import (
    ATTRIBUTES,
    FIRST_ATTRIBUTE,
    NAME,
    PARENT,
    TAG,
    VALUE,
    VALUE_END,
)
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import NAMING, NUMBER, TAGS
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages.inline_kernel import LINKED_BEFORE_END, OF, START

SIZE, LINKED, WORDS, CAPITALS, DIGITS, SIGN, COMMAS, COMMON, MARKER = range(9)
"""Bytes; share of the characters in links; words; shares of words with a capital, of digits; the last sign; commas;
share of the commonest English words; the rank of a heading or the kind of a list's item. Shares are of 16."""
BLOCK_NAME, DEPTH, AROUND = 9, 10, 11
"""The block that holds the line, elements above it, and for each of `_AROUND` whether it is among them."""
_AROUND = (
    "ul", "ol", "table", "aside", "header", "footer", "form", "figure", "p", "blockquote", "article", "main",
    "section", "dl",
)  # fmt: skip
(
    BLOCK_SHARE, PARENT_SHARE, BEFORE_SHARE, TOTAL, BEFORE, BEHIND, SINCE_LONG, UNTIL_LONG, LONG_SHARE, LONGS,
    LONGS_BEFORE, LONGS_BEHIND, SURE, LIKE_PREVIOUS, LIKE_NEXT, WEIGHT,
) = range(AROUND + len(_AROUND), AROUND + len(_AROUND) + 16)  # fmt: skip
"""Shares (of 256) of the text that the block, its parent and the lines before hold; characters of the text, before and
behind; lines since and until a long one; long lines: their share, number, those before and behind; whether the page
names its text; whether the lines beside it have the same parent; the weight of its words."""
_NEAR = (SIZE, LINKED, WORDS, CAPITALS, SIGN, COMMON, MARKER, WEIGHT)
_OFFSETS = (-2, -1, 1, 2)
MEAN_WEIGHT = WEIGHT + 1
"""The mean weight of the text's lines; behind it stand the numbers `_NEAR` of the lines at `_OFFSETS`."""
FEATURES = MEAN_WEIGHT + 1 + len(_NEAR) * len(_OFFSETS)

BUCKETS = 1 << 13
"""Hashes of words; names of classes and ids have as many of their own behind those of the lines' words."""
MOST_WORDS, MOST_NAMES = 20, 48
"""Words of a line that is looked at for its words; names around a line that count."""
LOWEST_RANK = 6
"""The `MARKER` of the lowest heading; greater ones are items and rows."""
LONG, FEW_LINKED = 100, 6
"""Characters of a long line, and the share of links that it may have."""
PLAIN, CODE, FORMULA, QUOTED = range(4)
"""What a line is besides text: code, and lines with a formula or with code in them, which all stay. Empty lines are
code."""

_COMMON = (
    "the of and to in is that for it with as on be this was are by from at or an a not he they we you has have his her "
    "had but were will can if"
).split()
_PACKED: NDArray[np.int64] = np.array(sorted(int.from_bytes(word.encode()) for word in _COMMON), np.int64)
_BLOCKS = (
    ("p",), ("li",), ("td", "th", "tr"), ("div",), ("h1", "h2", "h3"), ("h4", "h5", "h6"), ("dd", "dt"),
    ("blockquote",), ("figcaption", "figure"), ("section", "article", "main"), ("header",), ("footer",), ("aside",),
    ("body",), ("caption", "summary"), ("address",), ("form", "fieldset"), ("center",),
)  # fmt: skip
_BLOCK_NUMBER: NDArray[np.int64] = np.zeros(len(TAGS) + 1, np.int64)
for _number, _names in enumerate(_BLOCKS, 1):
    _BLOCK_NUMBER[[NUMBER[name] for name in _names if name in NUMBER]] = _number
_AROUND_NUMBER: NDArray[np.int64] = np.full(len(TAGS) + 1, -1, np.int64)
for _number, _name in enumerate(_AROUND):
    _AROUND_NUMBER[NUMBER[_name]] = _number
_CLASS, _ID = NAMING.index("class"), NAMING.index("id")
_LEVELS = 8
_LONGEST_VALUE = 200
_CAPS = np.array([2_000, 200, 30_000, 5_000, 50, 100, 30], np.int64)
_CAP_SIZE, _CAP_WORDS, _CAP_TOTAL, _CAP_BEFORE, _CAP_LINES, _CAP_LONGS, _CAP_SIDE = range(7)
_SEED, _PRIME = 2166136261, 16777619


class Hashes:
    """The hashed words of the lines of a text: `of[start[i]:start[i + 1]]` are those of line i."""

    def __init__(self, of: NDArray[np.int32], start: NDArray[np.int32]) -> None:
        self.of, self.start = of, start


def look_at(
    tree: Tree, row: int, sure: bool, data: NDArray[np.uint8], lines: NDArray[np.int64], weights: NDArray[np.int16]
) -> tuple[NDArray[np.int32], NDArray[np.uint8], Hashes]:
    """The numbers of all lines, shape (lines, FEATURES); what each is besides text; and their words.

    `data` and `lines` are what `write_blocks` wrote of the element at `row`; `weights` has a weight for each hash,
    shape (2 · BUCKETS,).
    """
    count = len(lines)
    numbers = np.zeros((count, FEATURES), np.int32)
    kinds = np.zeros(count, np.uint8)
    hashes = np.empty(count * (MOST_WORDS + MOST_NAMES), np.int32)
    starts = np.zeros(count + 1, np.int32)
    parents, texts = np.empty((count, 2), np.int64), np.empty(count, np.int64)
    found = _read_lines(
        data, lines, numbers, kinds, hashes, starts, parents, texts, tree.nodes, tree.attributes, tree.buffer, row
    )
    _place_lines(numbers, texts[:found], hashes, starts, parents, tree.lengths(), weights, sure)
    return numbers, kinds, Hashes(hashes, starts)


@kernel
def _hash(value: Any) -> Any:
    return (value ^ (value >> 15)) & (BUCKETS - 1)


@kernel
def _add(hashes: Any, first: Any, used: Any, value: Any) -> Any:
    """Add a hash behind those from `first` to `used` unless it is among them; how many there are then."""
    for at in range(first, used):
        if hashes[at] == value:
            return used
    hashes[used] = value
    return used + 1


@kernel
def _marker(data: Any, start: Any, end: Any) -> Any:
    at = start
    while at < end and data[at] == 32:
        at += 1
    if at >= end:
        return 0
    rank = 0
    while at + rank < end and data[at + rank] == 35:
        rank += 1
    if rank > 0:
        return min(rank, LOWEST_RANK)
    if data[at] == 45 and at + 1 < end and data[at + 1] == 32:
        return 7
    if 48 <= data[at] <= 57 and at + 2 < end and (data[at + 1] == 46 or data[at + 2] == 46):
        return 8
    return 9 if data[at] == 124 else 0


@kernel
def _last_sign(data: Any, start: Any, end: Any) -> Any:
    if end <= start:
        return 0
    last = data[end - 1]
    if last == 46:
        return 1
    if last == 33 or last == 63:
        return 2
    if last == 58:
        return 3
    return 4 if last == 34 or last == 39 or last == 41 or last >= 128 else 0


@kernel
def _read_text(data: Any, start: Any, end: Any, numbers: Any, hashes: Any, used: Any) -> Any:
    """The shape of a line, its words behind `used` among the hashes; their new end, and what the line is."""
    written: Any = 0
    words: Any = 0
    capitals: Any = 0
    digits: Any = 0
    commas: Any = 0
    common: Any = 0
    kind = PLAIN
    first = used
    inside = False
    value = np.int64(0)
    packed = np.int64(0)
    length = 0
    for at in range(start, end + 1):
        byte = np.int64(data[at]) if at < end else np.int64(32)
        written += byte > 32
        commas += byte == 44
        if byte == 0xE2 and at + 2 < end and data[at + 1] == 0xB8 and data[at + 2] == 0xA8:
            kind = FORMULA
        elif byte == 96 and kind == PLAIN:
            kind = QUOTED
        digit = 48 <= byte <= 57
        digits += digit
        if digit or byte >= 128 or 97 <= (byte | 0x20) <= 122:
            if not inside:
                inside = True
                value, packed, length = np.int64(_SEED), np.int64(0), 0
                words += 1
                capitals += 65 <= byte <= 90
            low = np.int64(48) if digit else (byte | 0x20 if 65 <= byte <= 90 else byte)
            value = ((value ^ low) * _PRIME) & 0xFFFFFFFF
            if length < 4:
                packed = packed * 256 + low
            length += 1
        elif inside:
            inside = False
            if length <= 4:
                place = np.searchsorted(_PACKED, packed)
                common += place < _PACKED.size and _PACKED[place] == packed
            if words <= MOST_WORDS:
                used = _add(hashes, first, used, _hash(value))
    if words > MOST_WORDS:
        used = first
    numbers[SIZE] = min(end - start, _CAPS[_CAP_SIZE])
    numbers[LINKED] = written
    numbers[WORDS] = min(words, _CAPS[_CAP_WORDS])
    numbers[CAPITALS] = 16 * capitals // max(words, 1)
    numbers[DIGITS] = 16 * digits // max(written, 1)
    numbers[SIGN] = _last_sign(data, start, end)
    numbers[COMMAS] = min(commas, 15)
    numbers[COMMON] = 16 * common // max(words, 1)
    numbers[MARKER] = _marker(data, start, end)
    return used, kind, written


@kernel
def _read_names(attributes: Any, first: Any, end: Any, buf: Any, hashes: Any, begin: Any, used: Any) -> Any:
    """The words in the class and the id of an element, behind `used` among the hashes; their new end."""
    for at in range(first, end):
        if attributes[at, NAME] != _CLASS and attributes[at, NAME] != _ID:
            continue
        start = np.int64(max(attributes[at, VALUE], 0))
        stop = min(np.int64(max(attributes[at, VALUE_END], 0)), start + _LONGEST_VALUE)
        value = np.int64(_SEED)
        length = 0
        small: Any = False
        for place in range(start, stop + 1):
            byte = np.int64(buf[place]) if place < stop else np.int64(32)
            letter = 97 <= (byte | 0x20) <= 122
            capital = 65 <= byte <= 90
            if length > 0 and (not letter or (capital and small)):
                if length > 1 and used - begin < MOST_NAMES:
                    used = _add(hashes, begin, used, BUCKETS + _hash(value))
                value = np.int64(_SEED)
                length = 0
            if letter:
                value = ((value ^ (byte | 0x20)) * _PRIME) & 0xFFFFFFFF
                length += 1
            small = letter and not capital
    return used


@kernel
def _read_lines(
    data: Any, lines: Any, numbers: Any, kinds: Any, hashes: Any, starts: Any, parents: Any, texts: Any, nodes: Any,
    attributes: Any, buf: Any, root: Any,
) -> Any:  # fmt: skip
    """Write what is known of each line alone, and to `texts` the numbers of those that are no code; how many."""
    used: Any = 0
    found = 0
    linked_before: Any = 0
    fenced = np.int64(0)
    count = lines.shape[0]
    for line in range(count):
        starts[line] = used
        start = lines[line, START]
        end = (lines[line + 1, START] if line + 1 < count else data.size) - 1
        linked = max(lines[line, LINKED_BEFORE_END] - linked_before, 0)
        linked_before = lines[line, LINKED_BEFORE_END]
        fence = end - start >= 3 and data[start] == 96 and data[start + 1] == 96 and data[start + 2] == 96
        if fence:
            fenced = 1 - fenced
        if fence or fenced > 0 or end <= start:
            kinds[line] = CODE
            continue
        texts[found] = line
        found += 1
        own = numbers[line]
        used, kind, written = _read_text(data, start, end, own, hashes, used)
        own[LINKED] = 16 * min(linked, written) // max(written, 1)
        own[TOTAL] = written
        kinds[line] = kind
        begin = used
        row = np.int64(lines[line, OF])
        block: Any = -1
        depth = 0
        while row >= 0:
            tag = min(nodes[row, TAG], _BLOCK_NUMBER.size - 1)
            if block < 0 and _BLOCK_NUMBER[tag] > 0:
                block = row
                own[BLOCK_NAME] = _BLOCK_NUMBER[tag]
            if _AROUND_NUMBER[tag] >= 0:
                own[AROUND + _AROUND_NUMBER[tag]] = 1
            if depth < _LEVELS or row == root:
                first = nodes[row, FIRST_ATTRIBUTE]
                used = _read_names(attributes, first, first + nodes[row, ATTRIBUTES], buf, hashes, begin, used)
            depth += 1
            if row == root:
                break
            row = np.int64(nodes[row, PARENT])
        own[DEPTH] = depth
        parents[line, 0] = max(block, 0)
        parents[line, 1] = max(np.int64(nodes[max(block, 0), PARENT]), 0)
    starts[count] = used
    return found


@kernel
def _place_lines(
    numbers: Any, texts: Any, hashes: Any, starts: Any, parents: Any, lengths: Any, weights: Any, sure: Any
) -> Any:
    count = texts.size
    total: Any = 0
    longs: Any = 0
    sum_of_weights: Any = 0
    for line in texts:
        own = numbers[line]
        total += own[TOTAL]
        longs += own[TOTAL] >= LONG and own[LINKED] < FEW_LINKED
        weight: Any = 0
        for at in range(starts[line], starts[line + 1]):
            weight += weights[hashes[at]]
        own[WEIGHT] = weight
        sum_of_weights += weight
    before: Any = 0
    longs_before: Any = 0
    since: Any = _CAPS[_CAP_LINES]
    for place in range(count):
        own = numbers[texts[place]]
        written = np.int64(own[TOTAL])
        is_long = written >= LONG and own[LINKED] < FEW_LINKED
        longs_before += is_long
        since = 0 if is_long else min(since + 1, _CAPS[_CAP_LINES])
        own[SINCE_LONG] = since
        own[LONGS_BEFORE] = min(longs_before, _CAPS[_CAP_SIDE])
        own[LONGS_BEHIND] = min(longs - longs_before, _CAPS[_CAP_SIDE])
        own[BLOCK_SHARE] = min(256 * np.int64(lengths[parents[texts[place], 0]]) // max(total, 1), 512)
        own[PARENT_SHARE] = min(256 * np.int64(lengths[parents[texts[place], 1]]) // max(total, 1), 512)
        own[BEFORE_SHARE] = 256 * before // max(total, 1)
        own[BEFORE] = min(before, _CAPS[_CAP_BEFORE])
        own[BEHIND] = min(total - before, _CAPS[_CAP_BEFORE])
        own[LONG_SHARE] = 256 * longs // max(count, 1)
        own[LONGS] = min(longs, _CAPS[_CAP_LONGS])
        own[SURE] = 1 if sure else 0
        own[MEAN_WEIGHT] = sum_of_weights // max(count, 1)
        if place > 0 and parents[texts[place], 1] == parents[texts[place - 1], 1]:
            own[LIKE_PREVIOUS] = 1
            numbers[texts[place - 1], LIKE_NEXT] = 1
        before += written
    until: Any = _CAPS[_CAP_LINES]
    for place in range(count - 1, -1, -1):
        own = numbers[texts[place]]
        until = 0 if own[SINCE_LONG] == 0 else min(until + 1, _CAPS[_CAP_LINES])
        own[UNTIL_LONG] = until
        own[TOTAL] = min(total, _CAPS[_CAP_TOTAL])
        for number in range(len(_OFFSETS)):
            other = place + _OFFSETS[number]
            for kind in range(len(_NEAR)):
                at = MEAN_WEIGHT + 1 + number * len(_NEAR) + kind
                own[at] = numbers[texts[other], _NEAR[kind]] if 0 <= other < count else -1
