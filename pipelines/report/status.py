"""How far a build is, told from what lies in its folder: by anyone who sees it, while it runs or after it died.

A unit that is done has its ledger entry, one under way its workspace. How many there will be is noted by each stage
when it plans (`planned`).
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from manifests import ledger
from manifests.writing import WORK_FOLDER, write_text

PLANNED = "planned"
ORDER = (
    "fetch", "extract", "filter", "address", "chunks", "signatures", "keys", "dedup", "clusters", "audit", "shard",
    "merge", "tails", "stream",
)  # fmt: skip
"""The stages of a ledger as they follow each other; others come behind."""


class Status(NamedTuple):
    """One stage. `planned` is 0 where nobody noted it; `began` and `last` are seconds since the epoch."""

    stage: str
    units: int
    planned: int
    running: int
    read: int
    kept: int
    failed: int
    began: float
    last: float

    @property
    def units_a_minute(self) -> float:
        """Units done a minute, between the first entry and the last."""
        return 60 * (self.units - 1) / (self.last - self.began) if self.last > self.began else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the stage's end at this rate; None where it cannot be told."""
        left = self.planned - self.units
        if left <= 0:
            return 0.0 if self.planned else None
        return 60 * left / self.units_a_minute if self.units_a_minute else None


def plan_noted(root: Path, stage: str, units: int) -> None:
    """Note how many units a stage has, for `status`; nothing else reads it."""
    write_text(root / WORK_FOLDER / PLANNED / stage, f"{units}\n")


def status(root: Path) -> Iterator[Status]:
    """Every stage that has begun, in order."""
    work = root / WORK_FOLDER
    names = {path.name for path in (root / ledger.LEDGER_FOLDER).glob("*") if path.is_dir()}
    names |= {path.name for path in (work / PLANNED).glob("*") if not path.name.startswith(".")}
    for stage in sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        times = []
        read = kept = failed = 0
        for entry in ledger.read_entries(root, stage):
            times.append(ledger.entry_path(root, stage, entry.unit).stat().st_mtime)
            read, kept, failed = read + entry.read, kept + entry.kept, failed + entry.failed
        running = sum(1 for path in (work / stage).glob("*-????????") if path.is_dir())
        began, last = (min(times), max(times)) if times else (0.0, 0.0)
        yield Status(stage, len(times), _planned(work / PLANNED / stage), running, read, kept, failed, began, last)


def _planned(path: Path) -> int:
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def lines(root: Path, now: float | None = None) -> Iterator[str]:
    """The table that people read."""
    now = time.time() if now is None else now
    yield f"{'stage':<11}{'units':>16}{'running':>9}{'read':>14}{'kept':>14}{'failed':>8}{'a minute':>10}  last"
    for one in status(root):
        units = f"{one.units:,} of {one.planned:,}" if one.planned else f"{one.units:,}"
        rate = f"{one.units_a_minute:,.1f}" if one.units_a_minute else "–"
        left = one.seconds_left
        end = f", {span(left)} left" if left else ""
        last = f"{span(now - one.last)} ago" if one.units else "–"
        yield (
            f"{one.stage:<11}{units:>16}{one.running:>9,}{one.read:>14,}{one.kept:>14,}{one.failed:>8,}{rate:>10}"
            f"  {last}{end}"
        )


def span(seconds: float) -> str:
    """A time as people say it."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{max(0, seconds):.0f} s"
