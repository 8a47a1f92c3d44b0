"""What a page writes in a line: lines over text, slashes between scripts, the signs of HeVeA and TtH."""

import time

import pytest

from pipelines.extraction.math.layout.lines import as_written_by, unfold
from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "We follow the sequence along the line and write down what its next terms are."
ACCENT = '<span class="overacc{}">{}</span>'
OVER = '<span style="text-decoration:overline">{}</span>'


def line(html: str) -> str:
    return extract(f"<html><body><p>{html}</p><p>{WORDS}</p><p>{WORDS}</p></body></html>").text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("1 + &radic;" + OVER.format("5") + "/2", "1 + $\\sqrt{5}$/2"),
        ("&radic;" + OVER.format("<i>x</i>") + OVER.format("+1") + " is", "$\\sqrt{x+1}$ is"),
        ("&#8731;" + OVER.format("x") + "<sup>" + OVER.format("n") + "</sup>=y", "$\\sqrt[3]{x^n}$=y"),
        ("a line " + OVER.format("AB") + " here", "a line $\\overline{AB}$ here"),
        ("2<sup>&radic;" + OVER.format("2") + "</sup>", "2^{\\sqrt{2}}"),
        ("&radic;<span style='border-top: 1px solid black'>y</span>", "$\\sqrt{y}$"),
        ("<sup style='margin-right:-0.5em'>3</sup>&radic;" + OVER.format("5") + " is", "$\\sqrt[3]{5}$ is"),
        ("2<sup>3</sup>&radic;" + OVER.format("5") + " is", "2^3$\\sqrt{5}$ is"),
        ("0.1<span class='bar-css'><span class='cmr-10'>1</span></span>01", "0.1$\\overline{1}$01"),
        ("add 2<sup>1</sup>&frasl;<sub>3</sub> cups", "add 2$\\frac{1}{3}$ cups"),
    ],
)
def test_lines_over_text_and_slashes(html: str, written: str) -> None:
    assert line(html) == written


@pytest.mark.parametrize(
    ("html", "written"),
    [
        (ACCENT.format("1", "&#8743;") + "F<sub>2</sub>(k)", "$\\hat{F}$_2(k)"),
        (ACCENT.format("2", "&#8594;") + "c d", "$\\vec{c}$ d"),
        (
            ACCENT.format("1", "&#183;&#183; ") + "x = " + ACCENT.format("1", "~") + "<i>y</i>",
            "$\\ddot{x}$ = $\\tilde{y}$",
        ),
        (ACCENT.format("2", "&#x2015;") + "12", "$\\overline{1}$2"),
        ("e<sup>" + ACCENT.format("2", "&#x2015;") + "x</sup>", "e^{\\overline{x}}"),
    ],
)
def test_accents_of_tth_stand_over_their_letters_and_are_no_scripts(html: str, written: str) -> None:
    assert line(f"<style>.overacc1{{position:relative;bottom:.8ex}}</style>{html}") == written


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x = [(a+b)/c] and", "x = \\frac{a+b}{c} and"),
        ("[1/(1+[1/x])]", "\\frac{1}{1+\\frac{1}{x}}"),
        ("[((a)(b))/c]", "\\frac{(a)(b)}{c}"),
        ("[(a)(b)/c]", "\\frac{(a)(b)}{c}"),
        ("^3√{x+1} = √{2}", "\\sqrt[3]{x+1} = \\sqrt{2}"),
        ("see [1] or [a, b] or [yes / no] or [either/neither]", "see [1] or [a, b] or [yes / no] or [either/neither]"),
        ("[a/b/c] and (a/b) and a/b", "[a/b/c] and (a/b) and a/b"),
        ("[0,1]×[1/2", "[0,1]×[1/2"),
    ],
)
def test_fractions_and_roots_of_tth(text: str, latex: str) -> None:
    assert unfold(text) == latex


def test_a_page_says_who_made_it() -> None:
    signed = b'<a href="http://hutchinson.belmont.ma.us/tth/">TTH</a>'
    assert as_written_by(signed, "[1/2]") == "\\frac{1}{2}"
    assert as_written_by(signed, "\u2126_k") == "Ω_k"
    assert as_written_by(b"", "5 k\u2126") == "5 k\u2126"
    assert as_written_by(b"<p>", "[1/2] є") == "[1/2] є"
    assert as_written_by(b'<meta name="generator" content="hevea 2.36">', "[1/2] є") == "[1/2] ϵ"


@pytest.mark.parametrize("piece", ["[", "[1/", "[1/2]", "√{", "(", "[(a/b)]"])
@pytest.mark.compiled
def test_unfolding_is_linear(piece: str) -> None:
    start = time.process_time()
    unfold(piece * (200_000 // len(piece)))
    assert time.process_time() - start < 2
