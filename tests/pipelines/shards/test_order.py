"""The order of the stream: the asked mixture in every part, each sequence as often as its source."""

from itertools import pairwise

import numpy as np
import pytest

from pipelines.shards.order import cuts, shares, stream

SIZES = {"arxiv": 29_000_000, "web": 15_000_000, "code": 11_000_000}
WEIGHTS = {"arxiv": 2.0, "web": 4.0, "code": 1.0}


def test_the_weights_of_proof_pile_2_are_its_shares_and_epochs() -> None:
    plan = shares(SIZES, WEIGHTS, {})
    assert [round(100 * plan[name].share, 1) for name in SIZES] == [28.6, 57.1, 14.3]
    assert [round(plan[name].epochs, 1) for name in SIZES] == [1.0, 3.9, 1.3]


def test_epochs_and_budgets_decide_the_length() -> None:
    assert shares({"a": 10, "b": 30}, {}, {})["b"].tokens == 30
    assert shares({"a": 10, "b": 30}, {}, {"a": 3})["a"].share == 0.5
    assert shares({"a": 10, "b": 30}, {"a": 1, "b": 1}, {}, 20)["a"].epochs == 1
    assert shares({"a": 10, "b": 0}, {"a": 1, "b": 1}, {}) == shares({"a": 10}, {"a": 1}, {})


def test_every_part_of_one_percent_has_the_mixture_within_a_point() -> None:
    plan = shares(SIZES, WEIGHTS, {})
    pools = [np.full(size // 4096, 4096) for size in SIZES.values()]
    source, _ = stream(pools, [plan[name].epochs for name in SIZES], 0)
    for number, name in enumerate(SIZES):
        seen = np.cumsum(source == number) / np.arange(1, len(source) + 1)
        assert np.abs(seen[len(source) // 100 :] - plan[name].share).max() < 0.01


@pytest.mark.parametrize("epochs", [1.0, 2.5, 4.0])
def test_copies_of_a_sequence_lie_far_apart_and_epochs_differ(epochs: float) -> None:
    _, rows = stream([np.full(1000, 7)], [epochs], 3)
    assert len(rows) == 1000 * epochs
    for row in range(1000):
        places = np.flatnonzero(rows == row)
        assert len(places) in (int(epochs), int(np.ceil(epochs)))
        assert all(after - before >= 750 for before, after in pairwise(places))
    assert np.any(rows[:1000] != stream([np.full(1000, 7)], [epochs], 4)[1][:1000])


def test_files_are_cut_by_tokens_into_equal_parts() -> None:
    assert cuts(np.array([4, 4, 4, 4]), 8) == [(0, 2), (2, 4)]
    assert cuts(np.array([20, 8]), 14) == [(0, 1), (1, 2)]
    assert cuts(np.array([4]), 8) == [(0, 1)]
    assert cuts(np.zeros(0, dtype=np.int64), 8) == []


@pytest.mark.parametrize(("rows", "files"), [(1, 1), (100, 1), (101, 2), (201, 4), (401, 8), (801, 16), (1601, 24)])
def test_so_many_files_are_cut_that_workers_end_together(rows: int, files: int) -> None:
    parts = cuts(np.full(rows, 10), 1000)
    assert [end for _, end in parts[:-1]] == [start for start, _ in parts[1:]]
    sizes = [end - start for start, end in parts]
    assert (len(sizes), sum(sizes)) == (files, rows)
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= 100
