"""The judge of formulas made from TeX: equal where only the spelling differs, and numbers that ran together count."""

import pytest

from tests.benchmarks.web_html_mathematics import PREAMBLE, Sample, Score, judge, merged, source_of, spelling


@pytest.mark.parametrize(
    ("tex", "got"),
    [
        ("x_{n+1} \\leq 2^{10}", "$x_{n+1}≤2^{10}$"),
        ("\\hat{F}_2(k)", "F\u0302_2(k)"),
        ("\\bar{y}", "ȳ"),
        ("K_{v}^{'}", "K_v^′"),
        ("\\|x\\|", "$||x||$"),
        ("\\binom{n}{k}", "$\\left(\\genfrac{}{}{0pt}{}{n}{k}\\right)$"),
        ("\\left.\\frac{a}{b}\\right|_c", "$\\frac{a}{b}|_c$"),
        ("\\begin{cases} a \\end{cases}", "$$\\begin {cases} a \\end {cases}$$"),
    ],
)
def test_one_spelling(tex: str, got: str) -> None:
    assert spelling(tex) == spelling(got)


@pytest.mark.parametrize(("tex", "got"), [("x_{n+1}", "x_n+1x"), ("a^b", "a_b"), ("\\frac{a}{b}", "ab")])
def test_another_formula_is_not_equal(tex: str, got: str) -> None:
    score = Score()
    judge(score, tex, got)
    assert (score.compared, score.equal, score.lost) == (1, 0, [(tex, got)])


def test_numbers_that_ran_together() -> None:
    assert merged("10^5", "105")
    assert not merged("10^5", "10^{5}")
    assert not merged("\\frac12", "$\\frac{1}{2}$")
    assert not merged("x^12", "x^{1}2")


def test_a_paragraph_a_formula() -> None:
    document = source_of([(3, Sample("x", False)), (4, Sample("y", True))])
    assert document.startswith(PREAMBLE)
    assert "QAZQ3X $x$ QZAQ" in document and "QAZQ4X \\[ y \\] QZAQ" in document
