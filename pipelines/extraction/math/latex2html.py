"""LaTeX2HTML's own TeX of a formula, in the bytes of a page.

LaTeX2HTML (1998 to 2023) writes the TeX of a formula in a comment, `<!-- MATH $x_1$ -->`, and behind it what a browser
shows: an image whose `alt` is cut in the middle where it is long (`\\left... ...)`), pieces of HTML and images in turn,
or a table whose cells are images. The comment is the source; it takes the place of what is shown, whose numbers stay.
Only short formulas have no comment.
"""

import re

LONGEST = 20_000
"""Bytes of a comment, and of what is shown behind it."""
DEEPEST = 12
"""Elements of one name in each other that show one formula."""
_COMMENT = re.compile(rb"<!-- MATH:?\s{1,4}")
_BEHIND = re.compile(rb"\s{0,8}(?:</p>\s{0,8})?(?:<br[^<>]{0,40}>\s{0,8})?(?:<p></p>\s{0,8})?", re.IGNORECASE)
_SHOWN = re.compile(
    rb"<(?:(span)\s[^<>]{0,40}class=\"math\"|(div)\s[^<>]{0,80}class=\"(?:displaymath|mathdisplay)\"|(table)[\s>]"
    rb"|(img)\s[^<>]{0,400}?alt=\s{0,3}\"[^\"]{0,400}\$)",
    re.IGNORECASE,
)
_TAG = {name: re.compile(rb"<(/?)%s[\s>]" % name, re.IGNORECASE) for name in (b"span", b"div", b"table")}
_NUMBER = re.compile(rb"class=\"eqno\"[^<>]{0,80}>\s{0,8}(\((?:[^()]){1,80}\))", re.IGNORECASE)
_TAGS = re.compile(rb"<[^<>]{1,80}>")
_INLINE = re.compile(rb"\$([^$].*[^$]|[^$])\$|\\\((.+)\\\)|\\begin\{math\}(.+)\\end\{math\}", re.DOTALL)
_DISPLAY = re.compile(
    rb"\\\[(.+)\\\]|\$\$(.+)\$\$|\\begin\{(displaymath|equation\*?)\}(.+)\\end\{\3\}|(\\begin\{([a-z]+\*?)\}.+\\end\{\6\})",
    re.DOTALL,
)


def with_sources(page: bytes) -> bytes:
    """`page` with the TeX of every formula that has it in a comment as a script of MathJax. Linear."""
    if b"<!-- MATH" not in page:
        return page
    kept: list[bytes] = []
    place = 0
    for comment in _COMMENT.finditer(page):
        if comment.start() < place:
            continue
        end = page.find(b"-->", comment.end(), comment.end() + LONGEST)
        written = _script(page[comment.end() : end].strip()) if end >= 0 else b""
        behind = _BEHIND.match(page, end + 3) if written else None
        shown = _SHOWN.match(page, behind.end()) if behind is not None else None
        until = _end_of(page, shown) if shown is not None else -1
        if shown is None or until < 0:
            continue
        numbers = [_TAGS.sub(b"", number) for number in _NUMBER.findall(page, shown.start(), until)]
        kept += [page[place : comment.start()], b" ".join([written, *numbers])]
        place = until
    kept.append(page[place:])
    return b"".join(kept)


def _script(source: bytes) -> bytes:
    """The TeX of a comment as a script; empty if it is no whole formula."""
    if b"</script" in source.lower():
        return b""
    if inline := _INLINE.fullmatch(source):
        return b'<script type="math/tex">%s</script>' % inline.group(inline.lastindex or 1).strip()
    if display := _DISPLAY.fullmatch(source):
        inside = next(part for part in (display.group(number) for number in (1, 2, 4, 5)) if part is not None)
        return b'<script type="math/tex; mode=display">%s</script>' % inside.strip()
    return b""


def _end_of(page: bytes, shown: re.Match[bytes]) -> int:
    """Where the element that is shown ends; -1 if it does not end soon."""
    name = next(part for part in shown.groups() if part is not None).lower()
    if name == b"img":
        end = page.find(b">", shown.end(), shown.end() + LONGEST)
        return end + 1 if end >= 0 else -1
    depth = 0
    for tag in _TAG[name].finditer(page, shown.start(), shown.start() + LONGEST):
        depth += -1 if tag.group(1) else 1
        if depth == 0:
            return page.find(b">", tag.start()) + 1 or -1
        if depth > DEEPEST:
            break
    return -1
