"""Formulas of AtCoder, which pages name by an element alone."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3


def line(body: str) -> str:
    return extract(f"<html><body><p>{body}</p>{WORDS}</body></html>").text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("Given <var>N</var> and <var>1 \\leq N \\leq 10^5</var>.", "Given $N$ and $1 \\leq N \\leq 10^5$."),
        ("Given <var>A_{1}</var> and <var>B</var>.", "Given $A_{1}$ and $B$."),
        ("Call <var>name</var> with <var>size</var>.", "Call name with size."),
        ('See <img class="numberedequation" src="NumberedEquation1.svg" alt="y=x^2">', "$$y=x^2$$"),
    ],
)
def test_formulas_of_a_kind_of_page(body: str, text: str) -> None:
    assert text in line(body)


def test_published_knows_none_of_them() -> None:
    page = f"<html><body><p>Given <var>N</var> and <var>1 \\leq N</var>.</p>{WORDS}</body></html>"
    assert "$N$" not in extract(page, rules="published").text
