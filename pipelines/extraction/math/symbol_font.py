"""Reads text set in a font of signs: the Latin letters that pages write in the Symbol font are Greek letters and signs.

Encoding as in Adobe's "Symbol Encoding to Unicode" (unicode.org, Public/MAPPINGS/VENDORS/ADOBE/symbol.txt); Word
writes the same bytes as U+F020 to U+F0FF.
"""

import re

from manifests.records import Rules
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.math.style_sheets import sheet_rules

_LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_GREEK = "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ"
_SIGNS = {
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼",
    0xA2: "′", 0xA3: "≤", 0xA4: "⁄", 0xA5: "∞", 0xA6: "ƒ", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓",
    0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠",
    0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC0: "ℵ", 0xC1: "ℑ", 0xC2: "ℜ", 0xC3: "℘", 0xC4: "⊗", 0xC5: "⊕", 0xC6: "∅",
    0xC7: "∩", 0xC8: "∪", 0xC9: "⊃", 0xCA: "⊇", 0xCB: "⊄", 0xCC: "⊂", 0xCD: "⊆", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠",
    0xD1: "∇", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅", 0xD8: "¬", 0xD9: "∧", 0xDA: "∨", 0xDB: "⇔", 0xDC: "⇐", 0xDD: "⇑",
    0xDE: "⇒", 0xDF: "⇓", 0xE0: "◊", 0xE1: "⟨", 0xE5: "∑", 0xF1: "⟩", 0xF2: "∫",
}  # fmt: skip
_CHARACTERS = dict(zip(map(ord, _LATIN), _GREEK, strict=True)) | _SIGNS
_CHARACTERS |= {0xF000 + code: sign for code, sign in _CHARACTERS.items()}
_CHARACTERS |= {0xF000 + code: chr(code) for code in range(0x20, 0x7F) if code not in _CHARACTERS}
_FACE = re.compile(r"symbol", re.IGNORECASE)
_STYLE = re.compile(r"font-family\s{0,4}:\s{0,4}[\"']?symbol(?![\w])", re.IGNORECASE)
_SYMBOL = b"symbol"
_BEFORE = re.compile(rb"(?:face\s{0,4}=|font-family\s{0,4}:)\s{0,4}[\"']?\Z")
_RIGHT_BEFORE = frozenset(bytes([byte]) for byte in b"=:\"' \t\n\r\f\v")
_LONGEST_BEFORE = len("font-family") + 4 + 1 + 4 + 1
"""Bytes of what `_BEFORE` finds."""
_MATH_SIGNS = {ord("~"): "∼", ord("\\"): "∖", ord("-"): "−", ord("*"): "∗"}
"""Signs that TeX4ht writes as in ASCII though they stand in TeX's font of signs (`<span class="cmsy-10">`)."""
_MATH_FONT = "cmsy"
_SPAN = NUMBER["span"]
_TAGS = tuple(NUMBER[name] for name in ("font", "span", "i", "em", "b", "td", "p"))


def read_symbols(tree: Tree, rules: Rules) -> None:
    """Turn the texts that a page sets in the Symbol font into the characters that it shows.

    `corrected` also where a class says so in the page's own style sheet, as converters from PDF write it.
    """
    page = tree.lower_source
    named = (before for before in page.split(_SYMBOL)[:-1] if before[-1:] in _RIGHT_BEFORE)
    if not any(_BEFORE.search(before[-_LONGEST_BEFORE:]) for before in named):
        return
    classes: set[str] = set()
    if rules == "corrected":
        classes.update(name for rule in sheet_rules(tree) if _STYLE.search(rule.declarations) for name in rule.classes)
    for number in _TAGS:
        behind = -1
        for element in tree.each(number, 0):
            if element.row >= behind and _is_set_so(element, classes):
                behind = element.row + tree.size(element.row)
                _translate(element)


def read_tex_signs(tree: Tree) -> None:
    """Turn what TeX4ht sets in TeX's font of signs into the signs that it shows."""
    if _MATH_FONT.encode() not in tree.source:
        return
    for span in tree.each(_SPAN, 0):
        text = span.text
        if text and (span.get("class") or "").startswith(_MATH_FONT) and any(sign in text for sign in "~\\-*"):
            span.text = text.translate(_MATH_SIGNS)


def _is_set_so(element: Node, classes: set[str]) -> bool:
    face = element.get("face") if element.tag == "font" else None
    if face is not None and _FACE.fullmatch(face.split(",")[0].strip(" \"'")):
        return True
    if classes and not classes.isdisjoint((element.get("class") or "").split()):
        return True
    return _STYLE.search(element.get("style") or "") is not None


def _translate(element: Node) -> None:
    for node in element.iter():
        if text := node.text:
            node.text = text.translate(_CHARACTERS)
        if node.row != element.row and (tail := node.tail):
            node.tail = tail.translate(_CHARACTERS)
