"""What the trees may say of an alignment."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import dedup.overlap.alignment as column
from dedup.overlap.odds import FEATURES, features, probability, trees


def row(**values: int) -> list[int]:
    """An alignment with an item of thirty words, five of them numbers: all found, but for what is said."""
    made = [0] * column.COLUMNS
    whole = {
        "SAID": 300, "TO_SAY": 300, "WORDS": 30, "ALL_WORDS": 30, "PLAIN": 250, "ALL_PLAIN": 250, "NUMBERS": 5,
        "ALL_NUMBERS": 5, "EVIDENCE": 200, "OWN_EVIDENCE": 200, "RUN": 30, "FIRST": 10, "LAST": 40,
        "ASKED": 90, "TO_ASK": 90,
    }  # fmt: skip
    for name, value in (whole | values).items():
        made[getattr(column, name)] = value
    return made


def test_features_are_named_one_by_one() -> None:
    assert len(features(row())) == len(FEATURES)


def test_every_tree_ends_in_a_leaf() -> None:
    made = trees()
    inner = made.feature >= 0
    assert made.feature.max() < len(FEATURES)
    assert (made.left[inner] > np.flatnonzero(inner)).all()
    assert (made.right[inner] > np.flatnonzero(inner)).all()
    assert (made.left[inner] < len(made.feature)).all()


def test_what_sums_mean_rises_with_them() -> None:
    made = trees()
    assert len(made.sums) > 10
    assert (np.diff(made.sums) > 0).all()
    assert (np.diff(made.meanings) >= 0).all()


def test_other_symbols_and_words_in_the_places_of_the_items_never_make_it_more_probable() -> None:
    lost = {"SAID": 270, "WORDS": 27, "PLAIN": 235, "LETTERS": 2, "ALL_LETTERS": 4, "GAPS": 2, "LONGEST_GAP": 2}
    for name in (
        "OTHER_LETTERS",
        "MORE_SYMBOLS",
        "CONTRASTS",
        "SWAPPED",
        "LONGEST_SWAP",
        "GROWN",
        "BEHIND",
        "ASKED_OTHERS",
    ):
        found = [probability(row(**lost | {name: count})) for count in range(3)]
        assert found == sorted(found, reverse=True), name


def test_a_few_words_changed_are_an_edit_and_more_than_half_of_them_a_neighbour() -> None:
    assert probability(row(SAID=280, WORDS=28, PLAIN=230, GAPS=2, LONGEST_GAP=1, SWAPS=2, RUN=14)) > 0.9
    found = {"SAID": 130, "WORDS": 13, "PLAIN": 105, "NUMBERS": 2, "ASKED": 40}
    less = row(**found, OTHER_NUMBERS=3, GAPS=9, LONGEST_GAP=6, SWAPS=7, SWAPPED=12, RUN=4)
    assert probability(less) < 0.1


@given(st.data())
def test_more_of_an_item_is_never_less_probable(data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, 200))
    fewer = data.draw(st.integers(0, lost))
    numbers = data.draw(st.integers(0, 5))
    others = data.draw(st.integers(0, numbers))

    def found(lost: int, others: int) -> float:
        return probability(row(SAID=300 - lost, OTHER_NUMBERS=others, NUMBERS=5 - numbers, GAPS=3, RUN=9))

    assert found(fewer, others) >= found(lost, others)
    assert found(lost, max(0, others - 1)) >= found(lost, others)
