"""Writes an element of a tree as HTML, for engines that read HTML and for code that asks for a tree of lxml."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from pipelines.extraction.html.build_kernel import COLUMNS, END
from pipelines.extraction.html.names import EMPTY
from pipelines.extraction.html.tree import Node

_RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "plaintext"})


def to_html(element: Node) -> str:
    """The element as HTML, its tail left out."""
    return "".join(_written(element))


def to_lxml(element: Node) -> Any:
    """A copy of the element as one of lxml."""
    root = etree.fromstring(f"<body><div>{to_html(element)}</div></body>", etree.HTMLParser(huge_tree=True))
    return root.find("body/div")[0]


def _written(root: Node) -> Iterator[str]:
    """The parts of an element's HTML."""
    open_: list[tuple[Node, int]] = []
    cells = root.tree.cells
    for node in root.iter():
        while open_ and open_[-1][1] <= node.row:
            yield from _ended(open_.pop()[0], root)
        tag, text = node.tag, node.text or ""
        attributes = "".join(
            f' {name}="{value.replace("&", "&amp;").replace(chr(34), "&quot;")}"'
            for name, value in node.tree.attribute_items(node.row)
        )
        yield f"<{tag}{attributes}>"
        yield text if tag in _RAW else _escaped(text)
        open_.append((node, cells[node.row * COLUMNS + END]))
    while open_:
        yield from _ended(open_.pop()[0], root)


def _ended(node: Node, root: Node) -> Iterator[str]:
    if node.tag not in EMPTY:
        yield f"</{node.tag}>"
    if node.row != root.row:
        yield _escaped(node.tail or "")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
