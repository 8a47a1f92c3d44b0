"""Fences of MathML: which bracket among siblings closes which, and whether they must grow with what they hold.

Presentation markup writes brackets as operators like any other (`mo`), so pairs are found by their signs. Signs
as in the operator dictionary of W3C MathML 3.0, appendix C; the environments of matrices are amsmath's.
"""

from collections.abc import Sequence
from typing import Any

from pipelines.extraction.math.mathml_symbols import symbol
from pipelines.extraction.math.mathml_tokens import local, text_of

OPENERS = {
    "(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⟨": "⟩", "〈": "〉", "\u2329": "\u232a",
    "⌈": "⌉", "⌊": "⌋", "∣": "∣", "∥": "∥",
}  # fmt: skip
_CLOSERS = frozenset(OPENERS.values())
MATRICES = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("{", "}"): "Bmatrix", ("|", "|"): "vmatrix", ("∣", "∣"): "vmatrix",
    ("‖", "‖"): "Vmatrix", ("∥", "∥"): "Vmatrix",
}  # fmt: skip
_SYMMETRIC = frozenset("|‖∣∥")
_UPRIGHT = {"∣": "|", "∥": "\\|", "‖": "\\|"}
"""Fences that MathML writes with the signs of relations."""
_SCRIPTS = frozenset({"msub", "msup", "msubsup"})
_TALL = frozenset({"mfrac", "mtable", "munderover", "munder", "mover", "mroot", "msqrt"})


def partners(items: Sequence[Any]) -> dict[int, int]:
    """Which fence among siblings closes which: position of the opening to position of the closing one."""
    signs = {i: sign for i, item in enumerate(items) if (sign := closing_sign(item))}
    found: dict[int, int] = {}
    open_: list[tuple[str, int]] = []
    for position, sign in signs.items():
        if open_ and sign == open_[-1][0]:
            found[open_.pop()[1]] = position
        elif sign in OPENERS and local(items[position]) == "mo":
            open_.append((OPENERS[sign], position))
        elif sign in _CLOSERS:
            # A closing sign of another kind (a half-open interval) ends the nearest fence that waits for any.
            while open_ and open_[-1][0] in _SYMMETRIC:
                open_.pop()
            if open_:
                closer, start = open_.pop()
                if closer == sign:
                    found[start] = position
    return found


def closing_sign(item: Any) -> str:
    """The sign of an operator, or of the closing fence that stands as the base of scripts; "" for anything else."""
    if local(item) == "mo":
        return text_of(item)
    if local(item) in _SCRIPTS and len(item) and local(item[0]) == "mo" and (sign := text_of(item[0])) in _CLOSERS:
        return sign
    return ""


def tall(element: Any) -> bool:
    """Whether `element` is or holds something higher than a line."""
    if local(element) in _TALL:
        return True
    return any(local(x) in _TALL for x in element.iter()) if len(element) else False


def fence(sign: str) -> str:
    r"""A fence as LaTeX behind `\left` or `\right`: a dot where there is none."""
    if sign in _UPRIGHT:
        return _UPRIGHT[sign]
    return symbol(sign) if len(sign) == 1 else (sign or ".")
