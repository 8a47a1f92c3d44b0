"""Reads fractions by the classes of MediaWiki's templates, whose parts would run together without their style.

`{{sfrac|a|b}}` is `<span class="sfrac"><span class="num">a</span><span class="sr-only">/</span><span
class="den">b</span></span>`, `{{frac|5|1|2}}` is `<span class="frac">5<span class="sr-only">+</span><span
class="num">1</span>⁄<span class="den">2</span></span>` (Wikipedia, Template:Sfrac and Template:Fraction): five and a
half, and no 51. Other programs use the same names (`numerator`, `denominator`), with no sign between the two at all.
"""

import re

from pipelines.extraction.html.build_kernel import COLUMNS, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.html.writing import to_lxml
from pipelines.extraction.math.formulas import Formulas
from pipelines.extraction.math.layout.atoms import row_to_latex
from pipelines.extraction.math.layout.boxes import Reader, upright_of
from pipelines.extraction.math.layout.stacks import BoxError

KIND = "html_layout"
LONGEST = 100
"""Characters and elements of a fraction."""
_ON_PAGE = re.compile(rb"class=[\"']?(?:den|denominator|sfrac|frac-den|fraction-den)(?![\w-])")
_BELOW = frozenset({"den", "denominator", "frac-den", "fraction-den"})
_ABOVE = frozenset({"num", "numerator", "frac-num", "fraction-num"})
_SPAN = NUMBER["span"]
_SIGNS = frozenset({"", "/", "⁄", "∕", "÷"})


def read_named_fractions(tree: Tree, formulas: Formulas) -> None:
    """Put `\\frac` in the place of every numerator and denominator that say so by their classes."""
    if not _ON_PAGE.search(tree.source):
        return
    for below in list(tree.each(_SPAN, 0)):
        if _BELOW.isdisjoint(_names(below)) or tree.cells[below.row * COLUMNS + STATE] & GONE:
            continue
        above, between = _above(below)
        if above is None or tree.size(above.row) + tree.size(below.row) > LONGEST:
            continue
        latex = [_read(part) for part in (above, below)]
        if all(latex):
            _write(tree, above, below, between, formulas.mark(f"\\frac{{{latex[0]}}}{{{latex[1]}}}", KIND))


def _names(element: Node) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _above(below: Node) -> tuple[Node | None, list[Node]]:
    """The numerator before a denominator, and what stands between the two: a sign that only readers of screens hear."""
    between: list[Node] = []
    before = below.getprevious()
    while before is not None and (before.tail or "").strip() in _SIGNS:
        if not _ABOVE.isdisjoint(_names(before)):
            return before, between
        if between or "".join(before.itertext()).strip() not in _SIGNS:
            break
        between.append(before)
        before = before.getprevious()
    return None, between


def _read(part: Node) -> str:
    """The LaTeX of one side; "" if it is no formula."""
    if len("".join(part.itertext())) > LONGEST:
        return ""
    copy = to_lxml(part)
    copy.tail = None
    try:
        return row_to_latex(Reader(upright_of(copy)).box(copy))
    except BoxError:
        return ""


def _write(tree: Tree, above: Node, below: Node, between: list[Node], mark: str) -> None:
    """Leave the mark alone of all, apart from a whole number before it."""
    joined = above.getprevious()
    if joined is not None and joined.text == "+" and not joined.tail:  # read aloud as five plus a half
        tree.empty(joined.row)
        joined.tag = "span"
        joined.text = None
        joined.tail = " "
    for part in (above, *between):
        tree.empty(part.row)
        part.text = part.tail = None
    tree.empty(below.row)
    below.tag = "span"
    below.text = mark
