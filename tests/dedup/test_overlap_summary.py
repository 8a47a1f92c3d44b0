"""The overlap table: every item counted, or one a document as it was published."""

import pytest

from dedup.overlap import Coverage
from dedup.overlap_summary import Summary
from manifests.records import Hit

pytestmark = pytest.mark.kernel

COVERAGE = [Coverage("math", field, "published", 30, 5000, 2929, 2929) for field in ("problem", "solution")]


def hit(document: str, item: str, field: str = "solution") -> Hit:
    return Hit(document, "math", item, field, "published", 30, 0, 9, 0, 9, 1.0)


HITS = [hit("a", "10"), hit("a", "9"), hit("b", "9"), hit("b", "8"), hit("b", "8"), hit("c", "10")]


def test_counts_every_item_of_a_document():
    summary = Summary(COVERAGE)
    for one in HITS:
        summary.add(one)
    problem, solution = summary.rows()
    assert (solution.items_hit, solution.documents_hit) == (3, 3)
    assert (problem.items_hit, problem.documents_hit, problem.items, problem.short) == (0, 0, 5000, 2929)


def test_the_published_count_keeps_the_last_item_of_each_document():
    summary = Summary(COVERAGE, "published", {"math": [str(number) for number in range(5000)]})
    for one in HITS:
        summary.add(one)
    assert (summary.rows()[1].items_hit, summary.rows()[1].documents_hit) == (2, 3)  # 10 and 9; 8 is lost
