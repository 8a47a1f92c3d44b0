"""The leaves of MathML as LaTeX: identifiers, numbers, operators, text, space; and how pieces stand side by side."""

import re
from collections.abc import Sequence
from typing import Any

from pipelines.extraction.math.mathml_symbols import FUNCTIONS, in_variant, symbol

_UPRIGHT_WORD = re.compile(r"\\math(rm|sf|tt)\{[a-zA-Z]\}(?:\\math\1\{[a-zA-Z]\})+")
_UNKNOWN_COMMAND = re.compile(r"\\[a-zA-Z]+")
_COMMAND_END = re.compile(r"\\[a-zA-Z]+$")
LENGTH = re.compile(r"\s*(-?[\d.]+)\s*(em|ex|px|pt|mu|in|cm|mm)?")
SPECIAL_IN_TEXT = str.maketrans(
    {"\\": "\\textbackslash ", "{": "\\{", "}": "\\}", "$": "\\$", "#": "\\#", "%": "\\%", "&": "\\&", "_": "\\_"}
)
_TEXT_VARIANTS = {"bold": "\\textbf", "italic": "\\textit", "monospace": "\\texttt", "sans-serif": "\\textsf"}
_BARS = {"∥": "\\|", "‖": "\\|", "∣": "|"}
"""Bars that do not stretch, or say that they are fences, are no relations (KaTeX, MathJax: one sign for both)."""
_SPACES = (
    (-10.0, "\\!"), (0.08, ""), (0.2, "\\,"), (0.25, "\\:"), (0.4, "\\;"), (0.8, "\\ "), (1.6,
    "\\quad"), (1e9, "\\qquad"),
)  # fmt: skip


def local(element: Any) -> str:
    """The element's name in lower case without prefix or namespace; "" for comments and the like."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()


def join(parts: Sequence[str]) -> str:
    """LaTeX pieces in a row, with a space where a command would swallow the letter behind it."""
    out: list[str] = []
    last = ""
    for part in parts:
        if not part:
            continue
        if last and part[0].isalpha() and _COMMAND_END.search(last[-40:]):
            out.append(" ")
        out.append(part)
        last = part
    return "".join(out)


def stray(text: str | None) -> str:
    """Text between the elements of a row, where converters leave the commands that they do not know."""
    if text is None or not (words := " ".join(text.split())):
        return ""
    return words if _UNKNOWN_COMMAND.fullmatch(words) else "".join(symbol(character) for character in words)


def upright_words(latex: str) -> str:
    """`latex` with upright letters that stand side by side as one word: some converters write one `mi` a letter."""
    return _UPRIGHT_WORD.sub(lambda word: f"\\math{word[1]}{{{word[0][8::10]}}}", latex)


def children_of(element: Any) -> list[Any]:
    """The elements below `element`, comments aside."""
    return [child for child in element if local(child)]


def text_of(element: Any) -> str:
    """All text below `element`, white space collapsed."""
    return " ".join("".join(element.itertext()).split())


def _token(element: Any) -> str:
    return "".join(element.itertext()).strip()


def mi(element: Any, _depth: int) -> str:
    text = " ".join(_token(element).split())
    variant = (element.get("mathvariant") or "").lower()
    if not text:
        return ""
    if len(text) == 1:
        latex = symbol(text)
        if variant == "normal" and text.isalpha() and text.isascii():
            return f"\\mathrm{{{text}}}"
        return in_variant(latex, variant)
    if text in FUNCTIONS:
        return f"\\{text}"
    if text.replace(" ", "") in {"limsup", "liminf"}:
        return f"\\{text.replace(' ', '')}"
    latex = join([symbol(character) if character != " " else "\\ " for character in text])
    if variant and variant not in {"normal", "italic"}:
        return in_variant(latex, variant)
    if text.isascii() and text.isalpha():
        return f"\\mathit{{{text}}}" if variant == "italic" else f"\\operatorname{{{text}}}"
    return latex if text.startswith("\\") or not text[0].isalpha() or "\\" in latex else f"\\mathrm{{{latex}}}"


def mn(element: Any, _depth: int) -> str:
    text = "".join(_token(element).split())
    return in_variant("".join(symbol(c) for c in text), (element.get("mathvariant") or "").lower())


def mo(element: Any, _depth: int) -> str:
    text = " ".join(_token(element).split())
    if text in _BARS and (element.get("stretchy") == "false" or element.get("fence") == "true" or element.get("form")):
        return _BARS[text]
    if len(text) == 1:
        return symbol(text)
    if text in FUNCTIONS:
        return f"\\{text}"
    if text.isascii() and text.isalpha() and text:
        return f"\\operatorname{{{text}}}"
    return join([symbol(character) if character != " " else "\\ " for character in text])


def mtext(element: Any, _depth: int) -> str:
    text = re.sub(r"\s+", " ", "".join(element.itertext()).replace("\xa0", " "))
    if not text:
        return ""
    if not text.strip():
        return "\\ "
    plain = text.translate(SPECIAL_IN_TEXT)
    command = _TEXT_VARIANTS.get((element.get("mathvariant") or "").lower(), "\\text")
    return f"{command}{{{plain}}}"


def mspace(element: Any, _depth: int) -> str:
    if (element.get("linebreak") or "") == "newline":
        return "\\\\ "
    match = LENGTH.match(element.get("width") or "")
    if not match:
        return {"thinmathspace": "\\,", "mediummathspace": "\\:", "thickmathspace": "\\;"}.get(
            element.get("width") or "", ""
        )
    try:
        width = float(match.group(1))
    except ValueError:
        return ""
    width *= {"ex": 0.45, "px": 1 / 16, "pt": 1 / 12, "mu": 1 / 18, "in": 6.0, "cm": 2.4, "mm": 0.24}.get(
        match.group(2) or "em", 1.0
    )
    return (
        "" if -0.08 < width < 0.08 else "\\!" if width < 0 else next(name for limit, name in _SPACES if width <= limit)
    )
