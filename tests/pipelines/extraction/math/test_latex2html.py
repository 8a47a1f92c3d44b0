"""LaTeX2HTML's comments hold the TeX of a formula: it comes out once, whole, with its number."""

import time

import pytest

from manifests.records import Rules
from pipelines.extraction.math.latex2html import with_sources
from pipelines.extraction.pages.marks import Sign
from pipelines.extraction.pages.page import extract
from pipelines.extraction.pages.seen import Seen

pytestmark = pytest.mark.kernel

WORDS = "We follow the sequence along the line and write down what its next terms are."
CUT = '<IMG STYLE="height: 5ex" SRC="img1.svg" ALT="$\\displaystyle \\sum_{i=1}^n \\left... ...)$">'
PIECES = '<I>x</I><IMG SRC="img1.svg" ALT="$\\sum_{{i=1}}^{}$"><I>y</I><SUB>i</SUB>'


def text(html: str, rules: Rules = "corrected") -> str:
    page = f"<HTML><BODY>{html}<P>{WORDS}<P>{WORDS}</BODY></HTML>"
    return extract(page, rules=rules).text.split(f"\n\n{WORDS}")[0]


def source(tex: str) -> str:
    """The comment as LaTeX2HTML writes it since 2002."""
    return f"<!-- MATH\n {tex}\n -->\n"


def span(shown: str) -> str:
    return f'<SPAN CLASS="MATH">{shown}</SPAN>'


def equation(tex: str, row: str) -> str:
    return f'<DIV CLASS="displaymath"><A ID="e"></A>{source(tex)}<TABLE><TR>{row}</TR></TABLE></DIV>'


NUMBER = '<TD CLASS="eqno" style="text-align:right">\n(<SPAN CLASS="arabic">1</SPAN>)</TD>'


@pytest.mark.parametrize(
    ("html", "written"),
    [
        (source("$\\sum_{i=1}^n y_i$") + span(CUT) + ", as", "$\\sum_{i=1}^n y_i$, as"),
        ("<!-- MATH: $x\\sum_i y_i$ --> " + span(PIECES) + " as", "$x\\sum_i y_i$ as"),
        (source("$\\beta$") + span("17#17") + ".", "$\\beta$."),
        ("<!-- MATH: $\\beta$ -->\n<IMG WIDTH=10 SRC='i.gif'\n ALT=\"$\\beta$\"> as", "$\\beta$ as"),
        (source("\\begin{math}y_3\\end{math}") + span("<I>y</I><SUB>3</SUB>") + " as", "$y_3$ as"),
        (source("$a \\mbox{ if $b$}$") + span(f"<I>a</I> if {span('<I>b</I>')}"), "$a \\mbox{ if \\(b\\)}$"),
    ],
)
def test_the_comment_stands_for_what_is_shown(html: str, written: str) -> None:
    assert text(f"so {html}") == f"so {written}"
    assert Seen(html.encode()).sign == Sign.STRONG


@pytest.mark.parametrize(
    ("html", "written"),
    [
        (
            "<P>" + source("\\begin{displaymath}x<y\\end{displaymath}") + f'</P>\n<DIV CLASS="displaymath">{CUT}</DIV>',
            "$$x<y$$",
        ),
        (equation("\\begin{equation}\nx = 1\n\\end{equation}", f"<TD>{span(CUT)}</TD>{NUMBER}"), "$$x = 1$$ (1)"),
        (
            equation("\\begin{eqnarray*}\nx &=& 1\n\\end{eqnarray*}", f"<TD>{CUT}</TD><TD>=</TD><TD>{CUT}</TD>"),
            "$$\\begin{eqnarray*} x &=& 1 \\end{eqnarray*}$$",
        ),
    ],
)
def test_displays_keep_their_numbers(html: str, written: str) -> None:
    assert written in text(f"so {html}<P>as").split("\n")


def test_published_reads_the_images() -> None:
    assert "y_i" not in text("so " + source("$\\sum_i y_i$") + span(CUT), rules="published")


@pytest.mark.parametrize(
    "page",
    [
        b"<p>x</p>",
        b"<!-- MATH $x$ --><p>no formula is shown here</p>",
        b'<!-- MATH $x --><SPAN CLASS="MATH">x</SPAN>',
        b'<!-- MATH $x$ --><SPAN CLASS="MATH">x',
        b'<!-- MATH <script></script> --><SPAN CLASS="MATH">x</SPAN>',
    ],
)
def test_what_is_no_formula_stays(page: bytes) -> None:
    assert with_sources(page) == page


@pytest.mark.parametrize(
    "piece",
    [b"<!-- MATH $x$ -->", b'<!-- MATH $x$ --><SPAN CLASS="MATH">', b"<!-- MATH $", b'<!-- MATH $x$ --><IMG alt="$'],
)
@pytest.mark.compiled
def test_hostile_pages_take_linear_time(piece: bytes) -> None:
    start = time.process_time()
    with_sources(piece * (400_000 // len(piece)))
    assert time.process_time() - start < 3
