"""The tokens that most of a page is made of, dealt with at once where nothing unusual is going on; compiled.

Each function does what `construct_kernel` would do and says whether it did: in the body or in a cell, in no foreign
element, with no formatting element to open again. Everything else is left to the rules in full.
"""

from typing import Any

from pipelines.extraction.html.body_kernel import leads
from pipelines.extraction.html.build_kernel import (
    ACTIVE,
    ACTIVE_LIST,
    CONTENT,
    DEPTH,
    FOREIGN,
    FRAMESET_OK,
    KNOWN,
    LAST,
    MODE,
    NO_LINK,
    OPEN,
    OPENED,
    RAW_OPEN,
    STATE,
    TAG,
    TAIL,
    TEXT,
    link_last,
    new_row,
    pop,
    push,
    top_of,
)
from pipelines.extraction.html.formatting_kernel import is_active, push_active
from pipelines.extraction.html.kernels import inlined
from pipelines.extraction.html.modes import IN_BODY, IN_CELL
from pipelines.extraction.html.names import (
    MARKUP,
    NUMBER,
    S_A,
    S_BLOCK,
    S_FORMAT,
    S_ITEM,
    S_LI,
    S_OTHER,
    S_P,
    S_PRE,
    S_VOID,
    STARTS,
)
from pipelines.extraction.html.scan_kernel import skip_blanks

_A, _IMAGE, _P = (NUMBER[name] for name in ("a", "image", "p"))


@inlined
def _is_settled(nodes: Any, w: Any) -> Any:
    """Whether no formatting element waits to be opened again."""
    if w[ACTIVE] == 0:
        return True
    row = w[ACTIVE_LIST + w[ACTIVE] - 1]
    return row < 0 or nodes[row, STATE] & OPENED != 0


@inlined
def _is_plain(nodes: Any, w: Any) -> Any:
    """Whether the next token is the body's."""
    return (w[MODE] == IN_BODY or w[MODE] == IN_CELL) and not w[RAW_OPEN] and not nodes[top_of(w), STATE] & FOREIGN


@inlined
def quick_start(nodes: Any, w: Any, attributes: Any, buf: Any, tag: Any, first: Any, number: Any) -> Any:
    kind = STARTS[min(tag, KNOWN)]
    if not _is_plain(nodes, w):
        return False
    if kind == S_OTHER or kind == S_FORMAT or kind == S_VOID or (kind == S_A and w[OPEN + _A] == 0):
        if not _is_settled(nodes, w) or tag == _IMAGE or (kind == S_A and is_active(nodes, w, _A)):
            return False
    elif (kind != S_BLOCK and kind != S_P) or w[OPEN + _P] > 0:
        return False
    row = new_row(nodes, w, tag, 0, first, number)
    link_last(nodes, row, top_of(w))
    w[CONTENT] = MARKUP
    if kind == S_VOID:
        w[FRAMESET_OK] = 0
        return True
    push(nodes, w, row)
    if kind == S_A and not leads(attributes, first, number):
        nodes[row, STATE] |= NO_LINK
    if kind == S_FORMAT or kind == S_A:
        push_active(nodes, w, attributes, buf, row)
    return True


@inlined
def quick_end(nodes: Any, w: Any, tag: Any) -> Any:
    if w[DEPTH] == 0 or not _is_plain(nodes, w) or nodes[top_of(w), TAG] != tag:
        return False
    kind = STARTS[min(tag, KNOWN)]
    if kind == S_FORMAT or kind == S_A:
        if w[ACTIVE] == 0 or w[ACTIVE_LIST + w[ACTIVE] - 1] != top_of(w):
            return False
        w[ACTIVE] -= 1
    elif not (kind == S_OTHER or kind == S_BLOCK or kind == S_P or kind == S_LI or kind == S_ITEM or kind == S_PRE):
        return False
    pop(nodes, w)
    return True


@inlined
def quick_say(nodes: Any, w: Any, buf: Any, start: Any, end: Any) -> Any:
    if w[DEPTH] == 0 or not _is_plain(nodes, w) or not _is_settled(nodes, w):
        return False
    parent = top_of(w)
    last = nodes[parent, LAST]
    row, column = (parent, TEXT) if last < 0 else (last, TAIL)
    if nodes[row, column] == nodes[row, column + 1]:
        nodes[row, column] = start
    elif nodes[row, column + 1] != start:
        return False
    nodes[row, column + 1] = end
    if w[FRAMESET_OK] and skip_blanks(buf, start, end) < end:
        w[FRAMESET_OK] = 0
    return True
