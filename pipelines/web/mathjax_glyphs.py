"""Reads the structure of a formula out of MathJax 3 and 4 output that carries neither source nor assistive MathML.

Both outputs keep the tree of MathML: CommonHTML as elements `mjx-mi`, `mjx-msup`… with the characters in class names
(`mjx-c1D465`), SVG as `data-mml-node` with the characters in `data-c`. Only the glyphs' boxes are dropped.
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
_SCRIPTED = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
_MATHML = frozenset(
    ["math", "mi", "mn", "mo", "mtext", "ms", "mspace", "mrow", "mstyle", "mpadded", "mphantom", "merror",
    "mfrac", "msqrt", "mroot", "mfenced", "menclose", "msub", "msup", "msubsup", "munder", "mover",
    "munderover", "mmultiscripts", "mtable", "mtr", "mtd", "mlabeledtr", "semantics", "texatom", "maction",
    "mprescripts", "none"]
)  # fmt: skip
_MAX_DEPTH = 200


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
    return root


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
            continue
        name = tag.removeprefix("mjx-")
        if name in _SCRIPTED:
            _chtml_script(child, _new(target, name), name, depth)
        elif name in _MATHML and tag != name:
            node = _new(target, name)
            if name == "mroot":
                _chtml_root(child, node, depth)
            else:
                _chtml(child, node, depth + 1)
        elif name == "script" and len(child) > 1:
            for part in child:
                _chtml(_wrap(part), target, depth + 1)
        else:
            _chtml(child, target, depth + 1)


def _wrap(part: Any) -> Any:
    holder = etree.Element("holder")
    holder.append(etree.fromstring(etree.tostring(part, with_tail=False)))
    return holder


def _chtml_root(child: Any, node: Any, depth: int) -> None:
    base, index = _new(node, "mrow"), _new(node, "mrow")
    for part in child.iter():
        if part.tag == "mjx-root":
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
                    _chtml(_wrap(inner[0]), parts["above"], depth + 1)
                    _chtml(_wrap(inner[-1]), parts["below"], depth + 1)
                else:
                    place(part, "above" if name in {"msup", "mover"} else "below", level + 1)
            elif tag in {"mjx-row", "mjx-box", "mjx-munder", "mjx-mover", "mjx-stack", "mjx-itable", "mjx-table"}:
                place(part, slot, level + 1)
            elif tag and tag not in _SKIPPED:
                _chtml(_wrap(part), parts[slot], depth + 1)

    place(child, "base", 0)
    order = {
        "msub": ("base", "below"),
        "munder": ("base", "below"),
        "msup": ("base", "above"),
        "mover": ("base", "above"),
    }
    for slot in order.get(name, ("base", "below", "above")):
        node.append(parts[slot])


def svg_to_mathml(svg: Any) -> Any:
    """The drawing of one formula as a MathML tree."""
    root = etree.Element("math")
    _svg(svg, root, 0)
    return root


def _svg(source: Any, target: Any, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    for child in source:
        if not isinstance(child.tag, str) or child.tag in {"defs", "title", "desc"}:
            continue
        if code := child.get("data-c"):
            target.text = (target.text or "") + _character(code)
            continue
        href = child.get("xlink:href") or child.get("href") or ""
        if child.tag == "use" and (match := re.search(r"-([0-9A-F]{2,6})$", href)):
            target.text = (target.text or "") + _character(match.group(1))
            continue
        if child.tag == "text" and child.text:
            target.text = (target.text or "") + child.text
            continue
        name = (child.get("data-mml-node") or "").lower()
        if name in _MATHML:
            _svg(child, _new(target, name), depth + 1)
        else:
            _svg(child, target, depth + 1)
