"""Formulas of AtCoder and MathQuill, which pages name by an element or a box alone."""

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
        ('So <span class="mathquill-embedded-latex">x^2</span> is.', "So $x^2$ is."),
        (
            """<span class="mq-math-mode"><span class="mq-selectable">$y^2$</span>
<span class="mq-root-block">y<sup>2</sup></span></span> is""",
            "$y^2$ is",
        ),
        ('<span class="mq-root-block">y<sup>2</sup></span> alone', "y^2 alone"),
        ('See <img class="numberedequation" src="NumberedEquation1.svg" alt="y=x^2">', "$$y=x^2$$"),
    ],
)
def test_formulas_of_a_kind_of_page(body: str, text: str) -> None:
    assert text in line(body)


def test_published_knows_none_of_them() -> None:
    page = f"<html><body><p>Given <var>N</var> and <var>1 \\leq N</var>.</p>{WORDS}</body></html>"
    assert "$N$" not in extract(page, rules="published").text
