"""Whoever goes is alike to somebody that stays, and of two that are alike not both stay."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.survivors import STAYS, settle

pytestmark = pytest.mark.kernel

Pairs = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19), st.sampled_from([0.8, 0.9, 0.95])), max_size=60)


def settled(pairs: list[tuple[int, int, float]], count: int, fixed: set[int] = frozenset()) -> list[int]:  # type: ignore[assignment]
    left, right, similarity = (np.array([pair[k] for pair in pairs]) for k in range(3))
    holds = np.array([node in fixed for node in range(count)])
    return settle(left.astype(np.int64), right.astype(np.int64), similarity.astype(float), holds).tolist()


def test_in_a_chain_every_second_stays() -> None:
    assert settled([(n, n + 1, 0.9) for n in range(4)], 5) == [STAYS, 0, STAYS, 2, STAYS]


def test_the_nearest_that_stays_is_named() -> None:
    assert settled([(0, 2, 0.8), (1, 2, 0.9)], 3) == [STAYS, STAYS, 1]


def test_a_fixed_node_stays_beside_a_better_one_that_it_is_alike_to() -> None:
    assert settled([(0, 1, 0.9), (1, 2, 0.9)], 3, {1}) == [STAYS, STAYS, 1]


@given(Pairs, st.sets(st.integers(0, 19), max_size=3))
def test_every_loss_is_justified_and_no_two_that_are_alike_stay(
    drawn: list[tuple[int, int, float]], fixed: set[int]
) -> None:
    pairs = list({(min(a, b), max(a, b)): (min(a, b), max(a, b), s) for a, b, s in drawn if a != b}.values())
    kept = settled(pairs, 20, fixed)
    edges = {frozenset(pair[:2]) for pair in pairs}
    for node, match in enumerate(kept):
        if match != STAYS:
            assert kept[match] == STAYS
            assert frozenset((node, match)) in edges
            assert node not in fixed
    for a, b in map(sorted, edges):
        assert not (kept[a] == kept[b] == STAYS) or b in fixed
    assert settled(pairs[::-1], 20, fixed) == kept
