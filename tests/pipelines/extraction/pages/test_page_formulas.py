"""What a page's formulas become: one test for each place where pages keep them."""

import pytest

from pipelines.extraction.pages.engines import ENGINES
from pipelines.extraction.pages.page import Page, extract

pytestmark = pytest.mark.kernel


def lifted(body: str, head: str = "", engine: str = "blocks") -> Page:
    return extract(f"<html><head><title>t</title>{head}</head><body><main>{body}</main></body></html>", engine=engine)


MATHJAX = '<script src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-mml-chtml.js"></script>'


def test_keeps_the_tex_of_a_katex_span_once():
    page = lifted(
        '<p>So <span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>x</mi></mrow>'
        '<annotation encoding="application/x-tex">x^2</annotation></semantics></math></span>'
        '<span class="katex-html" aria-hidden="true"><span>x2</span></span></span> holds.</p>'
    )
    assert page.text == "So $x^2$ holds."
    assert page.math_found == page.math_kept == {"annotation": 1}


def test_keeps_a_math_script_once_beside_its_preview_and_its_rendering():
    page = lifted(
        'Let <span class="MathJax_Preview">x</span><span class="MathJax" id="MathJax-Element-1-Frame">x</span>'
        '<script type="math/tex" id="MathJax-Element-1">x_1 < y</script> be.'
    )
    assert page.text == "Let $x_1 < y$ be."
    assert page.math_found == {"script_tex": 1}


def test_a_script_of_code_or_settings_is_no_formula():
    page = lifted(
        '<p>So <script type="math/tex">x</script> holds.</p><script type="text/x-mathjax-config">'
        'MathJax.Hub.Config({});</script><script type="text/javascript">var a_1 = "\\\\alpha";</script>'
    )
    assert page.text == "So $x$ holds."
    assert page.math_found == {"script_tex": 1}


def test_leaves_prices_alone_between_formulas():
    page = lifted("<p>It costs $5 to $10, where $n$ items cost $n \\cdot 5$ dollars.</p>", MATHJAX)
    assert page.text == "It costs \\$5 to \\$10, where $n$ items cost $n \\cdot 5$ dollars."


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_formulas_back(engine: str):
    words = "This is a paragraph that says something about numbers and their sums. " * 6
    page = lifted(
        f"<h1>Sums</h1><p>{words} \\(a+b\\)</p><p>{words}</p><p>\\[\\sum_i a_i\\]</p><p>{words}</p>", MATHJAX, engine
    )
    assert "$a+b$" in page.text
    assert "$$\\sum_i a_i$$" in page.text
    assert page.math_kept == {"tex_display": 1, "tex_inline": 1}


def test_an_image_that_only_draws_its_formula_is_counted_as_found_and_not_kept() -> None:
    """TeX4ht's displays as images: their `alt` is a drawing of characters, of which no LaTeX can be made."""
    page = extract(
        b"<html><body><p>By the theorem we must have</p><div class='math-display'>"
        b"<img alt='  n\n1 + -\n    m' class='math-display' src='doc0x.png'></div><p>for all n.</p></body></html>"
    )
    assert dict(page.math_found) == {"image_drawn": 1}
    assert dict(page.math_kept) == {}


def test_the_groups_around_posts_of_stack_exchange_are_no_formulas() -> None:
    page = extract(
        b"<html><head><script>MathJax.Hub.Config({tex2jax:{inlineMath:[['$','$']]}})</script></head><body>"
        b"<div style='display:none'>$\\begingroup$</div><p>Is $83^{27} + 1$ prime?</p>"
        b"<div style='display:none'>$\\endgroup$</div></body></html>"
    )
    assert dict(page.math_found) == dict(page.math_kept) == {"tex_inline": 1}
