"""Takes out the links by which a note leads back to where it is called: `↩` and a number that stands there twice.

They are told by their role (`doc-backlink`, W3C Digital Publishing WAI-ARIA Module 1.1) or by the classes of pandoc,
Python-Markdown, kramdown, remark and docutils.
"""

from pipelines.extraction.html.build_kernel import COLUMNS, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import GONE

_ROLE = "doc-backlink"
_CLASSES = frozenset(
    ["footnote-back", "footnote-backref", "reversefootnote", "data-footnote-backref", "footnotes-backlink"]
)  # fmt: skip
_ON_PAGE = (b"doc-backlink", b"footnote-back", b"reversefootnote", b"footnotes-backlink")
_TAGS = (NUMBER["a"], NUMBER["sup"])


def drop_back_links(tree: Tree) -> None:
    """Empty every link back from a note."""
    if not any(name in tree.source for name in _ON_PAGE):
        return
    for number in _TAGS:
        for element in list(tree.each(number, 0)):
            if tree.cells[element.row * COLUMNS + STATE] & GONE:
                continue
            names = (element.get("class") or "").split()
            if element.get("role") == _ROLE or not _CLASSES.isdisjoint(names):
                tree.empty(element.row)
                element.text = None
