"""Pairs from buckets: all of a small one, linear work for a large one, none within an earlier corpus."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.buckets import LEADERS, all_pairs, buckets, lead, stars, unique_pairs

pytestmark = pytest.mark.kernel

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30)), unique=True, max_size=60)


def arrays(rows: list[tuple[int, int]]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    table = np.array(rows, dtype=np.uint64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def packed(pairs: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]) -> list[tuple[int, int]]:
    return list(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))


def expected(rows: list[tuple[int, int]], limit: int, frozen: int) -> list[tuple[int, int]]:
    pairs = []
    for key in {key for key, _ in rows}:
        members = sorted(number for other, number in rows if other == key)
        if len(members) <= limit:
            pairs += [pair for pair in itertools.combinations(members, 2) if pair[1] >= frozen]
    return sorted(pairs)


@settings(deadline=None)
@given(ROWS, st.integers(2, 8), st.integers(0, 20), st.randoms(use_true_random=False))
def test_all_pairs_of_small_buckets_and_of_no_others(rows, limit, frozen, random) -> None:  # type: ignore[no-untyped-def]
    random.shuffle(rows)
    assert sorted(packed(all_pairs(buckets(*arrays(rows)), limit, frozen))) == expected(rows, limit, frozen)


@settings(deadline=None)
@given(ROWS, st.integers(0, 20))
def test_stars_connect_every_bucket_with_one_edge_a_document(rows: list[tuple[int, int]], frozen: int) -> None:
    pairs = packed(stars(buckets(*arrays(rows)), frozen))
    heads = {key: min(number for other, number in rows if other == key) for key, _ in rows}
    assert sorted(pairs) == sorted((heads[k], n) for k, n in rows if n != heads[k] and n >= frozen)


def test_unique_pairs_are_sorted_and_distinct() -> None:
    left, right = arrays([(3, 4), (1, 2), (3, 4), (1, 9)])
    assert packed(unique_pairs(left, right)) == [(1, 2), (1, 9), (3, 4)]


def group_of(members: npt.NDArray[np.uint64], groups: int) -> npt.NDArray[np.uint64]:
    return members % np.uint64(groups)


def test_a_bucket_of_a_million_equal_documents_takes_one_comparison_each() -> None:
    members = np.arange(1_000_000, dtype=np.uint64)
    led = lead(members, lambda left, right: np.ones(len(left)), 0.8)
    assert led.compared == len(led.edges.left) == 999_999
    assert led.given_up == 0
    assert not led.edges.left.any()


def test_a_bucket_of_several_groups_gives_each_group_whole() -> None:
    members = np.arange(1000, dtype=np.uint64)
    led = lead(members, lambda left, right: (group_of(left, 7) == group_of(right, 7)).astype(float), 0.8)
    assert len(led.edges.left) == 1000 - 7
    assert led.compared < 1000 * 7
    assert np.all(group_of(led.edges.left, 7) == group_of(led.edges.right, 7))


def test_a_bucket_of_strangers_is_given_up_and_counted() -> None:
    members = np.arange(10_000, dtype=np.uint64)
    led = lead(members, lambda left, right: np.zeros(len(left)), 0.8)
    assert led.given_up == 10_000 - LEADERS
    assert led.compared < 10_000 * (LEADERS + 1)
    assert len(led.edges.left) == 0


def test_documents_of_an_earlier_corpus_are_not_compared_with_each_other() -> None:
    members = np.arange(100, dtype=np.uint64)
    led = lead(members, lambda left, right: np.ones(len(left)), 0.8, frozen=90)
    assert packed((led.edges.left, led.edges.right)) == [(0, number) for number in range(90, 100)]
