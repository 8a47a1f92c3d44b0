"""What a page does not hold is known from one pass over it, and nothing else is left out."""

import numpy as np
import pytest

from pipelines.extraction.math.delimiters import COMMANDS, holds_command
from pipelines.extraction.pages.page import extract
from pipelines.extraction.pages.seen import Seen, Topic

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3
SHOWN = {
    Topic.FRAMES: ("<iframe srcdoc='<p>inside the frame</p>'></iframe>", "inside the frame"),
    Topic.SIGNS: ("<p>\\(a<b\\) [asy]draw(x);[/asy] end</p>", "$a<b$ end"),
    Topic.OFFICE_FORMULAS: ("<p><m:oMath><m:r><m:t>q</m:t></m:r></m:oMath></p>", "$q$"),
    Topic.SOURCES: ('<p><!-- MATH $x_1$ --><SPAN CLASS="MATH">y</SPAN></p>', "$x_1$"),
    Topic.SYMBOL_FONT: ("<p><FONT FACE=Symbol>a</FONT> is alpha</p>", "α is alpha"),
    Topic.TEX_FONT: ('<p>a <span class="cmsy-10">~</span> b</p>', "a ∼ b"),
    Topic.NOTES: ('<p>It is so.<a role="doc-backlink" href="#a">↩</a> Then more.</p>', "It is so. Then more."),
    Topic.NOTES_BEHIND: (
        f"<p>{'Words of the article. ' * 20}</p></article><div class=footnotes><p>1. What a note says of it.</p></div>",
        "What a note says of it.",
    ),
    Topic.RAISED: ('<p>10<span style="vertical-align: super">5</span> of them</p>', "10^5 of them"),
    Topic.SCRIPTS: ("<p>the 19<SUP>th</SUP> century</p>", "the 19th century"),
    Topic.VARIABLES: ("<p><var>N \\leq 10</var></p>", "$N \\leq 10$"),
    Topic.OVERLINES: ('<p>√<span style="text-decoration: overline">x+1</span></p>', "$\\sqrt{x+1}$"),
    Topic.ACCENTS: ('<p><span class="overacc1">^</span>a</p>', "$\\hat{a}$"),
    Topic.FRACTIONS: ("<p><span class='num'>1</span>/<span class=den>2</span></p>", "$\\frac{1}{2}$"),
    Topic.MATH2HTML: (
        '<link href="math.css"><p>so <span class="formula"><i>x</i><sup>2</sup></span> is</p>',
        "$x^2$",
    ),
    Topic.BOXES: (
        "<p><span style='display:inline-block'><span style='border-bottom:1px solid'>a</span><span>b</span></span></p>",
        "\\frac",
    ),
    Topic.PROGRAMS: ('<meta name="generator" content="hevea 2.36"><p>є is small</p>', "ϵ is small"),
    Topic.CONFIGURATION: ('<script>x = {inlineMath: [["!", "!"]]}; MathJax</script><p>so !x^2! is</p>', "$x^2$"),
    Topic.IGNORED: ('<p class="tex2jax_ignore">\\(x\\)</p>', "\\(x\\)"),
    Topic.TYPESETTER: ("<script src=MathJax.js></script><p>\\(y\\) so $n$ is</p>", "so $n$ is"),
    Topic.ASCII_TYPESETTER: ("<script src=ASCIIMath.js></script><p>so `x/y` is</p>", "\\frac"),
    Topic.TEX_NAMES: ('<p><span class="tex">x_\\alpha</span></p>', "$x_\\alpha$"),
    Topic.TYPED_SCRIPTS: ('<p><script type="math/tex">x</script></p>', "$x$"),
    Topic.DOLLARS: ("<script src=katex.js></script><p>\\(y\\) so $n$ is</p>", "so $n$ is"),
    Topic.COMMANDS: ("<p>\\(y\\) so $\\alpha n$ is</p>", "so $\\alpha n$ is"),
}
"""For each topic a page that needs it, and what its text then holds."""


@pytest.mark.parametrize("topic", SHOWN)
def test_a_page_that_needs_a_step_holds_a_word_of_its_topic(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    body, expected = SHOWN[topic]
    page = f"<html><body><article>{WORDS}{body}</article></body></html>".encode()
    assert topic in Seen(page)
    assert topic not in Seen(WORDS.encode())
    assert expected in extract(page).text
    held = Seen.__contains__
    monkeypatch.setattr(Seen, "__contains__", lambda seen, asked: asked != topic and held(seen, asked))
    assert expected not in extract(page).text


@pytest.mark.parametrize("command", COMMANDS)
def test_a_page_with_a_command_is_looked_at_for_commands(command: str) -> None:
    page = f"<p>\\{command} x</p>".encode()
    assert holds_command(page)
    assert Topic.COMMANDS in Seen(page)


def test_what_is_known_of_a_page_stays_known_while_no_step_changes_it() -> None:
    page = b"<p>srcdoc</p>"
    seen = Seen(page)
    assert seen.after(page) is seen
    other = seen.after(b"<p>\\alpha</p>")
    assert Topic.FRAMES in seen
    assert Topic.FRAMES not in other
    assert Topic.COMMANDS in other


def test_words_are_found_in_any_case_and_anywhere() -> None:
    rng = np.random.default_rng(1)
    for place in rng.integers(0, 5_000, 50).tolist():
        assert Topic.FRAMES in Seen(b"." * place + b"SrcDoc" + b"." * (5_000 - place))
    assert all(topic not in Seen(b"") for topic in Topic)
