"""Notes: the links by which they lead back (`↩`, a number that stands there twice) go, and their marks are no scripts.

Links back are told by their role (`doc-backlink`, W3C Digital Publishing WAI-ARIA Module 1.1) or by the classes of
pandoc, Python-Markdown, kramdown and remark. In docutils such a link is the note's own label, or a heading that leads
to the contents: what says something stays. MediaWiki raises the page of a source beside its mark (`[1]: 207`). A raised
number in square brackets behind a word or the end of a sentence is such a mark whoever wrote it.
"""

import re

from pipelines.extraction.html.build_kernel import COLUMNS, STATE
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.html.tree_kernel import GONE

_ROLE = "doc-backlink"
_CLASSES = frozenset(
    ["footnote-back", "footnote-backref", "reversefootnote", "data-footnote-backref", "footnotes-backlink"]
)  # fmt: skip
_MARK = "reference"
"""MediaWiki's class of the marks of notes."""
_SUP = NUMBER["sup"]
_BRACKETED = re.compile(rb"<(?:sup|SUP)\b[^<>]{0,80}>\s{0,9}(?:<[aA] [^<>]{0,300}>)?\[")
_NUMBER_IN_BRACKETS = re.compile(r"\s{0,9}\[\d{1,3}(?:[,–-]\s?\d{1,3}){0,3}\]\s{0,9}")
_MOST_IN_MARK = 5
"""Elements of a mark."""
_BEHIND = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?”\"»])\Z")
"""What stands before a mark and is no base of a power."""
_ON_PAGE = (b"doc-backlink", b"footnote-back", b"reversefootnote", b"footnotes-backlink")
_TAGS = (NUMBER["a"], NUMBER["sup"])


def read_marks(tree: Tree) -> None:
    """Set the marks of notes in the line."""
    if b'class="reference' in tree.source:
        for mark in tree.each(_SUP, 0):
            if _MARK in (mark.get("class") or "").split():
                mark.tag = "span"
    if _BRACKETED.search(tree.source):
        for mark in list(tree.each(_SUP, 0)):
            small = tree.size(mark.row) <= _MOST_IN_MARK and _NUMBER_IN_BRACKETS.fullmatch(tree.text_below(mark.row))
            if small and _BEHIND.search(tree.before(mark.row)[-3:]):
                mark.tag = "span"


def read_notes(tree: Tree) -> None:
    """Empty every link back from a note."""
    if not any(name in tree.source for name in _ON_PAGE):
        return
    for number in _TAGS:
        for element in list(tree.each(number, 0)):
            if tree.cells[element.row * COLUMNS + STATE] & GONE:
                continue
            names = (element.get("class") or "").split()
            told = element.get("role") == _ROLE or not _CLASSES.isdisjoint(names)
            if told and (number == _SUP or not any(map(str.isalnum, tree.text_below(element.row)))):
                tree.empty(element.row)
                element.text = None
