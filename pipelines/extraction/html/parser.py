"""Reads HTML into a tree of arrays in one pass over its bytes.

The tree is the one that libxml2 2.14 builds (see `pipelines.extraction.html.names`), comments and declarations left
out, but for what would lose text: void elements, text behind the ends of `body` and `html` (it is the body's) and
CDATA in `math` and `svg` are as the HTML standard has them (sections 13.2.6.4.19, 13.2.6.4.22 and 13.2.5.69).

Time and memory are linear in the page's length; a page nested deeper than `MAX_DEPTH` or with a tag of more than
`limits.MAX_ATTRIBUTES` attributes ends with `Fault`. Formatting elements that a page never closes do not count: beyond
`MAX_DEPTH` the next one stands beside the last.

A tree is a buffer of bytes and a table of elements in document order, one row each (the columns are below). The
buffer begins with the source; decoded texts lie behind it. Texts are spans of the buffer, as in lxml: `TEXT` stands
before an element's first child, `TAIL` behind its end tag.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import (
    ATTRIBUTES,
    COLUMNS,
    FIRST_ATTRIBUTE,
    NAME,
    NAME_END,
    NAME_START,
    TAG,
    TEXT,
    TEXT_END,
    VALUE,
    VALUE_END,
    close_element,
    copy_bytes,
    imply,
    open_element,
    say,
)
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.limits import MAX_ATTRIBUTES
from pipelines.extraction.html.names import (
    ATTRIBUTE_NAMES,
    CLOSES,
    FORMATTING,
    KINDS,
    MARKUP,
    NUMBER,
    REFERENCES_ONLY,
    TAG_NAMES,
    TAGS,
)
from pipelines.extraction.html.references import REFERENCES, read_reference
from pipelines.extraction.html.scan_kernel import (
    cdata_end,
    count_byte,
    is_blank,
    is_cdata,
    is_doctype,
    is_letter,
    number_of,
    own_number_of,
    raw_end,
    skip_blanks,
    skip_comment,
    skip_prolog,
    skip_to_greater,
)

MAX_DEPTH = 2_048


MARGIN = 16
"""Zeros behind the source in the buffer, so that a look ahead needs no check."""
_LONGEST_NAME = 100
_KNOWN = len(TAGS)

_HTML, _HEAD, _BODY = (NUMBER[name] for name in ("html", "head", "body"))
_MATH, _SVG = NUMBER["math"], NUMBER["svg"]
_DIV, _TEMPLATE, _FRAMESET = (NUMBER[name] for name in ("div", "template", "frameset"))
_FORMATS = np.zeros(_KNOWN, np.uint8)
_FORMATS[[NUMBER[name] for name in FORMATTING]] = 1
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
    formats: NDArray[np.uint8]
    reference_slots: NDArray[np.int32]
    reference_rows: NDArray[np.int32]
    reference_bytes: NDArray[np.uint8]


TABLES = Tables(
    TAG_NAMES.slots, TAG_NAMES.starts, TAG_NAMES.bytes,
    ATTRIBUTE_NAMES.slots, ATTRIBUTE_NAMES.starts, ATTRIBUTE_NAMES.bytes,
    CLOSES, KINDS, _IN_HEAD, _FORMATS, *REFERENCES,
)  # fmt: skip


class Parsed(NamedTuple):
    """A page as arrays: see the head of this module. `names` are the spans of names that are not known.

    `behind` is the first row behind the page's first `</body>` or `</html>`, the number of rows where there is none.
    """

    buffer: NDArray[np.uint8]
    source: int
    used: int
    nodes: NDArray[np.int32]
    attributes: NDArray[np.int32]
    names: NDArray[np.int32]
    fault: Fault
    behind: int


def parse(source: bytes) -> Parsed:
    """Read `source`: valid UTF-8 without NUL, line ends as `\\n`."""
    size = len(source)
    buffer = np.empty(size + MARGIN + size + size // 4 + 64, np.uint8)
    data = np.frombuffer(source, np.uint8)
    buffer[:size] = data
    buffer[size : size + MARGIN] = 0
    tags = int(count_byte(data, 60))
    slots = 1 << max(6, (2 * tags).bit_length())
    room = 2 * tags + size // 64 + 16
    while True:
        nodes = np.empty((2 * tags + 8, COLUMNS), np.int32)
        attributes = np.empty((room, 5), np.int32)
        names = np.empty((tags + 1, 2), np.int32)
        counts = np.zeros(_KNOWN + tags + 1, np.int32)
        count, attribute_count, own, used, fault, behind = _parse(
            buffer, size, nodes, attributes, names, np.full(slots, -1, np.int32), counts,
            np.empty(MAX_DEPTH + 2, np.int32), np.zeros(2, np.int32), TABLES,
        )  # fmt: skip
        if fault != Fault.ROOM:
            return Parsed(
                buffer,
                size,
                used,
                nodes[:count],
                attributes[:attribute_count],
                names[:own],
                Fault(fault),
                behind if behind >= 0 else count,
            )
        room *= 4


@kernel
def _parse(
    buf: Any, end: Any, nodes: Any, attributes: Any, names: Any, own_slots: Any, open_count: Any, stack: Any, seen: Any,
    tables: Any,
) -> Any:  # fmt: skip
    count = 0
    attribute_count = 0
    own = 0
    depth = 0
    ignored = 0
    behind = -1
    used = end + MARGIN
    mode: Any = MARKUP
    name_start = 0
    name_end = 0

    at = skip_prolog(buf, 0, end)
    if at < end and buf[at] == 60 and buf[at + 1] == 33 and is_doctype(buf, at):
        at = skip_to_greater(buf, at + 9, end)
    at = skip_prolog(buf, at, end)

    while at < end:
        if mode != MARKUP and mode != REFERENCES_ONLY:
            stop = raw_end(buf, at, end, mode, name_start, name_end)
            if stop > at:
                nodes[stack[depth - 1], TEXT] = at
                nodes[stack[depth - 1], TEXT_END] = stop
            at = stop
            mode = MARKUP
            continue
        if buf[at] != 60 or mode == REFERENCES_ONLY:
            stop = end
            if mode == REFERENCES_ONLY:
                stop = raw_end(buf, at, end, mode, name_start, name_end)
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
                            count, depth, used = say(
                                nodes, count, buf, start, before, stack, depth, open_count, seen,
                                tables.in_head,
                            )  # fmt: skip
                        if used != before:
                            written = copy_bytes(buf, before, written, used)
                        count, depth, used = say(
                            nodes, count, buf, used, written, stack, depth, open_count, seen,
                            tables.in_head,
                        )  # fmt: skip
                        start = used
                        at = behind
                        continue
                buf[used] = 38
                used += 1
                at += 1
            if used > start:
                count, depth, used = say(nodes, count, buf, start, used, stack, depth, open_count, seen, tables.in_head)
            continue

        following = buf[at + 1]
        if following == 33:
            if is_doctype(buf, at):
                at = skip_to_greater(buf, at + 9, end)
            elif buf[at + 2] == 45 and buf[at + 3] == 45:
                at = skip_comment(buf, at + 4, end)
            elif (open_count[_MATH] > 0 or open_count[_SVG] > 0) and is_cdata(buf, at):
                stop = cdata_end(buf, at + 9, end)
                if stop > at + 9:
                    written = copy_bytes(buf, at + 9, stop, used)
                    count, depth, used = say(
                        nodes, count, buf, used, written, stack, depth, open_count, seen, tables.in_head
                    )
                at = min(stop + 3, end)
            else:
                at = skip_to_greater(buf, at + 2, end)
            continue
        if following == 63:
            at = skip_to_greater(buf, at + 1, end)
            continue
        ends = following == 47
        if ends:
            if at + 2 >= end:
                buf[used] = 60
                buf[used + 1] = 47
                count, depth, used = say(
                    nodes, count, buf, used, used + 2, stack, depth, open_count, seen, tables.in_head
                )
                at = end
                continue
            if buf[at + 2] == 62:
                at += 3
                continue
            if not is_letter(buf[at + 2]):
                at = skip_to_greater(buf, at + 2, end)
                continue
            at += 2
        elif not is_letter(following):
            buf[used] = 60
            count, depth, used = say(nodes, count, buf, used, used + 1, stack, depth, open_count, seen, tables.in_head)
            at += 1
            continue
        else:
            at += 1

        # The name of a tag.
        name_start = at
        while at < end and not (buf[at] == 62 or buf[at] == 47 or is_blank(buf[at])):
            at += 1
        name_end = min(at, name_start + _LONGEST_NAME)
        tag = number_of(buf, name_start, name_end, tables.tag_slots, tables.tag_starts, tables.tag_bytes)
        if tag in (_TEMPLATE, _FRAMESET) and buf[at] != 47:
            tag = _DIV
        if tag < 0:
            tag, own = own_number_of(buf, name_start, name_end, own_slots, names, own)

        discarded = False
        if not ends:
            if tag < _KNOWN:
                while depth > 0:
                    current = nodes[stack[depth - 1], TAG]
                    if current >= _KNOWN or tables.closes[current, tag] == 0:
                        break
                    depth = close_element(nodes, count, stack, depth, open_count)
            count, depth = imply(nodes, count, tag, stack, depth, open_count, seen, tables.in_head)
            if (tag == _HTML and depth > 0) or (tag == _HEAD and depth != 1):
                discarded = True
                ignored += 1
            if tag == _BODY and open_count[_BODY] > 0:
                discarded = True
                ignored += open_count[_BODY]

        # Its attributes.
        first_attribute = attribute_count
        at = skip_blanks(buf, at, end)
        while at < end and buf[at] != 62 and not (buf[at] == 47 and buf[at + 1] == 62):
            if buf[at] == 47:
                at = skip_blanks(buf, at + 1, end)
                continue
            start = at
            at += 1
            while at < end and not (buf[at] == 47 or buf[at] == 62 or buf[at] == 61 or is_blank(buf[at])):
                at += 1
            stop = at
            at = skip_blanks(buf, at, end)
            value = -1
            value_end = -1
            if at < end and buf[at] == 61:
                at = skip_blanks(buf, at + 1, end)
                quote = buf[at]
                if at < end and (quote == 34 or quote == 39):
                    at += 1
                    value = at
                    while at < end and buf[at] != quote:
                        at += 1
                    value_end = at
                    at = min(at + 1, end)
                else:
                    value = at
                    while at < end and buf[at] != 62 and not is_blank(buf[at]):
                        at += 1
                    value_end = at
            at = skip_blanks(buf, at, end)
            if ends:
                continue
            if attribute_count - first_attribute >= MAX_ATTRIBUTES:
                return count, attribute_count, own, used, 2, behind
            if attribute_count == attributes.shape[0]:
                return count, attribute_count, own, used, 3, behind
            attributes[attribute_count, NAME] = number_of(
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
            if behind < 0 and tag in (_HTML, _BODY):
                behind = count
            if ignored > 0 and tag in (_HTML, _HEAD, _BODY):
                ignored -= 1
                continue
            if open_count[tag] == 0 or tag == _HTML or tag == _BODY:  # what follows is the body's all the same
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
                    depth = close_element(nodes, count, stack, depth, open_count)
            continue

        if at >= end:
            attribute_count = first_attribute
            continue
        if discarded:
            attribute_count = first_attribute
        else:
            if depth >= MAX_DEPTH and tag < _KNOWN and tables.formats[tag]:
                depth = close_element(nodes, count, stack, depth, open_count)
            if depth >= MAX_DEPTH:
                return count, attribute_count, own, used, 1, behind
            if tag == _HEAD:
                seen[0] = 1
            elif tag == _BODY:
                seen[0] = seen[1] = 1
            depth = open_element(nodes, count, tag, stack, depth, open_count)
            nodes[count, FIRST_ATTRIBUTE] = first_attribute
            nodes[count, ATTRIBUTES] = attribute_count - first_attribute
            count += 1
        if depth == 0:
            continue
        # A tag that was ignored still ends or begins what is open, as the source of the tree has it.
        current = nodes[stack[depth - 1], TAG]
        if buf[at] == 47:
            at += 2
            depth = close_element(nodes, count, stack, depth, open_count)
            continue
        at += 1
        if current < _KNOWN:
            if tables.kinds[current, 1]:
                depth = close_element(nodes, count, stack, depth, open_count)
            else:
                mode = np.int64(tables.kinds[current, 2])
    while depth > 0:
        depth = close_element(nodes, count, stack, depth, open_count)
    return count, attribute_count, own, used, 0, behind
