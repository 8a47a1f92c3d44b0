"""Reads HTML into a tree of arrays in one pass over its bytes.

The tree is the one that libxml2 2.14 builds (see `pipelines.web.html_names`), comments and declarations left out, so
that lxml on the same page shows the same elements and texts. Time and memory are linear in the page's length; a page
nested deeper than `MAX_DEPTH` or with a tag of more than `limits.MAX_ATTRIBUTES` attributes ends with `Fault`.

A tree is a buffer of bytes and a table of elements in document order, one row each (the columns are below). The
buffer begins with the source; decoded texts lie behind it. Texts are spans of the buffer, as in lxml: `TEXT` stands
before an element's first child, `TAIL` behind its end tag.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipelines.web.html_names import (
    ATTRIBUTE_NAMES,
    CLOSES,
    KINDS,
    MARKUP,
    NUMBER,
    PLAIN,
    REFERENCES_ONLY,
    SCRIPT,
    TAG_NAMES,
    TAGS,
)
from pipelines.web.html_references import REFERENCES, read_reference
from pipelines.web.limits import MAX_ATTRIBUTES

MAX_DEPTH = 2_048

TAG, PARENT, END, PREVIOUS, TEXT, TEXT_END, TAIL, TAIL_END, FIRST_ATTRIBUTE, ATTRIBUTES, LAST, STATE = range(12)
"""Columns of an element: the number of its name; its parent and the element before it below the same parent (-1: none);
the row behind the last element inside it; its spans of text; its attributes; its last child; its state."""
COLUMNS = 12
NAME, NAME_START, NAME_END, VALUE, VALUE_END = range(5)
"""Columns of an attribute: the number of its name (-1: none of the known), and the spans of name and value, still with
character references; a value that starts at -1 was not there."""

MARGIN = 16
"""Zeros behind the source in the buffer, so that a look ahead needs no check."""
_LONGEST_NAME = 100
_KNOWN = len(TAGS)

_HTML, _HEAD, _BODY, _P = (NUMBER[name] for name in ("html", "head", "body", "p"))
_DIV, _TEMPLATE, _FRAMESET = (NUMBER[name] for name in ("div", "template", "frameset"))
_IN_HEAD = np.zeros(_KNOWN, np.uint8)
_IN_HEAD[[NUMBER[name] for name in ("script", "style", "meta", "link", "title", "base")]] = 1
_IN_HEAD[[NUMBER[name] for name in ("noframes", "frame", "frameset")]] = 2


class Fault(IntEnum):
    """Why a page was not read to its end."""

    NONE = 0
    DEPTH = 1
    ATTRIBUTES = 2
    ROOM = 3


class Tables(NamedTuple):
    """What the compiled code looks things up in."""

    tag_slots: NDArray[np.int32]
    tag_starts: NDArray[np.int32]
    tag_bytes: NDArray[np.uint8]
    attribute_slots: NDArray[np.int32]
    attribute_starts: NDArray[np.int32]
    attribute_bytes: NDArray[np.uint8]
    closes: NDArray[np.uint8]
    kinds: NDArray[np.int32]
    in_head: NDArray[np.uint8]
    reference_slots: NDArray[np.int32]
    reference_rows: NDArray[np.int32]
    reference_bytes: NDArray[np.uint8]


TABLES = Tables(
    TAG_NAMES.slots, TAG_NAMES.starts, TAG_NAMES.bytes,
    ATTRIBUTE_NAMES.slots, ATTRIBUTE_NAMES.starts, ATTRIBUTE_NAMES.bytes,
    CLOSES, KINDS, _IN_HEAD, *REFERENCES,
)  # fmt: skip


class Parsed(NamedTuple):
    """A page as arrays: see the head of this module. `names` are the spans of names that are not known."""

    buffer: NDArray[np.uint8]
    source: int
    used: int
    nodes: NDArray[np.int32]
    attributes: NDArray[np.int32]
    names: NDArray[np.int32]
    fault: Fault


def parse(source: bytes) -> Parsed:
    """Read `source`: valid UTF-8 without NUL, line ends as `\\n`."""
    size = len(source)
    buffer = np.empty(size + MARGIN + size + size // 4 + 64, np.uint8)
    buffer[:size] = np.frombuffer(source, np.uint8)
    buffer[size : size + MARGIN] = 0
    tags = source.count(b"<")
    slots = 1 << max(6, (2 * tags).bit_length())
    room = 2 * tags + size // 64 + 16
    while True:
        nodes = np.empty((2 * tags + 8, COLUMNS), np.int32)
        attributes = np.empty((room, 5), np.int32)
        names = np.empty((tags + 1, 2), np.int32)
        counts = np.zeros(_KNOWN + tags + 1, np.int32)
        count, attribute_count, own, used, fault = _parse(
            buffer, size, nodes, attributes, names, np.full(slots, -1, np.int32), counts,
            np.empty(MAX_DEPTH + 2, np.int32), np.zeros(2, np.int32), TABLES,
        )  # fmt: skip
        if fault != Fault.ROOM:
            return Parsed(
                buffer, size, used, nodes[:count], attributes[:attribute_count], names[:own], Fault(fault)
            )
        room *= 4


@numba.njit(cache=True, nogil=True)
def _blank(byte: Any) -> Any:
    return byte <= 32 and (byte == 32 or byte == 10 or byte == 9 or byte == 13 or byte == 12)  # noqa: PLR1714


@numba.njit(cache=True, nogil=True)
def _letter(byte: Any) -> Any:
    return 97 <= (byte | 0x20) <= 122


@numba.njit(cache=True, nogil=True)
def _lower(byte: Any) -> Any:
    return byte + 32 if 65 <= byte <= 90 else byte


@numba.njit(cache=True, nogil=True)
def _skip_blanks(buf: Any, at: Any, end: Any) -> Any:
    while at < end and _blank(buf[at]):
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _skip_to_greater(buf: Any, at: Any, end: Any) -> Any:
    """Behind the next `>`, or the end."""
    while at < end:
        if buf[at] == 62:
            return at + 1
        at += 1
    return end


@numba.njit(cache=True, nogil=True)
def _skip_comment(buf: Any, at: Any, end: Any) -> Any:
    """Behind the comment whose `<!--` ends at `at`."""
    if at < end and buf[at] == 62:
        return at + 1
    if at + 1 < end and buf[at] == 45 and buf[at + 1] == 62:
        return at + 2
    while at < end:
        if buf[at] == 45 and buf[at + 1] == 45:
            if buf[at + 2] == 62:
                return min(at + 3, end)
            if buf[at + 2] == 33 and buf[at + 3] == 62:
                return min(at + 4, end)
        at += 1
    return end


@numba.njit(cache=True, nogil=True)
def _is_doctype(buf: Any, at: Any) -> Any:
    """Whether `<!doctype` stands at `at`, in any case."""
    return (
        (buf[at + 2] | 0x20) == 100
        and (buf[at + 3] | 0x20) == 111
        and (buf[at + 4] | 0x20) == 99
        and (buf[at + 5] | 0x20) == 116
        and (buf[at + 6] | 0x20) == 121
        and (buf[at + 7] | 0x20) == 112
        and (buf[at + 8] | 0x20) == 101
    )


@numba.njit(cache=True, nogil=True)
def _skip_prolog(buf: Any, at: Any, end: Any) -> Any:
    at = _skip_blanks(buf, at, end)
    while at < end and buf[at] == 60:
        if buf[at + 1] == 33 and buf[at + 2] == 45 and buf[at + 3] == 45:
            at = _skip_comment(buf, at + 4, end)
        elif buf[at + 1] == 63:
            at = _skip_to_greater(buf, at + 1, end)
        else:
            break
        at = _skip_blanks(buf, at, end)
    return at


@numba.njit(cache=True, nogil=True)
def _number(buf: Any, start: Any, end: Any, slots: Any, starts: Any, known: Any) -> Any:
    """The number of the name in a span, in any case, or -1."""
    value = np.uint32(2166136261)
    for at in range(start, end):
        value = (value ^ np.uint32(_lower(buf[at]))) * np.uint32(16777619)
    mask = slots.size - 1
    place = np.int64(value) & mask
    while slots[place] >= 0:
        number = slots[place]
        first = starts[number]
        if starts[number + 1] - first == end - start:
            same = True
            for offset in range(end - start):
                if _lower(buf[start + offset]) != known[first + offset]:
                    same = False
                    break
            if same:
                return np.int64(number)
        place = (place + 1) & mask
    return np.int64(-1)


@numba.njit(cache=True, nogil=True)
def _own_number(buf: Any, start: Any, end: Any, slots: Any, names: Any, count: Any) -> Any:
    """The number of a name that only this page uses, and how many it uses now."""
    value = np.uint32(2166136261)
    for at in range(start, end):
        value = (value ^ np.uint32(_lower(buf[at]))) * np.uint32(16777619)
    mask = slots.size - 1
    place = np.int64(value) & mask
    while slots[place] >= 0:
        number = slots[place]
        if names[number, 1] - names[number, 0] == end - start:
            same = True
            for offset in range(end - start):
                if _lower(buf[start + offset]) != _lower(buf[names[number, 0] + offset]):
                    same = False
                    break
            if same:
                return np.int64(number) + _KNOWN, count
        place = (place + 1) & mask
    slots[place] = count
    names[count, 0] = start
    names[count, 1] = end
    return count + _KNOWN, count + 1


@numba.njit(cache=True, nogil=True)
def _copy(buf: Any, start: Any, end: Any, used: Any) -> Any:
    for at in range(start, end):
        buf[used] = buf[at]
        used += 1
    return used


@numba.njit(cache=True, nogil=True)
def _append(nodes: Any, top: Any, buf: Any, start: Any, end: Any) -> Any:
    """Add the text of a span at the end of what is below `top`; pieces of one text follow each other in the buffer."""
    last = nodes[top, LAST]
    row, column = (top, TEXT) if last < 0 else (last, TAIL)
    if nodes[row, column] == nodes[row, column + 1]:
        nodes[row, column] = start
    elif nodes[row, column + 1] != start:  # the text of a script goes on: rare enough to copy both
        moved = _copy(buf, np.int64(nodes[row, column]), np.int64(nodes[row, column + 1]), end)
        size = end - start
        for offset in range(size):
            buf[moved + offset] = buf[start + offset]
        nodes[row, column] = end
        nodes[row, column + 1] = moved + size
        return moved + size
    nodes[row, column + 1] = end
    return end


@numba.njit(cache=True, nogil=True)
def _open(nodes: Any, count: Any, tag: Any, stack: Any, depth: Any, open_count: Any) -> Any:
    """A new element at the end of what is open; the new depth."""
    parent = stack[depth - 1] if depth > 0 else -1
    for column in range(COLUMNS):
        nodes[count, column] = 0
    nodes[count, TAG] = tag
    nodes[count, PARENT] = parent
    nodes[count, PREVIOUS] = nodes[parent, LAST] if parent >= 0 else -1
    nodes[count, LAST] = -1
    if parent >= 0:
        nodes[parent, LAST] = count
    stack[depth] = count
    open_count[tag] += 1
    return depth + 1


@numba.njit(cache=True, nogil=True)
def _close(nodes: Any, count: Any, stack: Any, depth: Any, open_count: Any) -> Any:
    element = stack[depth - 1]
    nodes[element, END] = count
    open_count[nodes[element, TAG]] -= 1
    return depth - 1


@numba.njit(cache=True, nogil=True)
def _imply(nodes: Any, count: Any, tag: Any, stack: Any, depth: Any, open_count: Any, seen: Any, in_head: Any) -> Any:
    """Open the `html`, `head` or `body` that the start tag `tag` implies; `seen` notes whether each was there."""
    if tag == _HTML:
        return count, depth
    if depth == 0:
        depth = _open(nodes, count, _HTML, stack, depth, open_count)
        count += 1
    if tag in (_BODY, _HEAD):
        return count, depth
    kind = in_head[tag] if tag < _KNOWN else 0
    if depth <= 1 and kind == 1:
        if seen[0]:
            return count, depth
        seen[0] = 1
        depth = _open(nodes, count, _HEAD, stack, depth, open_count)
        count += 1
    elif kind != 2:
        if seen[1] or open_count[_BODY] > 0 or open_count[_HEAD] > 0:
            return count, depth
        seen[0] = seen[1] = 1
        depth = _open(nodes, count, _BODY, stack, depth, open_count)
        count += 1
    return count, depth


@numba.njit(cache=True, nogil=True)
def _say(
    nodes: Any, count: Any, buf: Any, start: Any, end: Any, stack: Any, depth: Any, open_count: Any, seen: Any,
    closes: Any, in_head: Any,
) -> Any:  # fmt: skip
    """Add text that is already in place at the end of the buffer; count, depth and end of the buffer."""
    tag = np.int64(nodes[stack[depth - 1], TAG]) if depth > 0 else _HTML
    if tag in (_HTML, _HEAD):
        first = _skip_blanks(buf, start, end)
        if first > start and depth > 0:
            _append(nodes, np.int64(stack[depth - 1]), buf, start, first)
        if first == end:
            return count, depth, end
        start = first
        while depth > 0 and tag == _HEAD:
            depth = _close(nodes, count, stack, depth, open_count)
            tag = np.int64(nodes[stack[depth - 1], TAG]) if depth > 0 else _HTML
        count, depth = _imply(nodes, count, _P, stack, depth, open_count, seen, in_head)
    return count, depth, _append(nodes, np.int64(stack[depth - 1]), buf, start, end)


@numba.njit(cache=True, nogil=True)
def _raw_end(buf: Any, at: Any, end: Any, mode: Any, name_start: Any, name_end: Any) -> Any:
    """Where the text of a raw element that starts at `at` ends: at its end tag, or at the end of the page."""
    escaped = 0
    size = name_end - name_start
    while at < end:
        byte = buf[at]
        if byte == 60 and mode != PLAIN:
            place = at + 1
            if mode == SCRIPT and escaped == 0 and buf[place] == 33:
                if buf[place + 1] == 45 and buf[place + 2] == 45:
                    escaped = 1
            else:
                solidus = buf[place] == 47
                if solidus:
                    place += 1
                if solidus or escaped == 1:
                    matched = 0
                    while matched < size and place < end and (buf[place] | 0x20) == _lower(buf[name_start + matched]):
                        matched += 1
                        place += 1
                    if matched == size and place < end:
                        behind = buf[place]
                        if behind == 62 or behind == 47 or _blank(behind):  # noqa: PLR1714 - compiled
                            if escaped == 1 and not solidus:
                                escaped = 2
                            elif escaped == 2:
                                escaped = 1
                            else:
                                return at
        elif byte == 45 and escaped > 0 and buf[at + 1] == 45 and buf[at + 2] == 62:
            escaped = 0
        at += 1
    return end


@numba.njit(cache=True, nogil=True)
def _parse(
    buf: Any, end: Any, nodes: Any, attributes: Any, names: Any, own_slots: Any, open_count: Any, stack: Any, seen: Any,
    tables: Any,
) -> Any:  # fmt: skip
    count = 0
    attribute_count = 0
    own = 0
    depth = 0
    ignored = 0
    used = end + MARGIN
    mode = MARKUP
    name_start = 0
    name_end = 0

    at = _skip_prolog(buf, 0, end)
    if at < end and buf[at] == 60 and buf[at + 1] == 33 and _is_doctype(buf, at):
        at = _skip_to_greater(buf, at + 9, end)
    at = _skip_prolog(buf, at, end)

    while at < end:
        if mode != MARKUP and mode != REFERENCES_ONLY:  # noqa: PLR1714 - compiled
            stop = _raw_end(buf, at, end, mode, name_start, name_end)
            if stop > at:
                nodes[stack[depth - 1], TEXT] = at
                nodes[stack[depth - 1], TEXT_END] = stop
            at = stop
            mode = MARKUP
            continue
        if buf[at] != 60 or mode == REFERENCES_ONLY:
            stop = end
            if mode == REFERENCES_ONLY:
                stop = _raw_end(buf, at, end, mode, name_start, name_end)
            mode_now = mode
            mode = MARKUP
            start = used
            while at < stop:
                place = at
                while place < stop and buf[place] != 38 and (buf[place] != 60 or mode_now != MARKUP):
                    place += 1
                for offset in range(place - at):
                    buf[used + offset] = buf[at + offset]
                used += place - at
                at = place
                if at == stop or buf[at] == 60:
                    break
                if buf[at] == 38:
                    before = used
                    behind, written = read_reference(
                        buf, at, end, False, buf, used, tables.reference_slots, tables.reference_rows,
                        tables.reference_bytes,
                    )  # fmt: skip
                    if behind > at:
                        # What came before and what the reference stands for are two pieces, as the source of the tree
                        # has it: white space before it may belong to the head, what it stands for to the body.
                        if before > start:
                            count, depth, used = _say(
                                nodes, count, buf, start, before, stack, depth, open_count, seen, tables.closes,
                                tables.in_head,
                            )  # fmt: skip
                        if used != before:
                            written = _copy(buf, before, written, used)
                        count, depth, used = _say(
                            nodes, count, buf, used, written, stack, depth, open_count, seen, tables.closes,
                            tables.in_head,
                        )  # fmt: skip
                        start = used
                        at = behind
                        continue
                buf[used] = 38
                used += 1
                at += 1
            if used > start:
                count, depth, used = _say(
                    nodes, count, buf, start, used, stack, depth, open_count, seen, tables.closes, tables.in_head
                )
            continue

        following = buf[at + 1]
        if following == 33:
            if _is_doctype(buf, at):
                at = _skip_to_greater(buf, at + 9, end)
            elif buf[at + 2] == 45 and buf[at + 3] == 45:
                at = _skip_comment(buf, at + 4, end)
            else:
                at = _skip_to_greater(buf, at + 2, end)
            continue
        if following == 63:
            at = _skip_to_greater(buf, at + 1, end)
            continue
        ends = following == 47
        if ends:
            if at + 2 >= end:
                buf[used] = 60
                buf[used + 1] = 47
                count, depth, used = _say(
                    nodes, count, buf, used, used + 2, stack, depth, open_count, seen, tables.closes, tables.in_head
                )
                at = end
                continue
            if buf[at + 2] == 62:
                at += 3
                continue
            if not _letter(buf[at + 2]):
                at = _skip_to_greater(buf, at + 2, end)
                continue
            at += 2
        elif not _letter(following):
            buf[used] = 60
            count, depth, used = _say(
                nodes, count, buf, used, used + 1, stack, depth, open_count, seen, tables.closes, tables.in_head
            )
            at += 1
            continue
        else:
            at += 1

        # The name of a tag.
        name_start = at
        while at < end and not (buf[at] == 62 or buf[at] == 47 or _blank(buf[at])):
            at += 1
        name_end = min(at, name_start + _LONGEST_NAME)
        tag = _number(buf, name_start, name_end, tables.tag_slots, tables.tag_starts, tables.tag_bytes)
        if tag in (_TEMPLATE, _FRAMESET) and buf[at] != 47:
            tag = _DIV
        if tag < 0:
            tag, own = _own_number(buf, name_start, name_end, own_slots, names, own)

        discarded = False
        if not ends:
            if tag < _KNOWN:
                while depth > 0:
                    current = nodes[stack[depth - 1], TAG]
                    if current >= _KNOWN or tables.closes[current, tag] == 0:
                        break
                    depth = _close(nodes, count, stack, depth, open_count)
            count, depth = _imply(nodes, count, tag, stack, depth, open_count, seen, tables.in_head)
            if (tag == _HTML and depth > 0) or (tag == _HEAD and depth != 1):
                discarded = True
                ignored += 1
            if tag == _BODY and open_count[_BODY] > 0:
                discarded = True
                ignored += open_count[_BODY]

        # Its attributes.
        first_attribute = attribute_count
        at = _skip_blanks(buf, at, end)
        while at < end and buf[at] != 62 and not (buf[at] == 47 and buf[at + 1] == 62):
            if buf[at] == 47:
                at = _skip_blanks(buf, at + 1, end)
                continue
            start = at
            at += 1
            while at < end and not (buf[at] == 47 or buf[at] == 62 or buf[at] == 61 or _blank(buf[at])):
                at += 1
            stop = at
            at = _skip_blanks(buf, at, end)
            value = -1
            value_end = -1
            if at < end and buf[at] == 61:
                at = _skip_blanks(buf, at + 1, end)
                quote = buf[at]
                if at < end and (quote == 34 or quote == 39):  # noqa: PLR1714 - compiled
                    at += 1
                    value = at
                    while at < end and buf[at] != quote:
                        at += 1
                    value_end = at
                    at = min(at + 1, end)
                else:
                    value = at
                    while at < end and buf[at] != 62 and not _blank(buf[at]):
                        at += 1
                    value_end = at
            at = _skip_blanks(buf, at, end)
            if ends:
                continue
            if attribute_count - first_attribute >= MAX_ATTRIBUTES:
                return count, attribute_count, own, used, 2
            if attribute_count == attributes.shape[0]:
                return count, attribute_count, own, used, 3
            attributes[attribute_count, NAME] = _number(
                buf, start, stop, tables.attribute_slots, tables.attribute_starts, tables.attribute_bytes
            )
            attributes[attribute_count, NAME_START] = start
            attributes[attribute_count, NAME_END] = stop
            attributes[attribute_count, VALUE] = value
            attributes[attribute_count, VALUE_END] = value_end
            attribute_count += 1

        if ends:
            if at >= end:
                continue
            at += 1 if buf[at] == 62 else 2
            if ignored > 0 and tag in (_HTML, _HEAD, _BODY):
                ignored -= 1
                continue
            if open_count[tag] == 0:
                continue
            priority = tables.kinds[tag, 0] if tag < _KNOWN else 100
            place = depth - 1
            while place >= 0:
                current = nodes[stack[place], TAG]
                if current == tag:
                    break
                if (tables.kinds[current, 0] if current < _KNOWN else 100) > priority:
                    place = -1
                    break
                place -= 1
            if place >= 0:
                while depth > place:
                    depth = _close(nodes, count, stack, depth, open_count)
            continue

        if at >= end:
            attribute_count = first_attribute
            continue
        if discarded:
            attribute_count = first_attribute
        else:
            if depth >= MAX_DEPTH:
                return count, attribute_count, own, used, 1
            if tag == _HEAD:
                seen[0] = 1
            elif tag == _BODY:
                seen[0] = seen[1] = 1
            depth = _open(nodes, count, tag, stack, depth, open_count)
            nodes[count, FIRST_ATTRIBUTE] = first_attribute
            nodes[count, ATTRIBUTES] = attribute_count - first_attribute
            count += 1
        if depth == 0:
            continue
        # A tag that was ignored still ends or begins what is open, as the source of the tree has it.
        current = nodes[stack[depth - 1], TAG]
        if buf[at] == 47:
            at += 2
            depth = _close(nodes, count, stack, depth, open_count)
            continue
        at += 1
        if current < _KNOWN:
            if tables.kinds[current, 1]:
                depth = _close(nodes, count, stack, depth, open_count)
            else:
                mode = np.int64(tables.kinds[current, 2])
    while depth > 0:
        depth = _close(nodes, count, stack, depth, open_count)
    return count, attribute_count, own, used, 0
