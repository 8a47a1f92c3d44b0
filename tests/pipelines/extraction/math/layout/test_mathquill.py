"""Formulas that MathQuill drew are read from their source where the page keeps it, and else from what was drawn."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3


def line(body: str) -> str:
    return extract(f"<html><body><p>{body}</p>{WORDS}</body></html>").text.split("\n\n")[0]


def drawn(inner: str) -> str:
    keys = '<span class="mq-textarea"><textarea>z</textarea></span>'
    return f'<span class="mq-math-mode">{keys}{box("root-block", inner)}</span>'


def box(name: str, inner: str) -> str:
    return f'<span class="mq-{name} mq-non-leaf">{inner}</span>'


SUM = box("to", "<span>n</span>") + "<big>∑</big>" + box("from", "<span>i=1</span>")


@pytest.mark.parametrize(
    ("inner", "latex"),
    [
        ("<var>x</var>" + box("supsub", box("sup", "<span>2n</span>") + box("sub", "i")), "x_i^{2n}"),
        (box("fraction", box("numerator", "a<span>+</span>b") + box("denominator", "<var>c</var>")), "\\frac{a+b}{c}"),
        (box("sqrt-container", '<span class="mq-sqrt-prefix">√</span>' + box("sqrt-stem", "x")), "\\sqrt{x}"),
        ('<sup class="mq-nthroot">3</sup><span>' + box("sqrt-stem", "x") + "</span>", "\\sqrt[3]{x}"),
        (box("large-operator", SUM) + "<var>i</var>", "\\sum_{i=1}^ni"),
        ("<var>sin</var><var>x</var><span>·</span>π", "\\sin x\\cdot\\pi"),
        ("y<sup>2</sup>", "y^2"),
    ],
)
def test_boxes_alone(inner: str, latex: str) -> None:
    assert line(f"So {drawn(inner)} is.") == f"So ${latex}$ is."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('So <span class="mathquill-embedded-latex">x^2</span> is.', "So $x^2$ is."),
        (
            f'<span class="mq-math-mode"><span class="mq-selectable">$y^2$</span>\n{box("root-block", "y")}</span> is',
            "$y^2$ is",
        ),
    ],
)
def test_the_source_goes_before_what_was_drawn(body: str, text: str) -> None:
    assert text in line(body)


def test_boxes_in_boxes_end() -> None:
    deep = "<span class=mq-root-block>" * 300
    assert "next terms" in extract(f"<html><body>{WORDS}<p>{deep}x</p></body></html>").text
