"""A set of keys answers as a set of Python does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.key_set import BITS, KeySet

pytestmark = pytest.mark.kernel

# Keys that agree in the bits of the table, so that the search has to tell them apart.
KEYS = st.one_of(st.integers(0, 2**64 - 1), st.builds(lambda low, high: low | high << BITS, *[st.integers(0, 3)] * 2))


@settings(deadline=None)
@given(st.lists(KEYS, max_size=60), st.lists(KEYS, max_size=60))
def test_places_are_those_of_members_in_order(wanted: list[int], asked: list[int]) -> None:
    found = KeySet(np.unique(np.array(wanted, np.uint64))).places(np.array(asked, np.uint64))
    assert found.tolist() == [place for place, key in enumerate(asked) if key in set(wanted)]


def test_columns_of_a_table_can_be_asked_for() -> None:
    table = np.arange(20, dtype=np.uint64).reshape(10, 2)
    assert KeySet(np.array([4, 5, 8], np.uint64)).places(table[:, 0]).tolist() == [2, 4]
