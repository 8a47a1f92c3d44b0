"""Numerators and denominators that say so by their classes are fractions: nothing runs together with them."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "We follow the sequence along the line and write down what its next terms are."
HEARD = '<span class="sr-only">{}</span>'


def line(html: str) -> str:
    page = f"<html><body><p>{html}</p><p>{WORDS}</p><p>{WORDS}</p></body></html>"
    return extract(page).text.split("\n\n")[0]


def fraction(above: str, below: str, between: str = HEARD.format("/"), whole: str = "") -> str:
    return f'<span class="frac">{whole}<span class="num">{above}</span>{between}<span class="den">{below}</span></span>'


def test_a_fraction_of_mediawiki() -> None:
    above = "<i>a</i> + <i>b</i>"
    html = f'<span class="sfrac tion">{fraction(above, "2")}</span>'
    assert line(f"The mean {html} of two") == "The mean $\\frac{a+b}{2}$ of two"


def test_a_whole_number_stays_apart_from_its_fraction() -> None:
    whole = "5" + HEARD.format("+")
    assert line(f"about {fraction('1', '2', '&frasl;', whole)} inches") == "about 5 $\\frac{1}{2}$ inches"


def test_scripts_stand_in_both_sides() -> None:
    assert line(f"Let {fraction('x<sub>1</sub>', 'y<sup>2</sup>')} be") == "Let $\\frac{x_1}{y^2}$ be"


def test_other_programs_use_longer_names() -> None:
    html = "<span class=numerator>k</span><span class=denominator>10</span>"
    assert line(f"Then {html} is left") == "Then $\\frac{k}{10}$ is left"


@pytest.mark.parametrize("html", ["<span class=den>alone</span>", "<span class=num>1</span>, <span class=den>2</span>"])
def test_what_is_no_fraction_stays(html: str) -> None:
    assert "\\frac" not in line(f"Here {html} stands")
