"""What start and end tags do in a table (sections 13.2.6.4.9 to 13.2.6.4.15 of the HTML standard); compiled.

Each function says whether it dealt with the tag: what it leaves is for the body, before the table if need be.
"""

from typing import Any

from pipelines.extraction.html.body_kernel import insert_raw
from pipelines.extraction.html.build_kernel import (
    DEPTH,
    FOREIGN,
    FORM_ROW,
    HEAD_ROW,
    MODE,
    OPEN,
    STACK,
    STATE,
    TABLE,
    TAG,
    TEMPLATE_MODES,
    TEMPLATES,
    imply_ends,
    in_scope,
    insert,
    pop,
    pop_until,
    top_of,
)
from pipelines.extraction.html.formatting_kernel import clear_to_marker, push_marker
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.modes import (
    AFTER_HEAD,
    BEFORE_HEAD,
    IN_BODY,
    IN_CAPTION,
    IN_CELL,
    IN_COLUMNS,
    IN_FRAMESET,
    IN_HEAD,
    IN_ROW,
    IN_TABLE,
    IN_TABLE_BODY,
)
from pipelines.extraction.html.names import NUMBER

(
    _BODY, _CAPTION, _COL, _COLGROUP, _FORM, _FRAMESET, _HEAD, _HTML, _INPUT, _SCRIPT, _STYLE, _TABLE, _TBODY, _TD,
    _TEMPLATE, _TFOOT, _TH, _THEAD, _TR,
) = (
    NUMBER[name]
    for name in (
        "body", "caption", "col", "colgroup", "form", "frameset", "head", "html", "input", "script", "style", "table",
        "tbody", "td", "template", "tfoot", "th", "thead", "tr",
    )
)  # fmt: skip
DONE, AGAIN, LEFT = range(3)
"""What became of a tag: dealt with; the mode changed and it is read again; it is the body's."""


@kernel
def reset_mode(nodes: Any, w: Any) -> Any:
    """The insertion mode by what is open (section 13.2.4.1)."""
    for place in range(w[DEPTH] - 1, -1, -1):
        row = w[STACK + place]
        if nodes[row, STATE] & FOREIGN:
            continue
        tag = nodes[row, TAG]
        mode = -1
        if (tag == _TD or tag == _TH) and place > 0:
            mode = IN_CELL
        elif tag == _TR:
            mode = IN_ROW
        elif tag == _TBODY or tag == _THEAD or tag == _TFOOT:
            mode = IN_TABLE_BODY
        elif tag == _CAPTION:
            mode = IN_CAPTION
        elif tag == _COLGROUP:
            mode = IN_COLUMNS
        elif tag == _TABLE:
            mode = IN_TABLE
        elif tag == _TEMPLATE:
            mode = w[TEMPLATE_MODES + w[TEMPLATES] - 1] if w[TEMPLATES] > 0 else IN_BODY
        elif tag == _HEAD and place > 0:
            mode = IN_HEAD
        elif tag == _BODY:
            mode = IN_BODY
        elif tag == _FRAMESET:
            mode = IN_FRAMESET
        elif tag == _HTML:
            mode = BEFORE_HEAD if w[HEAD_ROW] < 0 else AFTER_HEAD
        if mode >= 0:
            w[MODE] = mode
            return
    w[MODE] = IN_BODY


@kernel
def _clear_to(nodes: Any, w: Any, one: Any, second: Any, third: Any) -> Any:
    """Close elements until one of three names, a template or `html` is the current node."""
    while w[DEPTH] > 1:
        row = top_of(w)
        tag = nodes[row, TAG]
        if not nodes[row, STATE] & FOREIGN and (
            tag == one or tag == second or tag == third or tag == _TEMPLATE or tag == _HTML
        ):
            return
        pop(nodes, w)


@kernel
def _is_section(tag: Any) -> Any:
    return tag == _TBODY or tag == _THEAD or tag == _TFOOT


@kernel
def close_table(nodes: Any, w: Any) -> Any:
    """Whether a table was open and is closed now."""
    if not in_scope(nodes, w, _TABLE, TABLE):
        return False
    pop_until(nodes, w, _TABLE)
    reset_mode(nodes, w)
    return True


@kernel
def start_in_table(nodes: Any, w: Any, tag: Any, first: Any, number: Any, hidden: Any) -> Any:
    if tag == _CAPTION:
        _clear_to(nodes, w, _TABLE, _TABLE, _TABLE)
        push_marker(w)
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_CAPTION
    elif tag == _COLGROUP:
        _clear_to(nodes, w, _TABLE, _TABLE, _TABLE)
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_COLUMNS
    elif tag == _COL:
        _clear_to(nodes, w, _TABLE, _TABLE, _TABLE)
        insert(nodes, w, _COLGROUP, 0, 0, 0)
        w[MODE] = IN_COLUMNS
        return AGAIN
    elif _is_section(tag):
        _clear_to(nodes, w, _TABLE, _TABLE, _TABLE)
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_TABLE_BODY
    elif tag == _TD or tag == _TH or tag == _TR:
        _clear_to(nodes, w, _TABLE, _TABLE, _TABLE)
        insert(nodes, w, _TBODY, 0, 0, 0)
        w[MODE] = IN_TABLE_BODY
        return AGAIN
    elif tag == _TABLE:
        return AGAIN if close_table(nodes, w) else DONE
    elif tag == _STYLE or tag == _SCRIPT:
        insert_raw(nodes, w, tag, first, number)
    elif tag == _INPUT and hidden:
        insert(nodes, w, tag, 0, first, number)
        pop(nodes, w)
    elif tag == _FORM:
        if w[OPEN + _TEMPLATE] == 0 and w[FORM_ROW] < 0:
            w[FORM_ROW] = insert(nodes, w, tag, 0, first, number)
            pop(nodes, w)
    else:
        return LEFT
    return DONE


@kernel
def end_in_table(nodes: Any, w: Any, tag: Any) -> Any:
    if tag == _TABLE:
        close_table(nodes, w)
        return DONE
    if tag in (_BODY, _CAPTION, _COL, _COLGROUP, _HTML, _TD, _TH, _TR) or _is_section(tag):
        return DONE
    return LEFT


@kernel
def _close_caption(nodes: Any, w: Any) -> Any:
    if not in_scope(nodes, w, _CAPTION, TABLE):
        return False
    imply_ends(nodes, w, -1, False)
    pop_until(nodes, w, _CAPTION)
    clear_to_marker(w)
    w[MODE] = IN_TABLE
    return True


@kernel
def is_part(tag: Any) -> Any:
    """Whether a name is that of a part of a table."""
    return tag in (_CAPTION, _COL, _COLGROUP, _TD, _TH, _TR) or _is_section(tag)


@kernel
def start_in_caption(nodes: Any, w: Any, tag: Any) -> Any:
    if is_part(tag):
        return AGAIN if _close_caption(nodes, w) else DONE
    return LEFT


@kernel
def end_in_caption(nodes: Any, w: Any, tag: Any) -> Any:
    if tag == _CAPTION:
        _close_caption(nodes, w)
        return DONE
    if tag == _TABLE:
        return AGAIN if _close_caption(nodes, w) else DONE
    if tag in (_BODY, _COL, _COLGROUP, _HTML, _TD, _TH, _TR) or _is_section(tag):
        return DONE
    return LEFT


@kernel
def close_columns(nodes: Any, w: Any) -> Any:
    """Close the open `colgroup`; whether it was the current node."""
    if nodes[top_of(w), TAG] != _COLGROUP:
        return False
    pop(nodes, w)
    w[MODE] = IN_TABLE
    return True


@kernel
def start_in_columns(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    if tag == _COL:
        insert(nodes, w, tag, 0, first, number)
        pop(nodes, w)
        return DONE
    return AGAIN if close_columns(nodes, w) else DONE


@kernel
def end_in_columns(nodes: Any, w: Any, tag: Any) -> Any:
    if tag == _COLGROUP:
        close_columns(nodes, w)
        return DONE
    if tag == _COL:
        return DONE
    return AGAIN if close_columns(nodes, w) else DONE


@kernel
def _leave_section(nodes: Any, w: Any) -> Any:
    """Close the section of the table that is open; whether there was one."""
    if not (
        in_scope(nodes, w, _TBODY, TABLE) or in_scope(nodes, w, _THEAD, TABLE) or in_scope(nodes, w, _TFOOT, TABLE)
    ):
        return False
    _clear_to(nodes, w, _TBODY, _TFOOT, _THEAD)
    pop(nodes, w)
    w[MODE] = IN_TABLE
    return True


@kernel
def start_in_section(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    if tag == _TR:
        _clear_to(nodes, w, _TBODY, _TFOOT, _THEAD)
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_ROW
        return DONE
    if tag == _TH or tag == _TD:
        _clear_to(nodes, w, _TBODY, _TFOOT, _THEAD)
        insert(nodes, w, _TR, 0, 0, 0)
        w[MODE] = IN_ROW
        return AGAIN
    if tag in (_CAPTION, _COL, _COLGROUP) or _is_section(tag):
        return AGAIN if _leave_section(nodes, w) else DONE
    return LEFT


@kernel
def end_in_section(nodes: Any, w: Any, tag: Any) -> Any:
    if _is_section(tag):
        if in_scope(nodes, w, tag, TABLE):
            _clear_to(nodes, w, _TBODY, _TFOOT, _THEAD)
            pop(nodes, w)
            w[MODE] = IN_TABLE
        return DONE
    if tag == _TABLE:
        return AGAIN if _leave_section(nodes, w) else DONE
    if tag in (_BODY, _CAPTION, _COL, _COLGROUP, _HTML, _TD, _TH, _TR):
        return DONE
    return LEFT


@kernel
def _leave_row(nodes: Any, w: Any) -> Any:
    if not in_scope(nodes, w, _TR, TABLE):
        return False
    _clear_to(nodes, w, _TR, _TR, _TR)
    pop(nodes, w)
    w[MODE] = IN_TABLE_BODY
    return True


@kernel
def start_in_row(nodes: Any, w: Any, tag: Any, first: Any, number: Any) -> Any:
    if tag == _TH or tag == _TD:
        _clear_to(nodes, w, _TR, _TR, _TR)
        insert(nodes, w, tag, 0, first, number)
        w[MODE] = IN_CELL
        push_marker(w)
        return DONE
    if tag in (_CAPTION, _COL, _COLGROUP, _TR) or _is_section(tag):
        return AGAIN if _leave_row(nodes, w) else DONE
    return LEFT


@kernel
def end_in_row(nodes: Any, w: Any, tag: Any) -> Any:
    if tag == _TR:
        _leave_row(nodes, w)
        return DONE
    if tag == _TABLE:
        return AGAIN if _leave_row(nodes, w) else DONE
    if _is_section(tag):
        if in_scope(nodes, w, tag, TABLE) and _leave_row(nodes, w):
            return AGAIN
        return DONE
    if tag in (_BODY, _CAPTION, _COL, _COLGROUP, _HTML, _TD, _TH):
        return DONE
    return LEFT


@kernel
def _close_cell(nodes: Any, w: Any) -> Any:
    imply_ends(nodes, w, -1, False)
    while w[DEPTH] > 1:
        row = top_of(w)
        tag = nodes[row, TAG]
        pop(nodes, w)
        if (tag == _TD or tag == _TH) and not nodes[row, STATE] & FOREIGN:
            break
    clear_to_marker(w)
    w[MODE] = IN_ROW


@kernel
def start_in_cell(nodes: Any, w: Any, tag: Any) -> Any:
    if is_part(tag):
        if in_scope(nodes, w, _TD, TABLE) or in_scope(nodes, w, _TH, TABLE):
            _close_cell(nodes, w)
            return AGAIN
        return DONE
    return LEFT


@kernel
def end_in_cell(nodes: Any, w: Any, tag: Any) -> Any:
    if tag == _TD or tag == _TH:
        if in_scope(nodes, w, tag, TABLE):
            imply_ends(nodes, w, -1, False)
            pop_until(nodes, w, tag)
            clear_to_marker(w)
            w[MODE] = IN_ROW
        return DONE
    if tag in (_BODY, _CAPTION, _COL, _COLGROUP, _HTML):
        return DONE
    if tag in (_TABLE, _TR) or _is_section(tag):
        if in_scope(nodes, w, tag, TABLE):
            _close_cell(nodes, w)
            return AGAIN
        return DONE
    return LEFT
