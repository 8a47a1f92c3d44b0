"""Formulas that an element holds as its only text: scripts of a typesetter, and elements of a mathematical class."""

import re

from pipelines.extraction.html.formula_names import LATEX, SURE_CLASSES, is_tex
from pipelines.extraction.math.asciimath import asciimath_to_latex
from pipelines.extraction.math.formulas import Formula, wrapped_whole
from pipelines.extraction.math.mathml import mathml_to_latex, parse_mathml

_TEX_SCRIPT = re.compile(r"(?:math|text|application)/(?:x-)?(?:la)?tex(?![a-z])")
_PAIRS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))


def formula_in(kind: str, text: str) -> Formula | None:
    """The formula of a script of a type; None if it is a program."""
    kind = kind.lower()
    text = text.strip()
    text = text.removeprefix("<![CDATA[").removesuffix("]]>").removeprefix("% <![CDATA[").removesuffix("%").strip()
    display = "display" in kind
    if "asciimath" in kind:
        return Formula(asciimath_to_latex(text), display, "script_asciimath")
    if "mml" in kind or text.startswith("<math"):
        parsed = parse_mathml(text)
        return Formula(mathml_to_latex(parsed) if parsed is not None else "", display, "mathml")
    return Formula(text, display, "script_tex") if _TEX_SCRIPT.match(kind) else None


def is_formula_text(text: str, names: set[str], typeset: bool) -> bool:
    """Whether the only text of an element of the classes `names` is TeX; `typeset`: the page says that it has some."""
    sure = bool(names & SURE_CLASSES)
    if "\\(" in text or "\\[" in text or "$" in text:
        return sure or any(wrapped_whole(text, left, right) for left, right in _PAIRS)
    return sure or (typeset and "math" in names and is_tex(text)) or (LATEX.search(text) is not None and "\\" in text)
