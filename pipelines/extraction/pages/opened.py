"""What a page does not show before a reader opens it, and yet is its text: solutions, proofs, panels, dialogs.

An element that is not displayed is text if its names say so (`main_text`) or if a control of the page opens it: by
`aria-controls` (WAI-ARIA 1.2, section 6.6), by `data-target` and `href="#…"` (Bootstrap's collapse), by a script in
the page that names its id or a class (`toggle('p1')`, `$('.answer')`), by an attribute of a framework (`x-show` of
Alpine, `v-show` of Vue), or because a control stands before it: a button, a label, a legend, a title that is clicked.
What a control opens may be a menu too, so it must hold a sentence that is not made of links; menus and dialogs that say
so by their names are furniture whatever opens them.
"""

import re

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.build_kernel import END, TAG
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.rows import kinds, rows_of
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.pages.block_kernel import FURNITURE
from pipelines.extraction.pages.main_text import CLOSED, body_of, names_furniture

_FOLDS = re.compile(
    r"(?:^|[\s_-])(?:toggle|(?:un)?foldable|hiddensolution|navcontent|collapse|knowl|reveal|transcript|explanation|"
    r"carousel|slide|future|(?:in)?correct|(?:foot|side)-?notes?-?(?:content|text)?)(?:$|[\s_-])"
)
"""Weaker names of the same (sphinx-togglebutton, PreTeXt, Wikipedia's older frames, Bootstrap, TiddlyWiki, reveal.js,
quizzes)."""
_CONTROLS = (
    'aria-controls="{}"', "aria-controls={} ", "aria-controls={}>", '="#{}"', '=#{}"', "=#{}>", "'#{}'",
    "('{}'", '("{}"', "'#{}'", '"#{}"', 'target="{}"',
)  # fmt: skip
"""What names the id of an element that a control opens."""
_OVER = re.compile(
    r"(?:^|[\s_-])(?:fixed|modal|lightbox|gallery|dropdown|menu|popup|overlay|tooltip|popover|hovercard|cookies?|login|sign-?(?:in|up))(?:$|[\s_-])"
)
"""Names of what lies over a page and is no part of its text."""
_SPONSORED = re.compile(r"\bsponsored\b|\badvertise?ments?\b", re.IGNORECASE)
"""What an advertisement says that a program of the page shows."""
_NOT_DISPLAYED = re.compile(r"(?<![\w-])(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden)", re.IGNORECASE)
_NAMES_ID = re.compile(rb"\sdata-[a-z-]{1,40}=\Z")
_LONGEST_NAME = 48
_CLASSES = ("('.{}'", '(".{}"')
"""What names the class of elements that a script opens."""
_SHOWS = ("x-show", "v-show", "ng-show", "data-ng-show", "ng-hide", "x-collapse", "data-component")
"""Attributes by which frameworks show an element (Alpine, Vue, AngularJS; Runestone's exercises)."""
_CONTROL_TAGS = frozenset({"button", "label", "legend", "summary", "dt", "input", "h3", "h4", "h5", "h6"})
_CONTROL_ATTRIBUTES = ("onclick", "aria-expanded", "@click", "x-on:click", "ng-click", "data-toggle", "data-bs-toggle")
_CONTROL_NAMES = re.compile(
    r"(?:^|[\s_-])(?:title|heading|question|label|legend|summary|toggler?|trigger|btn|button|show|header|control)(?:$|[\s_-])"
)
_CONTROL_WORDS = re.compile(
    r"\W*(?:(?:click|tap)\b.{1,30}\b(?:show|see|reveal|view|open|expand|read)|(?:show|see|reveal|view|expand|toggle|display)"
    r"\b|(?:full |detailed )?(?:solution|proof|answer|hint|spoiler)s?\W*$)",
    re.IGNORECASE,
)
"""What a control without a telling name says."""
_LONGEST_CONTROL = 80
_SAYING = frozenset({"a", "span", "p", "div", "b", "strong", "em", "i"})
_END = re.compile(r"[.!?]")
_SENTENCE = 40
"""Characters of a sentence."""
_MOST_CLASSES = 5
_LITTLE = 200
"""Characters of a page that says nothing beside what is hidden."""
_MOST_OPENED = 50
"""Elements of a page that are looked for among what its controls open."""
_LINK, _DIALOG = NUMBER["a"], kinds("dialog")
_FOLDED = frozenset({NUMBER["tr"], NUMBER["dd"]})


def open_closed(tree: Tree, verdicts: NDArray[np.int32]) -> None:
    """Take the verdict FURNITURE from elements with the bit `CLOSED` that a reader opens and that say something.

    A control of the page or a name tells; so do rows of a table and definitions, whose headings stand beside them.
    """
    rows = rows_of(tree, _DIALOG, verdicts, CLOSED)[:_MOST_OPENED]
    if not rows:
        return
    lengths = tree.lengths()
    whole = int(lengths[body_of(tree)])
    for row in rows:
        name = tree.attribute(row, "id") or ""
        names = f"{tree.attribute(row, 'class') or ''} {name}".lower()
        style = tree.attribute(row, "style") or ""
        if "-display" in style and not _NOT_DISPLAYED.search(style) and tree.attribute(row, "hidden") is None:
            verdicts[row] &= ~(FURNITURE | CLOSED)  # `--footer-display: none` is a property of the page's own
            continue
        alone = whole - int(lengths[row]) < _LITTLE  # a page that says nothing else shows it
        over = _OVER.search(names.replace("overlay", "") if alone else names)
        if names_furniture(names) or over or not says_something(tree, row):
            continue
        told = alone or int(tree.nodes[row, TAG]) in _FOLDED or _FOLDS.search(names) is not None
        if told or _named_by_a_control(tree, name, names.split()) or _is_shown_by(Node(tree, row)):
            verdicts[row] &= ~(FURNITURE | CLOSED)


def _named_by_a_control(tree: Tree, name: str, classes: list[str]) -> bool:
    """Whether a control or a script of the page names an id or one of the classes."""
    if name and (any(way.format(name).encode() in tree.source for way in _CONTROLS) or _named_by_data(tree, name)):
        return True
    return any(way.format(one).encode() in tree.source for one in classes[:_MOST_CLASSES] for way in _CLASSES)


def _named_by_data(tree: Tree, name: str) -> bool:
    """Whether an attribute of a page's own names an id (`data-definition="note-1"`)."""
    value = f'"{name}"'.encode()
    place = tree.source.find(value)
    for _ in range(_MOST_CLASSES):
        if place < 0:
            break
        if _NAMES_ID.search(tree.source[max(0, place - _LONGEST_NAME) : place]):
            return True
        place = tree.source.find(value, place + 1)
    return False


def _is_shown_by(element: Node) -> bool:
    """Whether an attribute says when an element is shown, or a control stands before it or what it is alone in."""
    if any(element.get(name) is not None for name in _SHOWS):
        return True
    before = element.getprevious()
    if before is None and (parent := element.getparent()) is not None and not (parent.text or "").strip():
        before = parent.getprevious()
    if before is None or before.tag in {"h1", "h2"} or (before.tag == "a" and _leads_elsewhere(before)):
        return False
    if before.tag in _CONTROL_TAGS or before.get("role") == "button":
        return True
    if any(before.get(name) is not None for name in _CONTROL_ATTRIBUTES):
        return True
    if _CONTROL_NAMES.search((before.get("class") or "").lower()):
        return True
    return before.tag in _SAYING and _CONTROL_WORDS.match(" ".join(before.itertext())[:_LONGEST_CONTROL]) is not None


def _leads_elsewhere(link: Node) -> bool:
    """Whether a link is one to another page."""
    return not (link.get("href") or "#").startswith(("#", "javascript:"))


def says_something(tree: Tree, row: int) -> bool:
    """Whether an element holds a sentence, is no advertisement, and most of what it says is no link."""
    lengths = tree.lengths()
    inside = slice(row, int(tree.nodes[row, END]))
    linked = int(lengths[inside][tree.nodes[inside, TAG] == _LINK].sum())
    if 2 * linked > int(lengths[row]):
        return False
    text = " ".join(tree.text_below(row).split())
    if _SPONSORED.search(text, 0, _LONGEST_CONTROL):
        return False
    *sentences, _ = _END.split(text)
    return max(map(len, sentences), default=0) >= _SENTENCE
