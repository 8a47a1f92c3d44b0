"""Word's formulas come out as LaTeX, also those in comments that only Word reads."""

import time

import pytest

from pipelines.extraction.math.omml import with_mathml
from pipelines.extraction.pages.marks import Sign
from pipelines.extraction.pages.page import extract
from pipelines.extraction.pages.seen import Seen

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3


def line(body: str) -> str:
    return extract(f"<html><body><p>{body}</p>{WORDS}</body></html>").text.split("\n\n")[0]


def r(text: str) -> str:
    return f"<m:r><w:rPr><w:i/></w:rPr><m:t>{text}</m:t></m:r>"


def e(text: str) -> str:
    return f"<m:e>{r(text)}</m:e>"


SUM = (
    f"<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{r('i=1')}</m:sub><m:sup>{r('n')}</m:sup>{e('i')}</m:nary>"
)


@pytest.mark.parametrize(
    ("omml", "latex"),
    [
        (f"<m:f><m:num>{r('a+1')}</m:num><m:den>{r('b')}</m:den></m:f>", "\\frac{a+1}{b}"),
        (f"<m:sSup>{e('x')}<m:sup>{r('2')}</m:sup></m:sSup>{r('+12.5')}", "x^2+12.5"),
        (f"<m:sSub>{e('a')}<m:sub>{r('n')}</m:sub></m:sSub>", "a_n"),
        (f"<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/>{e('x')}</m:rad>", "\\sqrt{x}"),
        (f"<m:rad><m:deg>{r('3')}</m:deg>{e('x')}</m:rad>", "\\sqrt[3]{x}"),
        (
            SUM,
            "\\sum_{i=1}^ni",
        ),
        (f"<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr>{e('x')}</m:d>", "[x]"),
        (f"<m:func><m:fName>{r('sin')}</m:fName>{e('x')}</m:func>", "\\sin x"),
        (f"<m:acc><m:accPr><m:chr m:val='⃗'/></m:accPr>{e('v')}</m:acc>", "\\vec{v}"),
    ],
)
def test_formulas_of_word(omml: str, latex: str) -> None:
    page = f"so <m:oMath>{omml}</m:oMath> is"
    assert line(page).replace(" ", "") == f"so${latex}$is".replace(" ", "")
    assert Seen(page.encode()).sign == Sign.STRONG


def w(letters: str, properties: str = "") -> str:
    """A run as it stands in a page that Word saved: in elements of HTML, without `m:t`."""
    inside = f'<m:rPr><m:scr m:val="roman"/>{properties}</m:rPr>' if properties else ""
    run = f"<span style='font-family:\"Cambria Math\",serif'><m:r>{inside}{letters}</m:r></span>"
    return run if properties else f"<i style='mso-bidi-font-style:\n normal'>{run}</i>"


PLAIN = '<m:sty m:val="p"/>'
CONTROL = "<span lang=EN-US style='font-family:\"Cambria Math\",serif'><m:ctrlPr></m:ctrlPr></span>"


def m(name: str, *parts: str, properties: str = "") -> str:
    """An element with its parts, `sub=x` or `e=x`, and its properties."""
    inside = "".join(
        f"<m:{part.split('=', 1)[0]}>{part.split('=', 1)[1]}</m:{part.split('=', 1)[0]}>" for part in parts
    )
    return f"<m:{name}><m:{name}Pr>{properties}{CONTROL}</m:{name}Pr>{inside}</m:{name}>"


def value(name: str, of: str) -> str:
    return f"<m:{name} m:val='{of}'/>"


A, B, X = "e=" + w("a"), "e=" + w("b"), "e=" + w("x")
FRACTION = ("num=" + w("a"), "den=" + w("b"))
LIMIT = m("limLow", "e=" + w("max", PLAIN), "lim=" + w("x"))
ALIGNED = ("e=" + w("a") + w("&amp;=") + w("b"), "e=" + w("c") + w("&amp;=") + w("d"))


@pytest.mark.parametrize(
    ("omml", "latex"),
    [
        (w("E") + w("=") + w("m") + w("12"), "E=m12"),
        (m("sSub", "e=" + w("&#969;"), "sub=" + w("1")), "\\omega_1"),
        (m("f", *FRACTION), "\\frac{a}{b}"),
        (m("f", *FRACTION, properties=value("type", "lin")), "a/b"),
        (m("rad", "deg=", X, properties=value("degHide", "on")), "\\sqrt{x}"),
        (m("func", "fName=" + w("log", PLAIN), "e=" + w("n")), "\\log n"),
        (m("func", "fName=" + LIMIT, A), "\\max_xa"),
        ("<m:r><m:rPr><m:nor/></m:rPr>if so</m:r>", "\\text{if so}"),
        ("<m:r><m:rPr><m:scr m:val='double-struck'/></m:rPr>R</m:r>", "\\mathbb{R}"),
        (m("nary", "sub=" + w("i"), "sup=", X, properties=value("chr", "∑")), "\\sum_ix"),
        (m("nary", "sub=", "sup=", X), "\\int x"),
        (m("bar", X, properties=value("pos", "top")), "\\bar{x}"),
        (m("groupChr", X, properties=value("chr", "⏟")), "\\underbrace{x}"),
        (m("d", A, properties=value("begChr", "{") + value("endChr", "")), "\\{a"),
        (m("d", A, B), "(a|b)"),
        (m("sPre", "sub=" + w("1"), "sup=" + w("2"), X), "{}_1^2x"),
        (m("eqArr", *ALIGNED), "\\begin{matrix} a & =b \\\\ c & =d \\end{matrix}"),
    ],
)
def test_formulas_as_word_saves_them_in_pages(omml: str, latex: str) -> None:
    shown = "<![if !msEquation]><span><!--[if gte vml 1]><v:shape>x</v:shape><![endif]--><![if !vml]><img src=i.png>"
    shown += "<![endif]></span><![endif]>"
    page = f"so <!--[if gte msEquation 12]><m:oMath>{omml}</m:oMath><![endif]-->{shown} is"
    assert line(page).replace(" ", "") == f"so${latex}$is".replace(" ", "")


def test_a_formula_in_a_paragraph_of_its_own_is_a_display() -> None:
    page = f"<!--[if gte msEquation 12]><m:oMathPara><m:oMath>{w('x')}{w('=1')}</m:oMath></m:oMathPara><![endif]-->"
    assert line(page) == "$$x=1$$"


def test_the_comment_for_word_counts_and_the_image_for_others_does_not() -> None:
    formula = f"<m:oMath>{r('x')}</m:oMath>"
    image = "<![if !msEquation]><span><img src='a.png' alt='x'></span><![endif]>"
    assert line(f"so <!--[if gte msEquation 12]>{formula}<![endif]-->{image} is") == "so $x$ is"


@pytest.mark.parametrize("page", [b"<p>x</p>", b"<m:oMath>", b"<m:oMath></m:oMath>", b"<m:oMath><m:f>"])
def test_what_is_no_formula_stays(page: bytes) -> None:
    assert with_mathml(page) == page


@pytest.mark.parametrize(
    "piece", [b"<m:oMath>", b"<m:oMath><m:f>", b"<![if !msEquation]>", b"<!--[if gte msEquation 12]>"]
)
@pytest.mark.compiled
def test_hostile_pages_take_linear_time(piece: bytes) -> None:
    start = time.process_time()
    with_mathml(b"<m:oMath>" + piece * (200_000 // len(piece)))
    assert time.process_time() - start < 2
