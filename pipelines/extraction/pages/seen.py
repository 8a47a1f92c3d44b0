"""What one pass over the bytes of a page finds: the signs that it holds mathematics, and what its extraction may skip.

Most steps of the extraction look for something that few pages hold. The words of a `Topic` are such that a page without
any of them gives the step nothing to do; a step that is taken still looks for what it reads exactly.
"""

import functools
from enum import IntEnum

import numpy as np

from pipelines.extraction.html.automaton import Automaton
from pipelines.extraction.html.formula_names import TEX_NAMES
from pipelines.extraction.math import delimiters
from pipelines.extraction.pages.marks import BITS, NUMBERED, Sign, sign_of

CONFIGURES = (
    "inlineMath",
    "displayMath",
    "delimiters",
    "asciimath",
    "processEnvironments",
    "ignoreClass",
    "ignoreHtmlClass",
)
"""What a script holds that configures a typesetter."""


class Topic(IntEnum):
    """What a page may hold: the number of its bit."""

    FRAMES = BITS
    SIGNS = BITS + 1
    OFFICE_FORMULAS = BITS + 2
    SOURCES = BITS + 3
    SYMBOL_FONT = BITS + 4
    TEX_FONT = BITS + 5
    NOTES = BITS + 6
    RAISED = BITS + 7
    SCRIPTS = BITS + 8
    VARIABLES = BITS + 9
    OVERLINES = BITS + 10
    ACCENTS = BITS + 11
    FRACTIONS = BITS + 12
    BOXES = BITS + 13
    DRAWINGS = BITS + 14
    PROGRAMS = BITS + 15
    CONFIGURATION = BITS + 16
    IGNORED = BITS + 17
    TYPESETTER = BITS + 18
    ASCII_TYPESETTER = BITS + 19
    TEX_NAMES = BITS + 20
    TYPED_SCRIPTS = BITS + 21
    DOLLARS = BITS + 22
    COMMANDS = BITS + 23
    NOTES_BEHIND = BITS + 24
    MATH2HTML = BITS + 25


_TOPICS: dict[Topic, tuple[str, ...]] = {
    Topic.FRAMES: ("srcdoc", '<div hidden id="s:', "\0"),
    Topic.SIGNS: ("$", "\\(", "\\[", "\\begin", "[asy]"),
    Topic.OFFICE_FORMULAS: ("<m:omath",),
    Topic.SOURCES: ("<!-- math",),
    Topic.SYMBOL_FONT: ("symbol",),
    Topic.TEX_FONT: ("cmsy",),
    Topic.NOTES: ("doc-backlink", "footnote-back", "reversefootnote", "footnotes-backlink"),
    Topic.NOTES_BEHIND: ("footnotes", "endnotes", "foot-notes", "end-notes"),
    Topic.RAISED: ("vertical-align", "relative"),
    Topic.SCRIPTS: ("<sup", "<sub", "</sup", "</sub"),
    Topic.VARIABLES: ("<var", "mathquill", "mq-root-block"),
    Topic.OVERLINES: ("overline", "border-top", "bar-css"),
    Topic.ACCENTS: ("overacc",),
    Topic.FRACTIONS: ('class="den', "class='den", "class=den", "sfrac", "frac-den", "fraction-den"),
    Topic.MATH2HTML: ('class="formula"',),
    Topic.BOXES: ("inline-flex", "inline-block", "inline-table", "inline-grid"),
    Topic.DRAWINGS: ("foreignobject",),
    Topic.PROGRAMS: ("tth", "hevea"),
    Topic.CONFIGURATION: tuple(word.lower() for word in CONFIGURES),
    Topic.IGNORED: ("ignore", "no-mathjax", "nokatex"),
    Topic.TYPESETTER: delimiters.TYPESETTERS,
    Topic.ASCII_TYPESETTER: delimiters.ASCII_TYPESETTERS,
    Topic.TEX_NAMES: TEX_NAMES,
    Topic.TYPED_SCRIPTS: ("math/",),
    Topic.DOLLARS: ("$",),
    Topic.COMMANDS: tuple(sorted({f"\\{name[:2].lower()}" for name in delimiters.COMMANDS})),
}
"""The words of each topic in lower case; a page is read without regard to case. `IGNORED`: classes of elements whose
text holds no formulas have one of these in their names, unless a page names its own."""
_AUTOMATON = Automaton(
    (word.encode(), number)
    for word, number in (*NUMBERED, *((word, int(topic)) for topic, words in _TOPICS.items() for word in words))
)


class Seen:
    """A page in an encoding that keeps ASCII, and what is found in it when that is first asked for, in linear time."""

    def __init__(self, page: bytes) -> None:
        self.page = page

    @functools.cached_property
    def _found(self) -> int:
        return _AUTOMATON.found(np.frombuffer(self.page, np.uint8)) if self.page else 0

    @property
    def sign(self) -> Sign:
        """The strongest sign that the page holds mathematics."""
        return sign_of(self._found)

    def __contains__(self, topic: Topic) -> bool:
        """Whether the page holds a word of a topic."""
        return bool(self._found >> topic & 1)

    def after(self, page: bytes) -> "Seen":
        """The same for what a step has made of the page, which is mostly the page itself."""
        return self if page is self.page else Seen(page)
