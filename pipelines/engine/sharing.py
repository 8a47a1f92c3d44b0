"""Which units of a stage one of several processes does that know nothing of each other: every n-th of them."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from manifests.errors import UserError
from manifests.paged import Paged
from pipelines.engine.worker import Unit

MOST = 100_000


class Share(NamedTuple):
    """Part `number` (from 1) of so many `parts`."""

    number: int
    parts: int

    def of(self, units: Iterable[Unit]) -> tuple[Paged[Unit], int]:
        """The units that are this part's, and how many there are in all; the same plan gives the same ones everywhere.

        No other is held.
        """
        count = 0

        def mine() -> Iterator[Unit]:
            nonlocal count
            for count, unit in enumerate(units, 1):
                if (count - self.number) % self.parts == 0:
                    yield unit

        return Paged(Unit, mine()), count


def parsed(text: str) -> Share:
    """The share that `i/n` means. Raises UserError."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
        raise UserError(f"--units {text}: expected i/n with 1 ≤ i ≤ n ≤ {MOST:,}, such as 3/40")
    return Share(int(found[1]), int(found[2]))
