"""The judge of web extraction: it must find every kind of formula by itself, and believe no output that lacks one."""

from collections import Counter

import pytest

from tests.benchmarks.web_generators import GENERATORS, Sample, generator_of, half_of
from tests.benchmarks.web_truth import Formula, formulas_in, kept, letters_of_latex, words_of

MATHJAX = '<script src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-chtml.js"></script>'
KINDS = {
    "tex text": (r"<p>So \(a+b\) is.</p>", "a+b"),
    "environment": (r"<p>\begin{align}a&amp;=b\end{align}</p>", "a&amp;=b"),
    "dollars": (MATHJAX + r"<p>So $\alpha$ is and $5 is.</p>", r"\alpha"),
    "script tex": ('<script type="math/tex">x^2</script>', "x^2"),
    "script asciimath": ('<script type="math/asciimath">x/y+sum_3</script>', "xy3"),
    "annotation": ('<math><mi>x</mi><annotation encoding="application/x-tex">\\xi</annotation></math>', r"\xi"),
    "alttext": ('<math alttext="\\frac{a}{b}"><mi>a</mi></math>', r"\frac{a}{b}"),
    "mathml": ("<math><mfrac><mi>a</mi><mn>12</mn></mfrac><mo>=</mo><mi>&#x1d538;</mi></math>", "a12A"),
    "image alt": ('<img class="formulaInl" alt="$n^2$">', "$n^2$"),
    "image address": ('<img src="https://s0.wp.com/latex.php?latex=e%5E%7Bx%7D&amp;bg=fff">', "e^{x}"),
    "data attribute": ('<span data-tex="\\sqrt{2}">v2</span>', r"\sqrt{2}"),
    "mathjax tree": ('<mjx-container><mjx-mi><mjx-c class="mjx-c1D465"></mjx-c></mjx-mi></mjx-container>', "x"),
    "element": ('<span class="math inline">x_2</span>', "x_2"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_finds_each_kind_once(kind: str) -> None:
    page, expected = KINDS[kind]
    assert [(f.kind, f.text) for f in formulas_in(page)] == [(kind, expected)]


def test_code_and_definitions_are_no_formulas() -> None:
    assert list(formulas_in(r"<pre>\(x\)</pre><p>\(\newcommand{\R}{R}\)</p>")) == []


def test_a_formula_that_stands_twice_must_come_twice() -> None:
    twice = [Formula("tex text", r"\frac{a}{b}", False)] * 2
    found, came, lost = kept(twice, r"So $\frac{a}{b}$ is.")
    assert (found, came, len(lost)) == (Counter({"tex text": 2}), Counter({"tex text": 1}), 1)


@pytest.mark.parametrize(
    ("output", "well"),
    [(r"So $\frac{a}{12}=\mathbb{A}$.", True), ("So a12A.", True), (r"So $\frac{a}{2}=\mathbb{A}$.", False)],
)
def test_a_drawn_formula_is_kept_with_all_its_letters(output: str, well: bool) -> None:
    _, came, _ = kept([Formula("mathml", "a12A", True)], output)
    assert (came.total() == 1) is well


def test_names_of_functions_are_letters_and_names_of_signs_are_not() -> None:
    assert letters_of_latex(r"\sin\alpha+\operatorname{Gal}\begin{array}{ll}x\end{array}\ell") == "sinGalxl"


def test_words_of_code_and_menus_may_come_and_need_not() -> None:
    words = " ".join(f"word{n}" for n in range(40))
    links = "".join(f"<li><a href=x>link{n}</a></li>" for n in range(5))
    page = f"<main><p>{words}</p><pre>code</pre><ul>{links}</ul><nav>menu</nav></main>"
    result = words_of(Sample(__file__, page.encode(), generator_of(page)))  # type: ignore[arg-type]
    assert result is not None
    assert result.demanded.total() == 40
    assert result.allowed.total() == 46


def test_a_theme_is_known_before_its_program() -> None:
    page = '<link href="_static/pygments.css"><link href="_static/styles/furo.css"><main>'
    assert generator_of(page).name == "sphinx furo"


def test_both_halves_hold_many_generators() -> None:
    halves = Counter(half_of(generator.name) for generator in GENERATORS)
    assert min(halves.values()) > 30
