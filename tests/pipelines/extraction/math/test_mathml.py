"""MathML as LaTeX: presentation and content markup, whole and broken."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from pipelines.extraction.math.asciimath import asciimath_to_latex
from pipelines.extraction.math.mathml import mathml_to_latex

pytestmark = pytest.mark.kernel


def latex(markup: str) -> str:
    tree = etree.fromstring(f"<math>{markup}</math>".encode(), etree.HTMLParser(encoding="utf-8"))
    return mathml_to_latex(tree.find(".//math"))


PRESENTATION = {
    "<msubsup><mi>k</mi><mi>n</mi><mn>2</mn></msubsup>": "k_n^2",
    "<msup><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></msup>": "{a+b}^2",
    "<msup><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow><mi>n</mi></msup>": "(a)^n",
    "<mfrac><mrow><mi>a</mi></mrow><mi>&beta;</mi></mfrac>": "\\frac{a}{\\beta}",
    "<mroot><mi>x</mi><mn>3</mn></mroot><msqrt><mi>x</mi><mi>y</mi></msqrt>": "\\sqrt[3]{x}\\sqrt{xy}",
    "<mi>&alpha;</mi><mi>x</mi>": "\\alpha x",
    "<mi>sin</mi><mi>x</mi>": "\\sin x",
    "<mi mathvariant='double-struck'>R</mi><mi>&#x211d;</mi><mi>&#x1d504;</mi>": "\\mathbb{R}\\mathbb{R}\\mathfrak{A}",
    "<mover accent='true'><mi>x</mi><mo>^</mo></mover>": "\\hat{x}",
    "<mover><mrow><mi>A</mi><mi>B</mi></mrow><mo>&#xaf;</mo></mover>": "\\overline{AB}",
    "<munderover><mo>&sum;</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>": "\\sum_{i=1}^n",
    "<munder><mo>lim</mo><mrow><mi>x</mi><mo>&rarr;</mo><mn>0</mn></mrow></munder>": "\\lim_{x\\rightarrow0}",
    "<mrow><mo>(</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>)</mo></mrow>": "\\left(\\frac{a}{b}\\right)",
    "<mo>[</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr></mtable><mo>]</mo>": (
        "\\begin{bmatrix} 1 & 0 \\end{bmatrix}"
    ),
    "<mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mtext>if so</mtext></mtd></mtr></mtable>": (
        "\\begin{cases} 1 & \\text{if so} \\end{cases}"
    ),
    "<mfenced open='[' close=')'><mi>a</mi><mi>b</mi></mfenced>": "[a,b)",
    "<mmultiscripts><mi>F</mi><mn>1</mn><none/><mprescripts/><mn>2</mn><none/></mmultiscripts>": "{}_2F_1",
    "<mi>f</mi><mo>&#x2032;</mo><mspace width='1em'/><mn>1</mn>": "f'\\quad1",
    "<menclose notation='box'><mi>x</mi></menclose>": "\\boxed{x}",
    "<msup><mi>f</mi><mo>&prime;</mo></msup>": "f'",
    "<mtext>50% of {x}</mtext>": "\\text{50\\% of \\{x\\}}",
    "<mtext mathvariant='italic'>list</mtext><mtext mathvariant='monospace'>x</mtext>": "\\textit{list}\\texttt{x}",
    "<mtext>so </mtext><mspace width='0.5em'/><mtext> </mtext>": "\\text{so }",
    "<mo stretchy='false'>∥</mo><mi>x</mi><msub><mo stretchy='false'>∥</mo><mn>2</mn></msub>": "\\|x\\|_2",
    "<mi>a</mi><mo>∥</mo><mi>b</mi>": "a\\parallel b",
    "<mo>∣</mo><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>∣</mo>": "\\left|\\frac{a}{b}\\right|",
    (
        "<mi>F</mi><mo>(</mo><mo>(</mo><mi>w</mi><msup><mo>)</mo><mi>n</mi></msup>"
        "<mover><mi>v</mi><mo>~</mo></mover><mo>)</mo>"
    ): "F\\left((w)^n\\tilde{v}\\right)",
    "<mi mathvariant='double-struck'>ℤ</mi>": "\\mathbb{Z}",
    "<mi mathvariant='normal'>G</mi><mi mathvariant='normal'>a</mi><mi mathvariant='normal'>l</mi>": "\\mathrm{Gal}",
    (
        "<mtable><mtr><mtd columnalign='right'><mi>a</mi></mtd>"
        "<mtd style='text-align: left'><mi>b</mi></mtd></mtr></mtable>"
    ): ("\\begin{aligned} a & b \\end{aligned}"),
    "<mtable><mtr><mtd><mi>a</mi><mo>=</mo><mi>b</mi></mtd></mtr></mtable>": "a=b",
    "<mrow>\\mathbb<mi>Z</mi></mrow><mo>→</mo>\\Frob<mi>x</mi>": "\\mathbb Z\\rightarrow\\Frob x",
}
CONTENT = {
    "<apply><plus/><ci>x</ci><apply><power/><ci>y</ci><cn>2</cn></apply></apply>": "x + y^{2}",
    "<apply><times/><apply><plus/><ci>a</ci><ci>b</ci></apply><ci>c</ci></apply>": "(a + b) c",
    "<apply><divide/><cn>1</cn><apply><root/><ci>x</ci></apply></apply>": "\\frac{1}{\\sqrt{x}}",
    "<apply><diff/><bvar><ci>x</ci></bvar><apply><sin/><ci>x</ci></apply></apply>": "\\frac{d}{dx} \\sin(x)",
    "<apply><int/><bvar><ci>x</ci></bvar><lowlimit><cn>0</cn></lowlimit><uplimit><infinity/>"
    "</uplimit><ci>x</ci></apply>": ("\\int_{0}^{\\infty} x \\, dx"),
    (
        "<apply><forall/><bvar><ci>x</ci></bvar><apply><geq/><ci>x</ci><cn>0</cn></apply></apply>"
    ): "\\forall x : x \\geq 0",
    "<apply><arcsinh/><ci>x</ci></apply>": "\\operatorname{arsinh}(x)",
    "<cn type='rational'>1<sep/>2</cn>": "\\frac{1}{2}",
    "<set><ci>a</ci><ci>b</ci></set>": "\\{a, b\\}",
}


@pytest.mark.parametrize("markup", PRESENTATION)
def test_presentation_markup(markup: str) -> None:
    assert latex(markup) == PRESENTATION[markup]


def test_the_scripts_of_a_fence_may_carry_a_prefix() -> None:
    markup = "<m:mo>(</m:mo><m:mi>a</m:mi><m:msup><m:mo>)</m:mo><m:mn>2</m:mn></m:msup>"
    assert latex(markup) == "(a)^2"


@pytest.mark.parametrize("markup", CONTENT)
def test_content_markup(markup: str) -> None:
    assert latex(markup) == CONTENT[markup]


LEVELS = (
    ("implies",),
    "eq neq lt gt leq geq equivalent approx in notin subset prsubset notsubset tendsto factorof".split(),
    ("and", "or", "xor"),
    ("union", "intersect", "setdiff"),
    ("plus", "minus"),
    ("cartesianproduct", "times", "vectorproduct", "scalarproduct", "outerproduct", "compose", "rem"),
)
"""Operators of content markup from the weakest to those that bind most."""


@pytest.mark.parametrize("outer", range(len(LEVELS)))
@pytest.mark.parametrize("inner", range(len(LEVELS)))
def test_an_operator_is_bracketed_within_one_that_binds_more(outer: int, inner: int) -> None:
    for above in LEVELS[outer]:
        for below in LEVELS[inner]:
            first = latex(f"<apply><{above}/><apply><{below}/><ci>x</ci><ci>y</ci></apply><ci>z</ci></apply>")
            assert first.startswith("(x") == (inner < outer), first


names = st.sampled_from(
    ["mrow", "mi", "mo", "mfrac", "msup", "munderover", "mtable", "mtr", "mtd", "mfenced", "apply", "plus"]
)
trees = st.recursive(
    st.sampled_from(["x", "(", ")", "{", "|", "∑", "", "𝔸"]).map(lambda t: f"<mo>{t}</mo>"),
    lambda inner: st.tuples(names, st.lists(inner, max_size=4)).map(lambda t: f"<{t[0]}>{''.join(t[1])}</{t[0]}>"),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(trees)
def test_any_tree_becomes_latex_with_balanced_braces(markup: str) -> None:
    result = re.sub(r"\\[{}]", "", latex(markup))
    assert result.count("{") == result.count("}")
    assert result.count("\\left") >= result.count("\\right")


@pytest.mark.skipif("PROOFPILE_REAL_DATA" not in os.environ, reason="needs real pages")
def test_agrees_with_the_annotations_of_a_real_katex_page() -> None:
    page = Path(os.environ["PROOFPILE_REAL_DATA"], "web/math_pages/tests_fixtures_math--katex.html").read_bytes()
    tree = etree.fromstring(page, etree.HTMLParser(encoding="utf-8"))
    found = [(mathml_to_latex(math), math.find(".//annotation").text) for math in tree.iter("math")]
    assert len(found) == 7
    assert "k_{n+1}=n^2+k_n^2-k_{n-1}" in [ours for ours, _ in found]


ASCII = {
    "sum_(i=1)^n i^3=((n(n+1))/2)^2": "\\sum_{i=1}^ni^3=\\left(\\frac{n(n+1)}{2}\\right)^2",
    "[[a,b],[c,d]]": "\\begin{bmatrix} a & b \\\\ c & d \\end{bmatrix}",
    "{(1,if x!=0),(2,if x=0):}": "\\begin{cases} 1 & \\text{if} x\\neq0 \\\\ 2 & \\text{if} x=0 \\end{cases}",
    "lim_(h->0)(f(x+h)-f(x))/h": "\\lim_{h\\to0}\\frac{f(x+h)-f(x)}{h}",
    "root(3)(x) sqrt2": "\\sqrt[3]{x}\\sqrt{2}",
    "hat(ab) vec x": "\\hat{ab}\\vec{x}",
    "AA x in RR": "\\forall x\\in\\mathbb{R}",
    "f(x": "f(x",
}


@pytest.mark.parametrize("source", ASCII)
def test_asciimath(source: str) -> None:
    assert asciimath_to_latex(source) == ASCII[source]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab1()[]{}|/_^:+sqrt "', max_size=60))
def test_any_string_is_asciimath(source: str) -> None:
    assert isinstance(asciimath_to_latex(source), str)
