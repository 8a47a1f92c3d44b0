"""Finds the tables and boxes by which a page lays out formulas, and lifts them.

Three kinds: the displays of HeVeA (tables of the class `display`), the displays of TtH
(a table over the whole line that holds one of `nowrap` cells), and what people write by hand: small tables whose cells
hold a fraction's rule, the pieces of a bracket or a large sign's limits, boxes with a border between two lines.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipelines.extraction.html.build_kernel import COLUMNS, END, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.html.writing import to_lxml
from pipelines.extraction.math.formulas import Formulas
from pipelines.extraction.math.layout.atoms import environment, row_to_latex
from pipelines.extraction.math.layout.boxes import RULED, Reader, Upright, rows_of, upright_of
from pipelines.extraction.math.layout.lines import unfold
from pipelines.extraction.math.layout.stacks import BoxError
from pipelines.extraction.math.mathml_symbols import FUNCTIONS
from pipelines.extraction.math.mathml_tokens import local
from pipelines.extraction.math.style_sheets import sheet_rules

KIND = "html_layout"
MOST_ROWS = 3_000
"""Elements of a table that may be a formula."""
DEEPEST = 24
"""Tables in tables of one formula."""
MOST_ROWS_BY_HAND = 150
"""Elements of a table, and below that characters, that a person may have written as a formula."""
LONGEST = 300
_TABLE, _SPAN, _DIV, _SUP, _SUB = (NUMBER[name] for name in ("table", "span", "div", "sup", "sub"))
_LABEL = re.compile(r"\(?[A-Z]?[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}[a-z]?'?\)?")
_BRACKETS = re.compile("[⎛-⎭⌠⌡]")
_BOXED = re.compile(rb"inline-(?:flex|block|table|grid)")
_LARGE = re.compile("[∑∏∐∫∮⋃⋂⨁⨂]|lim|max|min|sup|inf")
_LIMITS = re.compile(r"\\(?:sum|prod|coprod|oint|int|big[a-z]{3,6}|lim|max|min|sup|inf)[_^]")
_BORDER = re.compile(r"border-(?:bottom|top)", re.IGNORECASE)
_BOX = re.compile(r"display\s{0,3}:\s{0,3}inline-(?:flex|block|table|grid)", re.IGNORECASE)
_WORDS = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]{3,}+[\s,]++){3}[^\W\d_]{3}")
_WORD = re.compile(r"[^\W\d_]{4,}")
MOST_WORDS = 0.4
"""Share of the letters of a formula that may stand in words of four letters and more."""
_COUNTS = re.compile(r"[+−=^×·]")
"""What a table holds in which an underlined line is a numerator."""
_PARTS = frozenset({"tbody", "thead", "tfoot"})
_NOT_HERE = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "form", "input", "img", "th", "button", "select"}
)


class Equation(NamedTuple):
    """A display with the number that the page gives it, "" if none."""

    latex: str
    label: str


def sheet_of(tree: Tree) -> Mapping[str, str] | None:
    """What the page's style sheets say of classes, if they name both boxes in the line and borders, else nothing; None
    for a page that names no boxes in the line at all."""
    if not _BOXED.search(tree.source):
        return None
    found = {name: rule.declarations for rule in sheet_rules(tree) for name in rule.classes}
    boxes, borders = (any(map(pattern.search, found.values())) for pattern in (_BOX, _BORDER))
    return found if boxes and borders else {}


def lift_layouts(tree: Tree, formulas: Formulas, sheet: Mapping[str, str] | None) -> None:
    """Put marks in the place of every formula that the page lays out; `sheet` is that of `sheet_of`."""
    cells = tree.cells
    behind = 0
    for table in list(tree.each(_TABLE, 0)):
        row = table.row
        if row < behind or cells[row * COLUMNS + STATE] & GONE:
            continue
        size = tree.size(row)
        if size > MOST_ROWS or not (kind := _kind(tree, table)):
            continue
        behind = cells[row * COLUMNS + END]
        if _nests_deep(tree, row):
            continue
        copy = to_lxml(table)
        try:
            found = equations_of(copy, "variables" if kind == "tth" else upright_of(copy))
            if kind == "tth":
                found = [Equation(unfold(latex), label) for latex, label in found]
        except BoxError:
            continue
        _replace(tree, table, [(formulas.mark(latex, KIND, True), label) for latex, label in found])
    if sheet is not None:
        _lift_boxes(tree, formulas, sheet)


def _nests_deep(tree: Tree, row: int) -> bool:
    """Whether tables stand in each other deeper than in any formula."""
    open_: list[int] = []
    for table in tree.each(_TABLE, row):
        while open_ and open_[-1] <= table.row:
            open_.pop()
        open_.append(tree.cells[table.row * COLUMNS + END])
        if len(open_) > DEEPEST:
            return True
    return False


def _replace(tree: Tree, element: Node, pieces: list[tuple[str, str]]) -> None:
    text = " ".join(part for piece in pieces for part in piece if part)
    parent = element.getparent()
    tree.empty(element.row)
    element.tag = "span" if parent is not None and parent.tag in {"p", "span"} else "p"
    element.text = text or None


def _kind(tree: Tree, table: Node) -> str:
    """What a table lays out: "hevea", "tth" or "hand"; "" if it is no formula."""
    classes = (table.get("class") or "").split()
    if "display" in classes and "dcenter" in classes:
        return "hevea"
    if table.get("width") == "100%" and table.get("border") == "0":
        return "tth" if _is_tth(table) else ""
    if tree.size(table.row) > MOST_ROWS_BY_HAND:
        return ""
    text = tree.text_below(table.row)
    if len(text) > LONGEST or _WORDS.search(text) or not text.strip():
        return ""
    words = sum(len(word) for word in _WORD.findall(text) if word.lower() not in FUNCTIONS)
    brackets = len(_BRACKETS.findall(text)) >= 2
    if words > MOST_WORDS * len("".join(text.split())) and not brackets:
        return ""
    return "hand" if _is_drawn(table, brackets, _LARGE.search(text) is not None) else ""


def _is_tth(table: Node) -> bool:
    """Whether a table holds, in its first cell, nothing but a table of cells that do not wrap."""
    row = _only(table)
    cells = list(row) if row is not None else []
    if not 1 <= len(cells) <= 2 or cells[0].tag != "td":
        return False
    inner = _only(cells[0])
    if inner is None or inner.tag != "table":
        return False
    found = list(inner.iter("td"))
    free = sum(1 for cell in found if _may_wrap(cell))
    return bool(found) and found[0].get("nowrap") is not None and 3 * free <= len(found)


def _may_wrap(cell: Node) -> bool:
    if any(cell.get(name) is not None for name in ("nowrap", "class", "width")):
        return False
    return next(iter(cell), None) is None or bool((cell.text or "").strip())


def _only(element: Node) -> Node | None:
    """The only element inside another, through `tbody`; None if there are several or words beside it."""
    children = list(element)
    if len(children) != 1 or (element.text or "").strip() or (children[0].tail or "").strip():
        return None
    return _only(children[0]) if children[0].tag == "tbody" else children[0]


def _is_drawn(table: Node, brackets: bool, large: bool) -> bool:
    """Whether a small table holds a fraction's rule between two texts, a bracket of several lines, or limits."""
    ruled, counts = False, _COUNTS.search(table.tree.text_below(table.row)) is not None
    rows, own = 0, sum(row.tag == "tr" for part in table for row in (part if part.tag in _PARTS else (part,)))
    for node in table.iter():
        if node.tag in _NOT_HERE:
            return False
        rows += node.tag == "tr"
        ruled |= node.tag == "hr" or (node.tag in {"td", "span", "div"} and _is_bordered(node, {}))
        ruled |= (node.tag == "u" and counts) or (node.tag == "td" and node.get("bgcolor") is not None)
    return rows <= 8 and (brackets or ((ruled or (large and rows > 1)) and own <= 3 and _holds_formula(table)))


def _is_bordered(node: Node, sheet: Mapping[str, str]) -> bool:
    return _BORDER.search(_style(node, sheet)) is not None or not RULED.isdisjoint((node.get("class") or "").split())


def _holds_formula(table: Node) -> bool:
    """Whether the table reads as a formula with a fraction, a line over something or a large sign with limits."""
    try:
        latex = "".join(one.latex for one in equations_of(to_lxml(table), "mixed"))
    except BoxError:
        return False
    return "\\frac" in latex or "\\sqrt" in latex or _LIMITS.search(latex) is not None


def equations_of(table: Any, upright: Upright) -> list[Equation]:
    """The displays that a table (lxml) lays out, in order. Raises `BoxError` if it is none."""
    reader = Reader(upright)
    outer, label = _without_label(table)
    atoms = [
        atom for atom in reader.table(outer) if atom.scripts or atom.rows or atom.latex.strip() not in {"", "\\quad"}
    ]
    rows = atoms[0].rows if len(atoms) == 1 and not atoms[0].sub and not atoms[0].sup else []
    if not rows:
        latex = row_to_latex(atoms)
        if not latex:
            raise BoxError("nothing in the table")
        return [Equation(latex, label)]
    return list(_numbered(rows, label))


def _without_label(table: Any) -> tuple[Any, str]:
    """A table whose last cell is nothing but a number (TtH), without that cell; and the number."""
    rows = list(rows_of(table))
    if len(rows) != 1:
        return table, ""
    cells = [cell for cell in rows[0] if local(cell) in {"td", "th"}]
    label = " ".join("".join(cells[-1].itertext()).split()) if len(cells) > 1 else ""
    if label.startswith("(") and _LABEL.fullmatch(label):
        rows[0].remove(cells[-1])
        return table, label
    return table, ""


def _numbered(rows: list[list[str]], label: str) -> Iterator[Equation]:
    """The rows of a table of equations: each with a number of its own is a display, the others are lines of one."""
    lines: list[list[str]] = []
    for row in rows:
        cells = [cell for cell in row if cell.strip()]
        number = cells.pop() if len(cells) > 1 and cells[-1].startswith("(") and _LABEL.fullmatch(cells[-1]) else ""
        if cells:
            lines.append([cells[0], " ".join(cells[1:])] if len(cells) > 1 else cells)
        if number and lines:
            yield Equation(_aligned(lines), number)
            lines = []
    if lines:
        yield Equation(_aligned(lines), label)


def _aligned(lines: list[list[str]]) -> str:
    if len(lines) == 1:
        return " ".join(lines[0])
    return environment("aligned" if max(map(len, lines)) > 1 else "gathered", lines)


def _style(node: Any, sheet: Mapping[str, str]) -> str:
    """The declarations of an element's attribute and of its classes."""
    own = node.get("style") or ""
    if not sheet or not (names := node.get("class")):
        return own
    return ";".join([own, *(sheet[name] for name in names.split() if name in sheet)])


def _lift_boxes(tree: Tree, formulas: Formulas, sheet: Mapping[str, str]) -> None:
    """Fractions that spans draw: a box of two lines with a border between them."""
    cells = tree.cells
    behind = 0
    for number in (_SPAN, _DIV):
        behind = 0
        for box in list(tree.each(number, 0)):
            if box.row < behind or cells[box.row * COLUMNS + STATE] & GONE or tree.size(box.row) > MOST_ROWS_BY_HAND:
                continue
            if not _has_rule(box, sheet) or not _BOX.search(_style(box, sheet)):
                continue
            if len(tree.text_below(box.row)) > LONGEST:
                continue
            copy = to_lxml(box)
            for part in copy.iter() if sheet else ():
                part.set("style", _style(part, sheet))
            try:
                atoms = Reader(upright_of(copy)).box(_wrapped(copy))
            except BoxError:
                continue
            latex = row_to_latex(atoms)
            if "\\frac" in latex:
                behind = box.row + tree.size(box.row)
                tree.empty(box.row)
                box.tag = "span"
                box.text = formulas.mark(latex, KIND) or None


def _has_rule(box: Node, sheet: Mapping[str, str]) -> bool:
    """Whether a box of two or three has a border between them, by its direct children."""
    children = list(itertools.islice(box, 4))
    if len(children) not in (2, 3):
        return False
    return any(child.tag == "hr" or _is_bordered(child, sheet) or not len(child) for child in children)


def _wrapped(box: Any) -> Any:
    """An element that holds nothing but `box`."""
    around = box.makeelement("span")
    box.tail = None
    around.append(box)
    return around
