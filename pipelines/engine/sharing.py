"""Which units of a stage one of several processes does that know nothing of each other: every n-th of them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from manifests.errors import UserError
from pipelines.engine.worker import Unit

MOST = 100_000


class Share(NamedTuple):
    """Part `number` (from 1) of so many `parts`."""

    number: int
    parts: int

    def of(self, units: Sequence[Unit]) -> Sequence[Unit]:
        """The units that are this part's; the same plan gives the same ones everywhere."""
        return units[self.number - 1 :: self.parts]


def parsed(text: str) -> Share:
    """The share that `i/n` means. Raises UserError."""
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
        raise UserError(f"--units {text}: expected i/n with 1 ≤ i ≤ n ≤ {MOST:,}, such as 3/40")
    return Share(int(found[1]), int(found[2]))
