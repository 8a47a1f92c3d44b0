"""Tables of MathML: which environment of LaTeX a table is, and its cells.

`aligned` where the columns say so, `matrix` where nothing is said; fences around a table are the caller's. A table of
one cell is its contents.
"""

import re
from collections.abc import Sequence
from typing import Any

from pipelines.extraction.math.mathml_recursion import convert
from pipelines.extraction.math.mathml_tokens import children_of, join, local, text_of

_TEXT_ALIGN = re.compile(r"text-align:\s?(left|right|center)")
_TRAILING_SPACE = re.compile(r"(?:(?<!\\)\\(?:[,:; ]|q?quad(?![a-zA-Z]))\s?){1,9}$")


def table_in(element: Any) -> Any:
    """The table that `element` is, or wraps alone; None otherwise."""
    for _ in range(6):
        name = local(element)
        if name == "mtable":
            return element
        children = children_of(element)
        if name not in {"mrow", "mstyle", "mpadded"} or len(children) != 1:
            return None
        element = children[0]
    return None


def table(element: Any, environment: str, depth: int) -> str:
    """The rows of a table in an environment; what stands behind a closing brace of its name are arguments."""
    rows = []
    for line in children_of(element):
        name = local(line)
        if name not in {"mtr", "mlabeledtr"}:
            rows.append([convert(line, depth + 1)])
            continue
        parts = children_of(line)[1:] if name == "mlabeledtr" else children_of(line)
        cells = [_TRAILING_SPACE.sub("", _cell(part, depth)) for part in parts]
        while len(cells) > 1 and not cells[-1]:  # TeX4ht fills each line of an `align` up to the widest
            cells.pop()
        rows.append(cells)
    body = " \\\\ ".join(" & ".join(parts) for parts in rows)
    return f"\\begin{{{environment}}} {body} \\end{{{environment.split('}', maxsplit=1)[0]}}}"


def mtable(element: Any, depth: int) -> str:
    """A table without fences."""
    lines = children_of(element)
    if len(lines) == 1 and local(lines[0]) == "mlabeledtr":
        parts = children_of(lines[0])
        tag = text_of(parts[0]).strip("() ") if parts else ""
        body = join([_cell(part, depth) for part in parts[1:]])
        return f"{body} \\tag{{{tag}}}" if tag and re.fullmatch(r"[\w.\-*'⋆]{1,20}", tag) else body
    align = (element.get("columnalign") or "").split() or _alignments(lines)
    columns = max((len(children_of(line)) for line in lines if local(line) == "mtr"), default=1)
    if len(lines) == 1 and columns == 1 and local(lines[0]) == "mtr":
        return join([_cell(part, depth) for part in children_of(lines[0])])
    spread = element.get("displaystyle") == "true"
    if align[:2] == ["right", "left"] or (spread and columns >= 2):
        return table(element, "aligned", depth)
    if any(value in align for value in ("left", "right")):
        letters = [{"left": "l", "right": "r"}.get(value, "c") for value in align]
        letters += [letters[-1]] * (columns - len(letters))
        return table(element, f"array}}{{{''.join(letters[:columns])}", depth)
    return table(element, "gathered" if columns == 1 and len(lines) > 1 and spread else "matrix", depth)


def _cell(cell: Any, depth: int) -> str:
    return convert(cell, depth + 1)


def _alignments(lines: Sequence[Any]) -> list[str]:
    """How the columns are set, as the cells of the first row say it (attribute or style)."""
    out = []
    for cell in children_of(lines[0]) if lines else []:
        style = _TEXT_ALIGN.search(cell.get("style") or "")
        out.append(cell.get("columnalign") or (style[1] if style else "center"))
    return out
