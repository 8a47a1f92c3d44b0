"""Displays that a generator lays out as a table become displays again."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel


def text_of(body: str) -> str:
    return extract(f"<html><head><title>t</title></head><body><main>{body}</main></body></html>").text


def math(tex: str, display: str = "inline") -> str:
    return (
        f'<math class="ltx_Math" alttext="{tex}" display="{display}"><semantics><mi>x</mi>'
        f'<annotation encoding="application/x-tex">{tex}</annotation></semantics></math>'
    )


LEFT, RIGHT = (
    '<td class="ltx_eqn_cell ltx_eqn_center_padleft"></td>',
    '<td class="ltx_eqn_cell ltx_eqn_center_padright">',
)
NUMBER = '<td rowspan="{1}" class="ltx_eqn_cell ltx_eqn_eqno ltx_align_right"><span class="ltx_tag">({0})</span></td>'


def row(*cells: str, number: str = "") -> str:
    inner = "".join(f'<td class="ltx_td ltx_eqn_cell">{cell}</td>' for cell in cells)
    return f'<tr class="ltx_equation ltx_eqn_row">{LEFT}{inner}{RIGHT}</td>{number}</tr>'


def table(*rows: str, kind: str = "ltx_equationgroup ltx_eqn_align") -> str:
    return (
        f'<p class="ltx_p">So we have that</p><table class="{kind} ltx_eqn_table">'
        f"<tbody>{''.join(rows)}</tbody></table>"
        '<p class="ltx_p">which was to be shown.</p>'
    )


def test_an_equation_with_its_number():
    """LaTeXML 0.8.7, `equation`."""
    found = text_of(table(row(math("a=b", "block"), number=NUMBER.format(3, 1)), kind="ltx_equation"))
    assert found == "So we have that\n\n$$a=b$$ (3)\n\nwhich was to be shown."


def test_the_sides_of_an_align_are_one_formula():
    """LaTeXML 0.8.7, `align*`: each side is a formula of its own in the style of a display."""
    found = text_of(table(row(math("\\displaystyle a"), math("\\displaystyle=b")), row("", math("\\displaystyle=c"))))
    assert "$$\\begin{aligned} a & =b \\\\ & =c \\end{aligned}$$" in found.replace("\\\\  &", "\\\\ &")


def test_an_eqnarray_has_its_sign_on_the_right():
    """LaTeXML 0.8.7, `eqnarray`: three columns."""
    found = text_of(
        table(
            row(math("a"), math("="), math("b")),
            row("", math("="), math("c")),
            kind="ltx_equationgroup ltx_eqn_eqnarray",
        )
    )
    assert "a & = b \\\\" in found
    assert "& = c \\end{aligned}" in found


def test_each_number_ends_a_display():
    """LaTeXML 0.8.7, `align`: a number a line; a number over two rows belongs to both."""
    lines = [
        row(math("a"), math("=b"), number=NUMBER.format(1, 1)),
        row(math("c"), math("=d"), number=NUMBER.format(2, 1)),
    ]
    assert "$$a =b$$ (1) $$c =d$$ (2)" in text_of(table(*lines))
    lines = [row(math("a"), math("=b"), number=NUMBER.format(1, 2)), row(math("c"), math("=d"))]
    assert "$$\\begin{aligned} a & =b \\\\ c & =d \\end{aligned}$$ (1)" in text_of(table(*lines))


def test_words_between_the_lines_stay_words():
    """LaTeXML 0.8.7, `\\intertext`; words beside a formula are text in it."""
    found = text_of(table(row(math("a"), math("=b")), row("and therefore"), row(math("c"), f"{math('=d')} if even")))
    assert "$$a =b$$ and therefore $$c =d\\text{ if even}$$" in found


def test_rows_of_a_gather_stand_below_each_other():
    """LaTeXML 0.8.7, `gather*`."""
    assert "$$\\begin{gathered} a \\\\ b \\end{gathered}$$" in text_of(table(row(math("a")), row(math("b"))))


@pytest.mark.parametrize("name", ["equation", "equation-star"])
def test_a_formula_of_tex4ht_stands_beside_its_number(name: str):
    """TeX4ht (make4ht 0.3l), option `mathml`."""
    found = text_of(
        f"<p>So</p><table class='{name}'><tr><td><math class='equation' display='block'><mrow><mi>a</mi>"
        "<mo class='MathClass-rel'>=</mo><mi>b</mi></mrow></math></td><td class='eq-no'>(2.1)</td></tr></table>"
        "<p>holds.</p>"
    )
    assert found == "So\n\n$$a=b$$ (2.1)\n\nholds."


def test_a_table_of_that_name_without_formulas_stays_a_table():
    found = text_of("<table class='equation'><tr><td>one</td><td>two</td></tr><tr><td>1</td><td>2</td></tr></table>")
    assert "one | two" in found


def test_a_span_of_tex_without_mathml():
    """LaTeXML 0.8.7 with `--nopmml --mathtex`."""
    assert text_of('<p>Let <span class="ltx_Math">s</span> and <span class="ltx_Math">a^{2}&lt;b</span>.</p>') == (
        "Let $s$ and $a^{2}<b$."
    )


def test_a_source_that_was_wrapped_is_joined_as_tex_joins_lines():
    """LaTeXML 0.8.7 wraps `alttext` at 80 signs with a comment, even inside a number."""
    found = text_of(
        "<p>So " + math("1\\cdot 1%\n6^{2}+\\cdots%\na") + " is <math alttext='b\\\\%\nc'><mi>b</mi></math>.</p>"
    )
    assert found == "So $1\\cdot 16^{2}+\\cdots a$ is $b\\\\c$."


def test_an_environment_with_a_space_before_its_name():
    """TeX4ht (make4ht 0.3l), option `mathjax`."""
    head = '<script src="mathjax.js"></script>'
    found = text_of(
        f"{head}<p>So \\begin {{align*}} a &amp;= b \\end {{align*}} and \\begin {{equation}} c \\end {{equation}}.</p>"
    )
    assert found == "So $$\\begin {align*} a &= b \\end {align*}$$ and $$c$$."


def test_tables_in_tables_are_layout():
    inner = f"<table class='ltx_eqn_table ltx_equation'><tr><td>{math('a')}</td></tr></table>"
    found = text_of(f"<table class='ltx_eqn_table ltx_equation'><tr><td>one</td><td>{inner}</td></tr></table>")
    assert found.count("$$a$$") == 1
