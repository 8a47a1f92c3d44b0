"""What a page costs grows as its length does, whatever it repeats or nests."""

import contextlib
import time

import pytest

from pipelines.extraction.html.names import TAGS
from pipelines.extraction.pages.page import extract

WORDS = b"<p>Words and words again, in a sentence that ends.</p>" * 5
FEW, MOST_RATIO, MOST_PER_BYTE = 0.03, 2.5, 0.05 / 10_240
"""Seconds that are too few to compare; how much twice the page may cost; seconds for a byte of the worst page."""

PIECES = [
    '<span class="katex">', '<span class="MathJax">', '<span class="math">x', "<math><mfenced>", "<math><msup>",
    "<math><mi>x</mi></math>", '<img alt="$x$">', '<table class="display dcenter"><tr><td>', "<table><tr><td>a<hr>b",
    '<span style="display:inline-block"><span style="border-bottom:1px">', '<span style="text-decoration:overline">',
    '&radic;<span style="text-decoration:overline">x</span>', "<sup>1</sup>/<sub>2</sub>",
    '<span style="vertical-align:super">2', "$", "\\(", "\\begin{align}", "<footer>x", "<alternatives>",
    '<div class="mwe-math-element">', '<span data-mathml="<math>">', "<table class=equation><tr><td>", "<sub><sup>",
    '<img alt="(" src=x>', '<span class="MathJax_Preview">x', "<font face=symbol>a", "<b a=1><i a=2><u>", "<table><a>",
    "<p><a name=x>", "<div hidden>", "<pre><code>", "<li><a href=x>y</a>", "<mjx-container><mjx-math>", "`x`", "<p>",
    '<!-- MATH $x$ --><SPAN CLASS="MATH">', '<!-- MATH $x$ --><SPAN CLASS="MATH">x</SPAN>',
    "<m:oMath><m:r>x</m:r></m:oMath>",
    "<m:oMath><m:sSup><m:e>", "<![if !msEquation]>", '<span class="overacc1">^</span>a', '<span class="bar-css">x',
    '<span class="cmsy-10">~', '<a role="doc-backlink">x', "<dialog>", "<nav><math><mi>x</mi></math>",
    '<button>b</button><div style="display:none">We show that the series converges for all of them.</div>',
    '<div x-show=a style="display:none">We show that the series converges for all numbers.',
    "<textarea data-template>a. b. ",
    '<script type="text/markdown">a. b. ', '<div data-page="', '<script type="application/json">["\\"',
    "<xmp theme=a>a. b. ",
]  # fmt: skip


def costs(*pages: bytes) -> list[float]:
    """Seconds of the processor for each page, the best of three; by turns, so that a busy neighbour is met by all."""
    best = [float("inf")] * len(pages)
    for _ in range(3):
        for number, page in enumerate(pages):
            start = time.process_time()
            with contextlib.suppress(ValueError):
                extract(page)
            best[number] = min(best[number], time.process_time() - start)
    return best


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_page_costs_twice_the_time(piece: str) -> None:
    times = 24_000 // len(piece)
    once, twice = costs(*(WORDS + piece.encode() * number for number in (times, 2 * times)))
    assert twice <= max(FEW, MOST_RATIO * once)
    assert twice <= 2 * MOST_PER_BYTE * (len(WORDS) + 48_000)


@pytest.mark.parametrize("shape", ["<{}>", "<{}>x</{}>"])
def test_no_element_is_dear(shape: str) -> None:
    for name in TAGS:
        page = WORDS + shape.replace("{}", name).encode() * 1_000
        assert costs(page)[0] <= 2 * MOST_PER_BYTE * len(page), name
