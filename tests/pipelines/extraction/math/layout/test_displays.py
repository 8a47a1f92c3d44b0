"""Formulas that a page lays out with tables and boxes come out as the LaTeX that they were made from."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>" + "We follow the sequence along the line and write down what its next terms are. " * 3 + "</p>"


def text(html: str, page: str = "{}") -> str:
    whole = extract(page.format(f"<html><body><article>{WORDS}{html}{WORDS}</article></body></html>")).text
    words = whole.split("\n\n")
    return "\n\n".join(part for part in words if not part.startswith("We follow"))


def hevea(*cells: str) -> str:
    """A display as HeVeA writes it."""
    row = "".join(f'<td class="dcell">{cell}</td>' for cell in cells)
    return f'<table class="display dcenter"><tr style="vertical-align:middle">{row}</tr></table>'


def column(*rows: str, align: str = "center") -> str:
    """A stack as HeVeA writes it; `-` is a rule."""
    return (
        '<table class="display">'
        + "".join(
            '<tr><td class="hrule"></td></tr>'
            if row == "-"
            else f'<tr><td class="dcell" style="text-align:{align}">{row}</td></tr>'
            for row in rows
        )
        + "</table>"
    )


def matrix(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f'<td style="white-space:nowrap">{cell}</td>' for cell in row) for row in rows)
    return (
        '<table style="border-spacing:6px" class="cellpading0">'
        + "".join(f"<tr>{row}</tr>" for row in cells)
        + ("</table>")
    )


def i(name: str) -> str:
    return f'<span style="font-style:italic">{name}</span>'


def tth(*cells: str) -> str:
    """A display as TtH writes it."""
    row = "".join(f'<td nowrap="nowrap" align="center">{cell}</td>' for cell in cells)
    return (
        '<br clear="all" /><table border="0" width="100%"><tr><td><table align="center" cellspacing="0" '
        f'cellpadding="2"><tr>{row}</tr></table></td></tr></table>'
    )


HR = '<div class="hrcomp"><hr noshade="noshade" size="1"/></div>'
BIG = '<span style="font-size:xx-large">{}</span>'
ROOT = '<table style="border:0" class="cellpadding0"><tr><td class="hrule"></td></tr><tr><td>{}</td></tr></table>'


def over(accent: str, letter: str) -> str:
    return f'<div class="comp">{accent}<br /></div><div class="norm">{letter}<br /></div><div class="comb">&nbsp;</div>'


def script(above: str, below: str) -> str:
    return f"<small>{above}</small><!--sup\n--><br /><small>{below}</small>&nbsp;<br />"


FLEX = (
    "<p>x = <span style='display:inline-flex;flex-direction:column'><span style='border-bottom:1px solid'>n+1</span>"
    "<span>2</span></span> holds</p>"
)
COLUMN = (
    "<table><tr><td>f =<td>&#9127;<br>&#9128;<br>&#9129;"
    "<td><table><tr><td>C<sub>1</sub><tr><td>C<sub>2</sub></table></table>"
)
SLASH = (
    "<style>.f{display:inline-block}.f>*{display:block}.f .under{border-top:thin solid}</style>"
    "<p>x = <span class=f><span>7</span><span>/</span><span class=under>n + 2</span></span> holds</p>"
)
SHEET = (
    "<style>.f{display:inline-block} .f > .n {display:block;border-bottom:1px solid} .f>.d{display:block}</style>"
    "<p>x = <span class=f><span class=n>n + 1</span><span class=d>6</span></span> holds</p>"
)
BOXES = (
    "<p>x = <span style='display: inline-block'><span style='display:block'>n</span>"
    "<span style='display:block;border-top: 1px solid'>2</span></span> holds</p>"
)


@pytest.mark.parametrize(
    ("html", "latex"),
    [
        (hevea(f"{i('x')}<sub>{i('n')}+1</sub>&#x2004;=&#x2004;", column("a", "-", "b")), "x_{n+1}=\\frac{a}{b}"),
        (hevea(column("a", "-", hevea("1+", column("c", "-", "d")))), "\\frac{a}{1+\\frac{c}{d}}"),
        (hevea(column("&#x221E;", BIG.format("&#x2211;"), f"{i('n')}=1"), i("a")), "\\sum_{n=1}^{\\infty}a"),
        (hevea(column("&nbsp;", "lim", f"{i('x')}&#x2192;0"), i("f")), "\\lim_{x\\rightarrow0}f"),
        (hevea(BIG.format("&#x222B;"), column("1", "<br><br>", "0", align="left"), i("dx")), "\\int_0^1dx"),
        (hevea("&#x239B;<br>&#x239D;", column("a", "-", "b"), "&#x239E;<br>&#x23A0;", column(i("n"), "<br>", "&nbsp;")),
         "\\left(\\frac{a}{b}\\right)^n"),
        (hevea(i("e"), column("&minus;" + i("x"), "&nbsp;")), "e^{-x}"),
        (hevea(BIG.format("&#x221A;"), ROOT.format("&#x3C0;")), "\\sqrt{\\pi}"),
        (hevea(BIG.format("&#x221B;"), ROOT.format("2")), "\\sqrt[3]{2}"),
        (hevea(ROOT.format(i("x"))), "\\overline{x}"),
        (hevea("&#x239B;<br>&#x239D;", matrix((i("n"),), (i("k"),)), "&#x239E;<br>&#x23A0;"), "\\binom{n}{k}"),
        (hevea("&#x23A1;<br>&#x23A3;", matrix(("1", "2"), ("3", "4")), "&#x23A4;<br>&#x23A6;"),
         "\\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}"),
        (hevea("&#x23AA;<br>&#x23AA;", matrix(("1", "2"), ("3", "4")), "&#x23AA;<br>&#x23AA;"),
         "\\begin{vmatrix} 1 & 2 \\\\ 3 & 4 \\end{vmatrix}"),
        (hevea("&#x23A7;<br>&#x23A8;<br>&#x23A9;", matrix((i("a"), "if " + i("x") + "&gt;0"), ("0", "otherwise"))),
         "\\begin{cases} a & \\text{if }x>0 \\\\ 0 & \\text{otherwise} \\end{cases}"),
        (hevea("sin" + i("x") + "+" + i("ab") + "+rank" + i("A")), "\\sin x+ab+\\text{rank }A"),
        (hevea(i("x") + "+rank+" + i("A")), "x+\\text{rank}+A"),
        (hevea(i("x") + "+rank" + i("A") + "<sup>2</sup>"), "x+\\text{rank }A^2"),
        (hevea(i("x") + "+rank" + i("&#945;")), "x+\\text{rank }\\alpha"),
        (hevea("&#x439;".replace("439", "454") + "&#x22C2;" + i("A")), "\\epsilon\\cap A"),
        (hevea('<span style="font-weight:bold">v</span>&#x125;'), "\\mathbf{v}\\hat{h}"),
        (tth(" x = ", f"a+b{HR}c<br />"), "x=\\frac{a+b}{c}"),
        (tth('<small>&#8734;</small><br /><span class="larger">&#8721;<br /></span><small>n=1</small>&nbsp;<br />'),
         "\\sum_{n=1}^{\\infty}"),
        (tth("&#8992;<br />&#8993;", "<small>1</small><br /><br /><small>0</small>&nbsp;<br />", "f(x)"),
         "\\int_0^1f(x)"),
        (tth('<br /><span class="larger">&#8730;</span><br />', f'{HR}<div class="norm">x<br /></div>'), "\\sqrt{x}"),
        (tth('<span class="small">3 </span><span class="larger">&#x239B;<br />&#8730;</span>', f"{HR}x<br />"),
         "\\sqrt[3]{x}"),
        (tth('<div class="comp">&#8594;<br /></div><div class="norm">F<br /></div>', "&#183;r"), "\\vec{F}\\cdot r"),
        (tth(over("-", "a"), script("", "i"), "&nbsp;= x"), "\\bar{a}_i=x"),
        (tth(over("-", "v"), script("&#960;", "t+1"), "(S)"), "\\bar{v}_{t+1}^{\\pi}(S)"),
        (tth(over("~", "L"), script("2", ""), "= x"), "\\tilde{L}^2=x"),
        (tth("&#8992;<br />(&#x239C;)<br />&#8993;<br />", "<small></small><br /><br /><small>i</small><br />", "f"),
         "\\oint_if"),
        (tth(over("&#8594;", "L"), script("", "<i>O</i>"), "= &#12296;f&#12297;"),
         "\\vec{L}_{\\mathcal{O}}=\\langle f\\rangle"),
        (tth("&#8486;(", 'e<sup>i<sub><span class="overacc1">&#8743;</span>p</sub></sup>)'),
         "\\Omega(e^{i_{\\hat{p}}})"),
        (tth('sinx, <span class="roman">if</span> e<sup>[(n+1)/2]</sup>'), "\\sin x,\\text{ if }e^{\\frac{n+1}{2}}"),
    ],
)  # fmt: skip
def test_displays_of_hevea_and_tth(html: str, latex: str) -> None:
    assert text(html) == f"$${latex}$$"


def test_lines_with_numbers_are_displays_and_their_numbers_stay() -> None:
    numbered = matrix(("a", "=b", "&nbsp;", '<span class="equationnumber">(1)</span>'), ("c", "=d", "&nbsp;", "(2)"))
    assert text(hevea("&#x2004;", numbered)) == "$$a =b$$ (1) $$c =d$$ (2)"
    assert text(hevea(matrix(("a", "=b"), ("", "=c")))) == "$$\\begin{aligned} a & =b \\\\ =c \\end{aligned}$$"


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("<table><tr><td rowspan=2>x =<td style='border-bottom:1px solid'>a + b<tr><td>c</table>",
         "$$x=\\frac{a+b}{c}$$"),
        ("<table><tr><td>x =</td><td>a + b<hr>c</td></tr></table>", "$$x=\\frac{a+b}{c}$$"),
        ("<table><tr><td>1<tr><td><hr><tr><td>n + 1</table>", "$$\\frac{1}{n+1}$$"),
        ("<table><tr><td>f =<td>&#9127;<br>&#9128;<br>&#9129;<td>x<br>0<td>if x > 0<br>otherwise</table>",
         "$$f=\\begin{cases} x & \\text{if }x>0 \\\\ 0 & \\text{otherwise} \\end{cases}$$"),
        (COLUMN,
         "$$f=\\begin{cases} C_1 \\\\ C_2 \\end{cases}$$"),
        (FLEX, "x = $\\frac{n+1}{2}$ holds"),
        (BOXES, "x = $\\frac{n}{2}$ holds"),
        (SLASH, "x = $\\frac{7}{n+2}$ holds"),
        (FLEX.replace("inline-flex", "inline-grid"), "x = $\\frac{n+1}{2}$ holds"),
        ("<table><tr><td rowspan=3>x =<td>a<tr><td bgcolor=black height=1><tr><td>b</table>", "$$x=\\frac{a}{b}$$"),
        ("<table><tr><td><u>a + 1</u><tr><td>b</table>", "$$\\frac{a+1}{b}$$"),
        (SHEET, "x = $\\frac{n+1}{6}$ holds"),
        ("<table><tr><td>n<tr><td>∑<td>k<sup>2</sup><tr><td>k=1</table>", "$$\\sum_{k=1}^nk^2$$"),
        ("<table><tr><td>lim<td>f(x) = 0<tr><td>x→∞</table>", "$$\\lim_{x\\rightarrow\\infty}f(x)=0$$"),
        ("<table><tr><td>x =<td><table><tr><td>1<tr><td class=hbar><tr><td>3</table></table>", "$$x=\\frac{1}{3}$$"),
    ],
)  # fmt: skip
def test_fractions_and_brackets_that_people_draw(html: str, written: str) -> None:
    assert text(html) == written


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td>Total<hr>sum of the year</td><td>3</td></tr></table>",
        "<table><tr><th>a<th>b<tr><td style='border-bottom:1px solid'>1<td>2</table>",
        "<table><tr><td>Name<td>Price<tr><td><hr><td><hr><tr><td>Tea<td>3</table>",
        "<table><tr><td><u>Age</u><tr><td>12</table>",
        "<table><tr><td bgcolor=red>x<tr><td>12</table>",
        "<table><tr><td>Name<td>∑<tr><td>Tea<td>3</table>",
        "<table><tr><td>∑<tr><td>a<td>b<tr><td>3</table>",
        "<style>.n{border-bottom:1px solid}</style><span class=m><span class=n>Read</span><b>all</b></span>",
        "<table border=0 width='100%'><tr><td nowrap>Home<td nowrap>News</table>",
        "<p><span style='display:inline-block'><span style='border-bottom:1px solid'>Read</span> all of it</span></p>",
    ],
)
def test_other_tables_and_boxes_are_no_formulas(html: str) -> None:
    assert "$" not in text(html)


def test_published_knows_no_layout() -> None:
    page = f"<html><body><article>{WORDS}{hevea('a=', column('b', '-', 'c'))}{WORDS}</article></body></html>"
    assert "frac" not in extract(page, rules="published").text
    assert extract(page).math_kept == {"html_layout": 1}


def test_deep_boxes_are_left_alone() -> None:
    deep = "<table class='display dcenter'><tr><td>" * 200 + "x" + "</table>" * 200
    assert "x" in text(deep)
