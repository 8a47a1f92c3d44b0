"""Work is cut by what it costs, in an order that is kept, and the last units are small."""

from hypothesis import given
from hypothesis import strategies as st

from pipelines.stages.cutting import SHARES, cut


def sizes(costs: list[float], most: float) -> list[float]:
    return [sum(group) for group in cut(costs, costs, most)]


def test_the_first_units_are_whole_and_the_last_shrink_with_what_is_left() -> None:
    found = sizes([1.0] * 400, 10)
    assert set(found[:30]) == {10}
    assert found[30:] == sorted(found[30:], reverse=True)
    assert 1 <= found[-1] <= 10 / SHARES + 1


def test_work_for_less_than_one_unit_is_shared_too() -> None:
    assert len(sizes([1.0] * 12, 32)) == 3
    assert len(sizes([0.1] * 12, 32)) == 1  # so little is not worth a second unit


def test_what_costs_more_than_a_unit_is_one_alone() -> None:
    assert list(cut("abc", [1.0, 50.0, 1.0], 10)) == [["a"], ["b"], ["c"]]


@given(st.lists(st.floats(0, 20)), st.floats(0.1, 30))
def test_nothing_is_lost_or_moved(costs: list[float], most: float) -> None:
    groups = list(cut(range(len(costs)), costs, most))
    assert [place for group in groups for place in group] == list(range(len(costs)))
    assert all(groups)
