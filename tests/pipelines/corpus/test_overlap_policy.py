"""What a recipe's policies make of hits."""

import pytest

from manifests.settings.overlap import RemovalPolicy
from pipelines.corpus.overlap_policy import Passage, applies, without

HIT = {
    "benchmark": "math",
    "field": "problem",
    "kind": "whole",
    "method": "exact",
    "n": 13,
    "score": 0.8,
    "probability": 0.7,
    "counted": True,
}


@pytest.mark.parametrize(
    ("policy", "fits"),
    [
        ({}, True),
        ({"method": "exact", "n": 13}, True),
        ({"method": "exact", "n": 10}, False),
        ({"method": "fuzzy"}, False),
        ({"score": 0.8}, True),
        ({"score": 0.81}, False),
        ({"probability": 0.71}, False),
        ({"kinds": ("part", "whole")}, True),
        ({"kinds": ("template",)}, False),
        ({"benchmarks": ("gsm8k",)}, False),
        ({"fields": ("problem",), "sources": ("web",)}, True),
        ({"sources": ("code",)}, False),
    ],
)
def test_a_policy_applies_where_all_its_conditions_hold(policy: dict, fits: bool) -> None:
    assert applies(RemovalPolicy(**policy), HIT, "web") is fits


def test_the_headline_is_what_is_counted() -> None:
    assert not applies(RemovalPolicy(), {**HIT, "counted": False}, "web")


def cut(text: str, *places: tuple[int, int], subset: str = "", **policy: object) -> tuple[str, list[tuple[int, int]]]:
    chosen = RemovalPolicy.model_validate({"action": "cut", **policy})
    left = without(text, subset, [Passage(start, end, "b", "i", "problem", chosen) for start, end in places])
    return left.text, left.places


def test_passages_are_cut_with_margins_and_overlapping_ones_once() -> None:
    text = "0123456789"
    assert cut(text, (3, 5)) == ("01256789", [(3, 5)])
    assert cut(text, (3, 5), margin=2) == ("0789", [(1, 7)])
    assert cut(text, (6, 8), (3, 5), (4, 7)) == ("01289", [(3, 8)])
    assert cut(text, (0, 3), (7, 10), margin=5) == ("", [(0, 10)])


def test_a_cut_may_go_to_the_ends_of_lines_and_paragraphs() -> None:
    text = "One.\nTwo is here.\nThree.\n\nFour.\n"
    at = text.index("is")
    assert cut(text, (at, at + 2), extend="line")[0] == "One.\nThree.\n\nFour.\n"
    assert cut(text, (at, at + 2), extend="paragraph")[0] == "Four.\n"


def test_theorem_by_theorem_in_formal_sources() -> None:
    one, three = "theorem one : 1 = 1 := by\n  rfl\n\n", "theorem three : 3 = 3 := rfl\n"
    lean = f"{one}/-- Two. -/\ntheorem two : 2 = 2 := by\n  rfl\n\n{three}"
    at = lean.index("2 = 2")
    left, _ = cut(lean, (at, at + 5), extend="theorem", subset="lean")
    assert "theorem one" in left and "theorem three" in left
    assert "two" not in left and "Two." not in left, "what belongs to it goes with it"
    assert cut(lean, (at, at + 5), extend="theorem", subset="python")[0] == lean[:at] + lean[at + 5 :]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"method": "exact"}, "n: `exact` needs one"),
        ({"n": 13}, "n: `counted` has none"),
        ({"margin": 3}, "belong to `action: cut`"),
    ],
)
def test_policies_that_make_no_sense_are_refused(policy: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RemovalPolicy(**policy)
