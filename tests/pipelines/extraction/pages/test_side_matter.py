"""What stands beside an article goes, unless it holds what is surely text."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "A paragraph that says something about numbers, their sums and the products of their sums. " * 4


def text(body: str) -> str:
    return extract(f"<html><head><title>t</title></head><body>{body}</body></html>").text


@pytest.mark.parametrize(
    "beside",
    [
        "<div class='article__byline'>BESIDE</div>",
        "<p class='author'>BESIDE</p>",
        "<div class='RelatedStories_box__x3'>BESIDE <a href=a>one</a></div>",
        "<section class='post-meta'>BESIDE</section>",
        "<div class='most-popular'><ul><li>BESIDE</li></ul></div>",
        "<div class='share-bar__list'>BESIDE</div>",
        "<form class='inline-subscribe'>BESIDE</form>",
        "<aside><h3>BESIDE</h3><a href=a>another page</a></aside>",
        "<div class='d-none'>BESIDE</div>",
    ],
)
def test_what_names_itself_beside_the_text_goes(beside: str) -> None:
    page = text(f"<article><h1>Sums</h1>{beside}<p>{WORDS}</p><p>{WORDS}</p></article>")
    assert "BESIDE" not in page
    assert page.count("A paragraph") == 8


@pytest.mark.parametrize(
    "kept",
    [
        r"<div class='RelatedBox'>KEPT \(x^2+y^2=z^2\)</div>",
        "<div class='author'><pre>KEPT</pre></div>",
        "<div class='entry-meta'><h1>KEPT</h1></div>",
        "<aside class='footnote brackets'>KEPT <a href=a>back</a></aside>",
        "<aside role='doc-footnote'>KEPT <a href=a>back</a></aside>",
        "<aside class='starlight-aside starlight-aside--tip'>KEPT <a href=a>link</a></aside>",
        "<aside><p>KEPT, a note in the margin without a link.</p></aside>",
        "<section id='recommended-methods'><p>KEPT</p></section>",
        "<p>As <span class='author'>KEPT</span> showed.</p>",
        "<div class='entry-content no-share'>KEPT</div>",
        "<div class='d-none d-md-block'>KEPT</div>",
        "<div class='post-7 post type-post status-publish author-jo category-related tag-latest hentry'>KEPT</div>",
        "<div class='date-outer'><div class='date-posts'>KEPT</div></div>",
        "<div class='message message-published'>KEPT</div>",
        "<div class='entry-content entry-content-read-more'>KEPT</div>",
        "<div class='paywall'>KEPT</div>",
        "<div id='secret-sharing' class='outline-3'>KEPT</div>",
        "<div class='correlated-data'>KEPT</div>",
    ],
)
def test_formulas_code_headings_notes_and_sentences_stay(kept: str) -> None:
    page = text(
        f"<script>MathJax = {{tex: {{}}}}</script><article><p>{WORDS}</p><p>{WORDS}</p>{kept}<p>{WORDS}</p></article>"
    )
    assert "KEPT" in page


def test_what_holds_most_of_the_page_is_its_text_whatever_its_name() -> None:
    assert (
        text(f"<main><p>{WORDS}</p><div class='author-bio'><p>{WORDS}</p><p>{WORDS}</p></div></main>").count(
            "A paragraph"
        )
        == 12
    )
