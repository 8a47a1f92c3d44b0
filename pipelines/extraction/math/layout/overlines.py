"""Reads lines and accents in running text: a line over a root, where its sign stands before it, over anything, or
between two scripts; an accent that is set back over the letter behind it.

HeVeA writes `\\sqrt{x+1}` as `√` and one span with `text-decoration: overline` a piece; people write the same by hand.
Without the line nobody knows where a root ends. A fraction in a line is `<sup>1</sup>⁄<sub>2</sub>`. TtH 4.16 writes an
accent as a span of the class `overacc1` or `overacc2` before its letter.
"""

import re

from lxml import etree

from pipelines.extraction.html.build_kernel import COLUMNS, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.tree_kernel import GONE
from pipelines.extraction.html.writing import to_lxml
from pipelines.extraction.math.formulas import Formulas
from pipelines.extraction.math.layout.atoms import accent, row_to_latex
from pipelines.extraction.math.layout.boxes import Reader, upright_of
from pipelines.extraction.math.layout.stacks import BoxError
from pipelines.extraction.math.mathml_symbols import symbol
from pipelines.extraction.math.raised_text import ACCENT

KIND = "html_layout"
LONGEST = 100
"""Characters and elements under a line."""
_SPAN = NUMBER["span"]
_CLASS = "bar-css"
"""TeX4ht's class of what stands under a line."""
_ON_PAGE = (b"overline", b"border-top", _CLASS.encode())
_STYLE = re.compile(
    r"text-decoration(?:-line)?\s{0,3}:\s{0,3}overline|border-top(?:-\w{1,9})?\s{0,3}:\s{0,3}(?!0|none)", re.IGNORECASE
)
_SUB = NUMBER["sub"]
_SLASHES = frozenset("⁄/∕")
_LONGEST_INDEX = 3
_BASE_END = re.compile(r"[\w)\]}|]\Z")
"""What may have a power."""
_ROOTS = {"√": "\\sqrt", "∛": "\\sqrt[3]", "∜": "\\sqrt[4]"}


def read_overlines(tree: Tree, formulas: Formulas) -> None:
    """Put LaTeX in the place of what stands under a line; in a script as text, elsewhere as a formula."""
    if not any(word in tree.source for word in _ON_PAGE):
        return
    if _CLASS.encode() not in tree.source and not any(map(_STYLE.search, tree.values("style"))):
        return
    behind = 0
    for span in list(tree.each(_SPAN, 0)):
        if span.row < behind or tree.cells[span.row * COLUMNS + STATE] & GONE or not _is_over(span):
            continue
        group = [span]
        while not group[-1].tail and (following := group[-1].getnext()) is not None and _goes_on(following):
            group.append(following)
        behind = group[-1].row + tree.size(group[-1].row)
        _write(tree, group, formulas)


def read_accents(tree: Tree, formulas: Formulas) -> None:
    """Put the letter under its accent in the place of both, wherever TtH writes one."""
    if ACCENT.encode() not in tree.source:
        return
    for span in list(tree.each(_SPAN, 0)):
        if not (span.get("class") or "").startswith(ACCENT) or tree.cells[span.row * COLUMNS + STATE] & GONE:
            continue
        behind = (span.tail or "").lstrip()
        under = span.getnext() if not behind else None
        letter = behind[:1] or ((under.text or "").strip() if under is not None and not len(under) else "")
        latex = accent((span.text or "").strip(), symbol(letter)) if len(letter) == 1 and letter.isalnum() else ""
        if not latex:
            continue
        tree.empty(span.row)
        in_script = next(span.iterancestors("sub", "sup"), None) is not None
        span.text = latex if in_script else formulas.mark(latex, KIND)
        if under is None:
            span.tail = behind[1:]
        else:
            under.text = None


def read_slashes(tree: Tree, formulas: Formulas) -> None:
    """Put a fraction in the place of a `sup`, a slash and a `sub`."""
    for below in list(tree.each(_SUB, 0)):
        slash = tree.before(below.row).strip() if below.row else ""
        above = below.getprevious() if slash in _SLASHES else None
        if above is None or above.tag != "sup" or len(above) or len(below) or not (above.text and below.text):
            continue
        formula = formulas.mark(f"\\frac{{{above.text.strip()}}}{{{below.text.strip()}}}", KIND)
        above.tail = None
        for script in (above, below):
            tree.empty(script.row)
            script.tag = "span"
        below.text = formula


def _is_over(span: Node) -> bool:
    if span.tag != "span":
        return False
    return _STYLE.search(span.get("style") or "") is not None or _CLASS in (span.get("class") or "").split()


def _goes_on(element: Node) -> bool:
    """Whether a line goes on over an element: one with a line, or a script of which all has one."""
    if element.tag not in {"sub", "sup"}:
        return _is_over(element)
    return not (element.text or "").strip() and all(_is_over(child) and not child.tail for child in element)


def _read(elements: list[Node]) -> str:
    """What stands under the line."""
    around = etree.Element("span")
    for element in elements:
        copy = to_lxml(element)
        copy.tail = None
        around.append(copy)
    for node in around.iter():
        if _STYLE.search(node.get("style") or ""):
            del node.attrib["style"]
    return row_to_latex(Reader(upright_of(around)).box(around))


def _index_before(tree: Tree, line: Node) -> str:
    """The index of a root, taken from the page: a raised number right before the sign that is no power of anything."""
    script = line.getprevious()
    if script is None or script.tag != "sup" or len(script) or not (text := (script.text or "").strip()):
        return ""
    if len(text) > _LONGEST_INDEX or _BASE_END.search(tree.before(script.row)):
        return ""
    tree.empty(script.row)
    script.tag, script.text = "span", None
    return text


def _write(tree: Tree, group: list[Node], formulas: Formulas) -> None:
    if sum(tree.size(span.row) + len(tree.text_below(span.row)) for span in group) > LONGEST:
        return
    try:
        inside = _read(group)
    except BoxError:
        return
    if not inside:
        return
    before = tree.before(group[0].row).rstrip()
    command = _ROOTS.get(before[-1:], "\\overline")
    if command != "\\overline":
        tree.set_before(group[0].row, before[:-1])
        if command == "\\sqrt" and before == "√" and (index := _index_before(tree, group[0])):
            command = f"\\sqrt[{index}]"
    tail = group[-1].tail
    for span in group:
        tree.empty(span.row)
        span.tag = "span"
        span.tail = None
    latex = f"{command}{{{inside}}}"
    in_script = next(group[0].iterancestors("sub", "sup", "code", "pre"), None) is not None
    group[0].text = latex if in_script else formulas.mark(latex, KIND)
    group[-1].tail = tail
