"""Formulas read out of what KaTeX draws, where the page keeps neither MathML nor TeX.

Fragments in the form of KaTeX 0.19.1 with `output: "html"`; older versions have the same classes without the prefix.
"""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel


def page(inner: str, prefix: str = "katex-") -> str:
    drawn = f'<span class="{prefix}base"><span class="{prefix}strut"></span>{inner}</span>'
    return extract(
        f'<p>So <span class="katex"><span class="katex-html" aria-hidden="true">{drawn}</span></span> holds.</p>'
    ).text


def span(classes: str, *inner: str) -> str:
    return f'<span class="{classes}">{"".join(inner)}</span>'


def pile(*entries: tuple[float, str], deep: bool = False) -> str:
    """A list of entries, each with how far it is moved down."""
    items = "".join(f'<span style="top: {top}em;">{span("pstrut")}{inner}</span>' for top, inner in entries)
    rest = span("vlist-s", "\u200b") if deep else ""
    return span("vlist-t vlist-t2" if deep else "vlist-t", span("vlist-r", span("vlist", items), rest))


def small(inner: str) -> str:
    return span("katex-sizing reset-size6 size3 mtight", inner)


X, A, B = (span("mord mathnormal", letter) for letter in "xab")
ONE, TWO = span("mord", "1"), span("mord", "2")


@pytest.mark.parametrize("prefix", ["katex-", ""])
def test_scripts_stand_where_they_are_moved(prefix: str):
    above = span("mord", X, span("msupsub", pile((-3.1, small(TWO)))))
    below = span("mord", A, span("msupsub", pile((-2.5, small(ONE)), deep=True)))
    both = span("mord", B, span("msupsub", pile((-2.4, small(ONE)), (-3.1, small(TWO)), deep=True)))
    assert page(above + span("mbin", "+") + below + both, prefix) == "So $x^2+a_1b_1^2$ holds."


def test_fractions_with_and_without_a_line():
    line = span("frac-line")
    fraction = span("mord", span("mfrac", pile((-2.3, B), (-3.2, line), (-3.7, A), deep=True)))
    atop = span("mord", span("mfrac", pile((-2.3, B), (-3.7, A), deep=True)))
    assert page(fraction + atop) == "So $\\frac{a}{b}\\genfrac{}{}{0pt}{}{a}{b}$ holds."


def test_roots():
    sign = span("hide-tail", '<svg><path d="M95,702"></path></svg>')
    index = span("katex-root", pile((-2.8, small(span("mord mtight", "3")))))
    square, cubic = (
        span("mord sqrt", pile((-3, X), (-2.8, sign))),
        span("mord sqrt", index, pile((-3, X), (-2.8, sign))),
    )
    assert page(square + cubic) == "So $\\sqrt{x}\\sqrt[3]{x}$ holds."


def test_limits_of_a_sum():
    total = span("mop op-limits", pile((-1.8, small(A)), (-3, span("mop op-symbol large-op", "∑")), (-4.3, small(B))))
    assert page(total + X) == "So $\\sum_a^bx$ holds."


@pytest.mark.parametrize(
    ("left", "right", "written"),
    [
        ("M863,9c0,-2", "M76,0c-16.7", "\\begin{pmatrix} a \\\\ b \\end{pmatrix}"),
        ("M403 1759 V84 H666 V0 H319 V1759 v0 v84 h347 v-84", "M347 1759 V0 H0 V84 H263 V1759 v0 H0 v84 H347z",
         "\\begin{bmatrix} a \\\\ b \\end{bmatrix}"),
        ("M145 15 v585", "M145 15 v585", "\\begin{vmatrix} a \\\\ b \\end{vmatrix}"),
    ],
)  # fmt: skip
def test_tall_fences_are_known_by_their_outlines(left: str, right: str, written: str):
    def fence(kind: str, path: str) -> str:
        return span(kind, span("delimsizing mult", pile((-4, f'<svg><path d="{path}"></path></svg>'))))

    table = span("mord", span("mtable", span("col-align-c", pile((-4.2, span("mord", A)), (-3, span("mord", B))))))
    assert page(span("minner", fence("mopen", left), table, fence("mclose", right))) == f"So ${written}$ holds."


def test_columns_of_aligned_equations():
    right, left = span("mord", A), span("mord", span("mord"), span("mrel", "="), B)
    table = span("mtable", span("col-align-r", pile((-3.7, right), (-2.2, span("mord")))),
                 span("col-align-l", pile((-3.7, left), (-2.2, left))))  # fmt: skip
    assert page(span("mord", table)) == "So $\\begin{aligned} a & =b \\\\ & =b \\end{aligned}$ holds."


def test_signs_above_and_below():
    hat = span("mord katex-accent", pile((-3, X), (-3, span("accent-body", span("mord", "^")))))
    line = span("mord katex-overline", pile((-3, span("mord", A, B)), (-3.8, span("overline-line"))))
    brace = span("katex-stretchy", span("brace-left"), span("brace-center"), span("brace-right"))
    braced = span("minner munder", pile((-1.9, brace), (-3, span("mord", A, B)), deep=True))
    below = span("minner munder", pile((-1.2, small(X)), (-3, braced), deep=True))
    assert page(hat + line + below) == "So $\\hat{x}\\overline{ab}\\underbrace{ab}_x$ holds."


def test_fonts_words_and_functions():
    inner = span("mord mathrm", "var") + span("mord mathbf", "A") + span("mord mathbb", "R") + span("mop", "sin")
    inner += span("mord text", span("mord", "if")) + span("mrel", span("mrel", "\ue020"), span("mrel", "="))
    assert page(inner) == "So $\\mathrm{var}\\mathbf{A}\\mathbb{R}\\sin\\text{if}\\not=$ holds."
