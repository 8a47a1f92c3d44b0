"""One web page to text: the formulas are lifted out first, then the main text is chosen, then both are joined.

Order matters: an engine that chooses the main text drops scripts, hidden elements and images, which is where pages keep
their mathematics. So each formula becomes a mark in the text before any engine sees the page, and LaTeX afterwards.
"""

import itertools
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from manifests.records import Rules
from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.build_kernel import END
from pipelines.extraction.html.charset import to_utf8
from pipelines.extraction.html.limits import MAX_ATTRIBUTES, HostilePageError, check_size
from pipelines.extraction.html.names import NUMBER
from pipelines.extraction.html.parser import Fault
from pipelines.extraction.html.rows import kinds, shown_in
from pipelines.extraction.html.tree import Node, Tree
from pipelines.extraction.html.writing import to_html
from pipelines.extraction.math import delimiters
from pipelines.extraction.math.delimited import TextLifter
from pipelines.extraction.math.elements import ElementLifter
from pipelines.extraction.math.formulas import Formulas
from pipelines.extraction.math.latex2html import with_sources
from pipelines.extraction.math.layout.displays import lift_layouts, sheet_of
from pipelines.extraction.math.layout.lines import as_written_by
from pipelines.extraction.math.layout.math2html import lift_math2html
from pipelines.extraction.math.layout.mathquill import lift_mathquill
from pipelines.extraction.math.layout.named_fractions import read_named_fractions
from pipelines.extraction.math.layout.overlines import read_accents, read_overlines, read_slashes
from pipelines.extraction.math.omml import with_mathml
from pipelines.extraction.math.raised_text import read_ordinals, read_raised, read_stacked
from pipelines.extraction.math.symbol_font import read_symbols, read_tex_signs
from pipelines.extraction.math.symbol_images import read_symbol_images
from pipelines.extraction.math.variables import lift_variables
from pipelines.extraction.pages import blocks, line_rules
from pipelines.extraction.pages.behind_the_end import behind_the_end, notes_behind
from pipelines.extraction.pages.block_kernel import FURNITURE
from pipelines.extraction.pages.densest import densest
from pipelines.extraction.pages.engines import DEFAULT_ENGINE, ENGINES, Engine, main_text
from pipelines.extraction.pages.instead import open_drawings, open_instead
from pipelines.extraction.pages.main_text import (
    Choice,
    body_of,
    choose,
    judge,
    pardoned,
    without_side_matter,
)
from pipelines.extraction.pages.notes import read_marks, read_notes
from pipelines.extraction.pages.opened import open_closed
from pipelines.extraction.pages.page_data import FEWEST, MUCH_MORE, TEASER, page_of_data
from pipelines.extraction.pages.repairs import repaired, with_frames, with_pieces
from pipelines.extraction.pages.seen import CONFIGURES, Seen, Topic
from pipelines.extraction.pages.source import readable

_REPAIRS = ((Topic.SIGNS, repaired), (Topic.OFFICE_FORMULAS, with_mathml), (Topic.SOURCES, with_sources))
"""What is put right in the bytes of a page, in this order."""
_SCRIPT, _TITLE, _H1 = (NUMBER[name] for name in ("script", "title", "h1"))
_UNDRAWN = kinds("script", "style", "textarea", "xmp")
"""What does not count as shown: programs draw it, or nobody sees it."""
_FEW = 200
"""Characters of a text that are so few that the whole body is tried."""
_SHARE = 0.05
"""Less than this of what the chosen element says, and a name that stands for furniture elsewhere is not believed."""


_EVERYTHING = """<!DOCTYPE html>
<html><head><title>A &amp; b</title><script>MathJax = {tex: {inlineMath: [["$", "$"]]}}</script></head>
<body class="page"><nav><a href="/?a=1&amp;b=2">Home</a></nav><main><h1>Words &#8212; d&eacute;j&agrave; &#x41;</h1>
<p title="a &lt; b">Let $x^2 &lt; 1$ and \\(y\\) <b>be <i>it</i></b>.<br>\\[z\\] \\begin{align} a &amp;= b \\end{align}
<sub>1</sub><sup>2</sup><ul><li>one<li>two<ol start="3"><li>three</ol></ul><table><tr><th>a<td>b<tr><td>$c$<td><p>d
</table><dl><dt>t<dd>u</dl><pre><code>x = 1
y<span class="lineno">2</span></code></pre><pre>a<br>b<div>c</div></pre><pre>x &lt; y</pre><code>in &amp; line</code>
<img alt="\\frac12 &lt; 1" class="latex" src="a.png"><script type="math/tex">q &lt; r</script>
<math alttext="x &lt; y"><mi>&alpha;</mi></math></main><!-- end --><div style="display: none">hidden</div>
<footer>foot \u2e28</footer></body></html>\r\n"""
"""A page with something for each kernel, but for those of pages without a `main`."""
_NAMED = f"""<!DOCTYPE html><html><body><div class="content">{"<p>Words that say something about numbers." * 30}
<table><b>in front of it<tr><td>$x$</table><aside><a href="/c">more</a></aside>
<div class="related"><a href="/d">and more</a></div></div>
<div class="sidebar"><ul><li><a href="/a">A link</a><li><a href="/b">One</a></ul>and a note</div></body></html>"""
"""A page whose main text a class names, with links beside it, and text that moves in front of its table."""


class Page(NamedTuple):
    """What a page yields. `math_found` and `math_kept` count formulas by the kind of their source.

    `text` is Markdown with `$…$` and `$$…$$`; `title` may be empty; `engine` is the one that chose the main text.
    """

    text: str
    title: str
    math_found: Mapping[str, int]
    math_kept: Mapping[str, int]
    engine: str


class EmptyPageError(ValueError):
    """The page holds no element at all."""


def parse(page: bytes) -> Tree:
    """The tree of a page in UTF-8.

    Raises `EmptyPageError` if there is nothing to parse, `HostilePageError` if it is beyond the limits.
    """
    parsed = html_parser.parse(page)
    if parsed.fault == Fault.DEPTH:
        raise HostilePageError(f"elements nested more than {html_parser.MAX_DEPTH} deep")
    if parsed.fault == Fault.ATTRIBUTES:
        raise HostilePageError(f"tag with more than {MAX_ATTRIBUTES} attributes")
    if len(parsed.nodes) == 0:
        raise EmptyPageError(f"no element in a page of {len(page)} bytes")
    return Tree(parsed, page)


def lift_formulas(tree: Tree, rules: Rules, seen: Seen | None = None) -> Formulas:
    """Replace every formula of the tree by its mark; `seen`: what is known of its source."""
    formulas = Formulas()
    seen = Seen(tree.source) if seen is None else seen
    if Topic.SYMBOL_FONT in seen:
        read_symbols(tree, rules)
    if rules == "corrected":
        read_symbol_images(tree)
        if Topic.TEX_FONT in seen:
            read_tex_signs(tree)
        if Topic.SCRIPTS in seen:
            read_marks(tree)
        if Topic.NOTES in seen:
            read_notes(tree)
        if Topic.RAISED in seen:
            read_raised(tree)
        if Topic.SCRIPTS in seen:
            read_ordinals(tree)
            read_stacked(tree)
    sheet = sheet_of(tree) if rules == "corrected" and Topic.BOXES in seen else None
    scripts = []
    if Topic.CONFIGURATION in seen:
        texts = [script.text for script in tree.all(_SCRIPT) if script.get("src") is None]
        scripts = [text for text in texts if text and any(word in text for word in CONFIGURES)]
    said = _said(seen)
    found = delimiters.read(scripts, said, rules)
    ElementLifter(tree, formulas, said.tex, Topic.TEX_NAMES in seen, Topic.TYPED_SCRIPTS in seen).lift()
    tree.drop_scripts()
    if rules == "corrected":
        if Topic.VARIABLES in seen:
            lift_mathquill(tree, formulas)
            lift_variables(tree, formulas)
        if Topic.MATH2HTML in seen:
            lift_math2html(tree, formulas)
        lift_layouts(tree, formulas, sheet)
        if Topic.OVERLINES in seen:
            read_overlines(tree, formulas)
        if Topic.ACCENTS in seen:
            read_accents(tree, formulas)
        if Topic.FRACTIONS in seen:
            read_named_fractions(tree, formulas)
        read_slashes(tree, formulas)
    own = found.ignore_class != delimiters.IGNORE_CLASS
    TextLifter(found, formulas).lift_tree(tree, own or Topic.IGNORED in seen)
    return formulas


def _said(seen: Seen) -> delimiters.Said:
    """What a page says of its mathematics."""
    typeset = Topic.TYPESETTER in seen
    return delimiters.Said(
        typeset=typeset,
        tex=typeset or (Topic.COMMANDS in seen and delimiters.holds_command(seen.page)),
        ascii=Topic.ASCII_TYPESETTER in seen,
        dollar=Topic.DOLLARS in seen,
    )


def extract(
    html: bytes | str,
    *,
    url: str | None = None,
    rules: Rules = "corrected",
    engine: Engine = DEFAULT_ENGINE,
    content_type: str | None = None,
    seen: Seen | None = None,
) -> Page:
    """The text of a page with every formula as LaTeX.

    `html`: bytes as sent (decoded by `content_type`, meta element and detection) or text. `rules`: how delimiters are
    read and lines are cleaned. `seen`: what is known of these bytes. Raises `HostilePageError` for a page beyond the
    limits, `EmptyPageError` for one without elements, `ValueError` for an unknown engine.
    """
    if engine not in ENGINES:
        raise ValueError(f"unknown engine {engine!r}, expected one of {', '.join(ENGINES)}")
    data = html.encode("utf-8", "replace") if isinstance(html, str) else html
    check_size(data)
    page = data if isinstance(html, str) else to_utf8(data, content_type)
    seen = seen.after(page) if seen is not None else Seen(page)
    if rules == "corrected" and Topic.FRAMES in seen:
        seen = seen.after(with_pieces(with_frames(page)))
    seen = seen.after(readable(seen.page))
    if rules == "corrected":
        for topic, repair in _REPAIRS:
            if topic in seen:
                seen = seen.after(repair(seen.page))
    tree, shown = parse(seen.page), seen
    if (drawn := _drawn(tree, seen.page, rules)) is not None:
        shown = Seen(readable(drawn))
        tree = parse(shown.page)
    formulas = lift_formulas(tree, rules, shown)
    title = _title(tree)
    marked = _blocks(tree, shown, rules) if engine == "blocks" else main_text(to_html(Node(tree, 0)), engine, url)
    marked = line_rules.clean(marked, rules)
    if rules == "corrected" and Topic.PROGRAMS in seen:
        marked = as_written_by(seen.page, marked)
    text, kept = formulas.put_back(marked, escape_dollars=True)
    return Page(text, title, formulas.found(), kept, engine)


def _drawn(tree: Tree, page: bytes, rules: Rules) -> bytes | None:
    """The page that the data of a page holds, where all that it shows is shorter than a text worth looking for.

    `published` counts the scripts of the head against the text too, as it did.
    """
    if rules == "corrected":
        shown = shown_in(tree, body_of(tree), _UNDRAWN, TEASER)
    else:
        shown = len(tree.text_below(body_of(tree))) - sum(len(script.text or "") for script in tree.all(_SCRIPT))
    little = int(tree.nodes[0, END]) <= 1 or shown < FEWEST
    if not little and (rules == "published" or shown >= TEASER):
        return None
    drawn = page_of_data(page, rules, empty=little)
    return drawn if drawn is not None and (little or MUCH_MORE * shown < len(drawn)) else None


@cache
def warm_up() -> None:
    """Compile every kernel that a page may need, once in a process; from the cache this takes a second."""
    for rules in get_args(Rules):
        for page in (_EVERYTHING, _NAMED, _NAMED.replace(' class="content"', "")):
            extract(page, rules=rules)


def _title(tree: Tree) -> str:
    element = next(tree.all(_TITLE), None)
    return " ".join(tree.text_below(element.row).split()) if element is not None else ""


def _heading_before(tree: Tree, verdicts: NDArray[np.int32], whole: int, row: int) -> str:
    """The only main heading inside `whole`, as a paragraph, if it stands before the element at `row`."""
    headings = [node.row for node in tree.each(_H1, whole) if not verdicts[node.row] & FURNITURE]
    if len(headings) != 1 or headings[0] >= row:
        return ""
    text = blocks.write(tree, verdicts, headings[0], True)
    return f"{text}\n\n" if text else ""


def _blocks(tree: Tree, seen: Seen, rules: Rules) -> str:
    verdicts = judge(tree)
    if rules == "corrected":
        open_instead(tree, verdicts)
        if Topic.DRAWINGS in seen:
            open_drawings(tree, verdicts)
        open_closed(tree, verdicts)
    chosen, text = _chosen(tree, verdicts, rules == "corrected")
    if rules == "corrected":
        notes = notes_behind(tree, verdicts, chosen) if Topic.NOTES_BEHIND in seen else ()
        behind = itertools.chain(notes, behind_the_end(tree, verdicts, chosen))
        text += "".join(f"\n\n{more}" for more in behind)
    return text


def _chosen(tree: Tree, verdicts: NDArray[np.int32], judged: bool) -> tuple[int, str]:
    """The row of the element that holds the page's text, and the text; if `judged`, without lines beside it."""
    choice = choose(tree, verdicts)
    heading = ""
    if not choice.sure:
        whole_row, choice = choice.row, Choice(densest(tree, verdicts, choice.row), False)
        heading = _heading_before(tree, verdicts, whole_row, choice.row)
    left = without_side_matter(tree, verdicts, choice.row)
    text = heading + blocks.write(tree, left, choice.row, choice.sure, judged)
    if choice.sure and len(text) < _SHARE * tree.lengths()[choice.row]:
        whole = blocks.write(tree, without_side_matter(tree, pardoned(verdicts), choice.row), choice.row, True)
        return choice.row, whole if len(whole) > 3 * len(text) else text
    if choice.sure or len(text) > _FEW:
        return choice.row, text
    whole = blocks.write(tree, verdicts, body_of(tree), True)
    if len(whole) <= 3 * len(text):
        whole = text
    if len(whole) < _SHARE * tree.lengths()[body_of(tree)]:
        whole = blocks.write(tree, pardoned(verdicts, named=False), body_of(tree), True)
    return body_of(tree), whole
