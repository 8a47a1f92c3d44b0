"""Lifts the formulas that math2html wrote: the HTML mathematics of docutils, Pelican, Nikola and of eLyXer for LyX.

The program sets a formula in a `span` or `div` of the class `formula` and draws its parts with boxes that a style sheet
of its own (`math.css`) makes: `fraction` with `numerator` and `denominator`, `sqrt` with `radical` and `root`, `limits`
and `scripts`, `array`, `bracket`, `bracketcases` and `binom`. What stands in `ignored` is hidden: brackets and a slash
for readers without the sheet (docutils 0.22, `utils/math/math2html.py`). A matrix has the command of its environment
for a text of the class `unknown`; a formula with any other `unknown` stays as it is. Each part is set as one that
`Reader` knows, a table or a ruled box.
"""

import re

from lxml import etree

from pipelines.extraction.html.build_kernel import COLUMNS, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.html.writing import to_lxml
from pipelines.extraction.math.formulas import Formulas
from pipelines.extraction.math.layout.atoms import environment, row_to_latex
from pipelines.extraction.math.layout.boxes import Reader
from pipelines.extraction.math.layout.stacks import BoxError

KIND = "html_layout"
LONGEST = 1_000
"""Characters and elements of a formula."""
_NAME = "formula"
_ON_PAGE = (b'class="fraction"', b'class="sqrt"', b'class="scripts"', b'class="limits"', b'class="bracket', b"math.css")
"""What tells the program's pages from others that call something a formula."""
_TAGS = (NUMBER["span"], NUMBER["div"])
_TABLES = frozenset({"array", "bracketcases", "environment", "binom"})
_ROWS = frozenset({"arrayrow", "binomstack"})
_CELLS = frozenset({"arraycell", "case", "bracket"})
_ENVIRONMENT = re.compile(r"\\begin\{([a-z]{1,12}\*?)\}\s*")
_AROUND = {"pmatrix": "()", "bmatrix": "[]", "Bmatrix": "{}"}
_FENCES = {"(": "⎛⎝", ")": "⎞⎠", "[": "⎡⎣", "]": "⎤⎦", "{": "⎧⎩", "}": "⎫⎭"}
_FENCE = "display"
"""HeVeA's class of what stands beside something high: its lines are no column."""
_STYLES = {
    "fraction": "display:inline-block", "fullfraction": "display:inline-block", "numerator": "border-bottom:1px solid",
    "overline": "text-decoration:overline", "mathbf": "font-weight:bold",
}  # fmt: skip


def lift_math2html(tree: Tree, formulas: Formulas) -> None:
    """Put a mark in the place of every formula that the program wrote and that can be read."""
    if not any(sign in tree.source for sign in _ON_PAGE):
        return
    for number in _TAGS:
        for element in list(tree.each(number, 0)):
            if _NAME not in _names(element) or tree.cells[element.row * COLUMNS + STATE] & GONE:
                continue
            if tree.size(element.row) + len(tree.text_below(element.row)) > LONGEST:
                continue
            try:
                latex = _read(element)
            except BoxError:
                continue
            display = element.tag == "div"
            if mark := formulas.mark(latex, KIND, display):
                tree.empty(element.row)
                element.text = mark


def _names(element: Node | etree._Element) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _read(element: Node) -> str:
    """The LaTeX of a formula. Raises `BoxError` for one with a part that the program did not know."""
    copy = to_lxml(element)
    copy.tail = None
    _without_hidden(copy)
    aligned = next((part for part in copy if "environment" in _names(part)), None)
    for part in list(copy.iter(etree.Element)):
        _set(part)
    if aligned is not None and len(copy) == 1 and not (copy.text or aligned.tail or "").strip():
        rows = [[row_to_latex(Reader("words").box(cell)) for cell in row] for row in aligned]
        return environment("aligned", rows)
    return row_to_latex(Reader("words").box(copy))


def _without_hidden(formula: etree._Element) -> None:
    for part in list(formula.iter()):
        names = _names(part)
        if "unknown" in names:
            _name_environment(part)
        if "ignored" in names:
            part.text = None
            _take_out(part)
        if part.text:
            part.text = part.text.replace("\u2019", "'")
        if part.tail:
            part.tail = part.tail.replace("\u2019", "'")


def _name_environment(part: etree._Element) -> None:
    """Let rows behind an unknown `\\begin` be a table with its brackets. Raises `BoxError` for another command."""
    begin = _ENVIRONMENT.fullmatch(part.text or "")
    if begin is None:
        raise BoxError("a command that the program did not know")
    part.text = None
    part.set("class", "array" if begin[1].removesuffix("*").endswith("matrix") else "environment")
    around = _AROUND.get(begin[1].removesuffix("*"))
    if around is not None:
        left, right = (etree.Element("span", {"class": "bigdelimiter"}) for _ in around)
        left.text, right.text, right.tail, part.tail = *around, part.tail, None
        part.addprevious(left)
        part.addnext(right)


def _take_out(part: etree._Element) -> None:
    """Remove an element and keep what stands behind it."""
    parent, before, tail = part.getparent(), part.getprevious(), part.tail or ""
    if parent is None:
        return
    if before is not None:
        before.tail = (before.tail or "") + tail or None
    else:
        parent.text = (parent.text or "") + tail or None
    parent.remove(part)


def _set(part: etree._Element) -> None:
    """Make the part of a formula what a browser would draw of it: a table, a ruled box, a script behind its sign."""
    names = _names(part)
    for name in names & _STYLES.keys():
        part.set("style", _STYLES[name])
    if "sqrt" in names:
        _set_root(part)
    elif "limits" in names and len(part) and part[0].tag == "sup":
        part.append(part[0])  # the upper limit stands before its sign
    elif "bigdelimiter" in names and (pieces := _FENCES.get((part.text or "").strip())):
        part.text, part.tag = None, "table"
        part.set("class", _FENCE)
        part.extend(_row(piece) for piece in pieces)
    elif names & _TABLES:
        _set_table(part)


def _set_root(part: etree._Element) -> None:
    """A root's sign, under its index if it has one, before what stands under a line."""
    roots = [child for child in part if "root" in _names(child)]
    if len(roots) == 2:
        index, sign = roots[0], _sign_of(part)
        index.tag = "td"
        row = etree.Element("tr")
        row.append(index)
        index.tail = None
        sign.tag, sign.text = "table", None
        sign.set("class", _FENCE)
        sign.extend((row, _row("√")))
    if roots:
        roots[-1].set("style", _STYLES["overline"])


def _sign_of(root: etree._Element) -> etree._Element:
    """The element of a root that holds its sign. Raises `BoxError` if there is none."""
    for child in root:
        if "radical" in _names(child):
            return child
    raise BoxError("a root without its sign")


def _row(text: str) -> etree._Element:
    row = etree.Element("tr")
    etree.SubElement(row, "td").text = text
    return row


def _set_table(part: etree._Element) -> None:
    """Rows and cells as those of a table, without the empty rows that the program writes between two."""
    part.tag, part.text = "table", None
    if all("bracket" in _names(cell) for cell in part.iterfind("*/*")) and len(part):
        part.set("class", _FENCE)
    for row in list(part):
        row.tail = None
        if not "".join(row.itertext()).strip():
            part.remove(row)
            continue
        if any(_names(cell) & _CELLS for cell in row):
            row.text = None
            for cell in row:
                cell.tag, cell.tail = "td", None
                _trim(cell)
        elif _names(row) & _ROWS:
            cell = etree.Element("td")
            cell.text, row.text = row.text, None
            cell.extend(list(row))
            row.append(cell)
        row.tag = "tr"


def _trim(cell: etree._Element) -> None:
    """Take the wide blank from the end of a cell, which keeps two columns apart."""
    last = cell[-1] if len(cell) else None
    if last is None:
        cell.text = (cell.text or "").rstrip() or None
    else:
        last.tail = (last.tail or "").rstrip() or None
