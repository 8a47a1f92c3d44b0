"""Reads a page token by token (section 13.2.5 of the HTML standard) and hands each to the tree; compiled."""

from typing import Any

from pipelines.extraction.html.build_kernel import (
    ACTIVE,
    ACTIVE_LIST,
    BEHIND,
    CONTENT,
    DEPTH,
    FOREIGN,
    FORM_ROW,
    FRAMESET_OK,
    HEAD_ROW,
    LOST,
    MAX_DEPTH,
    MODE,
    NAME,
    NAME_END,
    NAME_START,
    NULS,
    SKIP_LINE,
    STATE,
    TAG,
    TEXT,
    TEXT_END,
    USED,
    VALUE,
    VALUE_END,
    XML,
    copy_bytes,
    groups_of,
    pop,
    top_of,
)
from pipelines.extraction.html.construct_kernel import end_tag, finish, say, start_tag
from pipelines.extraction.html.foreign_kernel import is_foreign_text
from pipelines.extraction.html.kernels import inlined, kernel
from pipelines.extraction.html.limits import MAX_ATTRIBUTES
from pipelines.extraction.html.modes import BEFORE_HTML, INITIAL
from pipelines.extraction.html.names import FORMATS, MARKUP, NUMBER, PLAIN, REFERENCES_ONLY
from pipelines.extraction.html.quick_kernel import quick_end, quick_say, quick_start
from pipelines.extraction.html.references import read_reference
from pipelines.extraction.html.scan_kernel import (
    cdata_end,
    is_blank,
    is_cdata,
    is_doctype,
    is_letter,
    number_of,
    own_number_of,
    raw_end,
    skip_blanks,
    skip_comment,
    skip_to_greater,
)

_LONGEST_NAME = 100
_TEMPLATE, _DIV = NUMBER["template"], NUMBER["div"]
_DEPTH, _ATTRIBUTES, _ROOM = 1, 2, 3
"""Faults, as in `parser.Fault`."""
_ROOMY = MAX_DEPTH - 16


@kernel
def read_tokens(
    buf: Any, end: Any, nodes: Any, w: Any, attributes: Any, names: Any, own_slots: Any, tables: Any
) -> Any:
    """Read the page in `buf`; how many attributes and names of its own it has, and the fault, 0 for none."""
    total = 0
    own = 0
    mode: Any = MARKUP
    name_start: Any = 0
    name_end: Any = 0
    templates = False
    w[HEAD_ROW] = w[FORM_ROW] = w[BEHIND] = -1
    w[MODE] = INITIAL
    w[FRAMESET_OK] = 1
    at: Any = 0
    while at < end:
        if mode != MARKUP or buf[at] != 60:
            stop = end if mode == MARKUP else raw_end(buf, at, end, mode, name_start, name_end)
            if w[SKIP_LINE]:
                w[SKIP_LINE] = 0
                if buf[at] == 10 and at < stop:
                    at += 1
            if mode == MARKUP or mode == REFERENCES_ONLY:
                start: Any = w[USED]
                at = _read_text(nodes, buf, at, stop, w, mode == MARKUP, tables)
                if not quick_say(nodes, w, buf, start, w[USED]):
                    say(nodes, w, buf, start, w[USED])
            elif mode == PLAIN or w[NULS]:
                start = w[USED]
                at = _copy_raw(buf, at, stop, w)
                say(nodes, w, buf, start, w[USED])
            else:
                row = top_of(w)
                nodes[row, TEXT] = at
                nodes[row, TEXT_END] = stop
                at = stop
            mode = MARKUP
            continue
        w[SKIP_LINE] = 0
        following = buf[at + 1]
        ends = following == 47
        if following == 33:
            at = _read_declaration(nodes, buf, at, end, w)
            continue
        if following == 63 or (ends and at + 2 < end and buf[at + 2] != 62 and not is_letter(buf[at + 2])):
            at = skip_to_greater(buf, at + 1, end)
            continue
        if ends and at + 2 < end and buf[at + 2] == 62:
            at += 3
            continue
        if not is_letter(buf[at + 2 if ends else at + 1]):
            start = w[USED]
            stop = at + 2 if ends else at + 1
            w[USED] = copy_bytes(buf, at, min(stop, end), start)
            say(nodes, w, buf, start, w[USED])
            at = stop
            continue
        at += 2 if ends else 1
        name_start = at
        while at < end and not (buf[at] == 62 or buf[at] == 47 or is_blank(buf[at])):
            at += 1
        name_end = min(at, name_start + _LONGEST_NAME)
        tag = number_of(buf, name_start, name_end, tables.tag_slots, tables.tag_starts, tables.tag_bytes)
        if tag < 0:
            tag, own = own_number_of(buf, name_start, name_end, own_slots, names, own)
        if ends:
            at, slash, _ = _read_attributes(buf, at, end, attributes, total, True, tables)
            if at < end:
                at += 2 if slash else 1
                if not quick_end(nodes, w, tag):
                    end_tag(nodes, w, tag)
            continue
        at, slash, behind = _read_attributes(buf, at, end, attributes, total, False, tables)
        if behind < 0:
            return total, own, _ROOM if behind == -1 else _ATTRIBUTES
        if at >= end:
            break
        at += 2 if slash else 1
        if w[DEPTH] >= _ROOMY and groups_of(tag) & FORMATS and not nodes[top_of(w), STATE] & FOREIGN:
            _close_formats(nodes, w)
        templates |= tag == _TEMPLATE
        if (
            (slash and w[XML])
            or w[DEPTH] == 0
            or not quick_start(nodes, w, attributes, buf, tag, total, behind - total)
        ):
            start_tag(nodes, w, attributes, buf, tag, total, behind - total, slash)
        total = behind
        if w[LOST]:
            return total, own, _DEPTH
        mode = w[CONTENT]
    finish(nodes, w)
    if templates:
        for row in range(w[0]):
            if nodes[row, TAG] == _TEMPLATE:
                nodes[row, TAG] = _DIV  # what a template holds is read as text
    return total, own, 0


@kernel
def _close_formats(nodes: Any, w: Any) -> Any:
    """Close formatting elements on top of too many open ones, so that the next stands beside them."""
    while groups_of(nodes[top_of(w), TAG]) & FORMATS:
        row = top_of(w)
        pop(nodes, w)
        if w[ACTIVE] > 0 and w[ACTIVE_LIST + w[ACTIVE] - 1] == row:
            w[ACTIVE] -= 1


@inlined
def _read_text(nodes: Any, buf: Any, at: Any, stop: Any, w: Any, markup: Any, tables: Any) -> Any:
    """Write the text at `at` to the end of the buffer, references decoded; where it ends: at a tag, or at `stop`.

    A NUL says nothing in HTML, and is U+FFFD in the contents of `title` and `textarea` and in foreign elements.
    """
    used: Any = w[USED]
    nul = 0 if w[NULS] else 256
    shown = not markup or (w[NULS] and w[DEPTH] > 0 and is_foreign_text(nodes, top_of(w)))
    less = 60 if markup else 256
    while at < stop:
        place = at
        while place < stop and buf[place] != 38 and buf[place] != less and buf[place] != nul:
            place += 1
        for offset in range(place - at):
            buf[used + offset] = buf[at + offset]
        used += place - at
        at = place
        if at == stop or buf[at] == less:
            break
        if buf[at] == nul:
            used = _replaced(buf, used) if shown else used
            at += 1
            continue
        behind, written = read_reference(
            buf, at, stop, False, buf, used, tables.reference_slots, tables.reference_rows, tables.reference_bytes
        )
        if behind > at:
            at = behind
            used = written
        else:
            buf[used] = 38
            used += 1
            at += 1
    w[USED] = used
    return at


@kernel
def _replaced(buf: Any, used: Any) -> Any:
    """Write U+FFFD."""
    buf[used] = 0xEF
    buf[used + 1] = 0xBF
    buf[used + 2] = 0xBD
    return used + 3


@kernel
def _copy_raw(buf: Any, at: Any, stop: Any, w: Any) -> Any:
    """Write a text without references to the end of the buffer; where it ends."""
    used: Any = w[USED]
    for place in range(at, stop):
        if buf[place] == 0:
            used = _replaced(buf, used)
        else:
            buf[used] = buf[place]
            used += 1
    w[USED] = used
    return stop


@kernel
def _read_declaration(nodes: Any, buf: Any, at: Any, end: Any, w: Any) -> Any:
    """Behind the comment, document type or CDATA section that begins with `<!` at `at`."""
    if buf[at + 2] == 45 and buf[at + 3] == 45:
        return skip_comment(buf, at + 4, end)
    if is_doctype(buf, at):
        if w[MODE] == INITIAL:
            w[MODE] = BEFORE_HTML
        return skip_to_greater(buf, at + 9, end)
    if w[DEPTH] > 0 and nodes[top_of(w), STATE] & FOREIGN and is_cdata(buf, at):
        stop = cdata_end(buf, at + 9, end)
        start: Any = w[USED]
        _copy_raw(buf, at + 9, stop, w)
        say(nodes, w, buf, start, w[USED])
        return min(stop + 3, end)
    return skip_to_greater(buf, at + 2, end)


@inlined
def _read_attributes(buf: Any, at: Any, end: Any, attributes: Any, total: Any, skip: Any, tables: Any) -> Any:
    """Read a tag behind its name to its `>`; where that stands, whether a `/` does, and how many attributes are known.

    With `skip` they are not kept. The last is -1 where there is no room for them, -2 where they are too many.
    """
    first = total
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
        value: Any = -1
        value_end: Any = -1
        if at < end and buf[at] == 61:
            at = skip_blanks(buf, at + 1, end)
            quote = buf[at]
            value = at
            if at < end and (quote == 34 or quote == 39):
                at += 1
                value = at
                while at < end and buf[at] != quote:
                    at += 1
                value_end = at
                at = min(at + 1, end)
            else:
                while at < end and buf[at] != 62 and not is_blank(buf[at]):
                    at += 1
                value_end = at
        at = skip_blanks(buf, at, end)
        if skip:
            continue
        if total - first >= MAX_ATTRIBUTES:
            return at, False, -2
        if total == attributes.shape[0]:
            return at, False, -1
        attributes[total, NAME] = number_of(
            buf, start, stop, tables.attribute_slots, tables.attribute_starts, tables.attribute_bytes
        )
        attributes[total, NAME_START] = start
        attributes[total, NAME_END] = stop
        attributes[total, VALUE] = value
        attributes[total, VALUE_END] = value_end
        total += 1
    return at, at < end and buf[at] == 47, total
