r"""What is put right in a page's bytes before it is parsed, where its formulas would break the parser's rules.

A page that writes `$a<b$` says a tag to every parser, browsers among them, and all up to the next `>` is gone. No tag
has `$`, `\`, `^`, `_` or a bracket right behind a name of a few letters, so such a `<` is a sign. Drawings between
`[asy]` and `[/asy]` (Art of Problem Solving) are programs. A page inside the page, which an `iframe` holds in its
attribute `srcdoc` (HTML standard, section 4.8.5), is shown in its place: so it is read there. What React sends later
than the place where it belongs (`<div hidden id="S:0">`, moved to `<template id="B:0">` by `$RC("B:0","S:0")`:
react-dom/server, "Streaming more content as it loads") is read in that place too. The standard drops the character with
the number 0 wherever a text stands.
"""

import html
import itertools
import re

_LESS = re.compile(rb"<(?=[a-zA-Z][a-zA-Z0-9]{0,2}+(?:<[a-zA-Z][a-zA-Z0-9]?+){0,3} ?+[$\\^_+*(,)|])")
_COMMAND = re.compile(rb"\\(?:[(\[]|begin)")
_OPEN, _CLOSE = b"[asy]", b"[/asy]"
_LOADED = b"<!--/$-->"
_FRAME = re.compile(
    rb"<iframe\b[^<>]{0,500}?\ssrcdoc\s?=\s?(?:\"([^\"]{0,1000000})\"|'([^']{0,1000000})')", re.IGNORECASE
)


_LATER = re.compile(rb"\$R[CS]\(\"([BSP]:\w{1,12})\",\"([BSP]:\w{1,12})\"")
_MOST_LATER = 50
"""Pieces of a page that are sent later; what is behind them stays where it is."""


def with_pieces(page: bytes) -> bytes:
    """`page` with every piece that React sent later in its place, instead of what stood there while it was loading."""
    if b'<div hidden id="S:' not in page:
        return page
    moves = [found.groups() for found in itertools.islice(_LATER.finditer(page), _MOST_LATER)]
    for one, other in moves:
        piece, place = (one, other) if one.startswith(b"S") else (other, one)
        page = _moved(page, b'<div hidden id="%s">' % piece, b'<template id="%s"></template>' % place)
    return page


def _moved(page: bytes, opening: bytes, place: bytes) -> bytes:
    """`page` with the element that begins so, up to the script behind it, in a place before it."""
    start, to = page.find(opening), page.find(place)
    end = page.find(b"</div><script", start + 1)
    if not 0 <= to < start < end:
        return page
    loaded = page.find(_LOADED, to, start)
    behind = loaded if loaded >= 0 and page.find(b"<!--$", to, loaded) < 0 else to + len(place)
    inside = page[start + len(opening) : end]
    return b"".join((page[:to], inside, page[behind:start], page[end + len(b"</div>") :]))


def with_frames(page: bytes) -> bytes:
    """`page` (UTF-8) without characters of the number 0, the pages inside it in the place of their frames. Linear."""
    if b"\0" in page:
        page = page.replace(b"\0", b"")
    return _FRAME.sub(_opened, page) if b"srcdoc" in page else page


def repaired(page: bytes) -> bytes:
    """`page` with the signs of its formulas written as references, and without drawings. Linear."""
    if (b"$" in page or (b"\\" in page and _COMMAND.search(page))) and _LESS.search(page):
        page = _LESS.sub(b"&lt;", page)
    return _without_drawings(page) if _OPEN in page else page


def _opened(frame: re.Match[bytes]) -> bytes:
    """The page that a frame holds, in a block before the frame."""
    inside = html.unescape((frame[1] or frame[2] or b"").decode("utf-8", "replace"))
    return b"<div>%s</div>%s" % (inside.encode("utf-8", "replace"), frame[0])


def _without_drawings(page: bytes) -> bytes:
    kept: list[bytes] = []
    place = 0
    while (start := page.find(_OPEN, place)) >= 0 and (end := page.find(_CLOSE, start)) >= 0:
        kept.append(page[place:start])
        place = end + len(_CLOSE)
    kept.append(page[place:])
    return b" ".join(kept)
