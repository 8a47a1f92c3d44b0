"""Intervals and tests of shares, against published values."""

import math

import pytest
from scipy import stats

from pipelines.report.intervals import fisher, mean, share


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_as_published(hits: int, trials: int, low: float, high: float) -> None:
    found = share(hits, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_without_trials_nothing_is_known() -> None:
    assert share(0, 0) == (0, 0, 0.0, 1.0)
    assert share(0, 0).said() == "–"
    assert share(5, 5).high == 1.0


def test_fishers_test_is_two_sided_as_usual() -> None:
    # The tea tasting of Fisher's book: 3 of 4 against 1 of 4 gives .4857; all right gives .0286.
    assert fisher(share(3, 4), share(1, 4)) == pytest.approx(0.4857, abs=1e-4)
    assert fisher(share(4, 4), share(0, 4)) == pytest.approx(0.0286, abs=1e-4)
    assert fisher(share(2, 4), share(2, 4)) == pytest.approx(1.0)


@pytest.mark.parametrize("count", range(2, 12))
def test_a_mean_has_the_interval_of_students_distribution(count: int) -> None:
    values = [5.1, 4.9, 5.6, 5.8, 5.2, 4.4, 6.1, 5.0, 5.3, 4.8, 5.5][:count]
    found = mean(values)
    expected = stats.t.interval(0.95, count - 1, found.value, stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-3)


def test_a_mean_differs_from_zero_where_its_interval_does_not_hold_it() -> None:
    assert mean([5.1, 4.9]).differs
    assert not mean([-1.0, 1.2]).differs
    assert mean([1.0]).low == -math.inf
