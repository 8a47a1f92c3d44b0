r"""Decides from a page's bytes, before anything is parsed, whether it can hold mathematics.

OpenWebMath read 237 billion pages and parsed one in two hundred of them; this is the rule that chose. It has two
stages. The first looks for names that only pages with mathematics hold (MathJax, `<math`, codecogs …) and for
anything like a LaTeX command (`\\[a-z]{2,}`). A page with a name passes. A page with only a backslash is parsed to
plain text, and passes with one of the common LaTeX commands in that text, or else with a math score above 0.8 and
more than 500 characters.

Source of the rules: `contains_math` in extract_from_cc/extract_from_warc.py of keirp/OpenWebMath, and section 3.1 of
the paper. Two things differ there under `published`: the dots of `katex.min.css`, `latex.php` and `tex.cgi` stood in
a regular expression and so match any character; and pages of mathematics drawn by KaTeX from another address, or
with a namespace before `math`, are missed. `corrected` takes dots for dots, looks for all that the extractor reads
(`pipelines.extraction.pages.marks`), and reads the text with the extractor's own parser.

The published decision is exactly: `scan` finds a keyword; or it finds a backslash and `second_stage` of the decoded
page, given the math score as a function of text, passes. Without the function `second_stage` leaves what the score
would decide as `Evidence.BACKSLASH`, to be decided later by a threshold on the document's stored scores.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from filters import latex_commands
from filters.latex_commands import COMMANDS
from manifests.records import Rules
from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.parser import Fault
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages.marks import Sign
from pipelines.extraction.pages.seen import Seen
from pipelines.extraction.pages.source import readable

LEAST_SCORE = 0.8
LEAST_CHARACTERS = 500

MOST_DEPTH = 3_000
"""Deeper pages are not parsed: the parser of the second stage is quadratic in the depth (10,000 `div`: 2.5 s)."""


class DeepPageError(ValueError):
    """A page whose elements are nested deeper than `MOST_DEPTH`: hostile, or broken beyond use."""


class Evidence(IntEnum):
    """What speaks for mathematics in a page, weakest first; stored with the document as the score `prefilter`."""

    NONE = 0
    BACKSLASH = 1
    COMMAND = 2
    KEYWORD = 3


class Passage(NamedTuple):
    """The outcome of the second stage: what was found, and whether the page passes."""

    evidence: Evidence
    passes: bool


# One search for each literal beginning: the engine skips to a literal at the speed of memory, while an alternation of
# all the words runs at 70 MB/s. What stands before the literal is checked behind it. `_ANY` is the dot of the original
# for bytes in UTF-8: any one character but a line end.
_ANY = rb"(?:[^\n]|[\xc2-\xf4][\x80-\xbf]{1,3})"
_CGI = rb"cgi(?:(?<=tex[^\n]cgi)|(?<=tex[\xc2-\xdf][\x80-\xbf]cgi)|(?<=tex[\xe0-\xef][\x80-\xbf]{2}cgi)"
_CGI += rb"|(?<=tex[\xf0-\xf4][\x80-\xbf]{3}cgi))"
_PUBLISHED = tuple(
    re.compile(pattern)
    for pattern in (
        rb"ath(?:Jax(?<=MathJax)|jax(?<=mathjax)|-container(?<=math-container))",
        rb"<math",
        rb"atex(?:(?<=katex)" + _ANY + rb"min" + _ANY + rb"css|(?<=latex)" + _ANY + rb"php)",
        rb"codecogs",
        _CGI,
        rb'="tex"(?<=class="tex")',
        rb"='tex'(?<=class='tex')",
    )
)
_BACKSLASH = {"published": re.compile(rb"\\[a-z]{2}"), "corrected": re.compile(rb"\\(?:[A-Za-z]{2}|[(\[])")}
# A command can be in the text without being in the bytes only where markup or a character reference splits it.
_COMMAND_LIKE = re.compile(rb"\\(?:" + "|".join(COMMANDS).encode() + rb"|[a-z]*[<&\x00])")
_BACKSLASH_REFERENCE = re.compile(rb"&(?:#0*92|#[xX]0*5[cC]|bsol)")


def scan(seen: Seen, rules: Rules) -> Evidence:
    """The first stage: `KEYWORD`, `BACKSLASH` (the second stage decides) or `NONE`. Linear in the page's length.

    The bytes must be in an encoding that keeps ASCII (not UTF-16).
    """
    html = seen.page
    if rules == "published":
        if any(pattern.search(html) for pattern in _PUBLISHED):
            return Evidence.KEYWORD
        return Evidence.BACKSLASH if _BACKSLASH["published"].search(html) else Evidence.NONE
    if seen.sign == Sign.STRONG:
        return Evidence.KEYWORD
    return Evidence.BACKSLASH if seen.sign != Sign.NOTHING or _BACKSLASH["corrected"].search(html) else Evidence.NONE


def may_hold_command(html: bytes) -> bool:
    """Whether the plain text of the page can hold one of `COMMANDS` at all; false for most pages of programs.

    It spares the second stage its parsing where only the commands are asked for: no page is decided otherwise.
    """
    return _COMMAND_LIKE.search(html) is not None or _BACKSLASH_REFERENCE.search(html) is not None


def holds_command(text: str) -> bool:
    """Whether `text` holds one of `COMMANDS` or a command that begins like one, as published, under both rules."""
    return latex_commands.holds_command(text, "published")


def plain_text(html: str) -> str:
    """The page's main text as the second stage reads it; the contents of templates count as text."""
    html = html.replace("<template", "<div").replace("</template", "</div")
    text: str = extract_plain_text(HTMLTree.parse(html), main_content=True, alt_texts=False)
    return text


_CHUNK = 1 << 14
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_UNCLOSED = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"))
_UNCLOSED |= frozenset(("track", "wbr", "p", "li", "td", "th", "tr", "dt", "dd", "option"))


def too_deep(html: str) -> bool:
    """Whether elements are nested deeper than `MOST_DEPTH`, by their tags alone; linear.

    Counting brackets in chunks clears nearly every page; only the others are read tag by tag, without the elements
    that need no end tag.
    """
    depth = 0
    for place in range(0, len(html), _CHUNK):
        part = html[place : place + _CHUNK]
        ends = part.count("</")
        starts = part.count("<") - ends - part.count("<!")
        if depth + starts > MOST_DEPTH:
            break
        depth = max(0, depth + starts - ends)
    else:
        return False
    depth = 0
    for tag in _TAG.finditer(html):
        if tag.group(2).lower() not in _UNCLOSED:
            depth = max(0, depth - 1) if tag.group(1) else depth + 1
            if depth > MOST_DEPTH:
                return True
    return False


def shown_text(html: str) -> str:
    """The text of a page without its scripts, by the parser of the extraction; raises `DeepPageError`."""
    page = readable(html.encode("utf-8", "replace"))
    parsed = html_parser.parse(page)
    if parsed.fault != Fault.NONE:
        raise DeepPageError(f"elements nested deeper than {html_parser.MAX_DEPTH}")
    if len(parsed.nodes) == 0:
        return ""
    tree = Tree(parsed, page)
    tree.drop_scripts()
    return tree.text_below(0)


def second_stage(html: str, score: Callable[[str], float] | None = None, rules: Rules = "published") -> Passage:
    """Decide about a page in which `scan` found a backslash, or another weak sign, and no keyword.

    `score` gives the probability that a text is mathematical. Without it a page without a command passes if it is
    long enough for the score to count, with `Evidence.BACKSLASH`: a threshold decides about it later. Raises
    `DeepPageError`.
    """
    if rules == "published" and too_deep(html):
        raise DeepPageError(f"elements nested deeper than {MOST_DEPTH}")
    text = plain_text(html) if rules == "published" else shown_text(html)
    if holds_command(text):
        return Passage(Evidence.COMMAND, passes=True)
    if len(text) <= LEAST_CHARACTERS:
        return Passage(Evidence.BACKSLASH, passes=False)
    return Passage(Evidence.BACKSLASH, passes=score is None or score(text) > LEAST_SCORE)
