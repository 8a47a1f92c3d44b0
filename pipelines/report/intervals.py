"""Intervals for shares, and a test whether two shares differ.

Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001, section 3.1.1, recommend it for few trials) and
Fisher's exact test, two-sided as R's `fisher.test` has it: the sum of all tables no more probable than the one seen.
"""

import math
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
