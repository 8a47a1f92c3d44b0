"""Formulas read out of what MathJax draws, where the page keeps neither TeX nor MathML.

Fragments in the form of MathJax 3.2.2 (`TEX`) and 4.1.3 (`NCM`), with `assistiveMml` off; in version 4 also with the
attributes `data-latex` taken away, as pages that were cleaned have it.
"""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel


def chtml(inner: str, display: bool = False) -> str:
    said = ' display="true"' if display else ""
    math = f"<mjx-math>{inner}</mjx-math>"
    return f'<p>So <mjx-container class="MathJax" jax="CHTML"{said}>{math}</mjx-container> holds.</p>'


def svg(*pieces: str) -> str:
    drawn = "<mjx-break> </mjx-break>".join(
        f'<svg><g transform="scale(1,-1)"><g data-mml-node="math">{piece}</g></g></svg>' for piece in pieces
    )
    return f'<p>So <mjx-container class="MathJax" jax="SVG">{drawn}</mjx-container> holds.</p>'


def c(code: str) -> str:
    return f'<mjx-c class="mjx-c{code}"></mjx-c>'


def mi(code: str) -> str:
    return f"<mjx-mi>{c(code)}</mjx-mi>"


def use(code: str, font: str = "TEX-N") -> str:
    return f'<use data-c="{code}" xlink:href="#MJX-1-{font}-{code}"></use>'


def g(name: str, inner: str, place: str = "") -> str:
    return f'<g data-mml-node="{name}"{place and f" transform={chr(34)}{place}{chr(34)}"}>{inner}</g>'


X, Y, A, B = "1D465", "1D466", "1D44E", "1D44F"
TALL = '<mjx-mo><mjx-stretchy-v class="mjx-c{}"><mjx-beg>{}</mjx-beg><mjx-end></mjx-end></mjx-stretchy-v></mjx-mo>'
ROW = "<mjx-mtr><mjx-mtd>{}</mjx-mtd><mjx-mtd>{}</mjx-mtd></mjx-mtr>"
TABLE = "<mjx-mtable><mjx-table><mjx-itable>{}</mjx-itable></mjx-table>{}</mjx-mtable>"


@pytest.mark.parametrize("piece", [c("239B"), "⎛"])
def test_fences_of_pieces_keep_their_sign(piece: str):
    table = TABLE.format(ROW.format(mi(A), mi(B)) * 2, "")
    found = extract(chtml(TALL.format("28", piece) + table + TALL.format("29", piece))).text
    assert "$\\begin{pmatrix} a & b \\\\ a & b \\end{pmatrix}$" in found


@pytest.mark.parametrize(
    ("left", "right", "written"),
    [
        (("239B", "239D", "239C"), ("239E", "23A0", "239F"), "\\left(\\frac{a}{b}\\right)"),
        (("23A1", "23A3", "23A2"), ("23A4", "23A6", "23A5"), "\\left[\\frac{a}{b}\\right]"),
        (("23A1", "23A2"), ("23A4", "23A5"), "\\left\\lceil\\frac{a}{b}\\right\\rceil"),
        (("23A3", "23A2"), ("23A6", "23A5"), "\\left\\lfloor\\frac{a}{b}\\right\\rfloor"),
        (("23A7", "23A9", "23A8", "23AA", "23AA"), ("23AB", "23AD", "23AC"), "\\left\\{\\frac{a}{b}\\right\\}"),
        (("2223", "2223"), ("2223", "2223"), "\\left|\\frac{a}{b}\\right|"),
        (("2225", "2225"), ("2225", "2225"), "\\left\\|\\frac{a}{b}\\right\\|"),
    ],
)
def test_fences_of_a_drawing_are_one_sign(left: tuple[str, ...], right: tuple[str, ...], written: str):
    fraction = g("mfrac", g("mi", use(A)) + g("mi", use(B)) + "<rect></rect>")
    drawn = g("mo", "".join(map(use, left))) + fraction + g("mo", "".join(map(use, right)))
    assert extract(svg(g("mrow", drawn))).text == f"So ${written}$ holds."


def test_the_script_drawn_above_is_the_upper_one():
    parts = g("mi", use(X)) + g("mn", use("32"), "translate(605,413) scale(0.707)")
    scripts = g("msubsup", parts + g("mi", use(A), "translate(605,-247) scale(0.707)"))
    limits = g(
        "munderover",
        g("mo", use("2211")) + g("mi", use(B), "translate(1,477.1)") + g("mi", use(A), "translate(1,-285)"),
    )
    assert extract(svg(scripts + limits)).text == "So $x_a^2\\sum_a^b$ holds."


def test_the_sign_of_a_root_is_drawn_and_not_said():
    surd, rule = g("mo", use("221A"), "translate(0,3)"), "<rect></rect>"
    three = g("msqrt", g("mi", use(X), "translate(853,0)") + surd + rule)
    four = g("msqrt", surd + g("mi", use(X), "translate(853,0)") + rule)
    cubic = g("mroot", surd + g("mn", use("33"), "translate(286,345) scale(0.5)") + g("mi", use(X), "translate(853,0)"))
    assert extract(svg(three + four + cubic)).text == "So $\\sqrt{x}\\sqrt{x}\\sqrt[3]{x}$ holds."


def test_a_drawing_that_may_break_is_one_formula():
    """MathJax 4 draws an inline formula in as many pieces as a line may break it into."""
    assert extract(svg(g("mi", use(X)), g("mo", use("3D")) + g("mi", use(Y)))).text == "So $x=y$ holds."


def test_a_number_is_a_tag():
    number = f'<mjx-mtd id="mjx-eqn:7"><mjx-mtext>{c("28") + c("37") + c("29")}</mjx-mtext></mjx-mtd>'
    label = f"<mjx-labels><mjx-itable><mjx-mtr>{number}</mjx-mtr></mjx-itable></mjx-labels>"
    row = f"<mjx-mlabeledtr><mjx-mtd>{mi(X)}</mjx-mtd></mjx-mlabeledtr>"
    assert "$$x \\tag{7}$$" in extract(chtml(TABLE.format(row, label), display=True)).text
    table = f'<svg data-table="true">{g("mlabeledtr", g("mtd", g("mi", use(X))))}</svg>'
    number = g("mtd", g("mtext", use("28") + use("37") + use("29")))
    label = f'<svg data-labels="true"><g data-labels="true">{number}</g></svg>'
    assert extract(svg(g("mtable", table + label))).text == "So $x \\tag{7}$ holds."


def test_columns_that_open_with_relations_are_aligned():
    relation = f"<mjx-mi></mjx-mi><mjx-mo>{c('3D')}</mjx-mo>"
    aligned = TABLE.format(ROW.format(mi(A), relation + mi(B)) + ROW.format("", relation + mi(X)), "")
    assert "$\\begin{aligned} a & =b \\\\ & =x \\end{aligned}$" in extract(chtml(aligned)).text
    styled = ROW.replace("<mjx-mtd>", '<mjx-mtd style="text-align: {}">')
    array = TABLE.format(styled.format("left", mi(A), "right", mi(B)), "")
    assert "\\begin{array}{lr} a & b \\end{array}" in extract(chtml(array)).text


def test_letters_that_look_alike_are_told_apart():
    found = extract(chtml("".join(map(mi, ("1D716", "1D700", "1D719", "1D711", "1D717", "210E"))))).text
    assert found == "So $\\epsilon\\varepsilon\\phi\\varphi\\vartheta h$ holds."


def test_upright_and_script_letters():
    upright = "".join(map(mi, ("76", "61", "72")))
    script = '<mjx-mi><mjx-c class="mjx-c42 {}"></mjx-c></mjx-mi>'
    found = extract(chtml(upright + script.format("TEX-C") + script.format("NCM-C"))).text
    assert found == "So $\\mathrm{var}\\mathcal{B}\\mathcal{B}$ holds."


def test_a_fraction_without_line_and_a_box():
    atop = '<mjx-mfrac><mjx-frac atop="true"><mjx-num>{}</mjx-num><mjx-den>{}</mjx-den></mjx-frac></mjx-mfrac>'
    box = '<mjx-menclose><mjx-box style="padding: 0.2em; border: 0.067em solid;">{}</mjx-box></mjx-menclose>'
    found = extract(chtml(atop.format(mi(A), mi(B)) + box.format(mi(X)))).text
    assert found == "So $\\genfrac{}{}{0pt}{}{a}{b}\\boxed{x}$ holds."
    drawn = g("mfrac", g("mi", use(A)) + g("mi", use(B))) + g("menclose", g("mi", use(X)) + "<rect></rect>")
    assert extract(svg(drawn)).text == "So $\\genfrac{}{}{0pt}{}{a}{b}\\boxed{x}$ holds."


def test_wide_signs_of_pieces():
    sign = '<mjx-mo><mjx-stretchy-h class="mjx-c{}"></mjx-stretchy-h></mjx-mo>'
    wide = f"<mjx-mover><mjx-over>{sign}</mjx-over><mjx-base>{{}}</mjx-base></mjx-mover>"
    two = f"<mjx-mrow>{mi(A)}{mi(B)}</mjx-mrow>"
    found = extract(chtml("".join(wide.format(code, two) for code in ("23DE", "2015", "2192")))).text
    assert found == "So $\\overbrace{ab}\\overline{ab}\\overrightarrow{ab}$ holds."
    over = g(
        "mover",
        g("mrow", g("mi", use(A)) + g("mi", use(B))) + g("mo", "".join(map(use, ("E150", "E151", "E153", "E154")))),
    )
    assert extract(svg(over)).text == "So $\\overbrace{ab}$ holds."


def frame(inner: str) -> str:
    """MathJax 2.7.9, CommonHTML, as a page keeps it whose scripts were taken away."""
    math = f'<span class="mjx-math"><span class="mjx-mrow">{inner}</span></span>'
    drawn = f'<span id="MathJax-Element-1-Frame" class="mjx-chtml MathJax_CHTML" tabindex="0">{math}</span>'
    return f'<p>So <span class="MathJax_Preview"></span><span class="mjx-chtml">{drawn}</span> holds.</p>'


def v2(name: str, inner: str) -> str:
    return f'<span class="mjx-{name}">{inner}</span>'


def char(text: str, font: str = "main-R") -> str:
    return f'<span class="mjx-char MJXc-TeX-{font}">{text}</span>'


def test_a_frame_of_version_2_is_read_where_its_script_is_gone():
    x, a, two = v2("mi", char("x", "math-I")), v2("mi", char("a", "math-I")), v2("mn", char("2"))
    power = v2("msubsup", v2("base", x) + v2("sup", two))
    index = v2("msubsup", v2("base", x) + v2("sub", a))
    both = v2("msubsup", v2("base", x) + v2("stack", v2("sup", two) + v2("sub", a)))
    assert extract(frame(power + index + both)).text == "So $x^2x_ax_a^2$ holds."
    fraction = v2("mfrac", v2("box", v2("numerator", a) + v2("denominator", x) + v2("line", "")))
    atop = v2("mfrac", v2("box", v2("numerator", a) + v2("denominator", x)))
    root = v2("msqrt", v2("box", v2("surd", char("√")) + v2("box", x)))
    found = extract(frame(fraction + atop + root)).text
    assert found == "So $\\frac{a}{x}\\genfrac{}{}{0pt}{}{a}{x}\\sqrt{x}$ holds."
    bars = v2("mo", v2("delim-v", char("∣\n") * 2))
    fonts = v2("mi", char("v")) + v2("mi", char("R", "ams-R")) + v2("mtext", char(" if"))
    assert extract(frame(fonts + bars)).text == "So $\\mathrm{v}\\mathbb{R}\\text{ if}|$ holds."
