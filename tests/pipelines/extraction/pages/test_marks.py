"""No page is turned away in which the extractor would find a formula."""

import time

import pytest

from pipelines.extraction.pages.marks import Sign
from pipelines.extraction.pages.page import extract
from pipelines.extraction.pages.seen import Seen

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3

PAGES = [
    "<p>\\(x\\)</p>",
    "<script src=mathjax.js></script><p>so $x^2$ is</p>",
    "<p>$latex x^2$</p>",
    "<p>[tex]x^2[/tex] and [itex]y[/itex]</p>",
    "<math><mi>x</mi></math>",
    "<mml:math><mml:mi>x</mml:mi></mml:math>",
    "<d-math>x</d-math>",
    "<la-tex>x</la-tex>",
    "<katex-element expression=x></katex-element>",
    "<tex-math>x</tex-math>",
    "<p>amath x^2 endamath</p><script>var AMdelim; asciimath</script>",
    "<span class='katex'>x</span>",
    "<img class=x alt='$x$' src=a.png>",
    "<img src='https://latex.codecogs.com/svg.latex?x'>",
    "<img src='https://a.org/latex.php?latex=x'>",
    "<img src='https://a.org/cgi-bin/mimetex.cgi?x'>",
    "<img class='numbered_equation' alt='x'>",
    "<img class='wirisformula' data-mathml='«math»«mi»x«/mi»«/math»'>",
    "<span data-tex='x^2'></span>",
    "<span class='mwe-math-element'><img alt='x' class='mwe-math-fallback-image-inline'></span>",
    "<span class='js-render-math'>x</span>",
    "<script type='math/tex'>x</script>",
    "<script type='math/asciimath'>x</script>",
    '<table class="display dcenter"><tr><td class="dcell">x=</td><td class="dcell">1</td></tr></table>',
    "<table><tr><td>x =<td>a<hr>b</table>",
    "<p>&radic;<span style='text-decoration:overline'>5</span></p>",
    "<p><sup>1</sup>&frasl;<sub>2</sub></p>",
    "<p><span class='num'>1</span>/<span class=den>2</span></p>",
    '<p><span class="sfrac"><span class="num">1</span>/<span class="den">2</span></span></p>',
    "<p><span style='display:inline-grid'><span>a</span><span style='border-top:1px solid'>b</span></span></p>",
    "<table><tr><td rowspan=3>x =<td>a<tr><td bgcolor=black height=1><tr><td>b</table>",
    "<table><tr><td><u>a + 1</u><tr><td>b</table>",
    "<table><tr><td>lim<td>f(x) = 0<tr><td>x→0</table>",
    "<p><span class='mq-root-block'>x<sup>2</sup></span></p>",
    "<p><span style='display:inline-block'><span style='border-bottom:1px solid'>a</span><span>b</span></span></p>",
]


@pytest.mark.parametrize("body", PAGES)
def test_what_the_extractor_finds_is_seen_in_the_bytes(body: str) -> None:
    page = f"<html><body><article>{WORDS}{body}</article></body></html>".encode()
    assert extract(page).math_found
    assert Seen(page).sign > Sign.NOTHING or b"\\" in page


def test_names_of_mathematics_are_strong_and_shapes_are_weak() -> None:
    assert Seen(b"<span class=KaTeX>").sign == Sign.STRONG
    assert Seen(b"<p>x<sup>2</sup>").sign == Sign.WEAK
    assert Seen(b"<p>Plain words about nothing.").sign == Sign.NOTHING
    assert Seen(b"").sign == Sign.NOTHING


def test_words_of_mathematics_count_when_they_are_several() -> None:
    assert Seen(b"The theorem on polynomials follows from the lemma; its corollary is an Integral.").sign == Sign.WORDS
    assert Seen(b"The theorem, the theorem, the lemma and the theorem again.").sign == Sign.NOTHING


@pytest.mark.parametrize("piece", [b"<mat", b"katexmath", b"theorem", b"<sup>", b"\\", b"data-te"])
@pytest.mark.compiled
def test_marks_are_found_in_linear_time(piece: bytes) -> None:
    start = time.process_time()
    assert Seen(piece * (1_000_000 // len(piece))).sign in Sign
    assert time.process_time() - start < 0.5
