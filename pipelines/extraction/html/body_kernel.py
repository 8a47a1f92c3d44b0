"""What start and end tags do in the body of a page (section 13.2.6.4.7 of the HTML standard); compiled."""

from typing import Any

import numpy as np

from pipelines.extraction.html.build_kernel import (
    ACTIVE,
    BEHIND,
    BUTTON,
    CONTENT,
    COUNT,
    DEPTH,
    FOREIGN,
    FORM_ROW,
    FRAMESET_OK,
    KNOWN,
    LAST,
    LIST,
    MATHML,
    MODE,
    NAME,
    NO_LINK,
    OPEN,
    PLAIN_SCOPE,
    PREVIOUS,
    QUIRKS,
    SKIP_LINE,
    STACK,
    STATE,
    SVG,
    TAG,
    groups_of,
    imply_ends,
    in_scope,
    insert,
    pop,
    pop_until,
    remove_from_stack,
    top_of,
)
from pipelines.extraction.html.formatting_kernel import (
    adopt,
    any_other_end,
    clear_to_marker,
    drop_active,
    is_active,
    place_in_stack,
    push_active,
    push_marker,
    reconstruct,
)
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.modes import AFTER_BODY, IN_FRAMESET, IN_TABLE
from pipelines.extraction.html.names import (
    ATTRIBUTE_NUMBER,
    CONTENTS,
    FORMATS,
    HEADING,
    NUMBER,
    S_A,
    S_BLOCK,
    S_BODY,
    S_BUTTON,
    S_FORM,
    S_FORMAT,
    S_FRAMESET,
    S_HEADING,
    S_HR,
    S_HTML,
    S_IFRAME,
    S_INPUT,
    S_ITEM,
    S_LI,
    S_MARKER,
    S_MATH,
    S_NOBR,
    S_NOEMBED,
    S_OPTION,
    S_OTHER,
    S_P,
    S_PARAM,
    S_PLAINTEXT,
    S_PRE,
    S_RB,
    S_RT,
    S_SELECT,
    S_SVG,
    S_TABLE,
    S_TABLE_PART,
    S_TEXTAREA,
    S_VOID,
    S_XMP,
    SPECIAL,
    STARTS,
)

(
    _A, _ADDRESS, _BODY, _BR, _BUTTON, _DD, _DIV, _DT, _FORM, _HTML, _IMAGE, _IMG, _LI, _NOBR, _OPTGROUP, _OPTION, _P,
    _RTC, _RUBY, _SELECT, _TEMPLATE,
) = (
    NUMBER[name]
    for name in (
        "a", "address", "body", "br", "button", "dd", "div", "dt", "form", "html", "image", "img", "li", "nobr",
        "optgroup", "option", "p", "rtc", "ruby", "select", "template",
    )
)  # fmt: skip

_HREF = ATTRIBUTE_NUMBER["href"]


@kernel
def close_p(nodes: Any, w: Any) -> Any:
    """Close an open paragraph in button scope."""
    if w[OPEN + _P] > 0 and in_scope(nodes, w, _P, BUTTON):
        imply_ends(nodes, w, _P, False)
        pop_until(nodes, w, _P)


@kernel
def _close_item(nodes: Any, w: Any, tag: Any) -> Any:
    """A new item of a list closes the one before it."""
    for place in range(w[DEPTH] - 1, 0, -1):
        row = w[STACK + place]
        other = nodes[row, TAG]
        if nodes[row, STATE] & FOREIGN:
            continue
        if (other == _LI and tag == _LI) or (tag != _LI and (other == _DD or other == _DT)):
            imply_ends(nodes, w, other, False)
            pop_until(nodes, w, other)
            return
        if groups_of(other) & SPECIAL and other != _ADDRESS and other != _DIV and other != _P:
            return


@kernel
def leads(attributes: Any, first: Any, number: Any) -> Any:
    """Whether one of an element's attributes is `href`."""
    for at in range(first, first + number):
        if attributes[at, NAME] == _HREF:
            return True
    return False


@kernel
def _insert_void(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    insert(nodes, w, tag, 0, first, number)
    pop(nodes, w)


@kernel
def start_in_body(
    nodes: Any, w: Any, attributes: Any, buf: Any, tag: Any, first: Any, number: Any, slash: Any, hidden: Any
) -> Any:
    """A start tag; `hidden`: an `input` that is not shown."""
    kind = STARTS[min(tag, KNOWN)]
    if kind == S_OTHER:
        reconstruct(nodes, w)
        insert(nodes, w, tag, 0, first, number)
    elif kind == S_BLOCK or kind == S_P:
        close_p(nodes, w)
        insert(nodes, w, tag, 0, first, number)
    elif kind == S_FORMAT:
        reconstruct(nodes, w)
        push_active(nodes, w, attributes, buf, insert(nodes, w, tag, 0, first, number))
    elif kind == S_A:
        if is_active(nodes, w, _A):
            adopt(nodes, w, _A)
            drop_active(nodes, w, _A)
        reconstruct(nodes, w)
        row = insert(nodes, w, tag, 0, first, number)
        if not leads(attributes, first, number):
            nodes[row, STATE] |= NO_LINK
        push_active(nodes, w, attributes, buf, row)
    elif kind == S_LI or kind == S_ITEM:
        w[FRAMESET_OK] = 0
        _close_item(nodes, w, tag)
        close_p(nodes, w)
        insert(nodes, w, tag, 0, first, number)
    elif kind == S_VOID:
        reconstruct(nodes, w)
        _insert_void(nodes, w, _IMG if tag == _IMAGE else tag, first, number)
        w[FRAMESET_OK] = 0
    elif kind == S_HEADING:
        close_p(nodes, w)
        top = top_of(w)
        if groups_of(nodes[top, TAG]) & HEADING and not nodes[top, STATE] & FOREIGN:
            pop(nodes, w)
        insert(nodes, w, tag, 0, first, number)
    elif kind == S_TABLE:
        if not w[QUIRKS]:
            close_p(nodes, w)
        insert(nodes, w, tag, 0, first, number)
        w[FRAMESET_OK] = 0
        w[MODE] = IN_TABLE
    elif kind == S_PRE:
        close_p(nodes, w)
        insert(nodes, w, tag, 0, first, number)
        w[SKIP_LINE] = 1
        w[FRAMESET_OK] = 0
    else:
        _rarer_start(nodes, w, attributes, buf, tag, kind, first, number, slash, hidden)


@kernel
def _rarer_start(
    nodes: Any, w: Any, attributes: Any, buf: Any, tag: Any, kind: Any, first: Any, number: Any, slash: Any, hidden: Any
) -> Any:
    if kind == S_MATH or kind == S_SVG:
        reconstruct(nodes, w)
        insert(nodes, w, tag, MATHML if kind == S_MATH else SVG, first, number)
        if slash:
            pop(nodes, w)
    elif kind == S_INPUT:
        if in_scope(nodes, w, _SELECT, PLAIN_SCOPE):
            pop_until(nodes, w, _SELECT)
        reconstruct(nodes, w)
        _insert_void(nodes, w, tag, first, number)
        if not hidden:
            w[FRAMESET_OK] = 0
    elif kind == S_PARAM:
        _insert_void(nodes, w, tag, first, number)
    elif kind == S_HR:
        close_p(nodes, w)
        if in_scope(nodes, w, _SELECT, PLAIN_SCOPE):
            imply_ends(nodes, w, -1, False)
        _insert_void(nodes, w, tag, first, number)
        w[FRAMESET_OK] = 0
    elif kind == S_FORM:
        if w[FORM_ROW] >= 0 and w[OPEN + _TEMPLATE] == 0:
            return
        close_p(nodes, w)
        row = insert(nodes, w, tag, 0, first, number)
        if w[OPEN + _TEMPLATE] == 0:
            w[FORM_ROW] = row
    elif kind == S_BUTTON:
        if in_scope(nodes, w, _BUTTON, PLAIN_SCOPE):
            imply_ends(nodes, w, -1, False)
            pop_until(nodes, w, _BUTTON)
        reconstruct(nodes, w)
        insert(nodes, w, tag, 0, first, number)
        w[FRAMESET_OK] = 0
    elif kind == S_NOBR:
        reconstruct(nodes, w)
        if in_scope(nodes, w, _NOBR, PLAIN_SCOPE):
            adopt(nodes, w, _NOBR)
            reconstruct(nodes, w)
        push_active(nodes, w, attributes, buf, insert(nodes, w, tag, 0, first, number))
    elif kind == S_MARKER:
        reconstruct(nodes, w)
        insert(nodes, w, tag, 0, first, number)
        push_marker(w)
        w[FRAMESET_OK] = 0
    elif kind == S_SELECT:
        if in_scope(nodes, w, _SELECT, PLAIN_SCOPE):
            pop_until(nodes, w, _SELECT)
            return
        reconstruct(nodes, w)
        insert(nodes, w, tag, 0, first, number)
        w[FRAMESET_OK] = 0
    elif kind == S_OPTION:
        if in_scope(nodes, w, _SELECT, PLAIN_SCOPE):
            imply_ends(nodes, w, _OPTGROUP if tag == _OPTION else -1, False)
        elif nodes[top_of(w), TAG] == _OPTION:
            pop(nodes, w)
        reconstruct(nodes, w)
        insert(nodes, w, tag, 0, first, number)
    elif kind == S_RB or kind == S_RT:
        if in_scope(nodes, w, _RUBY, PLAIN_SCOPE):
            imply_ends(nodes, w, _RTC if kind == S_RT else -1, False)
        insert(nodes, w, tag, 0, first, number)
    elif kind == S_TABLE_PART or kind == S_HTML:
        pass
    elif kind == S_BODY:
        if w[DEPTH] > 1 and nodes[w[STACK + 1], TAG] == _BODY and w[OPEN + _TEMPLATE] == 0:
            w[FRAMESET_OK] = 0
    elif kind == S_FRAMESET:
        _frameset(nodes, w, tag, first, number)
    else:
        _start_raw(nodes, w, tag, kind, first, number)


@kernel
def _start_raw(nodes: Any, w: Any, tag: Any, kind: Any, first: Any, number: Any) -> Any:
    """An element whose contents are text."""
    if kind == S_PLAINTEXT:
        close_p(nodes, w)
    elif kind == S_XMP:
        close_p(nodes, w)
        reconstruct(nodes, w)
        w[FRAMESET_OK] = 0
    elif kind == S_TEXTAREA:
        w[SKIP_LINE] = 1
        w[FRAMESET_OK] = 0
    elif kind == S_IFRAME:
        w[FRAMESET_OK] = 0
    elif kind == S_NOEMBED:
        pass
    insert_raw(nodes, w, tag, first, number)


@kernel
def insert_raw(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    insert(nodes, w, tag, 0, first, number)
    w[CONTENT] = CONTENTS[min(tag, KNOWN)]


@kernel
def _frameset(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    """A frameset takes the place of a body that says nothing."""
    if w[DEPTH] < 2 or nodes[w[STACK + 1], TAG] != _BODY or not w[FRAMESET_OK]:
        return
    body = w[STACK + 1]
    root = w[STACK]
    while w[DEPTH] > 1:
        pop(nodes, w)
    nodes[root, LAST] = nodes[body, PREVIOUS]
    w[COUNT] = body
    w[ACTIVE] = 0
    insert(nodes, w, tag, 0, first, number)
    w[MODE] = IN_FRAMESET


@kernel
def end_in_body(nodes: Any, w: Any, tag: Any) -> Any:
    """An end tag."""
    kind = STARTS[min(tag, KNOWN)]
    if kind == S_OTHER:
        any_other_end(nodes, w, tag)
    elif kind == S_P:
        if not in_scope(nodes, w, _P, BUTTON):
            insert(nodes, w, _P, 0, 0, 0)
        imply_ends(nodes, w, _P, False)
        pop_until(nodes, w, _P)
    elif groups_of(tag) & FORMATS:
        adopt(nodes, w, tag)
    elif kind == S_BLOCK or kind == S_PRE or kind == S_BUTTON or kind == S_SELECT:
        if in_scope(nodes, w, tag, PLAIN_SCOPE):
            imply_ends(nodes, w, -1, False)
            pop_until(nodes, w, tag)
    elif kind == S_LI or kind == S_ITEM:
        if in_scope(nodes, w, tag, LIST if kind == S_LI else PLAIN_SCOPE):
            imply_ends(nodes, w, tag, False)
            pop_until(nodes, w, tag)
    elif kind == S_HEADING:
        _end_heading(nodes, w)
    elif kind == S_BODY or kind == S_HTML:
        if w[BEHIND] < 0:
            w[BEHIND] = w[COUNT]
        if in_scope(nodes, w, _BODY, PLAIN_SCOPE):
            w[MODE] = AFTER_BODY
    elif kind == S_FORM:
        _end_form(nodes, w)
    elif kind == S_MARKER:
        if in_scope(nodes, w, tag, PLAIN_SCOPE):
            imply_ends(nodes, w, -1, False)
            pop_until(nodes, w, tag)
            clear_to_marker(w)
    elif tag == _BR:
        reconstruct(nodes, w)
        _insert_void(nodes, w, tag, 0, 0)
        w[FRAMESET_OK] = 0
    else:
        any_other_end(nodes, w, tag)


@kernel
def _end_heading(nodes: Any, w: Any) -> Any:
    """The end tag of a heading closes a heading of any rank."""
    for place in range(w[DEPTH] - 1, -1, -1):
        row = w[STACK + place]
        if nodes[row, STATE] & FOREIGN:
            continue
        if groups_of(nodes[row, TAG]) & HEADING:
            if not in_scope(nodes, w, np.int64(nodes[row, TAG]), PLAIN_SCOPE):
                return
            imply_ends(nodes, w, -1, False)
            while w[DEPTH] > place:
                pop(nodes, w)
            return


@kernel
def _end_form(nodes: Any, w: Any) -> Any:
    if w[OPEN + _TEMPLATE] > 0:
        if in_scope(nodes, w, _FORM, PLAIN_SCOPE):
            imply_ends(nodes, w, -1, False)
            pop_until(nodes, w, _FORM)
        return
    row = w[FORM_ROW]
    w[FORM_ROW] = -1
    place = place_in_stack(w, row) if row >= 0 else -1
    if place < 0 or not in_scope(nodes, w, _FORM, PLAIN_SCOPE):
        return
    imply_ends(nodes, w, -1, False)
    place = place_in_stack(w, row)
    if place >= 0:
        remove_from_stack(nodes, w, place)
