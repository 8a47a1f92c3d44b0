"""Thresholds: the first that fails names the reason, and each says how missing scores count."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from filters.thresholds import Verdict, judge
from manifests.settings.thresholds import Threshold


def threshold(**settings: Any) -> Threshold:
    return Threshold.model_validate(settings)


OPEN_WEB_MATH = (
    threshold(score="english", at_least=0.5, reason="language"),
    threshold(score="math", above=0.17, when=[{"score": "math_found", "at_least": 1}]),
    threshold(score="math", above=0.8, when=[{"score": "math_found", "below": 1}], reason="math_without_formulas"),
    threshold(score="perplexity", at_most=15000),
)


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ({"english": 0.9, "math": 0.2, "math_found": 3, "perplexity": 100}, None),
        ({"english": 0.5, "math": 0.81, "math_found": 0, "perplexity": 15000}, None),
        ({"english": 0.4999}, Verdict("language", "english=0.4999")),
        ({"english": 0.9, "math": 0.17, "math_found": 3}, Verdict("math", "math=0.17")),
        ({"english": 0.9, "math": 0.8, "math_found": 0}, Verdict("math_without_formulas", "math=0.8")),
        ({"english": 0.9, "perplexity": 15000.5}, Verdict("perplexity", "perplexity=15000.5")),
        ({"english": 0.1, "perplexity": 99999}, Verdict("language", "english=0.1")),
    ],
)
def test_the_rules_of_openwebmath(scores: dict[str, float], verdict: Verdict | None) -> None:
    assert judge(scores, OPEN_WEB_MATH) == verdict


def test_a_document_without_the_score_stays_unless_the_recipe_says_otherwise() -> None:
    assert judge({}, [threshold(score="x", above=0)]) is None
    rejecting = threshold(score="x", above=0, missing="reject")
    assert judge({}, [rejecting]) == Verdict("x", "x missing")
    assert (
        judge({"y": 1.0}, [threshold(score="x", above=0, missing="reject", when=[{"score": "y", "above": 2}])]) is None
    )


@pytest.mark.parametrize("bound", ["at_least", "above", "at_most", "below"])
def test_what_is_not_a_number_satisfies_nothing(bound: str) -> None:
    assert judge({"x": math.nan}, [threshold(score="x", **{bound: 0.5})]) == Verdict("x", "x=nan")


@given(st.floats(allow_nan=False), st.floats(allow_nan=False, allow_infinity=False))
def test_at_least_and_below_are_opposites_and_so_are_above_and_at_most(value: float, bound: float) -> None:
    def stays(name: str) -> bool:
        return judge({"x": value}, [threshold(score="x", **{name: bound})]) is None

    assert stays("at_least") != stays("below")
    assert stays("above") != stays("at_most")
    assert stays("at_least") or not stays("above")


@pytest.mark.parametrize(
    "settings",
    [{}, {"above": 1, "below": 2}, {"at_least": "much"}, {"above": 1, "reason": "Two words"}, {"above": 1, "wen": []}],
)
def test_a_threshold_has_one_bound_and_a_word_for_a_reason(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        threshold(score="x", **settings)
