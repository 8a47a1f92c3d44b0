"""Word's formulas (Office MathML, ECMA-376 part 1, section 22.1) as MathML, in the bytes of a page.

Word saves a formula as `m:oMath`, mostly inside a comment that only Word reads (`<!--[if gte msEquation 12]>`), with an
image for all others behind it (`<![if !msEquation]>`). The formula takes the comment's place, and the image goes. In a
document the letters of a run stand in `m:t`; in a page that Word saved they stand in `m:r` itself, and elements of HTML
(`i`, `span`) stand around and inside of runs: those say nothing here.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

MAX_DEPTH = 60
LONGEST = 50_000
"""Bytes of one formula."""
LONGEST_IMAGE = 8_000
"""Bytes of what stands for a formula where it cannot be shown: an image, and its outline for Word."""
_FORMULA = re.compile(rb"<(?:m:oMath[\s>]|(/?)m:oMathPara[\s>])")
_END = b"</m:oMath>"
_OPENING = re.compile(rb"<!--\[if gte msEquation[^\]]{0,20}\]>", re.IGNORECASE)
_CLOSING = b"<![endif]-->"
_IMAGE = re.compile(rb"<!\[if !msEquation\]>", re.IGNORECASE)
_IMAGE_PART = re.compile(rb"<!\[(if|endif)[^\]>]{0,40}\]>")
_AROUND = re.compile(rb"</?(?!/?m:)[a-zA-Z][^<>]*>|<!--(?:[^-]|-(?!->))*-->|<![^<>]*>")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SPACE = "http://schemas.openxmlformats.org/officeDocument/2004/12/omml"
_PARSER = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
_VARIANTS = {
    "double-struck": "double-struck", "script": "script", "fraktur": "fraktur", "sans-serif": "sans-serif",
    "monospace": "monospace", "b": "bold", "bi": "bold-italic",
}  # fmt: skip
"""`mathvariant` for the script (`m:scr`) or the style (`m:sty`) of a run."""


def with_mathml(page: bytes) -> bytes:
    """`page` with every formula of Word as `math`; one that cannot be read stays. Linear."""
    if b"<m:oMath" not in page:
        return page
    page = _OPENING.sub(b"", page) if _OPENING.search(page) else page
    page = _without_images(page) if b"msEquation" in page else page
    kept: list[bytes] = []
    place = 0
    display = False
    for found in _FORMULA.finditer(page):
        if found.start() < place:
            continue
        if found.group(1) is not None:
            display = not found.group(1)
            continue
        end = page.find(_END, found.end(), found.start() + LONGEST)
        math = mathml_of(page[found.start() : end + len(_END)], display) if end >= 0 else None
        if math is not None:
            kept += [page[place : found.start()], math]
            place = end + len(_END)
            if page.startswith(_CLOSING, place):
                place += len(_CLOSING)
    kept.append(page[place:])
    return b"".join(kept)


def _without_images(page: bytes) -> bytes:
    """`page` without what Word shows to programs that read no formulas; such parts hold others for drawings."""
    kept: list[bytes] = []
    place = 0
    for opening in _IMAGE.finditer(page):
        if opening.start() < place:
            continue
        depth = 1
        for part in _IMAGE_PART.finditer(page, opening.end(), opening.end() + LONGEST_IMAGE):
            depth += 1 if part.group(1) == b"if" else -1
            if depth == 0:
                kept.append(page[place : opening.start()])
                place = part.end()
                break
    kept.append(page[place:])
    return b"".join(kept)


def mathml_of(source: bytes, display: bool = False) -> bytes | None:
    """The MathML of one `m:oMath`; None if it says nothing."""
    plain = _AROUND.sub(b"", source.replace(b"&nbsp;", b" "))
    root = etree.fromstring(b'<r xmlns:m="%s">%s</r>' % (_SPACE.encode(), plain), _PARSER)
    if root is None:
        return None
    inside = "".join(_row(root, 0))
    if not inside:
        return None
    how = ' display="block"' if display else ""
    return f"<math{how}>{inside}</math>".encode()


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
        if name == "r":
            yield from _run(child)
        elif name in _WRITERS:
            yield _WRITERS[name](child, depth + 1)
        elif not name.endswith("Pr"):
            yield from _row(child, depth + 1)


def _run(run: Any) -> Iterator[str]:
    """The tokens of a run: its letters are signs of their own unless it is upright, and words where it is text."""
    text = _text_of(run)
    if _child(run, "rPr") is not None and _child(_child(run, "rPr"), "nor") is not None:
        yield f"<mtext>{escape(text)}</mtext>" if text.strip() else ""
        return
    style = _value(run, "rPr", "sty", "i")
    variant = _VARIANTS.get(_value(run, "rPr", "scr", ""), "") or _VARIANTS.get(style, "")
    yield from _tokens(text, f' mathvariant="{variant}"' if variant else "", style == "p" and not variant)


def _text_of(run: Any) -> str:
    """The letters of a run."""
    if _child(run, "t") is not None:
        return "".join("".join(child.itertext()) for child in run if _name(child) == "t")
    return (run.text or "") + "".join(child.tail or "" for child in run)


_EMPTY = "<mrow></mrow>"


def _part(element: Any, name: str, depth: int) -> str:
    part = _child(element, name)
    return f"<mrow>{''.join(_row(part, depth)) if part is not None else ''}</mrow>"


_UPRIGHT = re.compile(r"[^\W\d_]{2,}")


def _tokens(text: str, variant: str = "", upright: bool = False) -> Iterator[str]:
    place = 0
    while place < len(text):
        number = _NUMBER.match(text, place)
        if number is not None:
            yield f"<mn{variant}>{number.group()}</mn>"
            place = number.end()
            continue
        if upright and (word := _UPRIGHT.match(text, place)) is not None:
            yield f"<mi>{escape(word.group())}</mi>"
            place = word.end()
            continue
        sign = text[place]
        if not sign.isspace() and sign.isprintable():
            yield f"<mi{variant}>{escape(sign)}</mi>" if sign.isalpha() else f"<mo>{escape(sign)}</mo>"
        place += 1


def _scripts(tag: str, *names: str) -> Callable[[Any, int], str]:
    def write(element: Any, depth: int) -> str:
        return f"<{tag}>{''.join(_part(element, name, depth) for name in names)}</{tag}>"

    return write


def _prescripts(element: Any, depth: int) -> str:
    parts = [_part(element, name, depth) for name in ("e", "sub", "sup")]
    return f"<mmultiscripts>{parts[0]}<mprescripts/>{parts[1]}{parts[2]}</mmultiscripts>"


def _fraction(element: Any, depth: int) -> str:
    kind = _value(element, "fPr", "type", "bar")
    how = {"noBar": ' linethickness="0"', "lin": ' bevelled="true"', "skw": ' bevelled="true"'}.get(kind, "")
    return f"<mfrac{how}>{_part(element, 'num', depth)}{_part(element, 'den', depth)}</mfrac>"


def _radical(element: Any, depth: int) -> str:
    degree = _child(element, "deg")
    if degree is None or not "".join(degree.itertext()).strip():
        return f"<msqrt>{_part(element, 'e', depth)}</msqrt>"
    return f"<mroot>{_part(element, 'e', depth)}{_part(element, 'deg', depth)}</mroot>"


def _nary(element: Any, depth: int) -> str:
    """A large sign with the limits that say something."""
    parts = [(tag, _part(element, name, depth)) for tag, name in (("under", "sub"), ("over", "sup"))]
    limits = [(tag, part) for tag, part in parts if part != _EMPTY]
    sign = f"<mo>{escape(_value(element, 'naryPr', 'chr', '∫'))}</mo>"
    tag = "m" + "".join(tag for tag, _ in limits) if limits else "mrow"
    return f"<{tag}>{sign}{''.join(part for _, part in limits)}</{tag}>{_part(element, 'e', depth)}"


def _fenced(element: Any, depth: int) -> str:
    left, right, between = (
        f"<mo>{escape(sign)}</mo>" if sign else ""
        for sign in (_value(element, "dPr", *pair) for pair in (("begChr", "("), ("endChr", ")"), ("sepChr", "|")))
    )
    inside = between.join("".join(_row(child, depth)) for child in element if _name(child) == "e")
    return f"<mrow>{left}{inside}{right}</mrow>"


def _matrix(element: Any, depth: int) -> str:
    rows = [[child for child in row if _name(child) == "e"] for row in element if _name(row) == "mr"]
    return _table([["".join(_row(cell, depth)) for cell in row] for row in rows])


def _equations(element: Any, depth: int) -> str:
    """Equations one below the other; an ampersand stands where they are aligned."""
    rows = ["".join(_row(child, depth)) for child in element if _name(child) == "e"]
    return _table([row.split("<mo>&amp;</mo>") for row in rows])


def _table(rows: list[list[str]]) -> str:
    written = ("".join(f"<mtd>{cell}</mtd>" for cell in row) for row in rows)
    return f"<mtable>{''.join(f'<mtr>{row}</mtr>' for row in written)}</mtable>"


def _accent(element: Any, depth: int) -> str:
    sign = escape(_value(element, "accPr", "chr", "^"))
    return f'<mover accent="true">{_part(element, "e", depth)}<mo>{sign}</mo></mover>'


def _bar(element: Any, depth: int) -> str:
    over = _value(element, "barPr", "pos", "bot") == "top"
    tag, sign = ("mover", "¯") if over else ("munder", "_")
    return f"<{tag}>{_part(element, 'e', depth)}<mo>{sign}</mo></{tag}>"


def _brace(element: Any, depth: int) -> str:
    over = _value(element, "groupChrPr", "pos", "bot") == "top"
    sign = escape(_value(element, "groupChrPr", "chr", "⏟"))
    tag = "mover" if over else "munder"
    return f"<{tag}>{_part(element, 'e', depth)}<mo>{sign}</mo></{tag}>"


def _function(element: Any, depth: int) -> str:
    name = _child(element, "fName")
    plain = name is not None and all(_name(child) in {"r", "fName"} for child in name)
    text = "".join(map(_text_of, name)).strip() if plain else ""
    head = f"<mi>{escape(text)}</mi>" if text.isalpha() else _part(element, "fName", depth)
    return f"{head}{_part(element, 'e', depth)}"


_WRITERS: dict[str, Callable[[Any, int], str]] = {
    "f": _fraction, "sSup": _scripts("msup", "e", "sup"), "sSub": _scripts("msub", "e", "sub"),
    "sSubSup": _scripts("msubsup", "e", "sub", "sup"), "sPre": _prescripts, "limLow": _scripts("munder", "e", "lim"),
    "limUpp": _scripts("mover", "e", "lim"), "rad": _radical, "nary": _nary, "d": _fenced, "m": _matrix,
    "eqArr": _equations, "acc": _accent, "bar": _bar, "groupChr": _brace, "func": _function,
}  # fmt: skip
