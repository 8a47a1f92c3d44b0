"""A set of names of which only hashes are kept answers as a set of names does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.names import Names


@given(st.lists(st.text(max_size=4)), st.lists(st.text(max_size=4)), st.lists(st.text(max_size=4)))
def test_it_answers_as_a_set_does(first: list[str], more: list[str], asked: list[str]) -> None:
    names = Names(first)
    names.among(asked)  # what was asked in between changes nothing
    names.update(more)
    known = {*first, *more}
    assert names.among(asked) == [name in known for name in asked]
    assert len(names) == len(known)
    assert all(name in names for name in known)
    assert names == Names(sorted(known))


def test_a_name_in_bytes_that_are_no_text_is_one() -> None:
    assert "\udcff" in Names(["\udcff"])


def test_it_is_kept_in_eight_bytes_a_name_and_read_again() -> None:
    names = Names(f"name {number}" for number in range(100))
    assert len(names.as_bytes()) == 800
    assert Names.from_bytes(names.as_bytes()) == names
    assert Names.from_bytes(names.as_bytes()) != Names(["another"])
    with pytest.raises(ValueError, match="buffer size"):
        Names.from_bytes(b"damaged")
