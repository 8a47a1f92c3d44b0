"""Lifts the formulas of two kinds of pages that name them by nothing else: AtCoder's `var`, and MathQuill's boxes.

AtCoder writes every formula of a problem as `<var>N \\leq 10^5</var>` and lets KaTeX set it: where one `var` of a page
is TeX, all are formulas. MathQuill keeps the source of what it draws in `mq-selectable`, or in an element of the class
`mathquill-embedded-latex`; what it drew (`mq-root-block`) is the same formula once more.
"""

import re

from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.math.formulas import Formulas

LONGEST = 500
"""Characters of a formula of these kinds."""
_VAR, _SPAN = NUMBER["var"], NUMBER["span"]
_TEX = re.compile(r"\\[a-zA-Z]{2,}|[_^]\{")
_QUILLS = (b"mathquill-embedded-latex", b"mq-root-block")


def lift_variables(tree: Tree, formulas: Formulas) -> None:
    """Put marks in the place of these formulas."""
    if b"<var" in tree.source:
        texts = [(one, tree.text_below(one.row).strip()) for one in tree.each(_VAR, 0)]
        if any(_TEX.search(text) for _, text in texts):
            for one, text in texts:
                if text and len(text) <= LONGEST:
                    _put(tree, one, formulas.mark(text, "tex_element"))
    if any(word in tree.source for word in _QUILLS):
        for span in list(tree.each(_SPAN, 0)):
            classes = (span.get("class") or "").split()
            if "mathquill-embedded-latex" in classes:
                _put(tree, span, formulas.mark(tree.text_below(span.row).strip()[:LONGEST], "tex_element"))
            elif "mq-root-block" in classes and _has_source(span):
                _put(tree, span, "")


def _put(tree: Tree, element: Node, mark: str) -> None:
    tree.empty(element.row)
    element.tag = "span"
    element.text = mark or None


def _has_source(drawn: Node) -> bool:
    """Whether the source of what is drawn stands beside it."""
    parent = drawn.getparent()
    return parent is not None and any("mq-selectable" in (one.get("class") or "") for one in parent)
