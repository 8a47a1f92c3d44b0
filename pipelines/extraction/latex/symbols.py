r"""Symbols that papers draw by hand, under the names that LaTeX has for them.

Before fonts had them, `\lesssim` was a tilde below a sign and `\mathbb{R}` an I before an R. A drawing is known by what
is left of it when everything that only moves or sizes is taken away.
"""

import re
from collections.abc import Mapping

_DIMENSION = r"\s*=?\s*-?\s*(?:\d*\.?\d+)\s*(?:pt|em|ex|mu|cm|mm|in|bp|sp|pc)\s*"
_MOVES = re.compile(
    rf"\\(?:raise|lower|kern|mkern|hskip|mskip|moveleft|moveright){_DIMENSION}"
    r"|\\(?:mathrel|mathbin|mathop|mathord|mathchoice|rlap|llap|mathrlap|mathllap|hbox|mbox|vcenter|smash|hss|hfil|limits|ensuremath"
    r"|scriptstyle|textstyle|displaystyle|scriptscriptstyle|raisebox|protect|xspace|buildrel|strut|null|relax|leavevmode"
    r"|negthinspace|negthinspace|thinspace|nolimits|mathrm|rm|bf|sf|it|small|footnotesize|tiny)(?![a-zA-Z])"
    r"|\\[!,;:>]|[{}$\s]|\[[^\[\]]*(?:ex|em|pt)\]"
)
_RULE = re.compile(rf"\\vrule(?:\s*(?:width|height|depth){_DIMENSION})*")
"""A stroke drawn by itself."""
_HINT = re.compile(
    r"\\(?:raise|lower|kern|mkern|mskip|vrule|rlap|llap|hskip|raisebox|mathrlap|mathllap|!)(?![a-zA-Z])|\\!"
)
LONGEST = 300

NAMES: Mapping[str, str] = {
    "<\\over\\sim": "\\lesssim",
    ">\\over\\sim": "\\gtrsim",
    "\\sim<": "\\lesssim",
    "<\\sim": "\\lesssim",
    "\\sim>": "\\gtrsim",
    ">\\sim": "\\gtrsim",
    "\\approx<": "\\lessapprox",
    "<\\approx": "\\lessapprox",
    "\\approx>": "\\gtrapprox",
    ">\\approx": "\\gtrapprox",
    "\\propto<": "\\lesssim",
    "=\\sim": "\\simeq",
    ":=": "\\coloneqq",
    "=:": "\\eqqcolon",
    **{f"I{letter}": f"\\mathbb{{{letter}}}" for letter in "BDEFHKLMNPR"},
    **{f"|{letter}": f"\\mathbb{{{letter}}}" for letter in "CGOQ"},
    **{f"{letter}|": f"\\mathbb{{{letter}}}" for letter in "CGOQ"},
    "ZZ": "\\mathbb{Z}",
    "TT": "\\mathbb{T}",
    "SS": "\\mathbb{S}",
    "1l": "\\mathbb{1}",
    "1I": "\\mathbb{1}",
    "1|": "\\mathbb{1}",
}
"""What is left of a drawing, and its name."""


_FAMILY = re.compile(r"\{?\s*\\fam\s*\\(msb|euf)[a-z]*fam(?![a-zA-Z])\s*(?:\\relax)?\s*#1\s*\}?\Z")
_ALPHABETS = {"msb": "\\mathbb", "euf": "\\mathfrak"}


def alphabet_of(body: str) -> str | None:
    """LaTeX's command for the alphabet whose fonts a macro with one argument takes by itself, or None."""
    found = _FAMILY.match(body)
    return None if found is None else f"{_ALPHABETS[found[1]]}{{#1}}"


def drawn_symbol(body: str) -> str | None:
    """The name of the symbol that a macro's body draws, or None."""
    if len(body) > LONGEST or not _HINT.search(body):
        return None
    drawing = _MOVES.sub("", _RULE.sub("|", body))
    once = drawing[: len(drawing) // 4] if "\\mathchoice" in body else drawing  # which draws it in four sizes
    return NAMES.get(once if drawing in (once, once * 4) else drawing)
