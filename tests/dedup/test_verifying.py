"""Similarities of many pairs at once are those of each pair alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.verifying import pair_similarities

pytestmark = pytest.mark.kernel

SETS = st.lists(st.sets(st.integers(0, 40), max_size=20), min_size=1, max_size=8)


def laid_out(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    bounds = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return np.array([value for row in rows for value in row], dtype=np.uint32), bounds


@settings(deadline=None)
@given(SETS)
def test_jaccard_of_every_pair(sets: list[set[int]]) -> None:
    rows = [sorted(one) for one in sets]
    records, bounds = laid_out(rows)
    left, right = (side.reshape(-1) for side in np.indices((len(rows), len(rows))))
    found = pair_similarities(records, bounds, left, right)
    pairs = [(sets[i], sets[j]) for i, j in zip(left, right, strict=True)]
    assert found.tolist() == [len(a & b) / len(a | b) if a and b else 0.0 for a, b in pairs]


def test_places_and_bits() -> None:
    records, bounds = laid_out([[1, 2, 3, 4], [1, 9, 3, 8], [0, 0, 0, 0xFFFFFFFF]])
    pairs = np.array([0, 0]), np.array([1, 0])
    assert pair_similarities(records, bounds, *pairs, "places").tolist() == [0.5, 1.0]
    records, bounds = laid_out([[0b1011, 0], [0b0001, 0x80000000]])
    assert pair_similarities(records, bounds, np.array([0]), np.array([1]), "bits").tolist() == [1 - 3 / 64]
