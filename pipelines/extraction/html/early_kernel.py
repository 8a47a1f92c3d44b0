"""What a page leaves out, and what belongs into its head (sections 13.2.6.4.1 to 13.2.6.4.6 of the HTML standard), and
the modes of templates (13.2.6.4.18); compiled.
"""

from typing import Any

from pipelines.extraction.html.body_kernel import insert_raw
from pipelines.extraction.html.build_kernel import (
    FRAMESET_OK,
    HEAD_ROW,
    KNOWN,
    MODE,
    OPEN,
    QUIRKS,
    TEMPLATE_MODES,
    TEMPLATES,
    groups_of,
    imply_ends,
    insert,
    new_row,
    pop,
    pop_until,
    push,
    remove_from_stack,
)
from pipelines.extraction.html.formatting_kernel import clear_to_marker, place_in_stack, push_marker
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.modes import (
    AFTER_HEAD,
    BEFORE_HEAD,
    BEFORE_HTML,
    IN_BODY,
    IN_COLUMNS,
    IN_FRAMESET,
    IN_HEAD,
    IN_NOSCRIPT,
    IN_ROW,
    IN_TABLE,
    IN_TABLE_BODY,
    IN_TEMPLATE,
    INITIAL,
)
from pipelines.extraction.html.names import CONTENTS, HEAD_PART, MARKUP, NUMBER
from pipelines.extraction.html.table_kernel import (
    reset_mode,
)

(
    _BASEFONT, _BGSOUND, _BODY, _CAPTION, _COL, _COLGROUP, _FRAMESET, _HEAD, _HTML, _LINK, _META, _NOFRAMES,
    _NOSCRIPT, _STYLE, _TBODY, _TD, _TEMPLATE, _TFOOT, _TH, _THEAD, _TR,
) = (
    NUMBER[name]
    for name in (
        "basefont", "bgsound", "body", "caption", "col", "colgroup", "frameset", "head", "html", "link", "meta",
        "noframes", "noscript", "style", "tbody", "td", "template", "tfoot", "th", "thead", "tr",
    )
)  # fmt: skip


@kernel
def _root(nodes: Any, w: Any, first: Any, number: Any) -> Any:
    push(nodes, w, new_row(nodes, w, _HTML, 0, first, number))
    w[MODE] = BEFORE_HEAD


@kernel
def _make_head(nodes: Any, w: Any, first: Any, number: Any) -> Any:
    w[HEAD_ROW] = insert(nodes, w, _HEAD, 0, first, number)
    w[MODE] = IN_HEAD


@kernel
def _make_body(nodes: Any, w: Any, first: Any, number: Any) -> Any:
    insert(nodes, w, _BODY, 0, first, number)
    w[MODE] = IN_BODY


@kernel
def before_body(nodes: Any, w: Any) -> Any:
    """One step of what a page leaves out before its body."""
    mode = w[MODE]
    if mode == INITIAL:
        w[QUIRKS] = 1
        w[MODE] = BEFORE_HTML
    elif mode == BEFORE_HTML:
        _root(nodes, w, 0, 0)
    elif mode == BEFORE_HEAD:
        _make_head(nodes, w, 0, 0)
    elif mode == IN_HEAD:
        pop(nodes, w)
        w[MODE] = AFTER_HEAD
    elif mode == IN_NOSCRIPT:
        pop(nodes, w)
        w[MODE] = IN_HEAD
    else:
        _make_body(nodes, w, 0, 0)


@kernel
def start_in_head(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    """A start tag of those that belong into the head, wherever it stands."""
    if tag == _TEMPLATE:
        insert(nodes, w, tag, 0, first, number)
        push_marker(w)
        w[FRAMESET_OK] = 0
        w[MODE] = IN_TEMPLATE
        w[TEMPLATE_MODES + w[TEMPLATES]] = IN_TEMPLATE
        w[TEMPLATES] += 1
    elif CONTENTS[min(tag, KNOWN)] == MARKUP:
        insert(nodes, w, tag, 0, first, number)
        pop(nodes, w)
    else:
        insert_raw(nodes, w, tag, first, number)


@kernel
def start_early(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    """A start tag before the body; whether it was dealt with."""
    mode = w[MODE]
    if mode == INITIAL:
        return False
    if mode == BEFORE_HTML:
        if tag != _HTML:
            return False
        _root(nodes, w, first, number)
        return True
    if tag == _HTML:
        return True
    if mode == BEFORE_HEAD:
        if tag != _HEAD:
            return False
        _make_head(nodes, w, first, number)
        return True
    if tag == _HEAD:
        return True
    if mode == IN_NOSCRIPT:
        if tag in (_BASEFONT, _BGSOUND, _LINK, _META, _NOFRAMES, _STYLE):
            start_in_head(nodes, w, tag, first, number)
            return True
        return tag == _NOSCRIPT
    if groups_of(tag) & HEAD_PART:
        outside = mode == AFTER_HEAD
        if outside:
            push(nodes, w, w[HEAD_ROW])
        start_in_head(nodes, w, tag, first, number)
        if outside:
            remove_from_stack(nodes, w, place_in_stack(w, w[HEAD_ROW]))
        return True
    if mode == IN_HEAD and tag == _NOSCRIPT:
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_NOSCRIPT
        return True
    if mode == AFTER_HEAD and tag == _BODY:
        _make_body(nodes, w, first, number)
        w[FRAMESET_OK] = 0
        return True
    if mode == AFTER_HEAD and tag == _FRAMESET:
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_FRAMESET
        return True
    return False


@kernel
def end_template(nodes: Any, w: Any) -> Any:
    if w[OPEN + _TEMPLATE] == 0:
        return
    imply_ends(nodes, w, -1, True)
    pop_until(nodes, w, _TEMPLATE)
    clear_to_marker(w)
    w[TEMPLATES] -= 1
    reset_mode(nodes, w)


@kernel
def template_mode(w: Any, tag: Any) -> Any:
    """The mode that the first start tag in a template decides for."""
    mode = IN_BODY
    if tag in (_CAPTION, _COLGROUP, _TBODY, _TFOOT, _THEAD):
        mode = IN_TABLE
    elif tag == _COL:
        mode = IN_COLUMNS
    elif tag == _TR:
        mode = IN_TABLE_BODY
    elif tag == _TD or tag == _TH:
        mode = IN_ROW
    w[TEMPLATE_MODES + w[TEMPLATES] - 1] = mode
    w[MODE] = mode
