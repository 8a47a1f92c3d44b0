"""Every place where pages keep formulas, one case each: what the page holds, the LaTeX that must come out."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

MATHJAX = '<script src="https://cdn.jsdelivr.net/npm/mathjax@3/es5/tex-mml-chtml.js"></script>'
CASES: dict[str, tuple[str, str, str]] = {
    "script in display mode": ('<script type="math/tex; mode=display">\\int f</script>', "$$\\int f$$", "script_tex"),
    "asciimath script": ('<script type="math/asciimath">x/y</script>', "$\\frac{x}{y}$", "script_asciimath"),
    "mathml script": (
        '<script type="math/mml"><math><mfrac><mi>a</mi><mi>b</mi></mfrac></math></script>',
        "$\\frac{a}{b}$",
        "mathml",
    ),
    "annotation of another encoding": (
        '<math><semantics><mi>x</mi><annotation encoding="LaTeX">\\xi</annotation></semantics></math>',
        "$\\xi$",
        "annotation",
    ),
    "github with backticks": ("<math-renderer>$`x_1 < 2`$</math-renderer>", "$x_1 < 2$", "tex_element"),
    "image with one command": ('<img src="a.gif" alt="x=\\frac{1}{2}">', "$x=\\frac{1}{2}$", "image"),
    "image with its source in the title": (
        '<img class="latex_img" alt="LaTeX Unit" title="\\lambda x">',
        "$\\lambda x$",
        "image",
    ),
    "display mathml": ('<math display="block"><msqrt><mi>x</mi></msqrt></math>', "$$\\sqrt{x}$$", "mathml"),
    "prefixed mathml": (
        "<mml:math><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>1</mml:mn></mml:math>",
        "$x=1$",
        "mathml",
    ),
    "latexml": ('<math alttext="x_{1}"><msub><mi>x</mi><mn>1</mn></msub></math>', "$x_{1}$", "alttext"),
    "alttext in words": ('<math alttext="x squared"><msup><mi>x</mi><mn>2</mn></msup></math>', "$x^2$", "mathml"),
    "content mathml": ("<math><apply><times/><cn>2</cn><ci>x</ci></apply></math>", "$2 x$", "mathml"),
    "wikipedia": (
        (
            '<span class="mwe-math-element"><span class="mwe-math-mathml-inline" style="di'
            'splay: none;"><math><semantics>'
            '<mi>x</mi><annotation encoding="application/x-tex">{\\displaystyle x}</annota'
            "tion></semantics></math></span>"
            '<img class="mwe-math-fallback-image-inline" alt="{\\displaystyle x}" src="htt'
            'ps://wikimedia.org/x"></span>'
        ),
        "$x$",
        "annotation",
    ),
    "wikipedia image alone": (
        '<img class="mwe-math-fallback-image-display" alt="{\\displaystyle x}">',
        "$$x$$",
        "image",
    ),
    "codecogs": (
        '<img src="https://latex.codecogs.com/gif.latex?\\dpi{120}&space;%5Cfrac%7Ba%7D%7Bb%7D">',
        "\\frac{a}{b}",
        "image",
    ),
    "wordpress": (
        '<img src="https://s0.wp.com/latex.php?latex=e%5E%7Bx%7D&bg=fff" alt="e^{x}" class="latex">',
        "$e^{x}$",
        "image",
    ),
    "wordpress address": (
        '<img src="https://s0.wp.com/latex.php?latex=a+%2B+b+%3E+0&#038;bg=ffffff" class="latex"/>',
        "$a + b > 0$",
        "image",
    ),
    "wordpress alt": (
        '<img src="https://s0.wp.com/latex.php?latex=%5Ckappa+%3E+0&bg=ffffff" alt="\\kappa &gt; 0" class="latex"/>',
        "$\\kappa > 0$",
        "image",
    ),
    "codecogs plus": ('<img src="//latex.codecogs.com/gif.latex?x+y">', "$x+y$", "image"),
    "mimetex": ('<img src="/cgi-bin/mimetex.cgi?\\sqrt{2}">', "$\\sqrt{2}$", "image"),
    "doxygen inline": ('<img class="formulaInl" alt="$ n^2 $" src="form_0.png"/>', "$n^2$", "image"),
    "doxygen display": ('<img class="formulaDsp" alt="\\[ n^2 \\]" src="form_0.png"/>', "$$n^2$$", "image"),
    "sphinx imgmath": (
        '<div class="math"><p><img src="_images/math/a.png" alt="\\sum x"/></p></div>',
        "\\sum x",
        "image",
    ),
    "sphinx imgmath of several rows": (
        '<div class="math"><p><img src="_images/math/b.png" alt="f &amp;= 0\\\\\ng &amp;= 1\\\\"/></p></div>',
        "$$\\begin{aligned} f &= 0\\\\ g &= 1 \\end{aligned}$$",
        "image",
    ),
    "style in an alt": (
        '<img class="math" src="_images/math/c.png" alt="\\small{\\mathcal{L}[x]}"/>',
        "$\\small{\\mathcal{L}[x]}$",
        "image",
    ),
    "a new row that never comes": ('<script type="math/tex">a = b \\\\</script>', "$a = b$", "script_tex"),
    "latex2html": ('<IMG WIDTH="9" SRC="img1.png" ALT="$\\lambda$">', "$\\lambda$", "image"),
    "image inside a link": ('<a href="x"><img class="tex" alt="\\alpha"></a>', "$\\alpha$", "image"),
    "katex display": (
        (
            '<span class="katex-display"><span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi>'
            '<annotation encoding="application/x-tex">x+1</annotation></semantics></math></span></span></span>'
        ),
        "$$x+1$$",
        "annotation",
    ),
    "mathjax 4 source": (
        '<mjx-container jax="SVG"><svg><g data-mml-node="math" data-latex="x^3"></g></svg></mjx-container>',
        "$x^3$",
        "mathjax",
    ),
    "mathjax chtml glyphs": (
        (
            '<mjx-container jax="CHTML"><mjx-math><mjx-msup><mjx-mi><mjx-c class="mjx-c1D465 TEX-I"></mjx-c></mjx-mi>'
            '<mjx-script style="vertical-align: 0.363em;"><mjx-mn size="s"><mjx-c class="m'
            'jx-c32"></mjx-c></mjx-mn></mjx-script>'
            "</mjx-msup></mjx-math></mjx-container>"
        ),
        "$x^2$",
        "mathjax",
    ),
    "mathjax svg glyphs": (
        (
            '<mjx-container jax="SVG"><svg><g data-mml-node="math"><g data-mml-node="msub"><g data-mml-node="mi">'
            '<use data-c="1D44E"></use></g><g data-mml-node="mn"><use data-c="31"></use></'
            "g></g></g></svg></mjx-container>"
        ),
        "$a_1$",
        "mathjax",
    ),
    "mathjax 2 attribute": (
        '<span class="MathJax_SVG" data-mathml="&lt;math&gt;&lt;mi&gt;x&lt;/mi&gt;&lt;/math&gt;">glyphs</span>',
        "$x$",
        "mathml",
    ),
    "stack exchange": ('<span class="math-container">$$x \\le y$$</span>', "$$x \\le y$$", "tex_element"),
    "wordpress katex": ('<span class="wp-katex-eq" data-display="false">x_2</span>', "$x_2$", "tex_element"),
    "khan data": ('<span class="tex" data-expr="\\pi r^2">glyphs</span>', "$\\pi r^2$", "tex_attribute"),
    "environment over line breaks": (
        "\\begin{align*}<br>a &amp;= b \\\\<br>c &amp;= d<br>\\end{align*}",
        "$$\\begin{align*} a &= b \\\\ c &= d \\end{align*}$$",
        "environment",
    ),
    "equation": ("\\begin{equation}x = 1\\end{equation}", "$$x = 1$$", "environment"),
    "itex": ("[itex]\\omega[/itex]", "$\\omega$", "tex_inline"),
    "escaped math tags": ("&lt;math&gt;\\omega&lt;/math&gt;", "$\\omega$", "tex_inline"),
    "comment inside": ('<script type="math/tex">a % note\n+ b</script>', "$a + b$", "script_tex"),
    "dollars inside a box": (
        '<script type="math/tex">a \\text{ if $b$}</script>',
        "$a \\text{ if \\(b\\)}$",
        "script_tex",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_lifts(name: str) -> None:
    body, expected, kind = CASES[name]
    page = extract(f"<html><head>{MATHJAX}</head><body><main><p>Here {body} it is.</p></main></body></html>")
    assert expected in page.text
    assert page.math_found == page.math_kept == {kind: 1}
    assert page.text.count(expected.strip("$")) == 1


def test_formulas_keep_their_places_in_a_table() -> None:
    page = extract(f"{MATHJAX}<table><tr><th>n</th><th>f</th></tr><tr><td>\\(1\\)</td><td>\\[x\\]</td></tr></table>")
    assert page.text == "| n | f |\n| $1$ | $$x$$ |"


def test_reads_the_delimiters_of_mathjax_2_3_and_katex() -> None:
    configs = (
        "MathJax.Hub.Config({tex2jax: {inlineMath: [['@@','@@'], ['\\\\(','\\\\)']]}});",
        "window.MathJax = {tex: {inlineMath: [['@@', '@@']]}};",
        "window.MathJax = {tex: {inlineMath: [['@@', '@@']]}}; var other = [['holds', '.']];",
        "MathJax = {tex: {inlineMath: {'[+]': [['@@', '@@']]}}};",
        'renderMathInElement(document.body, {delimiters: [{left: "@@", right: "@@", display: false}]});',
    )
    for config in configs:
        page = extract(f"<script>{config}</script><p>So @@a b@@ holds.</p>")
        assert page.text == "So $a b$ holds."


def test_delimiters_of_displays_behind_those_of_formulas_in_lines_are_not_taken_for_theirs() -> None:
    config = "window.MathJax = {tex: {inlineMath: [['@@', '@@'], ['!', '!']], displayMath: [['##', '##']]}};"
    page = extract(f"<script>{config}</script><p>So !a b! holds and ##x + y = z## too.</p>")
    assert page.math_found == {"tex_inline": 1, "tex_display": 1}


def test_code_is_not_mathematics() -> None:
    page = extract(f"{MATHJAX}<p>Write <code>\\(x\\)</code> or</p><pre>cost = $x$\n$y$</pre>")
    assert page.math_found == {}
    assert page.text == "Write `\\(x\\)` or\n\n```\ncost = $x$\n$y$\n```"


def test_prices_stay_prices() -> None:
    for text in (
        "It rose from $5 to $10.",
        "$3.50 and $4",
        "US$ 5 million, or $6",
        "pay $20, get $30 back",
        "write $...$ around it",
    ):
        page = extract(f"{MATHJAX}<p>{text}</p>")
        assert page.math_found == {}
        assert page.text == text


def test_published_rules_take_prices_for_mathematics() -> None:
    page = extract(
        f"{MATHJAX}<p>It rose from $5 to $10 in a year, as the report of the bank says.</p>", rules="published"
    )
    assert page.math_found == {"tex_inline": 1}
