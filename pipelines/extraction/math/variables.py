"""Lifts the formulas of AtCoder, which no page names by anything but `<var>N \\leq 10^5</var>`, and lets KaTeX set.

Where one `var` of a page is TeX, all are formulas.
"""

import re

from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.math.formulas import Formulas

LONGEST = 500
"""Characters of a formula of this kind."""
_VAR = NUMBER["var"]
_TEX = re.compile(r"\\[a-zA-Z]{2,}|[_^]\{")


def lift_variables(tree: Tree, formulas: Formulas) -> None:
    """Put marks in the place of these formulas."""
    if b"<var" not in tree.source:
        return
    texts = [(one, tree.text_below(one.row).strip()) for one in tree.each(_VAR, 0)]
    if not any(_TEX.search(text) for _, text in texts):
        return
    for one, text in texts:
        if text and len(text) <= LONGEST:
            mark = formulas.mark(text, "tex_element")
            tree.empty(one.row)
            one.tag = "span"
            one.text = mark or None
