"""Tree construction: what each token of a page does in each insertion mode (section 13.2.6 of the HTML standard);
compiled. Scripts do not run here, so `noscript` holds elements.
"""

from typing import Any

import numpy as np

from pipelines.extraction.html.body_kernel import end_in_body, insert_raw, start_in_body
from pipelines.extraction.html.build_kernel import (
    ACTIVE,
    ACTIVE_LIST,
    BEHIND,
    CONTENT,
    COUNT,
    DEPTH,
    FOREIGN,
    FOSTER,
    FRAMESET_OK,
    MODE,
    NAME,
    OPEN,
    PLAIN_SCOPE,
    RAW_OPEN,
    STATE,
    TAG,
    TEMPLATES,
    VALUE,
    VALUE_END,
    XML,
    groups_of,
    in_scope,
    insert,
    insert_text,
    is_context,
    pop,
    top_of,
)
from pipelines.extraction.html.early_kernel import before_body, end_template, start_early, start_in_head, template_mode
from pipelines.extraction.html.foreign_kernel import (
    end_foreign,
    is_foreign_start,
    is_foreign_text,
    start_foreign,
)
from pipelines.extraction.html.formatting_kernel import reconstruct
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.modes import (
    AFTER_AFTER_BODY,
    AFTER_AFTER_FRAMESET,
    AFTER_BODY,
    AFTER_FRAMESET,
    BEFORE_HEAD,
    IN_BODY,
    IN_CAPTION,
    IN_CELL,
    IN_COLUMNS,
    IN_FRAMESET,
    IN_HEAD,
    IN_NOSCRIPT,
    IN_ROW,
    IN_TABLE,
    IN_TABLE_BODY,
    IN_TEMPLATE,
)
from pipelines.extraction.html.names import ATTRIBUTE_NUMBER, HEAD_PART, MARKUP, NUMBER, PLAIN
from pipelines.extraction.html.scan_kernel import is_blank, lower, skip_blanks
from pipelines.extraction.html.table_kernel import (
    AGAIN,
    DONE,
    LEFT,
    close_columns,
    end_in_caption,
    end_in_cell,
    end_in_columns,
    end_in_row,
    end_in_section,
    end_in_table,
    start_in_caption,
    start_in_cell,
    start_in_columns,
    start_in_row,
    start_in_section,
    start_in_table,
)

(
    _BODY, _BR, _FRAME, _FRAMESET, _HEAD, _HTML, _INPUT, _NOFRAMES, _NOSCRIPT, _TEMPLATE,
    _CAPTION, _COLGROUP, _SELECT, _TABLE, _TBODY, _TD, _TFOOT, _TH, _THEAD, _TR,
) = (
    NUMBER[name]
    for name in (
        "body", "br", "frame", "frameset", "head", "html", "input", "noframes", "noscript", "template",
        "caption", "colgroup", "select", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    )
)  # fmt: skip
_TYPE = ATTRIBUTE_NUMBER["type"]
_HIDDEN = np.frombuffer(b"hidden", np.uint8)


@kernel
def start_tag(nodes: Any, w: Any, attributes: Any, buf: Any, tag: Any, first: Any, number: Any, slash: Any) -> Any:
    """A start tag with its attributes; what its contents are is `w[CONTENT]` then."""
    w[CONTENT] = MARKUP
    before = w[COUNT]
    foreign = w[DEPTH] > 0 and is_foreign_start(nodes, top_of(w), tag)
    if not foreign or not start_foreign(nodes, w, attributes, buf, tag, first, number, slash):
        _start_html(nodes, w, attributes, buf, tag, first, number, slash)
    if slash and w[XML] and w[DEPTH] > 1 and w[COUNT] > before and top_of(w) == w[COUNT] - 1:
        _end_as_xml(nodes, w, tag)
    w[RAW_OPEN] = w[CONTENT] != MARKUP and w[CONTENT] != PLAIN


@kernel
def _end_as_xml(nodes: Any, w: Any, tag: Any) -> Any:
    """End the element that a page in XML wrote as `<a/>`; where the standard's mode changes with it, by its end tag."""
    w[CONTENT] = MARKUP
    w[RAW_OPEN] = 0
    if nodes[top_of(w), STATE] & FOREIGN == 0:
        if tag == _HTML or tag == _BODY:
            return
        if tag in (_CAPTION, _COLGROUP, _HEAD, _SELECT, _TABLE, _TBODY, _TD, _TEMPLATE, _TFOOT, _TH, _THEAD, _TR):
            end_tag(nodes, w, tag)
            return
    if w[ACTIVE] > 0 and w[ACTIVE_LIST + w[ACTIVE] - 1] == top_of(w):
        w[ACTIVE] -= 1
    pop(nodes, w)


@kernel
def _is_hidden(attributes: Any, buf: Any, first: Any, number: Any) -> Any:
    """Whether an `input` is of the type `hidden`."""
    for at in range(first, first + number):
        if attributes[at, NAME] == _TYPE:
            start = attributes[at, VALUE]
            if attributes[at, VALUE_END] - start != _HIDDEN.size:
                return False
            for offset in range(_HIDDEN.size):
                if lower(buf[start + offset]) != _HIDDEN[offset]:
                    return False
            return True
    return False


@kernel
def finish(nodes: Any, w: Any) -> Any:
    """The end of the page: a page with any element has a head and a body."""
    if w[RAW_OPEN]:
        pop(nodes, w)
    while w[TEMPLATES] > 0 and w[OPEN + _TEMPLATE] > 0:
        end_template(nodes, w)
    while w[COUNT] > 0 and w[MODE] < IN_BODY:
        before_body(nodes, w)


@kernel
def _start_in_table_parts(nodes: Any, w: Any, tag: Any, first: Any, number: Any, hidden: Any) -> Any:
    """A start tag in one of the modes of tables: DONE, AGAIN or LEFT."""
    mode = w[MODE]
    outcome = LEFT
    if tag == _TEMPLATE:
        return LEFT
    if mode == IN_CELL:
        return start_in_cell(nodes, w, tag)
    if mode == IN_CAPTION:
        return start_in_caption(nodes, w, tag)
    if mode == IN_COLUMNS:
        return DONE if tag == _HTML else start_in_columns(nodes, w, tag, first, number)
    if mode == IN_ROW:
        outcome = start_in_row(nodes, w, tag, first, number)
    elif mode == IN_TABLE_BODY:
        outcome = start_in_section(nodes, w, tag, first, number)
    return start_in_table(nodes, w, tag, first, number, hidden) if outcome == LEFT else outcome


@kernel
def _start_html(nodes: Any, w: Any, attributes: Any, buf: Any, tag: Any, first: Any, number: Any, slash: Any) -> Any:
    hidden = tag == _INPUT and _is_hidden(attributes, buf, first, number)
    foster = 0
    while True:
        mode = w[MODE]
        if mode < IN_BODY:
            if start_early(nodes, w, tag, first, number):
                return
            before_body(nodes, w)
            continue
        if IN_TABLE <= mode <= IN_CELL:
            outcome = _start_in_table_parts(nodes, w, tag, first, number, hidden)
            if outcome == DONE:
                return
            if outcome == AGAIN:
                continue
            if mode not in (IN_CELL, IN_CAPTION) and tag != _TEMPLATE:
                foster = 1
        elif mode == IN_TEMPLATE:
            if not groups_of(tag) & HEAD_PART:
                template_mode(w, tag)
                continue
        elif mode == IN_FRAMESET or mode == AFTER_FRAMESET or mode == AFTER_AFTER_FRAMESET:
            if tag == _NOFRAMES:
                insert_raw(nodes, w, tag, first, number)
            elif mode == IN_FRAMESET and tag in (_FRAMESET, _FRAME):
                insert(nodes, w, tag, 0, first, number)
                if tag == _FRAME:
                    pop(nodes, w)
            return
        elif mode != IN_BODY:
            if tag == _HTML:
                return
            w[MODE] = IN_BODY
        break
    w[FOSTER] = foster
    if groups_of(tag) & HEAD_PART:
        start_in_head(nodes, w, tag, first, number)
    else:
        start_in_body(nodes, w, attributes, buf, tag, first, number, slash, hidden)
    w[FOSTER] = 0


@kernel
def end_tag(nodes: Any, w: Any, tag: Any) -> Any:
    if w[RAW_OPEN]:
        w[RAW_OPEN] = 0
        pop(nodes, w)
        return
    if w[DEPTH] > 0 and nodes[top_of(w), STATE] & FOREIGN and end_foreign(nodes, w, tag):
        return
    if w[BEHIND] < 0 and (tag == _HTML or tag == _BODY) and w[MODE] >= IN_BODY:
        w[BEHIND] = w[COUNT]
    while True:
        mode = w[MODE]
        if tag == _TEMPLATE and mode > BEFORE_HEAD and mode not in (IN_NOSCRIPT, IN_FRAMESET, AFTER_FRAMESET):
            end_template(nodes, w)
            return
        if mode == IN_BODY:
            if tag == _HTML and in_scope(nodes, w, _BODY, PLAIN_SCOPE):
                w[MODE] = AFTER_BODY
                continue
            end_in_body(nodes, w, tag)
            return
        if mode < IN_BODY:
            if (mode == IN_HEAD and tag == _HEAD) or (mode == IN_NOSCRIPT and tag == _NOSCRIPT):
                before_body(nodes, w)
                return
            goes_on = tag == _BR or (mode != IN_NOSCRIPT and tag in (_BODY, _HTML))
            if not goes_on and not (tag == _HEAD and mode <= BEFORE_HEAD):
                return
            before_body(nodes, w)
            continue
        if IN_TABLE <= mode <= IN_CELL:
            outcome = _end_in_table_parts(nodes, w, tag)
            if outcome == AGAIN:
                continue
            if outcome == LEFT:
                w[FOSTER] = mode not in (IN_CELL, IN_CAPTION)
                end_in_body(nodes, w, tag)
                w[FOSTER] = 0
            return
        if mode == AFTER_BODY or mode == AFTER_AFTER_BODY:
            if tag == _HTML and mode == AFTER_BODY:
                w[MODE] = AFTER_AFTER_BODY
                return
            w[MODE] = IN_BODY
            continue
        if mode == IN_FRAMESET and tag == _FRAMESET and w[DEPTH] > 1:
            pop(nodes, w)
            if nodes[top_of(w), TAG] != _FRAMESET:
                w[MODE] = AFTER_FRAMESET
        elif mode == AFTER_FRAMESET and tag == _HTML:
            w[MODE] = AFTER_AFTER_FRAMESET
        return


@kernel
def _end_in_table_parts(nodes: Any, w: Any, tag: Any) -> Any:
    mode = w[MODE]
    outcome = LEFT
    if mode == IN_CELL:
        return end_in_cell(nodes, w, tag)
    if mode == IN_CAPTION:
        return end_in_caption(nodes, w, tag)
    if mode == IN_COLUMNS:
        return end_in_columns(nodes, w, tag)
    if mode == IN_ROW:
        outcome = end_in_row(nodes, w, tag)
    elif mode == IN_TABLE_BODY:
        outcome = end_in_section(nodes, w, tag)
    return end_in_table(nodes, w, tag) if outcome == LEFT else outcome


@kernel
def say(nodes: Any, w: Any, buf: Any, start: Any, end: Any) -> Any:
    """A text, a span of the buffer that ends where the buffer ends so far."""
    if start == end:
        return
    if w[RAW_OPEN]:
        insert_text(nodes, w, buf, start, end)
        return
    if w[DEPTH] > 0 and is_foreign_text(nodes, top_of(w)):
        insert_text(nodes, w, buf, start, end)
        if skip_blanks(buf, start, end) < end:
            w[FRAMESET_OK] = 0
        return
    while True:
        mode = w[MODE]
        first = skip_blanks(buf, start, end)
        if mode == IN_BODY or mode == IN_CELL or mode == IN_CAPTION or mode == IN_TEMPLATE:
            if first < end:
                w[FRAMESET_OK] = 0
            break
        if mode < IN_BODY:
            if first > start and mode >= IN_HEAD:
                insert_text(nodes, w, buf, start, first)
            if first == end:
                return
            start = first
            before_body(nodes, w)
        elif mode == IN_TABLE or mode == IN_TABLE_BODY or mode == IN_ROW:
            if first == end and is_context(nodes, top_of(w)):
                insert_text(nodes, w, buf, start, end)
                return
            w[FOSTER] = 1
            w[FRAMESET_OK] = 0
            break
        elif mode == IN_COLUMNS:
            if first > start:
                insert_text(nodes, w, buf, start, first)
            start = first
            if first == end or not close_columns(nodes, w):
                return
        elif mode == AFTER_BODY or mode == AFTER_AFTER_BODY:
            if first == end:
                break
            w[MODE] = IN_BODY
        else:
            _say_blanks(nodes, w, buf, start, end)
            return
    reconstruct(nodes, w)
    insert_text(nodes, w, buf, start, end)
    w[FOSTER] = 0


@kernel
def _say_blanks(nodes: Any, w: Any, buf: Any, start: Any, end: Any) -> Any:
    """Of a text in a frameset only white space stays."""
    behind = start
    for at in range(start, end):
        if is_blank(buf[at]):
            buf[behind] = buf[at]
            behind += 1
    if behind > start:
        insert_text(nodes, w, buf, start, behind)
