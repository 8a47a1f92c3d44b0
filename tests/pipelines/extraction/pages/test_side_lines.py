"""Datelines, counts, credits and the lists of other pages behind an article; text that looks like them stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.math.formulas import OPEN
from pipelines.extraction.pages.line_rules import corrected
from pipelines.extraction.pages.side_lines import is_dateline, names_others

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    "line",
    [
        "Published: Nov 19, 2019 | Updated: Nov 20, 2019",
        "Posted July 5, 2023",
        "Updated 1:39 am EST, Wednesday, November 20, 2019",
        "20 Nov, 2019 05:47",
        "12:03 GMT, Nov 20, 2019",
        "5 hrs ago",
        "Last updated on 2024-05-16 at 10:12",
        "86 comments",
        "No replies",
        "21 min read",
        "Image 1 of 23",
        "Photo: Damian Dovarganes, AP",
        "(Credit: NASA)",
        "© Aaron Schwartz",
        "Getty Images",
    ],
)
def test_a_line_that_only_says_when_how_many_or_whose_goes(line: str) -> None:
    assert is_dateline(line)
    assert corrected(f"One sentence that stays.\n{line}\nAnother sentence.") == (
        "One sentence that stays.\nAnother sentence."
    )


@pytest.mark.parametrize(
    "line",
    [
        "2022-04-08",
        "Euler was born on April 15, 1707.",
        "Two years ago the bound was improved to n log n.",
        "Published proofs are longer.",
        "Image 1 of the map is 0.",
        "Image: the set of all f(x).",
        "3 / 4 of the numbers",
        "12 comments follow from the definition.",
    ],
)
def test_text_with_dates_and_numbers_stays(line: str) -> None:
    assert not is_dateline(line)
    assert line in corrected(f"One sentence that stays.\n{line}\nAnother sentence.")


def test_a_list_of_other_pages_goes_with_its_heading_up_to_the_next_text() -> None:
    text = "Some text that ends.\n\n## Related articles\n\n- One page\n- Another page\n\n### A third page\nIts teaser"
    assert corrected(text) == "Some text that ends."
    behind = "This line is a sentence of the article that goes on behind the box, and it ends with a full stop."
    assert corrected(f"{text}\n{behind}") == f"Some text that ends.\n\n{behind}"


def test_a_heading_of_the_same_rank_and_a_formula_end_the_list() -> None:
    assert corrected("## Read next\nOne page\n## Proof\nIt holds.") == "## Proof\nIt holds."
    formula = f"{OPEN}0"
    assert formula in corrected(f"Most read\nOne page\n{formula}")


def test_sections_on_related_work_and_recommended_reading_are_no_lists_of_pages() -> None:
    assert not names_others("## Related work")
    assert not names_others("## Recommended reading")
    assert corrected("## Related work\nShort lines.\nMore of them.") == "## Related work\nShort lines.\nMore of them."


@given(st.text(max_size=300))
def test_no_line_with_a_formula_goes(line: str) -> None:
    line = line.replace("\n", " ").replace("`", "")
    marked = f"x{line}{OPEN}0"
    assert OPEN in corrected(f"A.\n{marked}\nB.")


@pytest.mark.compiled
def test_a_long_line_costs_no_more_than_its_length() -> None:
    start = time.process_time()
    for line in ("published " * 5000, "12:" * 20_000, "photo" + " " * 50_000, "related articles " * 5000):
        is_dateline(line)
        names_others(line)
        corrected(line)
    assert time.process_time() - start < 1.0


@pytest.mark.compiled
def test_endless_lists_of_other_pages_cost_a_few_looks() -> None:
    text = "Related articles\nshort\n" * 200_000
    start = time.process_time()
    corrected(text)
    assert time.process_time() - start < 6.0
