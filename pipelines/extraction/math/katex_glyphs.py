"""Reads the structure of a formula out of KaTeX output that carries neither MathML nor source (`output: "html"`).

KaTeX sets formulas as nested spans whose classes name atoms (`mord`, `mbin`, `msupsub`, `mfrac`, `mtable`…) and piles
things in lists (`vlist`) whose entries are moved by `top`: what has the smaller `top` stands above. Since version 0.18
the classes that a style sheet of the page might use too carry a prefix (`katex-base`). Checked against KaTeX 0.19.1.
"""

import re
from typing import Any

from lxml import etree

_TOP = re.compile(r"(?:^|[;\s])top:\s?(-?[\d.]{1,12})em")
_UNSAID = frozenset(
    ["strut", "pstrut", "mspace", "nulldelimiter", "vlist-s", "arraycolsep", "frac-line", "overline-line",
    "underline-line", "hide-tail", "hline", "rule", "vertical-separator"]
)  # fmt: skip
_VARIANTS = {
    "mathbf": "bold", "mathbb": "double-struck", "amsrm": "double-struck", "mathcal": "script", "mathscr": "script",
    "mathfrak": "fraktur", "mathsf": "sans-serif", "mathtt": "monospace", "boldsymbol": "bold-italic",
    "mathboldfrak": "bold-fraktur", "mathrm": "normal", "mathit": "", "textbf": "bold",
}  # fmt: skip
_OPERATORS = frozenset(["mbin", "mrel", "mopen", "mclose", "mpunct", "op-symbol", "delimsizing", "delimsizinginner"])
_DRAWN = (
    ("M863,9c", "(", "("), ("M76,0c", ")", ")"), ("M403 1759", "[", "⌈"), ("M347 1759", "]", "⌉"),
    ("M319 602", "⌊", "⌋"), ("M145 15", "∥", "|"), ("M0 241v40h399891", "→", "→"), ("M400000 241H110", "←", "←"),
    ("M200 55.5", "~", "~"), ("M344 55.2", "~", "~"), ("M786 5", "~", "~"),
)  # fmt: skip
"""How the outlines of KaTeX's stretched signs begin, and the sign: where a corner or a second bar follows, and else."""
_CORNER = re.compile(r" h347 | H347z|h263|M367 15")
_PIECES = {"⎧": "{", "⎩": "{", "⎨": "{", "⎫": "}", "⎭": "}", "⎬": "}", "⎡": "⌈", "⎣": "⌊", "⎤": "⌉", "⎦": "⌋"}
_INNER = frozenset(["msupsub", "mord", "minner", "mop", "mrel", "accent", "overline", "underline", "mover", "munder"])
_MAX_DEPTH = 150
_MAX_LETTERS = 400


def katex_to_mathml(rendered: Any) -> Any:
    """A `katex-html` span (lxml) as a MathML tree."""
    root = etree.Element("math")
    _row(rendered, root, 0)
    return root


def _names(element: Any) -> set[str]:
    return {name.removeprefix("katex-") for name in (element.get("class") or "").split()}


def _row(source: Any, target: Any, depth: int) -> None:
    for child in source:
        if isinstance(child.tag, str) and child.tag != "svg":
            _atom(child, target, depth + 1)


def _atom(element: Any, target: Any, depth: int) -> None:
    names = _names(element)
    if depth > _MAX_DEPTH or names & _UNSAID:
        return
    if "msupsub" in names:
        _scripts(element, target, depth)
    elif "mfrac" in names:
        fraction = etree.SubElement(target, "mfrac")
        entries = _entries(element)
        parts = [entry for entry in entries if not _holds(entry, "frac-line")]
        if len(parts) == len(entries):
            fraction.set("linethickness", "0")
        for entry in parts[:2]:
            _row(entry, etree.SubElement(fraction, "mrow"), depth)
    elif "sqrt" in names:
        index = next((part for part in element if "root" in _names(part)), None)
        root = etree.SubElement(target, "msqrt" if index is None else "mroot")
        piles = [part for part in element if part is not index]
        _row(_first_entry(piles, "hide-tail"), etree.SubElement(root, "mrow"), depth)
        if index is not None:
            _row(_first_entry(index, "hide-tail"), etree.SubElement(root, "mrow"), depth)
    elif "op-limits" in names:
        _limits(element, target, depth)
    elif "x-arrow" in names:
        arrow = etree.SubElement(target, "mover")
        etree.SubElement(arrow, "mo").text = _drawn(element) or "→"
        _row(_first_entry(element, "hide-tail"), etree.SubElement(arrow, "mrow"), depth)
    elif "tag" in names:
        etree.SubElement(target, "mspace", width="2em")
        etree.SubElement(target, "mtext").text = "".join(element.itertext()).replace("\u200b", "").strip()
    elif "mtable" in names:
        _table(element, target, depth)
    elif names & {"accent", "overline", "underline", "mover", "munder"} and not names & {"op-limits"}:
        _decorated(element, target, names, depth)
    elif "delimsizing" in names:
        _fence(element, target)
    elif "text" in names:
        etree.SubElement(target, "mtext").text = "".join(element.itertext()).replace("\u200b", "")
    elif len(element) == 0 or (element.text or "").strip():
        _leaf(element, target, names)
    elif names & {"mord", "minner"}:
        _row(element, etree.SubElement(target, "mrow"), depth)
    else:
        _row(element, target, depth)


def _leaf(element: Any, target: Any, names: set[str]) -> None:
    text = "".join(element.itertext()).replace("\u200b", "").replace("\xa0", " ")[:_MAX_LETTERS].strip()
    text = text.replace("\ue020", "\u0338")  # the stroke of `\\not` in KaTeX's fonts
    if not text:
        return
    if names & _OPERATORS:
        etree.SubElement(target, "mo").text = text
    elif "mop" in names:
        etree.SubElement(target, "mi").text = text
    elif text.replace(".", "").isdigit():
        etree.SubElement(target, "mn").text = text
    else:
        variant = next((value for name, value in _VARIANTS.items() if name in names), None)
        plain = variant is None and "mathnormal" not in names
        for letter in text:
            upright = plain and letter.isascii() and letter.isalpha()
            leaf = etree.SubElement(target, "mi" if letter.isalpha() or variant else "mo")
            leaf.text = letter
            if variant or upright:
                leaf.set("mathvariant", variant or "normal")


def _children(element: Any, name: str) -> Any:
    """The elements in the first child of a name; none if there is no such child."""
    found: Any = next((part for part in element if isinstance(part.tag, str) and name in _names(part)), [])
    return [part for part in found if isinstance(part.tag, str)] if name == "vlist" else found


def _entries(element: Any) -> list[Any]:
    """The entries of the first list in `element`, the uppermost first."""
    entries = _children(_children(_children(element, "vlist-t"), "vlist-r"), "vlist")
    return sorted(entries, key=_top)


def _top(entry: Any) -> float:
    match = _TOP.search(entry.get("style") or "")
    try:
        return float(match.group(1)) if match else 0.0
    except ValueError:
        return 0.0


def _holds(entry: Any, name: str) -> bool:
    return any(name in _names(part) for part in entry)


def _first_entry(source: Any, without: str) -> Any:
    return next((entry for entry in _entries(source) if not _holds(entry, without)), [])


def _scripts(element: Any, target: Any, depth: int) -> None:
    """Scripts belong to what stands before them; a list with depth (`vlist-t2`) holds a lower one."""
    base = target[-1] if len(target) else etree.SubElement(target, "mrow")
    entries = _entries(element)
    deep = any("vlist-t2" in _names(part) for part in element)
    name = "msubsup" if len(entries) > 1 else "msub" if deep else "msup"
    scripted = etree.Element(name)
    target.replace(base, scripted)
    scripted.append(base)
    for entry in reversed(entries[:2]):
        _row(entry, etree.SubElement(scripted, "mrow"), depth)


def _limits(element: Any, target: Any, depth: int) -> None:
    entries = _entries(element)
    at = next((n for n, entry in enumerate(entries) if not _is_small(entry)), 0)
    over, under = entries[:at], entries[at + 1 :]
    node = etree.SubElement(target, "munderover" if over and under else "mover" if over else "munder")
    for entry in [*entries[at : at + 1], *under[:1], *over[:1]]:
        _row(entry, etree.SubElement(node, "mrow"), depth)


def _is_small(entry: Any) -> bool:
    return any({"sizing", "mtight"} <= _names(part) for part in entry)


def _table(element: Any, target: Any, depth: int) -> None:
    columns = [part for part in element if any(name.startswith("col-align-") for name in _names(part))]
    letters = {"col-align-r": "right", "col-align-l": "left"}
    aligned = [next((letters[name] for name in _names(part) if name in letters), "center") for part in columns]
    table = etree.SubElement(target, "mtable", columnalign=" ".join(aligned) if set(aligned) != {"center"} else "")
    cells = [[entry for entry in _entries(column) if len(entry)] for column in columns]
    for line in range(max(map(len, cells), default=0)):
        row = etree.SubElement(table, "mtr")
        for column in cells:
            cell = etree.SubElement(row, "mtd")
            if line < len(column):
                _row(column[line], cell, depth)


def _decorated(element: Any, target: Any, names: set[str], depth: int) -> None:
    """Something with a sign above or below: the sign is a letter, a rule, or a drawing known by its class."""
    entries = _entries(element)
    below = bool(names & {"underline", "munder"})
    signs = [entry for entry in entries if _sign(entry, names)]
    bodies = [entry for entry in entries if entry not in signs]
    node = etree.SubElement(target, "munder" if below else "mover")
    script = next((body for body in bodies if _is_small(body)), None)
    base: Any = next((body for body in bodies if body is not script), [])
    _row(base, etree.SubElement(node, "mrow"), depth)
    if script is not None:
        _row(script, etree.SubElement(node, "mrow"), depth)
    else:
        sign = _sign(signs[0], names) if signs else "‾" if names & {"overline", "underline"} else ""
        etree.SubElement(node, "mo").text = sign


def _sign(entry: Any, names: set[str]) -> str:
    below = "underline" in names or "munder" in names
    for part in entry.iter("span"):
        inner = _names(part)
        if inner & {"overline-line", "underline-line"}:
            return "_" if below else "‾"
        if "brace-center" in inner:
            return "⏟" if below else "⏞"
        if "overlay" in inner:
            return "→"
        if "accent-body" in inner and (text := "".join(part.itertext()).strip()):
            return text
        if inner & _INNER:
            return ""
    return (_drawn(entry) or "^") if "svg-align" in _names(entry) and next(entry.iter("svg"), None) is not None else ""


def _drawn(element: Any) -> str:
    """The sign that the first outline in `element` draws; "" if it is none of those known."""
    for path in element.iter("path"):
        outline = (path.get("d") or "")[:400]
        for start, cornered, plain in _DRAWN:
            if outline.startswith(start):
                return cornered if _CORNER.search(outline) else plain
        break
    return ""


def _fence(element: Any, target: Any) -> None:
    text = "".join(element.itertext()).replace("\u200b", "").strip()
    sign = _PIECES.get(text[0], text) if text else ""
    if len(set(text)) > 1 and text[0] not in "⎧⎩⎨⎫⎭⎬":
        sign = text[0]
    if not sign:
        sign = _drawn(element) or "|"
    etree.SubElement(target, "mo", fence="true").text = sign
