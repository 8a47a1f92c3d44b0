"""A page that names no main text: the smallest element with nearly all running text and every formula."""

import pytest

from pipelines.extraction.html.names import TAGS
from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "A paragraph that says something about numbers, their sums and the products of their sums. " * 4
MENU = "<div class='x1'>" + "".join(
    f"<div><a href={n}>Another page, number {n}, of the site</a></div>" for n in range(2)
)


def text(body: str) -> str:
    return extract(f"<html><head><title>t</title></head><body>{body}</body></html>").text


def test_what_stands_around_the_running_text_goes_and_its_heading_stays() -> None:
    page = text(
        f"<div><div class=x0>LOGO</div>{MENU}</div><h1>Sums</h1><div class=x2><p>{WORDS}</p><p>{WORDS}</p></div>"
        "<div class=x3>IMPRINT of the site</div></div>"
    )
    assert page.startswith("# Sums\n\nA paragraph")
    assert page.count("A paragraph") == 8
    for gone in ("LOGO", "Another page", "IMPRINT"):
        assert gone not in page


def test_text_in_two_places_keeps_both() -> None:
    page = text(f"<div class=x1><p>{WORDS}</p></div><div class=x2><p>{WORDS}</p></div><div>BESIDE</div>")
    assert page.count("A paragraph") == 8
    assert "BESIDE" in page


def test_a_formula_outside_keeps_what_is_around_it() -> None:
    page = text(
        r"<script>MathJax = {tex: {}}</script>"
        rf"<div class=x0>Let \(x_1 = y^2\).</div><div class=x2><p>{WORDS}</p><p>{WORDS}</p></div>"
    )
    assert page.startswith("Let $x_1 = y^2$.")


def test_any_tag_may_stand_beside_the_running_text() -> None:
    for tag in (*TAGS, "x-own"):
        assert "two three" in text(f"<div><p>{WORDS}</p><p>{WORDS} two three</p></div><{tag}>aside</{tag}>"), tag


def test_a_page_with_hardly_any_text_is_kept_whole() -> None:
    assert text("<div>Title</div><div><p>One short paragraph.</p></div>") == "Title\n\nOne short paragraph."
