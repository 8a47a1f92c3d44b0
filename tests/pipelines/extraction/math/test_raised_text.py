"""Scripts that a page sets by style are scripts: nothing merges a number with its power."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "We follow the sequence along the line and write down what its next terms are."


def line(html: str, head: str = "") -> str:
    page = f"<html><head>{head}</head><body><p>{html}</p><p>{WORDS}</p><p>{WORDS}</p></body></html>"
    return extract(page).text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("vertical-align:super;font-size:smaller", "10^{12}"),
        ("vertical-align: sub", "10_{12}"),
        ("vertical-align:5pt", "10^{12}"),
        ("vertical-align:-0.3em", "10_{12}"),
        ("position:relative;top:-0.4em", "10^{12}"),
        ("position: relative; bottom: 4px", "10^{12}"),
        ("position:relative;top:3.0pt", "10_{12}"),
        ("vertical-align:0.05em", "1012"),
        ("vertical-align:middle", "1012"),
        ("position:relative;left:4px", "1012"),
    ],
)
def test_styles_that_raise_and_lower(style: str, written: str) -> None:
    assert line(f'10<span style="{style}">12</span>') == written


def test_classes_of_the_page_raise_as_google_docs_exports_them() -> None:
    head = "<style>.c1{color:#000}.c3,p .c4{font-size:8pt;vertical-align:super}.c5 { vertical-align : sub }</style>"
    html = '<span class="c1">E = mc</span><span class="c1 c3">2</span> at x<span class="c5">n+1</span>'
    assert line(html, head) == "E = mc^2 at x_{n+1}"


def test_long_texts_and_images_are_no_scripts() -> None:
    long = "a remark that is set higher than the line it stands in, and that is no script at all"
    assert line(f'x<span style="vertical-align:super">{long}</span>') == f"x{long}"


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("5<sup><small>2</small></sup>", "5^2"),
        ("1995<sup><a href='#n'>2</a></sup>", "1995 2"),
        ("5<sup> 2 </sup>", "5^2"),
    ],
)
def test_no_digits_are_merged(html: str, written: str) -> None:
    assert line(html) == written


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("the 19<sup>th</sup> century", "the 19th century"),
        ("on the 1<SUP class=ord>st</SUP> of May", "on the 1st of May"),
        ("le 1<sup>er</sup> mai", "le 1er mai"),
        ("the n<sup>th</sup> term", "the n^{th} term"),
        ("with 2<sup>t</sup> terms", "with 2^t terms"),
        ("with 2<sup>nd+1</sup> terms", "with 2^{nd+1} terms"),
    ],
)
def test_the_letters_of_an_ordinal_number_are_no_power(html: str, written: str) -> None:
    assert line(html) == written


def test_two_indices_above_each_other_are_those_of_one_letter() -> None:
    assert line("Let x<span><sup>2</sup><br /><sub>i</sub></span> be") == "Let x^2_i be"
    assert line("Let x<sup>2</sup><br>y be") == "Let x^2\ny be"


@pytest.mark.parametrize("sign", ["∫", "∑", "√"])
def test_a_large_sign_that_is_set_lower_is_no_script(sign: str) -> None:
    assert line(f'<span style="font-size:140%;vertical-align:-0.2em">{sign}</span> x') == f"{sign} x"


@pytest.mark.parametrize("mark", ["TM", "SM", "®", "&reg;", "™"])
def test_marks_behind_names_stand_in_the_line(mark: str) -> None:
    assert "^" not in line(f"Maple<sup>{mark}</sup> is a name")


def test_a_letter_behind_one_letter_is_a_script() -> None:
    assert line("the product A<sup>TM</sup> is") == "the product A^{TM} is"
