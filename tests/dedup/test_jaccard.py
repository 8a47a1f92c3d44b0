"""The true similarity is the set arithmetic of Python, on any two sets."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.jaccard import jaccard, shingle_set

HASHES = st.lists(st.one_of(st.integers(0, 30), st.integers(0, 2**32 - 1)))


@settings(deadline=None)
@given(HASHES, HASHES)
def test_jaccard_is_intersection_over_union(left: list[int], right: list[int]) -> None:
    union = set(left) | set(right)
    expected = len(set(left) & set(right)) / len(union) if left and right else 0.0
    sets = (shingle_set(np.array(one, dtype=np.uint32)) for one in (left, right))
    assert jaccard(*sets) == expected


@settings(deadline=None)
@given(HASHES)
def test_a_shingle_set_is_sorted_distinct_and_leaves_its_input_alone(hashes: list[int]) -> None:
    given_hashes = np.array(hashes, dtype=np.uint32)
    assert shingle_set(given_hashes).tolist() == sorted(set(hashes))
    assert given_hashes.tolist() == hashes
