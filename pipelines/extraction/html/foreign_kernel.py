"""What tags do inside `math` and `svg` (section 13.2.6.5 of the HTML standard); compiled."""

from typing import Any

import numpy as np

from pipelines.extraction.html.build_kernel import (
    DEPTH,
    FOREIGN,
    HTML_INSIDE,
    KNOWN,
    MATHML,
    NAME,
    STACK,
    STATE,
    SVG,
    TAG,
    VALUE,
    VALUE_END,
    groups_of,
    insert,
    pop,
    top_of,
)
from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.names import ATTRIBUTE_NUMBER, BREAKS_OUT, MATH_TEXT, NUMBER, SVG_TEXT
from pipelines.extraction.html.scan_kernel import lower

_ANNOTATION, _BR, _FONT, _MALIGNMARK, _MGLYPH, _P, _SVG_TAG = (
    NUMBER[name] for name in ("annotation-xml", "br", "font", "malignmark", "mglyph", "p", "svg")
)
_ENCODING = ATTRIBUTE_NUMBER["encoding"]
_FACE, _SIZE, _COLOR = (ATTRIBUTE_NUMBER[name] for name in ("face", "size", "color"))
_TEXT_POINTS = np.zeros(KNOWN + 1, np.int32)
_TEXT_POINTS[[NUMBER[name] for name in MATH_TEXT]] = MATHML
_HTML_POINTS = np.zeros(KNOWN + 1, np.int32)
_HTML_POINTS[[NUMBER[name] for name in SVG_TEXT]] = SVG
_XHTML, _TEXT_HTML = (np.frombuffer(text, np.uint8) for text in (b"application/xhtml+xml", b"text/html"))


@kernel
def is_html_point(nodes: Any, row: Any) -> Any:
    """Whether HTML may stand in a foreign element."""
    return nodes[row, STATE] & HTML_INSIDE or nodes[row, STATE] & _HTML_POINTS[min(nodes[row, TAG], KNOWN)]


@kernel
def is_text_point(nodes: Any, row: Any) -> Any:
    """Whether a foreign element is one of those of MathML that hold text."""
    return nodes[row, STATE] & _TEXT_POINTS[min(nodes[row, TAG], KNOWN)]


@kernel
def is_foreign_text(nodes: Any, row: Any) -> Any:
    """Whether a text in the element `row` is a foreign one."""
    return nodes[row, STATE] & FOREIGN and not is_html_point(nodes, row) and not is_text_point(nodes, row)


@kernel
def is_foreign_start(nodes: Any, row: Any, tag: Any) -> Any:
    """Whether a start tag in the element `row` is a foreign one, as far as its place says."""
    state = nodes[row, STATE]
    if not state & FOREIGN or is_html_point(nodes, row):
        return False
    if is_text_point(nodes, row) and tag != _MGLYPH and tag != _MALIGNMARK:
        return False
    return not (nodes[row, TAG] == _ANNOTATION and state & MATHML and tag == _SVG_TAG)


@kernel
def leave(nodes: Any, w: Any) -> Any:
    """Close foreign elements until HTML may stand in the current one."""
    while w[DEPTH] > 1:
        row = top_of(w)
        if not nodes[row, STATE] & FOREIGN or is_html_point(nodes, row) or is_text_point(nodes, row):
            return
        pop(nodes, w)


@kernel
def _says(buf: Any, start: Any, end: Any, text: Any) -> Any:
    if end - start != text.size:
        return False
    for offset in range(text.size):
        if lower(buf[start + offset]) != text[offset]:
            return False
    return True


@kernel
def start_foreign(nodes: Any, w: Any, attributes: Any, buf: Any, tag: Any, first: Any, number: Any, slash: Any) -> Any:
    """A start tag in foreign content; whether it was one, or else HTML that ends it."""
    breaks = groups_of(tag) & BREAKS_OUT
    encoding = 0
    for at in range(first, first + number):
        name = attributes[at, NAME]
        if tag == _FONT and (name == _FACE or name == _SIZE or name == _COLOR):
            breaks = BREAKS_OUT
        if name == _ENCODING and tag == _ANNOTATION:
            start, end = attributes[at, VALUE], attributes[at, VALUE_END]
            if _says(buf, start, end, _XHTML) or _says(buf, start, end, _TEXT_HTML):
                encoding = HTML_INSIDE
    if breaks:
        leave(nodes, w)
        return False
    space = nodes[top_of(w), STATE] & FOREIGN
    insert(nodes, w, tag, space | (encoding if space & MATHML else 0), first, number)
    if slash:
        pop(nodes, w)
    return True


@kernel
def end_foreign(nodes: Any, w: Any, tag: Any) -> Any:
    """An end tag in foreign content; whether it ended an element there, or else is HTML's."""
    if tag == _BR or tag == _P:
        leave(nodes, w)
        return False
    for place in range(w[DEPTH] - 1, 0, -1):
        row = w[STACK + place]
        if not nodes[row, STATE] & FOREIGN:
            return False
        if nodes[row, TAG] == tag:
            while w[DEPTH] > place:
                pop(nodes, w)
            return True
    return True
