"""Intervals for shares and means, and a test whether two shares differ.

Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1, recommend it for few trials) and
Fisher's exact test, two-sided as R's `fisher.test` has it: the sum of all tables no more probable than the one seen.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

Z = 1.959963984540054
"""Of the normal distribution, for 95 %."""


class Share(NamedTuple):
    """`hits` of `trials`, and the ends of the 95 % interval, between 0 and 1."""

    hits: int
    trials: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself; 0 without trials."""
        return self.hits / self.trials if self.trials else 0.0

    def said(self) -> str:
        """It as people write it: `12.3 % (10.1–14.9)`."""
        if not self.trials:
            return "–"
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f}–{100 * self.high:.1f})"


def share(hits: int, trials: int) -> Share:
    """A share with its interval; without trials it may be anything."""
    if trials == 0:
        return Share(0, 0, 0.0, 1.0)
    value = hits / trials
    centre = (value + Z * Z / (2 * trials)) / (1 + Z * Z / trials)
    half = Z / (1 + Z * Z / trials) * math.sqrt(value * (1 - value) / trials + Z * Z / (4 * trials * trials))
    return Share(
        hits, trials, max(0.0, centre - half) if hits else 0.0, min(1.0, centre + half) if hits < trials else 1.0
    )


def fisher(one: Share, other: Share) -> float:
    """The probability of shares at least as different if there were no difference."""
    total, hits = one.trials + other.trials, one.hits + other.hits

    def log_probability(first: int) -> float:
        return _log_choose(hits, first) + _log_choose(total - hits, one.trials - first) - _log_choose(total, one.trials)

    seen = log_probability(one.hits)
    lowest, highest = max(0, one.trials - (total - hits)), min(hits, one.trials)
    chances = (log_probability(first) for first in range(lowest, highest + 1))
    return min(1.0, sum(math.exp(chance) for chance in chances if chance <= seen + 1e-7))


def _log_choose(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)


STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""The 97.5 % points of Student's distribution for 1 to 10 degrees of freedom; one more value than degrees is meant."""


class Mean(NamedTuple):
    """A mean, and the ends of its 95 % interval by Student's distribution (Student 1908)."""

    value: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Whether zero lies outside of the interval."""
        return not self.low <= 0 <= self.high


def mean(values: Sequence[float]) -> Mean:
    """The mean of 2 to 11 values with its interval; of one value the interval is everything."""
    count = len(values)
    middle = sum(values) / count
    if count == 1:
        return Mean(middle, -math.inf, math.inf)
    spread = math.sqrt(sum((value - middle) ** 2 for value in values) / (count - 1))
    half = STUDENT[count - 2] * spread / math.sqrt(count)
    return Mean(middle, middle - half, middle + half)
