"""What stands for something that cannot be shown is text if it says something of its own, and a notice is none."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>" + "This paragraph of an article says something about series and about their sums. " * 4 + "</p>"
PROOF = "We show that the series converges for every number above one, by comparing it."


def page(inner: str) -> str:
    """The text of an article with `inner` among its paragraphs."""
    return extract(f"<html><body><article><h1>Series</h1>{WORDS * 3}{inner}{WORDS * 3}</article></body></html>").text


@pytest.mark.parametrize(
    "inner",
    [
        "<div class=lazy></div><noscript><p>{}</p></noscript>",
        "<object data=x.swf><p>{}</p></object>",
        "<textarea readonly>{}</textarea>",
        "<map name=m><area href=x>{}</map>",
        '<iframe title="a" srcdoc="&lt;p&gt;{}&lt;/p&gt;"></iframe>',
        "<iframe srcdoc='<p>{}</p>'></iframe>",
        "<svg><g><foreignObject><p>{}</p></foreignObject></g></svg>",
    ],
)
def test_a_sentence_of_its_own_stays(inner: str) -> None:
    assert PROOF in page(inner.format(PROOF))


@pytest.mark.parametrize(
    "inner",
    [
        "<noscript>Please enable JavaScript to see the comments that readers wrote here.</noscript>",
        "<noscript>Bitte schalten Sie JavaScript ein, damit diese Seite so aussieht, wie sie soll.</noscript>",
        "<object data=x.swf><p>Your browser does not show films, so you see this sentence here.</p></object>",
        "<textarea>Write your words to us here, we answer them all within a day.</textarea>",
        "<noscript><img src=pixel.gif alt='A pixel that counts how many people see this very page.'></noscript>",
        "<noscript>&lt;img src='http://example.org/pixel.gif?that=counts&who=sees this very page'> </noscript>",
        "<svg><title>A drawing of a function with a title that says so.</title><foreignObject>x</foreignObject></svg>",
    ],
)
def test_notices_forms_and_pixels_go(inner: str) -> None:
    assert page(inner) == page("")


def test_what_the_page_says_elsewhere_is_not_said_twice() -> None:
    assert page(f"<p>{PROOF}</p><noscript><p>{PROOF}</p></noscript>").count(PROOF) == 1


def test_a_drawing_gives_its_paragraphs_alone() -> None:
    drawing = f"<svg><text>axis label</text><foreignObject><p>{PROOF}</p></foreignObject><desc>nothing</desc></svg>"
    text = page(drawing)
    assert PROOF in text
    assert "axis label" not in text
    assert "nothing" not in text


def test_frames_without_end_take_linear_time() -> None:
    extract(b"<html><body><p>" + b"<iframe srcdoc='\"" * 50_000 + b"<p>end</p>")
