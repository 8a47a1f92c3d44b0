"""A note says what it says; the link that leads back from it says nothing."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "<p>We follow the sequence along the line and write down what its next terms are.</p>" * 3


@pytest.mark.parametrize(
    "note",
    [
        '<li id=n1><p>It holds for all.<a href="#r1" class="footnote-back" role="doc-backlink">↩︎</a></p></li>',
        '<li id=n1><sup role="doc-backlink"><a href="#r1">1</a></sup>It holds for all.</li>',
        '<li id=n1><p>It holds for all.&#160;<a class="footnote-backref" href="#r1">&#8617;</a></p></li>',
        '<li id=n1><p>It holds for all. <a href="#r1" class="reversefootnote">&#8617;</a></p></li>',
    ],
)
def test_the_link_back_goes_and_the_note_stays(note: str) -> None:
    page = f'<html><body>{WORDS}<p>So it is<sup><a href="#n1" id=r1>1</a></sup>.</p><ol>{note}</ol></body></html>'
    assert extract(page).text.endswith("\n1. It holds for all.")


def test_a_label_that_leads_back_stays() -> None:
    label = '<span class="label">[<a role="doc-backlink" href="#id1">1</a>]</span>'
    page = f'<html><body>{WORDS}<aside class="footnote">{label}<p>It holds for all.</p></aside>{WORDS}</body></html>'
    assert "[1]" in extract(page).text


def test_the_page_of_a_source_is_no_script() -> None:
    mark = '<sup class="reference"><a href="#c">[1]</a></sup><sup class="reference nowrap">: 207</sup>'
    assert extract(f"<html><body><p>So it is.{mark} And on.</p>{WORDS}</body></html>").text.startswith(
        "So it is.[1]: 207 And on."
    )


@pytest.mark.parametrize(
    ("html", "written"),
    [
        ("So Euler<sup>[3]</sup> says.", "So Euler[3] says."),
        ("It is so.<sup><a href='#n'>[12]</a></sup> And on.", "It is so.[12] And on."),
        ("Of f<sup>[3]</sup> and of x_1<sup>[2]</sup>.", "Of f^{[3]} and of x_1^{[2]}."),
    ],
)
def test_a_number_in_brackets_behind_a_word_is_a_note(html: str, written: str) -> None:
    assert extract(f"<html><body><p>{html}</p>{WORDS}</body></html>").text.startswith(written)


def test_published_keeps_it() -> None:
    page = f"<html><body>{WORDS}<ol><li>It holds.<a role='doc-backlink' href='#r'>↩</a></li></ol></body></html>"
    assert extract(page, rules="published").text.endswith("↩")
