"""Decide from stored scores whether a document stays.

Scoring and deciding are apart: scores are computed once and kept with the document, thresholds are read from the
recipe and can change without touching the raw input again.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from manifests.settings.thresholds import Threshold


class Verdict(NamedTuple):
    """Why a document is rejected: the threshold's reason and the score that failed it."""

    reason: str
    detail: str


def judge(scores: Mapping[str, float], thresholds: Sequence[Threshold]) -> Verdict | None:
    """The first threshold that `scores` fail, or None when the document stays.

    A threshold whose `when` names a score that the document lacks does not apply.
    """
    for threshold in thresholds:
        if not all(bound.score in scores and bound.holds(scores[bound.score]) for bound in threshold.when):
            continue
        value = scores.get(threshold.score)
        if value is None:
            if threshold.missing == "reject":
                return Verdict(threshold.word, f"{threshold.score} missing")
        elif not threshold.holds(value):
            return Verdict(threshold.word, f"{threshold.score}={value:.6g}")
    return None
