r"""What is put right in a page's bytes before it is parsed, where its formulas would break the parser's rules.

A page that writes `$a<b$` says a tag to every parser, browsers among them, and all up to the next `>` is gone. No tag
has `$`, `\`, `^`, `_` or a bracket right behind a name of a few letters, so such a `<` is a sign. Drawings between
`[asy]` and `[/asy]` (Art of Problem Solving) are programs.
"""

import re

_LESS = re.compile(rb"<(?=[a-zA-Z][a-zA-Z0-9]{0,2}+(?:<[a-zA-Z][a-zA-Z0-9]?+){0,3} ?+[$\\^_+*(,)|])")
_COMMAND = re.compile(rb"\\(?:[(\[]|begin)")
_OPEN, _CLOSE = b"[asy]", b"[/asy]"


def repaired(page: bytes) -> bytes:
    """`page` with the signs of its formulas written as references, and without drawings. Linear."""
    if (b"$" in page or (b"\\" in page and _COMMAND.search(page))) and _LESS.search(page):
        page = _LESS.sub(b"&lt;", page)
    return _without_drawings(page) if _OPEN in page else page


def _without_drawings(page: bytes) -> bytes:
    kept: list[bytes] = []
    place = 0
    while (start := page.find(_OPEN, place)) >= 0 and (end := page.find(_CLOSE, start)) >= 0:
        kept.append(page[place:start])
        place = end + len(_CLOSE)
    kept.append(page[place:])
    return b" ".join(kept)
