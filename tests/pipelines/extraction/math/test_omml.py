"""Word's formulas come out as LaTeX, also those in comments that only Word reads."""

import time

import pytest

from pipelines.extraction.math.omml import with_mathml
from pipelines.extraction.pages.marks import Sign, sign_of
from pipelines.extraction.pages.page import extract

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
    assert sign_of(page.encode()) == Sign.STRONG


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
def test_hostile_pages_take_linear_time(piece: bytes) -> None:
    start = time.process_time()
    with_mathml(b"<m:oMath>" + piece * (200_000 // len(piece)))
    assert time.process_time() - start < 2
