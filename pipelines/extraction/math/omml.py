"""Word's formulas (Office MathML, ECMA-376 part 1, section 22.1) as MathML, in the bytes of a page.

Word saves a formula as `m:oMath`, mostly inside a comment that only Word reads (`<!--[if gte msEquation 12]>`), with an
image for all others behind it (`<![if !msEquation]>`). The formula takes the comment's place, and the image goes.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

MAX_DEPTH = 60
LONGEST = 50_000
"""Bytes of one formula."""
_FORMULA = re.compile(rb"<m:oMath[\s>]")
_END = b"</m:oMath>"
_OPENING = re.compile(rb"<!--\[if gte msEquation[^\]]{0,20}\]>", re.IGNORECASE)
_CLOSING = b"<![endif]-->"
_IMAGE = re.compile(rb"<!\[if !msEquation\]>.{0,1500}?<!\[endif\]>", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SPACE = "http://schemas.openxmlformats.org/officeDocument/2004/12/omml"
_PARSER = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)


def with_mathml(page: bytes) -> bytes:
    """`page` with every formula of Word as `math`; one that cannot be read stays. Linear."""
    if not _FORMULA.search(page):
        return page
    page = _OPENING.sub(b"", page) if _OPENING.search(page) else page
    page = _IMAGE.sub(b"", page) if b"msEquation" in page else page
    kept: list[bytes] = []
    place = 0
    for found in _FORMULA.finditer(page):
        if found.start() < place:
            continue
        end = page.find(_END, found.end(), found.start() + LONGEST)
        math = mathml_of(page[found.start() : end + len(_END)]) if end >= 0 else None
        if math is not None:
            kept += [page[place : found.start()], math]
            place = end + len(_END)
            if page.startswith(_CLOSING, place):
                place += len(_CLOSING)
    kept.append(page[place:])
    return b"".join(kept)


def mathml_of(source: bytes) -> bytes | None:
    """The MathML of one `m:oMath`; None if it says nothing."""
    root = etree.fromstring(b'<r xmlns:m="%s" xmlns:w="w">%s</r>' % (_SPACE.encode(), source), _PARSER)
    if root is None:
        return None
    inside = "".join(_row(root, 0))
    return f"<math>{inside}</math>".encode() if inside else None


def _name(element: Any) -> str:
    return element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1] if isinstance(element.tag, str) else ""


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if _name(child) == name), None)


def _value(element: Any, of: str, name: str, default: str) -> str:
    """The value of a property, as `m:chr` of `m:naryPr`."""
    properties = _child(element, of)
    found = _child(properties, name) if properties is not None else None
    if found is None:
        return default
    return next((value for key, value in found.attrib.items() if key.rsplit("}", 1)[-1].endswith("val")), "")


def _row(element: Any, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        return
    for child in element:
        name = _name(child)
        if name == "t":
            yield from _tokens("".join(child.itertext()))
        elif name in _WRITERS:
            yield _WRITERS[name](child, depth + 1)
        elif not name.endswith("Pr"):
            yield from _row(child, depth + 1)


def _part(element: Any, name: str, depth: int) -> str:
    part = _child(element, name)
    return f"<mrow>{''.join(_row(part, depth)) if part is not None else ''}</mrow>"


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        number = _NUMBER.match(text, place)
        if number is not None:
            yield f"<mn>{number.group()}</mn>"
            place = number.end()
            continue
        sign = text[place]
        if not sign.isspace():
            tag = "mi" if sign.isalpha() else "mo"
            yield f"<{tag}>{escape(sign)}</{tag}>"
        place += 1


def _scripts(tag: str, *names: str) -> Callable[[Any, int], str]:
    def write(element: Any, depth: int) -> str:
        return f"<{tag}>{''.join(_part(element, name, depth) for name in names)}</{tag}>"

    return write


def _radical(element: Any, depth: int) -> str:
    degree = _child(element, "deg")
    if degree is None or not "".join(degree.itertext()).strip():
        return f"<msqrt>{_part(element, 'e', depth)}</msqrt>"
    return f"<mroot>{_part(element, 'e', depth)}{_part(element, 'deg', depth)}</mroot>"


def _nary(element: Any, depth: int) -> str:
    sign = escape(_value(element, "naryPr", "chr", "∫"))
    parts = f"<mo>{sign}</mo>{_part(element, 'sub', depth)}{_part(element, 'sup', depth)}"
    return f"<munderover>{parts}</munderover>{_part(element, 'e', depth)}"


def _fenced(element: Any, depth: int) -> str:
    left, right = (escape(_value(element, "dPr", name, sign)) for name, sign in (("begChr", "("), ("endChr", ")")))
    inside = "<mo>,</mo>".join("".join(_row(child, depth)) for child in element if _name(child) == "e")
    return f"<mrow><mo>{left}</mo>{inside}<mo>{right}</mo></mrow>"


def _matrix(element: Any, depth: int) -> str:
    rows = [[child for child in row if _name(child) == "e"] for row in element if _name(row) == "mr"]
    written = ("".join(f"<mtd>{''.join(_row(cell, depth))}</mtd>" for cell in row) for row in rows)
    return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in written)}</mtable>"


def _accent(element: Any, depth: int) -> str:
    return f"<mover>{_part(element, 'e', depth)}<mo>{escape(_value(element, 'accPr', 'chr', '^'))}</mo></mover>"


def _function(element: Any, depth: int) -> str:
    name = _child(element, "fName")
    text = "".join(name.itertext()).strip() if name is not None else ""
    head = f"<mi>{escape(text)}</mi>" if text.isalpha() else _part(element, "fName", depth)
    return f"{head}{_part(element, 'e', depth)}"


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "f": _scripts("mfrac", "num", "den"), "sSup": _scripts("msup", "e", "sup"), "sSub": _scripts("msub", "e", "sub"),
    "sSubSup": _scripts("msubsup", "e", "sub", "sup"), "limLow": _scripts("munder", "e", "lim"),
    "limUpp": _scripts("mover", "e", "lim"), "rad": _radical, "nary": _nary, "d": _fenced, "m": _matrix,
    "acc": _accent, "func": _function,
}  # fmt: skip
