"""What stands behind a page's own end is text where it says something."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>" + "We follow the sequence along the line and write down what its next terms are. " * 4 + "</p>"
ARTICLE = f"<html><body><article>{WORDS * 3}</article></body></html>"


def test_text_behind_the_end_is_kept_beside_the_article() -> None:
    page = extract(ARTICLE + "<div><p>More: \\(x^2\\) is a square number.</p></div>")
    assert page.text.endswith("More: $x^2$ is a square number.")
    assert page.math_kept == page.math_found
    assert extract(ARTICLE + "Words that stand there alone and in no element.").text.endswith("in no element.")


def test_counters_menus_and_scripts_behind_the_end_are_not() -> None:
    behind = "<div>3 hits</div><nav><p>All pages of this site and more</p></nav><script>write('a long text')</script>"
    assert extract(ARTICLE + behind).text == extract(ARTICLE).text


def test_published_believes_the_article() -> None:
    page = ARTICLE + "<div><p>More: \\(x^2\\) is a square number.</p></div>"
    assert "More" not in extract(page, rules="published").text


def test_notes_that_stand_behind_their_article_are_kept() -> None:
    notes = '<div class="Post__a1__footnotes"><h4>Notes</h4><p>1 Of the second kind, that is.</p></div>'
    page = ARTICLE.replace("</body>", f"<div>{notes}</div><div class=more>And more pages like this.</div></body>")
    assert extract(page).text.endswith("Notes\n\n1 Of the second kind, that is.")
    inside = ARTICLE.replace("</article>", f"{notes}</article>")
    assert extract(inside).text.count("second kind") == 1
    assert "second kind" not in extract(page, rules="published").text
