"""Signs that a page shows as images, one for each, are the signs."""

import pytest

from pipelines.extraction.pages.page import extract

pytestmark = pytest.mark.kernel

WORDS = "We follow the sequence along the line and write down what its next terms are."


def line(html: str, rules: str = "corrected") -> str:
    page = f"<html><body><p>{html}</p><p>{WORDS}</p><p>{WORDS}</p></body></html>"
    return extract(page, rules="published" if rules == "published" else "corrected").text.split("\n\n")[0]


METAMATH = '<img src=a.gif alt=" |-"><img src=b.gif alt="("><img src=c.gif alt="ph"> <img src=d.gif alt="-&gt;">'


def test_signs_stand_apart() -> None:
    assert line(f"Assertion: {METAMATH} holds.") == "Assertion: |- ( ph -> holds."
    assert line(f"Assertion: {METAMATH} holds.", "published") == "Assertion: holds."


@pytest.mark.parametrize(
    "html",
    [
        '<img alt="Facebook"><img alt="Twitter">',
        '<img alt="(">',
        '<img alt="a long name of a picture"><img alt="- another long one -">',
        '<img class="icon" alt="+"><img class="icon" alt="-">',
    ],
)
def test_icons_and_pictures_say_nothing(html: str) -> None:
    assert line(f"Before {html} behind.") == "Before behind."
