"""Cuts the work of a stage into units: consecutive items, gathered by what they cost, the last units small.

A worker that begins a large unit when all others are about to end works on alone. So the units towards the end of the
work shrink with what is left, as in guided self-scheduling (Polychronopoulos and Kuck, IEEE Transactions on Computers
C-36, 1987), but by a fixed number in place of that of the workers: what is in a unit decides how files are called and
what lies in them, and no byte may depend on who does the work.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

SHARES = 8
"""A unit is at most this share of what is left, and a small one this share of a whole one."""


def cut(items: Iterable[T], costs: Sequence[float], most: float) -> Iterator[list[T]]:
    """Groups of consecutive items that cost about `most` together, by the costs of each; a dearer one is one alone."""
    left = sum(costs)
    group: list[T] = []
    held = 0.0
    target = bound(left, most)
    for item, cost in zip(items, costs, strict=True):
        if group and held + cost > target:
            yield group
            group, held = [], 0.0
            target = bound(left, most)
        group.append(item)
        held += cost
        left -= cost
    if group:
        yield group


def bound(left: float, most: float) -> float:
    """What the next unit may cost when so much is left."""
    return min(most, max(most / SHARES, left / SHARES))
