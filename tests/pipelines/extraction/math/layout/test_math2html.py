"""Formulas as docutils 0.22 writes them (`math_output: HTML`), each against the TeX that it was given."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3
HEAD = '<head><link rel="stylesheet" href="math.css"></head>'


def line(formula: str, tag: str = "span") -> str:
    page = f'<html>{HEAD}<body><p>So <{tag} class="formula">{formula}</{tag}> is.</p>{WORDS}</body></html>'
    return extract(page).text.split("\n\n")[0].removeprefix("So ").removesuffix(" is.")


def span(name: str, inner: str, tag: str = "span") -> str:
    return f'<{tag} class="{name}">{inner}</{tag}>'


def ratio(above: str, below: str) -> str:
    hidden = [span("ignored", sign) for sign in ("(", ")/(", ")")]
    return span("fraction", hidden[0] + span("numerator", above) + hidden[1] + span("denominator", below) + hidden[2])


def root(inner: str, index: str = "") -> str:
    hidden = [span("ignored", sign) for sign in "()"]
    return span("sqrt", index + span("radical", "√") + hidden[0] + span("root", inner) + hidden[1])


def bracket(pieces: str, side: str) -> str:
    return span("array", "".join(span("arrayrow", span(f"bracket align-{side}", piece)) for piece in pieces))


def rows(cell: str, *lines: tuple[str, ...]) -> str:
    blank = span("arrayrow", f"\n{span(cell, ' ')}\n")  # the program writes an empty row between two
    return blank.join(span("arrayrow", "\n".join(span(cell, one) for one in one_line)) for one_line in lines)


INDEX = span("root", "3", "sup")
LIMITS = span("script", "<i>n</i>", "sup") + span("script", "<i>k</i> = 1", "sub")
SUM = span("limits", span("limit", span("bigoperator", "∑")))
OVER_SUM = span("limits", span("limit", "<i>n</i>", "sup") + span("limit", span("bigoperator", "∑")))


@pytest.mark.parametrize(
    ("drawn", "latex"),
    [
        ("<i>x</i><sup>2</sup> + <i>y</i><sub><i>i</i></sub>", "x^2+y_i"),
        ("<i>x</i>" + span("scripts", span("script", "2", "sup") + span("script", "<i>i</i>", "sub")), "x_i^2"),
        (ratio("<i>a</i> + <i>b</i>", "<i>c</i><sub>1</sub>"), "\\frac{a+b}{c_1}"),
        (f"<i>e</i><sup> − {ratio('<i>x</i><sup>2</sup>', '2')}</sup>", "e^{-\\frac{x^2}{2}}"),
        (root("<i>n</i> + 1"), "\\sqrt{n+1}"),
        (root("<i>x</i>", INDEX), "\\sqrt[3]{x}"),
        (SUM + span("scripts", LIMITS) + "<i>k</i><sup>2</sup>", "\\sum_{k=1}^nk^2"),
        (OVER_SUM + span("limit", "<i>k</i>", "sub"), "\\sum_k^n"),
        (
            bracket("⎛⎝", "left") + ratio("1", "2") + bracket("⎞⎠", "right") + "<sup>3</sup>",
            "\\left(\\frac{1}{2}\\right)^3",
        ),
        (
            span("bigdelimiter size2", "(")
            + span("binom", span("binomstack", "<i>n</i>") + span("binomstack", "<i>k</i>"))
            + span("bigdelimiter size2", ")"),
            "\\binom{n}{k}",
        ),
        (
            bracket("⎧⎨⎩", "l") + span("bracketcases", rows("case", ("1\u2003", "<i>x</i>\u2003"), ("0", "<i>y</i>"))),
            "\\begin{cases} 1 & x \\\\ 0 & y \\end{cases}",
        ),
        (
            span("unknown", "\\begin{pmatrix} " + rows("arraycell", ("1", "2"), ("3", "4"))),
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        ),
        ("<i>x\u0302</i> + " + span("overline", "<i>yz</i>"), "\\hat{x}+\\overline{yz}"),
        ("<i>f</i>\u2019(<i>x</i>)", "f'(x)"),
    ],
)
def test_a_formula_is_the_tex_that_the_program_was_given(drawn: str, latex: str) -> None:
    assert line(drawn) == f"${latex}$"


def test_a_block_is_a_display_and_its_columns_are_aligned() -> None:
    align = span("environment align", rows("arraycell", ("<i>a</i>", " = <i>b</i>"), ("<i>c</i>", " = <i>d</i>")))
    page = f"<html>{HEAD}<body>{WORDS}{span('formula', align, 'div')}{WORDS}</body></html>"
    assert "$$\\begin{aligned} a & =b \\\\ c & =d \\end{aligned}$$" in extract(page).text


def test_a_formula_with_a_command_that_the_program_did_not_know_stays() -> None:
    assert line(f"<i>n</i>{span('unknown', chr(92) + 'choose')}<i>k</i>") == "n\\choosek"


def test_what_other_pages_call_a_formula_is_none() -> None:
    page = f'<html><body><p>So <span class="formula">H<sub>2</sub>O and milk</span> is.</p>{WORDS}</body></html>'
    assert extract(page).text.startswith("So H_2O and milk is.")


def test_boxes_in_boxes_end() -> None:
    assert "x" in line("<span class='fraction'>" * 300 + "x" + "</span>" * 300)
