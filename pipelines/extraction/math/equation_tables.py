"""Reads displayed equations that a generator lays out as a table: one row a line, one cell a side, one the number.

LaTeXML writes every display so (`ltx_eqn_table`, each side of an `align` a formula of its own), TeX4ht and older
journals put one formula beside its number (`equation`, `equation-star`). The rows become one display each, lines that
share a number one `aligned`; the number stays as text behind it, and words between lines (`\\intertext`) stay words.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pipelines.extraction.math.mathml_tokens import SPECIAL_IN_TEXT, local

CLASSES = frozenset(
    ["ltx_eqn_table", "equation", "equation-star", "align", "align-star", "gather", "gather-star", "multline",
    "multline-star", "eqnarray", "eqnarray-star", "displaymath"]
)  # fmt: skip
_LABELS = ("ltx_eqn_eqno", "equation-label", "eq-no", "eqno", "equationnumber")
_LABEL = re.compile(r"[(\[][^()\[\]\s]{1,16}[)\]]")
_MAX_DEPTH = 30
_MAX_ROWS = 400

Source = Callable[[Any], str | None]
"""What gives the LaTeX of an element: None if it is no formula, "" if it is one that says nothing."""


class Equation(NamedTuple):
    """One display with its number as the page writes it, or words between displays (then `latex` is empty)."""

    latex: str
    text: str


class _Row(NamedTuple):
    cells: list[str]
    label: str
    span: int
    words: str


def equations_of(table: Any, source: Source) -> list[Equation]:
    """The equations of a `table` in the order of the page.

    Empty if no row holds a formula, if there are too many rows, or if tables stand in each other: no generator does so.
    """
    if sum(1 for _ in table.iter("table")) > 1:
        return []
    rows: list[_Row] = []
    for node in table.iter("tr"):
        if len(rows) >= _MAX_ROWS:
            return []
        rows.append(_row(node, source))
    if not any(row.cells for row in rows):
        return []
    merged = "ltx_eqn_eqnarray" in (table.get("class") or "").split()
    out: list[Equation] = []
    lines: list[list[str]] = []
    label, left = "", 0
    for row in rows:
        if row.words:
            out += _flush(lines, label)
            out.append(Equation("", row.words))
            lines, label, left = [], "", 0
            continue
        if row.cells:
            lines.append([row.cells[0], " ".join(row.cells[1:])] if merged and len(row.cells) > 2 else row.cells)
        if row.label:
            label, left = row.label, row.span
        if label and (left := left - 1) <= 0:
            out += _flush(lines, label)
            lines, label = [], ""
    return out + _flush(lines, label)


def _flush(lines: list[list[str]], label: str) -> list[Equation]:
    if not lines:
        return [Equation("", label)] if label else []
    if len(lines) == 1:
        return [Equation(" ".join(filter(None, lines[0])), label)]
    name = "aligned" if max(map(len, lines)) > 1 else "gathered"
    body = " \\\\ ".join(" & ".join(line) for line in lines)
    return [Equation(f"\\begin{{{name}}} {body} \\end{{{name}}}", label)]


def _row(row: Any, source: Source) -> _Row:
    """A row without the cells that only center it; words alone in a row are words."""
    cells: list[str] = []
    label, span, words = "", 1, []
    formulas = 0
    for cell in row:
        classes = cell.get("class") or ""
        if "_padleft" in classes or "_padright" in classes:
            continue
        parts = list(_parts(cell, source, 0))
        text = " ".join("".join(text for text, formula in parts if not formula).split())
        here = sum(formula for _, formula in parts)
        if not here and text and (any(name in classes for name in _LABELS) or _LABEL.fullmatch(text)):
            label = text
            rows = cell.get("rowspan") or "1"
            span = int(rows) if rows.isdigit() and len(rows) < 4 else 1
            continue
        formulas += here
        words.append(text)
        cells.append("".join(latex if formula else _as_text(latex) for latex, formula in parts).strip())
    if not formulas:
        said = " ".join(filter(None, words))
        return _Row([], label, span, said)
    while cells and not cells[-1]:
        cells.pop()
    return _Row(cells, label, span, "")


def _as_text(text: str) -> str:
    """What stands beside a formula in its cell: words as text, a stop or comma as it is."""
    plain = " ".join(text.split())
    if not any(character.isalnum() for character in plain):
        return plain.translate(SPECIAL_IN_TEXT)
    before, after = " " * text[:1].isspace(), " " * text[-1:].isspace()
    return f"\\text{{{before}{plain.translate(SPECIAL_IN_TEXT)}{after}}}"


def _parts(node: Any, source: Source, depth: int) -> Iterator[tuple[str, bool]]:
    """Formulas (LaTeX, True) and texts between them (text, False) below `node`."""
    if depth > _MAX_DEPTH:
        yield "".join(node.itertext()), False
        return
    if node.text:
        yield node.text, False
    for child in node:
        latex = source(child)
        if latex is not None:
            yield latex, True
        elif local(child) not in {"script", "style"}:
            yield from _parts(child, source, depth + 1)
        if child.tail:
            yield child.tail, False
