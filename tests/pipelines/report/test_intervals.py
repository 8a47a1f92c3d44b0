"""Intervals and tests of shares, against published values."""

import pytest

from pipelines.report.intervals import fisher, share


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
