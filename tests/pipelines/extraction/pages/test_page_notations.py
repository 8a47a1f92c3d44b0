"""Formulas that pages write in other ways than TeX between delimiters, and text that a reader has to open."""

import json
from html import escape

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "Every bounded sequence of real numbers has a subsequence that converges, as was shown in the last chapter. "
MATHJAX = '<script src="https://cdn.example.org/mathjax/tex-mml-chtml.js"></script>'


JATS = """<alternatives><mml:math><mml:mi>δ</mml:mi></mml:math>
<tex-math>\\documentclass{minimal}\\begin{document}$$\\delta$$\\end{document}</tex-math></alternatives>"""


def text_of(body: str, head: str = "") -> str:
    page = f"<html><head><title>t</title>{head}</head><body><article><p>{2 * WORDS}</p>{body}</article></body></html>"
    text = extract(page).text
    assert text.startswith(WORDS[:40])
    return text.removeprefix((2 * WORDS).strip()).strip()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("y<sub>k</sub>", "y_k"),
        ("y<sub>k-1</sub> = 3<sup>k-1</sup>", "y_{k-1} = 3^{k-1}"),
        ("2<sup>-t<sup>2</sup></sup>", "2^{-t^{2}}"),
        ("2<sup>2<sup>n</sup></sup>", "2^{2^{n}}"),
        ("a<sub>m</sub><sub>+2</sub>", "a_{m+2}"),
        ("a<sub>mn</sub><sub>+2</sub>", "a_{mn+2}"),
        ("a<sup>2</sup><sup>2</sup>b", "a^{2 2}b"),
        ("a<sup>12</sup><sup>3</sup>", "a^{12 3}"),
        ("a<sub>m</sub><sup>2</sup>", "a_m^2"),
        ("a<sub> m+1 </sub>b", "a_{m+1} b"),
        ("a<sup></sup>b", "ab"),
        ("x<sup>α</sup> x<sup>αβ</sup>", "x^α x^{αβ}"),
        ("<code>10<sup>6</sup></code>", "`10^6`"),
        ("<code>2<sup>64</sup>-1</code>", "`2^{64}-1`"),
    ],
)
def test_scripts_are_grouped_where_they_hold_more_than_one_character(html: str, text: str) -> None:
    assert text_of(f"<p>{html}</p>") == text


def test_powers_in_preformatted_code_do_not_merge_with_their_base() -> None:
    assert "10^9 10^{12}" in text_of("<pre>10<sup>9</sup> 10<sup>12</sup></pre>")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('A<span class="cmsy-10">\\</span>B <span class="cmsy-10">~</span>C~D', "A∖B ∼C~D"),
        ('<font face="Symbol">a</font>+<span style="font-family: symbol">b</span>', "α+β"),
        ("<style>.s{font-size:9px;font-family:Symbol}</style><span class=s>S a</span>", "Σ α"),
        ('<img src="https://latex.codecogs.com/png.image?\\dpi{150}\\bg{white}a^2&plus;b">', "$a^2+b$"),
        (f'<font face="symbol">{"".join(map(chr, [0x22, 0x24, 0x27, *range(0xA2, 0xA7), *range(0xAB, 0xBD)]))}</font>',
         "∀∃∋′≤⁄∞ƒ↔←↑→↓°±″≥×∝∂•÷≠≡≈…"),
        (f'<font face="symbol">{"".join(map(chr, [*range(0xC0, 0xD2), *range(0xD5, 0xE2), 0xE5, 0xF1, 0xF2]))}</font>',
         "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨∑⟩∫"),
        ("<d-math>\\phi</d-math>, <la-tex>\\chi</la-tex>", "$\\phi$, $\\chi$"),
        ('<katex-element expression="\\psi"></katex-element>', "$\\psi$"),
        ('<code class="code math js-render-math" data-math-style="inline">a+b</code>', "$a+b$"),
        ('<img src="https://latex.codecogs.com/svg.latex?\\fg_white&space;u&space;&plus;&space;v">', "$u + v$"),
        ('<img class="latex" alt="[asy] draw(unitcircle); [/asy]" src="x.png">done', "done"),
        (
            JATS,
            "$\\delta$",
        ),
        ('<img class="math" alt="\\newcommand{\\Q}{\\mathbb{Q}}q\\in\\Q">', "$q\\in\\mathbb{Q}$"),
        ('<img src=a.gif alt="$ u+v % MathType!MTEF!2!1!+-feaagCart1ev2aaatCvAUfKttLearuWq % saea $">', "$u+v$"),
        ('a<img src=a.gif class=math alt="MathType@MTEF@5@5@+=feaagaart1ev2aaatCvAUfKttLearuWrP9MDH5">b', "ab"),
        ('<img class="numberedequation" alt="sum_(k=1)^inftyk^(-s)">', "$$\\sum_{k=1}^{\\infty}k^{-s}$$"),
        ('<img class="inlineformula" alt="x_1">', "$x_1$"),
        ('so $<span class="arithmatex">\\(c=1\\)</span>$ and $<span class="arithmatex">\\(d\\)</span>$.',
         "so $c=1$ and $d$."),
    ],
)  # fmt: skip
def test_each_notation_gives_its_formula_once(html: str, text: str) -> None:
    assert text_of(f"<p>{html}</p>") == text


def test_gitlab_shows_displays_as_code() -> None:
    html = '<pre class="code math js-render-math" data-math-style="display"><code>\\sum_k k</code></pre>'
    assert text_of(html) == "$$\\sum_k k$$"


def test_delimiters_of_asciimath_are_those_that_the_page_configures() -> None:
    head = '<script>MathJax={asciimath2jax:{delimiters:[["\\\\$","\\\\$"]]}}</script><script src="MathJax.js"></script>'
    assert text_of("<p>that \\$sqrt(9) = 3\\$ holds</p>", head) == "that $\\sqrt{9}=3$ holds"
    assert text_of("<p>see amath x/y endamath</p>", '<script src="ASCIIMathML.js"></script>') == "see $\\frac{x}{y}$"


def test_money_of_other_countries_and_dollars_behind_a_sum_are_money() -> None:
    head = MATHJAX + '<script>MathJax={tex:{inlineMath:[["$","$"]]}}</script>'
    assert text_of("<p>With $n$ it costs NZ$40, US$50 or 60$.</p>", head) == (
        "With $n$ it costs NZ\\$40, US\\$50 or 60\\$."
    )


SENTENCE = "<p>By induction \\(m^3-m\\) is a multiple of three for all m.</p>"


@pytest.mark.parametrize("name", ["tabs", "modal", "references", "banner", "tooltip", "relations", "dropdown"])
def test_a_sentence_with_a_formula_stays_under_any_name(name: str) -> None:
    assert "multiple of three" in text_of(f'<div class="{name}">{SENTENCE}</div>', MATHJAX)
    assert text_of(f'<div class="{name}"><p>Read all our other offers today.</p></div>', MATHJAX) == ""
    links = "".join(f'<li><a href="{n}">Why is \\(x^{n}\\) not even a number here?</a>' for n in range(3))
    assert text_of(f'<div class="{name}"><ul>{links}</ul></div>', MATHJAX) == ""


def test_what_a_reader_opens_with_a_click_is_kept() -> None:
    assert "multiple of three" in text_of(f'<div style="display:none">{SENTENCE}</div>', MATHJAX)
    row = f'<table><tr><th>Proof</th></tr><tr style="display:none"><td>{SENTENCE}</td></tr></table>'
    assert "multiple of three" in text_of(row, MATHJAX)
    assert text_of('<div class="solution" hidden><p>The answer is seven.</p></div>') == "The answer is seven."
    assert text_of('<div style="display:none"><p>Please log in.</p></div>') == ""


def test_a_page_that_is_drawn_from_its_data_is_read_from_it() -> None:
    data = json.dumps({"props": {"pageProps": {"id": 7, "content": f"<p>{3 * WORDS}</p>"}}})
    page = '<html><body><div id="__next">{}</div><script id="__NEXT_DATA__" type="application/json">{}</script></body>'
    assert extract(page.format("", data)).text == (3 * WORDS).strip()
    drawn = extract(page.format(f"<p>{4 * WORDS}</p>", data)).text
    assert drawn == (4 * WORDS).strip()
    assert extract(page.format("", "{")).text == ""


@pytest.mark.parametrize(
    "drawn",
    [
        '<div id="data-preloaded" data-preloaded="{}"></div>',
        '<astro-island component-url="/a.js" props="{}"></astro-island>',
    ],
)
def test_data_may_stand_in_an_attribute(drawn: str) -> None:
    data = json.dumps({"topic_1": json.dumps({"post_stream": {"posts": [{"cooked": f"<p>{3 * WORDS}</p>"}]}})})
    page = f"<html><body>{drawn.format(escape(data))}</body></html>"
    assert extract(page).text == (3 * WORDS).strip()


@pytest.mark.parametrize(
    "slide",
    [
        "<section data-markdown><textarea data-template>{}</textarea></section>",
        '<section data-markdown><script type="text/template">{}</script></section>',
    ],
)
def test_slides_in_markdown_are_one_text_though_each_is_short(slide: str) -> None:
    texts = [f"\n## Part {number}\n\nThe identity $e_{number} = 0$ holds\n" for number in range(8)]
    slides = "".join(map(slide.format, texts))
    head = "<head><script src='mathjax.js'></script><script>MathJax = {tex: {inlineMath: [['$', '$']]}}</script></head>"
    page = f'<html>{head}<body><div class="reveal"><div class="slides">{slides}</div></div></body></html>'
    assert "The identity $e_0 = 0$ holds\n\n## Part 1" in extract(page).text
