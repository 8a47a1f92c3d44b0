"""Very many named tuples lie in little memory, and come out as they went in."""

import random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import paged
from manifests.paged import Chosen, Paged, in_order

COUNT = 1000


class Thing(NamedTuple):
    name: str
    number: int
    more: dict[str, Any] | None = None


THINGS = [Thing(f"thing {number} \ud800 é", number, {"a": [number]} if number % 7 else None) for number in range(COUNT)]


def test_they_come_out_as_they_went_in() -> None:
    held = Paged(Thing, iter(THINGS))
    assert (len(held), list(held)) == (COUNT, THINGS)
    assert held == Paged(Thing, THINGS)
    assert held != Paged(Thing, THINGS[1:])
    assert [held[place] for place in (0, 999, -1, 128, 127, -COUNT)] == [
        THINGS[place] for place in (0, 999, -1, 128, 127, -COUNT)
    ]
    assert list(held[3:700:90]) == THINGS[3:700:90]
    assert held[:2][1] == THINGS[1]
    assert list(held[10:20][::3]) == THINGS[10:20:3]
    with pytest.raises(IndexError):
        held[COUNT]
    with pytest.raises(IndexError):
        held[-COUNT - 1]


def test_none_is_an_empty_sequence() -> None:
    assert not Paged(Thing)
    assert list(in_order(Thing, [])) == []


def test_what_all_of_a_page_have_alike_stands_once() -> None:
    common = "settings " * 5000
    held = Paged(Thing, (Thing(common, number) for number in range(COUNT)))
    assert sum(map(len, held.pages)) < COUNT * 10
    assert held[77] == Thing(common, 77)


def test_some_are_chosen_in_an_order_of_their_own() -> None:
    places = list(range(COUNT))
    random.Random(3).shuffle(places)
    chosen = Chosen(Paged(Thing, THINGS), places)
    assert list(chosen) == [THINGS[place] for place in places]
    assert (len(chosen), chosen[5]) == (COUNT, THINGS[places[5]])


def test_what_is_drained_is_given_up() -> None:
    held = Paged(Thing, THINGS)
    assert list(held.drained()) == THINGS
    assert len(held) == 0


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 5)), max_size=60))
def test_they_are_sorted_as_a_list_is(items: list[tuple[str, int]]) -> None:
    things = [Thing(name, number) for name, number in items]
    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(paged, "RUN", 4)
        patch.setattr(paged, "PAGE", 3)
        assert list(in_order(Thing, things, key=lambda thing: thing.number)) == sorted(
            things, key=lambda thing: thing.number
        )
        assert list(in_order(Thing, things)) == sorted(things)
