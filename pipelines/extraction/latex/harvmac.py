r"""What harvmac's references, equations and figures are in LaTeX: their labels are commands, not words.

Source: harvmac.tex (P. Ginsparg, 1988): `\ref\x{…}` sets a number here and its text in the list, and makes `\x` the
number; `\nref` and `\lref` only make it, `\eqn\x{…}` does so for an equation and `\fig\x{…}` for a figure.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex.meanings import Macro

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

_LABEL = re.compile(r"\\([a-zA-Z@]+)\Z")


def _label(engine: "Engine", written: str) -> str | None:
    """The name of the label that comes next, which from now on stands for what `written` makes of it."""
    token = engine.mouth.token()
    found = _LABEL.match(token) if token is not None else None
    if found is None:
        return None
    macro = Macro(found[1], (), written.format(found[1]))
    engine.meanings.define(found[1], macro, everywhere=True)
    return found[1]


def reference(engine: "Engine", name: str) -> None:
    r"""`\ref\x{…}`, `\nref\x{…}` and `\lref\x{…}`: what stands in the list of references is no text."""
    if engine.mouth.next_is("{"):  # LaTeX's own
        engine.keep_command("ref")
        return
    label = _label(engine, "\\cite{{{0}}}")
    engine.mouth.argument()
    if label is not None and name.endswith("@ref"):
        engine.push(f"\\{label}")


def equation(engine: "Engine", name: str) -> None:
    r"""`\eqn\x{…}`; `\eqnn\x` and `\eqna\x` name a number that the paper sets itself."""
    label = _label(engine, "\\eqref{{{0}}}")
    if name.endswith("@eqn"):
        body = engine.mouth.argument() or ""
        mark = f"\\label{{{label}}}" if label is not None else ""
        engine.push(f"\\begin{{equation}}{mark}{body}\\end{{equation}}")


def figure(engine: "Engine", name: str) -> None:
    r"""`\fig\x{…}` and `\nfig\x{…}`: the caption, which harvmac prints at the paper's end, stands in a note."""
    label = _label(engine, "fig.~\\ref{{{0}}}")
    caption = engine.mouth.argument() or ""
    if label is not None and name.endswith("@fig"):
        engine.push(f"\\{label}\\footnote{{{caption}}}" if caption else f"\\{label}")


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(("harvmac@ref", "harvmac@nref"), reference),
    **dict.fromkeys(("harvmac@eqn", "harvmac@eqnn"), equation),
    **dict.fromkeys(("harvmac@fig", "harvmac@nfig"), figure),
}
"""The commands of this room, by the names that the prelude gives them."""
