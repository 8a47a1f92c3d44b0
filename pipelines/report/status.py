"""How far a build is, told from what lies in its folder or bucket, while it runs or after it died.

A unit that is done has its ledger entry. How many there will be is noted by each stage when it plans (`planned`); what
is under way, and what was spent, is noted by the processes that do units (`pipelines.engine.spending`).
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from manifests import ledger, mirror, partly, segments
from manifests import notes as noted
from pipelines.engine.spending import NOTE_SECONDS, spent

PLANNED = "planned"
MOST_READ = 4096
"""So many entries of a stage that is being done are read; of more it is told what a sample of so many says."""
ORDER = (
    "fetch", "extract", "filter", "address", "chunks", "signatures", "keys", "dedup", "clusters", "audit", "shard",
    "merge", "tails", "stream",
)  # fmt: skip
"""The stages of a ledger as they follow each other; others come behind."""


class Status(NamedTuple):
    """One stage. `planned` is 0 where nobody noted it; `began` and `last` are seconds since the epoch.

    `spent`: seconds of processor time of the processes that did its units, those that were killed included. Unless
    `whole`, what was read, kept and failed is told from a sample of the entries.
    """

    stage: str
    units: int
    planned: int
    running: int
    read: int
    kept: int
    failed: int
    began: float
    last: float
    spent: float
    whole: bool = True

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


class Sums(NamedTuple):
    """Sums over the entries of a stage, or an estimate of them."""

    units: int
    read: int
    kept: int
    failed: int
    whole: bool


def sums_of(root: Path, stage: str, loose: set[str]) -> Sums:
    """What a stage did so far; `loose` are the units whose entry is a file of its own, as while a stage is being done.

    Of very many of these no more than `MOST_READ` are brought and read.
    """
    if len(loose) <= MOST_READ:
        partly.bring(root, stage)
        parts = ledger.totals(ledger.read_entries(root, stage)).get(stage, {}).values()
        units, read, kept, failed = (
            sum(getattr(part, name) for part in parts) for name in ("units", "read", "kept", "failed")
        )
        return Sums(units, read, kept, failed, whole=True)
    sample = sorted(loose)[:: -(-len(loose) // MOST_READ)]
    partly.bring(root, stage, sample)
    paths = (ledger.entry_path(root, stage, unit) for unit in sample)
    entries = [ledger.read_entry(path) for path in paths if path.exists()]
    units = len(loose) + sum(segments.count(one.path) for one in segments.segments(root / ledger.LEDGER_FOLDER / stage))
    read, kept, failed = (
        round(sum(getattr(entry, name) for entry in entries) * units / max(1, len(entries)))
        for name in ("read", "kept", "failed")
    )
    return Sums(units, read, kept, failed, whole=False)


def plan_noted(root: Path, stage: str, units: int, part: tuple[int, int] | None = None) -> None:
    """Note how many units a stage has, or a `part` of it (its number, of how many), for `status`; nothing else does."""
    noted.note(root, f"{PLANNED}/{stage}" + ("" if part is None else f".{part[0]}-of-{part[1]}"), f"{units}\n")


def plans_of(notes: Mapping[str, noted.Noted]) -> dict[str, int]:
    """How many units each stage has; told from its parts, as far as they have begun, where nobody knows it whole."""
    parts: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    whole = {}
    for name, one in notes.items():
        stage, _, part = name.partition(".")
        count, parted = one.text.strip(), part.rpartition("-")[2]
        if count.isdigit() and not part:
            whole[stage] = int(count)
        elif count.isdigit() and parted.isdigit():
            parts[stage][int(parted)].append(int(count))
    told = {}
    for stage, by_parts in parts.items():
        number, counts = max(by_parts.items(), key=lambda pair: len(pair[1]) / pair[0])
        told[stage] = round(sum(counts) * number / len(counts))
    return told | whole


def status(root: Path) -> Iterator[Status]:
    """Every stage that has begun, in order."""
    plans = plans_of(noted.notes(root, PLANNED))
    costs = spent(root)
    newest = max((note.left for notes in costs.values() for note in notes), default=0.0)
    names = {*partly.stages(root), *plans}
    for stage in sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        loose = partly.loose(root, stage)
        sums = sums_of(root, stage, loose)
        notes = costs.get(stage, [])
        under_way = {note.at for note in notes if note.at} - loose
        if under_way and sums.whole:
            under_way.difference_update(ledger.units(root, stage))
        if mirror.address_of(root) and plans.get(stage, 0) > sums.units:
            # Notes are few in a bucket: whose unit is done is at another one by now.
            under_way |= {note.at for note in notes if note.at and newest - note.left <= 2 * NOTE_SECONDS}
        times = partly.times(root, stage)
        yield Status(
            stage,
            sums.units,
            plans.get(stage, 0),
            len(under_way),
            sums.read,
            sums.kept,
            sums.failed,
            *((min(times), max(times)) if times else (0.0, 0.0)),
            sum(note.seconds for note in notes),
            sums.whole,
        )


def lines(root: Path, now: float | None = None, price: float | None = None) -> Iterator[str]:
    """The table that people read; `price` is that of one core for an hour, in whatever money."""
    now = time.time() if now is None else now
    yield (
        f"{'stage':<11}{'units':>16}{'running':>9}{'read':>14}{'kept':>14}{'failed':>8}{'a minute':>10}"
        f"{'core time':>11}  last"
    )
    total = 0.0
    for one in status(root):
        units = f"{one.units:,} of {one.planned:,}" if one.planned else f"{one.units:,}"
        rate = f"{one.units_a_minute:,.1f}" if one.units_a_minute else "–"
        left = one.seconds_left
        end = f", {span(left)} left" if left else ""
        last = f"{span(now - one.last)} ago" if one.units else "–"
        cost = span(one.spent) if one.spent else "–"
        about = "" if one.whole else "~"
        read, kept, failed = (f"{about}{number:,}" for number in (one.read, one.kept, one.failed))
        total += one.spent
        yield (
            f"{one.stage:<11}{units:>16}{one.running:>9,}{read:>14}{kept:>14}{failed:>8}{rate:>10}"
            f"{cost:>11}  {last}{end}"
        )
    money = f", {total / 3600 * price:,.2f} at {price:g} an hour of a core" if price is not None else ""
    yield f"so far {span(total)} of one core{money}"


def span(seconds: float) -> str:
    """A time as people say it."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{max(0, seconds):.0f} s"
