"""One look at all entries of a stage, beside its plan: what is done, what has to be taken back, and the sums.

The plan may be of a million units, so hashes stand for what it names (`manifests.names`).
"""

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from manifests import mirror
from manifests.ledger import Totals, written
from manifests.names import Names

AT_ONCE = 1 << 10


class Survey(NamedTuple):
    """A stage's entries beside its plan, and the sums of all.

    `done`: the units that are; `stale`: those of the plan whose entry does not hold; `surplus`: those of no plan.
    """

    done: Names
    stale: list[str]
    surplus: list[str]
    totals: dict[str, Totals]


def survey(root: Path, stage: str, planned: Iterable[tuple[str, str]]) -> Survey:
    """Look at a stage's entries once; `planned` has each unit of the plan and its fingerprint.

    A unit is done as `is_done` tells it. The sums are by source. Units that are not done are named, of which there are
    few unless the recipe changed.
    """
    units, marks = Names(), Names()
    for unit, mark in planned:
        units.add(unit)
        marks.add(f"{unit}\0{mark}")
    found = Survey(Names(), [], [], {})
    entries = written(root, stage)
    while batch := [one.values() for one in itertools.islice(entries, AT_ONCE)]:
        names = [values["unit"] for values in batch]
        same = marks.among([f"{values['unit']}\0{values['fingerprint']}" for values in batch])
        for values, wanted, holds in zip(batch, units.among(names), same, strict=True):
            if not wanted:
                found.surplus.append(values["unit"])
            elif holds and all(mirror.size_of(root, fact["path"]) == fact["bytes"] for fact in values["outputs"]):
                found.done.add(values["unit"])
            else:
                found.stale.append(values["unit"])
            found.totals.setdefault(values["source"], Totals()).add(values)
    return found
