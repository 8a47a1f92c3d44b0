"""The figures that a classifier is judged by."""

import pytest

from pipelines.training.judgement import (
    Scored,
    calibration,
    calibration_table,
    kept,
    quality,
    quality_table,
    threshold_keeping,
    threshold_passing,
)

PAGES = [
    *[Scored(score, True) for score in (0.2, 0.6, 0.9, 0.95)],
    *[Scored(score, False) for score in (0.0, 0.1, 0.3, 0.7, 1.0)],
]


def test_precision_recall_and_negatives_kept_by_hand() -> None:
    found = quality(PAGES, 0.5)
    assert (found.precision, found.recall, found.passed_negative) == (3 / 5, 3 / 4, 2 / 5)


def test_a_score_equal_to_the_threshold_is_not_kept() -> None:
    assert quality(PAGES, 0.95).recall == 0


def test_shares_of_nothing_are_zero() -> None:
    assert quality([], 0.5)[1:] == (0, 0, 0)
    assert kept([], 0.5) == 0


def test_calibration_counts_every_page_once() -> None:
    bins = calibration(PAGES)
    assert sum(found.pages for found in bins) == len(PAGES)
    last = bins[-1]
    assert (last.low, last.pages, last.positive) == (0.9, 3, 2 / 3)
    assert last.mean_score == pytest.approx((0.9 + 0.95 + 1.0) / 3)


def test_the_low_threshold_keeps_the_positives_and_the_high_one_stops_the_negatives() -> None:
    assert threshold_keeping(PAGES, 1.0) == 0.19
    assert threshold_keeping(PAGES, 0.75) == 0.59
    assert threshold_passing(PAGES, 0.4) == 0.3
    assert threshold_passing(PAGES, 0.2) == 0.7


def test_tables_are_markdown() -> None:
    assert "| 0.50 | 0.600 | 0.750 | 0.400 |" in quality_table(PAGES)
    assert "| 0.9–1.0 | 3 | 0.950 | 0.667 |" in calibration_table(PAGES)
