"""Tells which parts of a MathJax 2 page belong together: the rendering of a formula and the script with its source.

MathJax 2 puts a preview, a frame with the rendering and a script `math/tex` side by side; the page shows one formula.
"""

from typing import Any


def has_source(element: Any) -> bool:
    """Whether the script with the source of a preview or a frame follows it."""
    node = element
    for _ in range(3):
        node = node.getnext()
        if node is None:
            break
        if node.tag == "script" and (node.get("type") or "").startswith("math/"):
            return True
        if (node.tail or "").strip() and not (node.get("class") or "").lower().startswith("mathjax"):
            break
    return False
