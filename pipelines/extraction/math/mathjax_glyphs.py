"""Reads the structure of a formula out of MathJax 3 and 4 output that carries neither source nor assistive MathML.

Both outputs keep the tree of MathML: CommonHTML as elements `mjx-mi`, `mjx-msup`… with the characters in class names
(`mjx-c1D465`), SVG as `data-mml-node` with the characters in `data-c`. Only the glyphs' boxes are dropped.

What the trees say by geometry alone is read from it: which script of an SVG stands above, which fraction has no line,
what a fence is that was put together from pieces. Checked against MathJax 3.2.2 and 4.1.3.
"""

import re
from typing import Any

from lxml import etree

_CHARACTER = re.compile(r"(?:^|\s)mjx-c([0-9A-Fa-f]{2,6})(?:\s|$)")
_SKIPPED = frozenset(
    {
        "mjx-nstrut",
        "mjx-dstrut",
        "mjx-line",
        "mjx-surd",
        "mjx-spacer",
        "mjx-strut",
        "mjx-mark",
        "mjx-assistive-mml",
        "mjx-speech",
    }
)
_PIECES = {
    "⎛⎜⎝": "(", "⎞⎟⎠": ")", "⎧⎨⎩": "{", "⎫⎬⎭": "}", "⌠⌡": "∫", "\ue150": "⏞", "\ue152": "⏟", "∣|": "|", "∥‖": "∥",
}  # fmt: skip
"""Pieces of Unicode's Miscellaneous Technical block, and of MathJax's own fonts, that make one tall or wide sign."""
_SQUARE = (("⎡", "⎣", "[⌈⌊|"), ("⎤", "⎦", "]⌉⌋|"))
"""Brackets: with both corners, with the upper, with the lower, with none."""
_LONG = frozenset("⏞⏟→←⇒⇐⇔⟶⟵⟹↦⎴⎵")
_SURD = frozenset("√⎷\ue000\ue001")
_RELATIONS = frozenset("=<>≤≥≠≈≡∼≃≅≐≔∝→←⇒⇔⟶⟹↦∈⊂⊆⊃⊇≪≫≺⪯⊢⊨∣")
_PLACE = re.compile(r"translate\(\s?-?[\d.]{1,20}[ ,]{1,3}(-?[\d.]{1,20})\)")
_OF_VERSION_2 = {"mjx-sup": "mjx-over", "mjx-sub": "mjx-under", "mjx-op": "mjx-base", "mjx-label": "mjx-labels",
                 "mjx-delim-v": "mjx-box", "mjx-delim-h": "mjx-box"}  # fmt: skip
_FONTS = {"math-I": "italic", "math-BI": "bold-italic", "main-B": "bold", "ams-R": "double-struck", "cal-R": "script",
          "frak-R": "fraktur", "sans-R": "sans-serif", "type-R": "monospace", "script-R": "script"}  # fmt: skip
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
_MATHML = frozenset(
    ["math", "mi", "mn", "mo", "mtext", "ms", "mspace", "mrow", "mstyle", "mpadded", "mphantom", "merror",
    "mfrac", "msqrt", "mroot", "mfenced", "menclose", "msub", "msup", "msubsup", "munder", "mover",
    "munderover", "mmultiscripts", "mtable", "mtr", "mtd", "mlabeledtr", "semantics", "texatom", "maction",
    "mprescripts", "none"]
)  # fmt: skip
_MAX_DEPTH = 200
_UNDRAWN = frozenset({"defs", "title", "desc", "mjx-break"})
_GLYPH = re.compile(r"-([0-9A-F]{2,6})$")
_SCRIPT_FONT = re.compile(r"(?:TEX|NCM)-C(?:[-\s]|$)")
_HEX = re.compile(r"[0-9A-Fa-f]{2,6}")
_HEX_CODES = re.compile(r"(?:^|[- ])([0-9A-F]{2,6}) ")


def _character(code: str) -> str:
    value = int(code, 16)
    allowed = 0x20 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF and value not in (0xFFFE, 0xFFFF)
    return chr(value) if allowed else ""


def _new(parent: Any, name: str) -> Any:
    return etree.SubElement(parent, "mrow" if name == "texatom" else name)


def chtml_to_mathml(math: Any) -> Any:
    """A `mjx-math` element as a MathML tree."""
    root = etree.Element("math")
    _chtml(math, root, 0)
    return _finished(root)


def frame_to_mathml(frame: Any) -> Any:
    """A frame of MathJax 2 with CommonHTML (`span` elements with the classes `mjx-…`) as a MathML tree."""
    for node in frame.iter("span"):
        name = (node.get("class") or "").split(" ")[0]
        if name.startswith("mjx-"):
            node.tag = _OF_VERSION_2.get(name, name)
    math = next(frame.iter("mjx-math"), None)
    return chtml_to_mathml(math) if math is not None else etree.Element("math")


def _finished(root: Any) -> Any:
    """The tree with whole signs for pieces, upright letters marked, and the columns of aligned equations told."""
    for element in root.iter("mo", "mi", "mtable"):
        text = element.text or ""
        if element.tag == "mo" and len(text) > 1:
            whole = _whole_sign("".join(text.split()))
            if whole != text and whole in "|∥":
                element.set("fence", "true")
            element.text = whole
        elif text == "∣" and _ends_after_nothing(element):
            element.set("fence", "true")
        elif element.tag == "mi" and len(text) == 1 and text.isascii() and text.isalpha():
            element.set("mathvariant", element.get("mathvariant") or "normal")
        elif element.tag == "mtable":
            _tell_columns(element)
    return root


def _ends_after_nothing(element: Any) -> bool:
    """Whether a bar is the right fence of a row whose left fence is empty (`\\left.`)."""
    row = element.getparent()
    return len(row) > 2 and row[-1] is element and row[0].tag == "mo" and not row[0].text and not len(row[0])


def _whole_sign(text: str) -> str:
    """The one sign that an operator's glyphs make; the text itself where they are no pieces of one."""
    for pieces, sign in _PIECES.items():
        if text[0] in pieces and (text.strip(text[0]) == "" or pieces[0] not in "∣∥"):
            return sign
    for upper, lower, signs in _SQUARE:
        if {upper, lower, "⎢", "⎥"} >= set(text):
            return signs[0 if upper in text and lower in text else 1 if upper in text else 2 if lower in text else 3]
    if text[0] == "←" and "→" in text:
        return "↔"
    if (end := text.strip("−-=")) in _LONG or text.strip("¯‾ˉ―_") == "":
        return end or text[0]
    return text[0] if text[0] in _LONG else text


def _tell_columns(table: Any) -> None:
    """Mark a table whose second column opens with relations as aligned, where nothing else says so."""
    rows = [row for row in table if row.tag in {"mtr", "mlabeledtr"}]
    cells = [cell for row in rows for cell in [c for c in row if c.tag == "mtd" and not c.get("id")][1:2]]
    if cells and all(cell.get("style") is None for cell in cells):
        texts = ["".join(cell.itertext()).strip() for cell in cells]
        if any(texts) and all(text[:1] in _RELATIONS for text in texts if text):
            table.set("columnalign", "right left")


def _labelled(table: Any, labels: list[Any]) -> None:
    """Put numbers before the rows they number, where MathML has them."""
    rows = [row for row in table if row.tag == "mlabeledtr"]
    for index, row in enumerate(rows):
        if len(labels) == len(rows):
            row.insert(0, labels[index])
        else:
            row.tag = "mtr"


def _chtml(source: Any, target: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    for child in source:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _SKIPPED:
            continue
        if tag == "mjx-c":
            match = _CHARACTER.search(child.get("class") or "")
            if match:
                target.text = (target.text or "") + _character(match.group(1))
                if _SCRIPT_FONT.search(child.get("class") or ""):
                    target.set("mathvariant", "script")
            continue
        if tag == "mjx-char":
            said = child.text or ""
            target.text = (target.text or "") + (said.replace("\xa0", " ") if target.tag == "mtext" else said.strip())
            font = (child.get("class") or "").rsplit("MJXc-TeX-", 1)[-1]
            if target.tag == "mi" and font in _FONTS:
                target.set("mathvariant", _FONTS[font])
            continue
        if tag in {"mjx-stretchy-v", "mjx-stretchy-h"}:
            if match := _CHARACTER.search(child.get("class") or ""):
                sign = _character(match.group(1))
                target.text = (target.text or "") + sign
                if sign in {"|", "∣", "∥", "‖"}:
                    target.set("fence", "true")
            continue
        name = tag.removeprefix("mjx-")
        if name in _SCRIPTED:
            _chtml_script(child, _new(target, name), name, depth)
        elif name in _MATHML and tag != name:
            node = _new(target, name)
            if name == "mroot":
                _chtml_root(child, node, depth)
            elif name == "mtable":
                _chtml_table(child, node, depth)
            else:
                if name == "mtd" and child.get("style"):
                    node.set("style", child.get("style"))
                elif name == "menclose":
                    node.set("notation", _enclosing(child))
                elif name == "mfrac" and any(part.get("atop") or _lineless(part) for part in child):
                    node.set("linethickness", "0")
                _chtml(child, node, depth + 1)
        elif name == "script" and len(child) > 1:
            for part in child:
                _chtml((part,), target, depth + 1)
        else:
            _chtml(child, target, depth + 1)


def _chtml_table(child: Any, node: Any, depth: int) -> None:
    labels = etree.Element("holder")
    for part in list(child.iter("mjx-labels")):
        _chtml(part, labels, depth + 1)
        for inner in list(part):
            part.remove(inner)
    _chtml(child, node, depth + 1)
    _labelled(node, list(labels.iter("mtd")))


def _lineless(box: Any) -> bool:
    """Whether a box of version 2 holds a fraction without a line."""
    tags = [part.tag for part in box]
    return "mjx-numerator" in tags and "mjx-line" not in tags


def _enclosing(child: Any) -> str:
    """The notation of a `menclose`: the strokes are elements of their own, a box is a border."""
    named = {"mjx-dstrike": "downdiagonalstrike", "mjx-ustrike": "updiagonalstrike", "mjx-hstrike": "horizontalstrike"}
    strokes = [name for tag, name in named.items() if next(child.iter(tag), None) is not None]
    boxed = any("border:" in (part.get("style") or "") for part in child)
    return " ".join(strokes) or ("box" if boxed else "none")


def _chtml_root(child: Any, node: Any, depth: int) -> None:
    base, index = _new(node, "mrow"), _new(node, "mrow")
    for part in list(child.iter("mjx-root"))[:1]:
        _chtml(part, index, depth + 1)
        for inner in list(part):
            part.remove(inner)
    _chtml(child, base, depth + 1)


def _chtml_script(child: Any, node: Any, name: str, depth: int) -> None:
    """Base, below, above: CommonHTML may hold a script's parts in boxes of any order; the box's name tells."""
    parts: dict[str, Any] = {
        "base": etree.Element("mrow"),
        "below": etree.Element("mrow"),
        "above": etree.Element("mrow"),
    }

    def place(element: Any, slot: str, level: int) -> None:
        if level > 12:
            return
        for part in element:
            tag = part.tag if isinstance(part.tag, str) else ""
            if tag in {"mjx-over"}:
                place(part, "above", level + 1)
            elif tag in {"mjx-under"}:
                place(part, "below", level + 1)
            elif tag == "mjx-base":
                place(part, "base", level + 1)
            elif tag == "mjx-script":
                inner = [p for p in part if isinstance(p.tag, str) and p.tag not in _SKIPPED]
                if name in {"msubsup", "munderover"} and len(inner) >= 2:
                    _chtml((inner[0],), parts["above"], depth + 1)
                    _chtml((inner[-1],), parts["below"], depth + 1)
                else:
                    place(part, "above" if name in {"msup", "mover"} else "below", level + 1)
            elif tag in {
                "mjx-row",
                "mjx-box",
                "mjx-cell",
                "mjx-munder",
                "mjx-mover",
                "mjx-stack",
                "mjx-itable",
                "mjx-table",
            }:
                place(part, slot, level + 1)
            elif tag and tag not in _SKIPPED:
                _chtml((part,), parts[slot], depth + 1)

    place(child, "base", 0)
    order = {
        "msub": ("base", "below"),
        "munder": ("base", "below"),
        "msup": ("base", "above"),
        "mover": ("base", "above"),
    }
    if name in {"msubsup", "munderover"} and not (len(parts["below"]) and len(parts["above"])):
        # version 2 has one element for one script and for two
        name = {"msubsup": ("msub", "msup"), "munderover": ("munder", "mover")}[name][not len(parts["below"])]
        node.tag = name
    for slot in order.get(name, ("base", "below", "above")):
        node.append(parts[slot])


def svg_to_mathml(drawing: Any) -> Any:
    """The drawing of one formula, in one `svg` or in several that a line may break between, as a MathML tree."""
    root = etree.Element("math")
    _svg(drawing, root, 0)
    return _finished(root)


def _svg(source: Any, target: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    for child in source:
        if not isinstance(child.tag, str) or child.tag in _UNDRAWN or child.tag in _SKIPPED:
            continue
        code = child.get("data-c") or ""
        href = child.get("xlink:href") or child.get("href") or ""
        if not code and child.tag == "use" and (match := _GLYPH.search(href)):
            code = match.group(1)
        if code:
            target.text = (target.text or "") + (_character(code) if _HEX.fullmatch(code) else "")
            if _SCRIPT_FONT.search(href):
                target.set("mathvariant", "script")
            continue
        if child.tag == "text" and child.text:
            target.text = (target.text or "") + child.text
            continue
        name = (child.get("data-mml-node") or "").lower()
        if name in {"msubsup", "munderover", "msqrt", "mroot"}:
            _svg_parts(child, _new(target, name), name, depth)
        elif name == "mtable":
            _svg_table(child, _new(target, name), depth)
        elif name in _MATHML:
            node = _new(target, name)
            drawn = {part.tag for part in child}
            if name == "mfrac" and "rect" not in drawn:
                node.set("linethickness", "0")
            elif name == "menclose":
                node.set("notation", "box" if "rect" in drawn else "none")
            _svg(child, node, depth + 1)
        else:
            _svg(child, target, depth + 1)


def _svg_parts(child: Any, node: Any, name: str, depth: int) -> None:
    """The parts of a script or a root in MathML's order: an SVG has them in the order in which they are drawn."""
    parts = [part for part in child if isinstance(part.tag, str) and part.tag not in {"rect", "line", "defs"}]
    if name in {"msqrt", "mroot"}:
        parts = [part for part in parts if not _is_surd(part)]
        if name == "mroot":  # in MathML the root's index comes last; drawn it is the smaller one
            parts.sort(key=lambda part: "scale(" in (part.get("transform") or ""))
    elif len(parts) == 3:
        parts[1:] = sorted(parts[1:], key=_height)
    for part in parts:
        _svg((part,), etree.SubElement(node, "mrow"), depth + 1)


def _is_surd(part: Any) -> bool:
    """Whether a part of a root is its sign."""
    if part.get("data-mml-node") != "mo":
        return False
    drawn = " ".join(
        one.get("data-c") or one.get("xlink:href") or one.get("href") or "" for one in part.iter("use", "path")
    )
    signs = _HEX_CODES.findall(drawn + " ")
    return bool(signs) and {_character(sign) for sign in signs} <= _SURD


def _height(part: Any) -> float:
    """How high a part is drawn, in units of the font; 0 where nothing is said."""
    match = _PLACE.search(part.get("transform") or "")
    try:
        return float(match.group(1)) if match else 0.0
    except ValueError:
        return 0.0


def _svg_table(child: Any, node: Any, depth: int) -> None:
    labels = etree.Element("holder")
    for part in [drawing for drawing in child.iter("svg") if drawing.get("data-labels") == "true"]:
        _svg(part, labels, depth + 1)
        for inner in list(part):
            part.remove(inner)
    _svg(child, node, depth + 1)
    _labelled(node, list(labels.iter("mtd")))
