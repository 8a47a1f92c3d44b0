"""Lifts the formulas that MathQuill drew: by their source where the page keeps it, else from the boxes themselves.

MathQuill keeps the source of what it draws in `mq-selectable`, or in an element of the class
`mathquill-embedded-latex`; what it drew (`mq-root-block`) is the same formula once more. A page that was saved with
scripts and without the source has the boxes alone: `mq-supsub` with `mq-sup` and `mq-sub`, `mq-fraction` with
`mq-numerator` and `mq-denominator`, `mq-sqrt-stem` behind a root's sign, `mq-nthroot` before it, a large sign between
`mq-to` and `mq-from` (MathQuill 0.10, src/commands/math/commands.js).
"""

from collections.abc import Iterator

from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.math.formulas import Formulas
from pipelines.extraction.math.layout.atoms import Atom, row_to_latex
from pipelines.extraction.math.mathml_symbols import FUNCTIONS, symbol

LONGEST = 500
"""Characters of a formula."""
_DEEPEST = 40
_SPAN = NUMBER["span"]
_ON_PAGE = (b"mathquill-embedded-latex", b"mq-root-block")
_UNSEEN = frozenset({"mq-textarea", "mq-cursor", "mq-selectable", "mq-sqrt-prefix"})


def lift_mathquill(tree: Tree, formulas: Formulas) -> None:
    """Put marks in the place of what MathQuill drew."""
    if not any(word in tree.source for word in _ON_PAGE):
        return
    for span in list(tree.each(_SPAN, 0)):
        classes = _classes(span)
        if "mathquill-embedded-latex" in classes:
            _put(tree, span, formulas.mark(tree.text_below(span.row).strip()[:LONGEST], "tex_element"))
        elif "mq-root-block" in classes:
            if _has_source(span):
                _put(tree, span, "")
            elif len(tree.text_below(span.row)) <= LONGEST and (latex := row_to_latex(list(_atoms(span, 0)))):
                _put(tree, span, formulas.mark(latex, "tex_element"))


def _put(tree: Tree, element: Node, mark: str) -> None:
    tree.empty(element.row)
    element.tag = "span"
    element.text = mark or None


def _classes(element: Node) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _has_source(drawn: Node) -> bool:
    """Whether the source of what is drawn stands beside it."""
    parent = drawn.getparent()
    return parent is not None and any("mq-selectable" in (one.get("class") or "") for one in parent)


def _atoms(element: Node, depth: int) -> Iterator[Atom]:
    """The atoms of a box; nothing below a depth that no formula has."""
    if depth > _DEEPEST:
        return
    yield from map(_sign, _seen(element.text))
    for child in element:
        yield from _atoms_of(child, depth + 1)
        yield from map(_sign, _seen(child.tail))


def _atoms_of(box: Node, depth: int) -> Iterator[Atom]:
    classes = _classes(box)
    if not _UNSEEN.isdisjoint(classes):
        return
    if "mq-fraction" in classes:
        yield Atom(f"\\frac{{{_part(box, 'mq-numerator', depth)}}}{{{_part(box, 'mq-denominator', depth)}}}")
    elif "mq-supsub" in classes:
        yield Atom(sub=_part(box, "mq-sub", depth), sup=_part(box, "mq-sup", depth))
    elif "mq-large-operator" in classes:
        sign = next((_seen(one.text) for one in box if one.tag == "big"), "")
        yield Atom(symbol(sign[:1] or " "), sub=_part(box, "mq-from", depth), sup=_part(box, "mq-to", depth))
    elif "mq-sqrt-stem" in classes:
        before = box.getparent()
        before = before.getprevious() if before is not None else None
        index = row_to_latex(list(_atoms(before, depth))) if before is not None and _is_index(before) else ""
        yield Atom(f"\\sqrt{f'[{index}]' if index else ''}{{{row_to_latex(list(_atoms(box, depth)))}}}")
    elif _is_index(box):
        return
    elif box.tag in {"sup", "sub"}:
        latex = row_to_latex(list(_atoms(box, depth)))
        yield Atom(sup=latex) if box.tag == "sup" else Atom(sub=latex)
    elif (name := (box.text or "").strip()) in FUNCTIONS and not len(box):
        yield Atom(f"\\{name}")
    else:
        yield from _atoms(box, depth)


def _part(box: Node, name: str, depth: int) -> str:
    """The LaTeX of the part of a box that has a class; "" if there is none."""
    part = next((one for one in box if name in _classes(one)), None)
    return row_to_latex(list(_atoms(part, depth))) if part is not None else ""


def _is_index(box: Node) -> bool:
    return "mq-nthroot" in _classes(box)


def _seen(text: str | None) -> str:
    return "".join((text or "").replace("\u200b", "").split())


def _sign(character: str) -> Atom:
    return Atom(symbol(character))
