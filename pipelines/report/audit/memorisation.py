"""Does a model do better on the items that stand in its corpus: its results joined to the hits of an audit.

By level, accuracy on items with and without a hit, as the Llemma paper has it (section 3.5, repository
wellecks/overlap, notebook `analysis`), with Wilson's intervals and Fisher's exact test. By threshold of the share of
an item that was found, the estimated gain: accuracy on all items less accuracy on those below the threshold (ConTAM,
Singh et al. 2024, arXiv 2411.03923).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from manifests.errors import UserError
from pipelines.corpus.folder import ITEMS_PATH
from pipelines.report.audit.cards import hits_of
from pipelines.report.audit.results import Result
from pipelines.report.audit.sums import sums_of
from pipelines.report.intervals import Share, fisher, share

THRESHOLDS = tuple(tenth / 10 for tenth in range(1, 11))


class Chosen(NamedTuple):
    """Which hits make an item one that stands in the corpus."""

    method: str = "counted"
    n: int = 0
    fields: tuple[str, ...] = ()


class Item(NamedTuple):
    """An item with a result: its level, whether the answer is right, and the largest share of it that was found."""

    level: str
    right: bool
    found: float


class Line(NamedTuple):
    """Accuracy on hit and other items of a level, and the probability of such a difference by chance."""

    level: str
    hit: Share
    other: Share
    chance: float


class Gain(NamedTuple):
    """What the items found from a threshold on add to the accuracy, and how many they are."""

    threshold: float
    items: int
    gain: float


class Memorisation(NamedTuple):
    """The table by level (the last line is of all items), the gains, and results that fit no item."""

    lines: list[Line]
    gains: list[Gain]
    unknown: int


class Joined(NamedTuple):
    """The results of the items that an audit knows, by item, the levels of all its items, and how many fit none."""

    of: dict[str, Result]
    levels: dict[str, str]
    unknown: int


def joined(root: Path, benchmark: str, results: Sequence[Result]) -> Joined:
    """Join results to the items of an audit. Raises UserError if it has no such benchmark or nothing fits."""
    sums = sums_of(root)
    names = [one["name"] for one in sums.benchmarks]
    if benchmark not in names:
        raise UserError(f"{root}: the audit has no benchmark `{benchmark}`; it has {', '.join(names)}")
    table = pq.read_table(root / ITEMS_PATH, partitioning=None).to_pylist()
    rows = [row for row in table if row["benchmark"] == benchmark]
    levels = {row["item_id"]: row["level"] for row in rows}
    by_digest = {row["problem_digest"]: row["item_id"] for row in rows if row["problem_digest"]}
    of: dict[str, Result] = {}
    unknown = 0
    for result in results:
        name = by_digest.get(result.digest) or next((one for one in result.ids if one in levels), None)
        if name is None:
            unknown += 1
        else:
            of[name] = result
    if not of:
        raise UserError(f"none of the {len(results):,} results fits an item of `{benchmark}`, by its problem or its id")
    return Joined(of, levels, unknown)


def memorisation(root: Path, benchmark: str, results: Joined, chosen: Chosen) -> Memorisation:
    """What the results say beside the hits of the audit."""
    found: dict[str, float] = {}
    for hit in hits_of(root):
        if hit.benchmark == benchmark and wanted(hit.method, hit.n, hit.field, hit.counted, chosen):
            found[hit.item_id] = max(found.get(hit.item_id, 0.0), hit.score)
    items = [Item(results.levels[name], one.is_right, found.get(name, 0.0)) for name, one in results.of.items()]
    return Memorisation(by_level(items), gains(items), results.unknown)


def wanted(method: str, n: int, field: str, counted: bool, chosen: Chosen) -> bool:
    """Whether a hit is of those that make an item one that stands in the corpus."""
    of_method = counted if chosen.method == "counted" else (method, n) == (chosen.method, chosen.n)
    return of_method and (not chosen.fields or field in chosen.fields)


def by_level(items: Sequence[Item]) -> list[Line]:
    """Accuracy on hit and other items of each level, and of all."""
    lines = []
    for level in (*sorted({item.level for item in items if item.level}), "all"):
        mine = [item for item in items if level in (item.level, "all")]
        hit, other = (
            share(sum(item.right for item in side), len(side))
            for side in ([item for item in mine if item.found], [item for item in mine if not item.found])
        )
        lines.append(Line(level, hit, other, fisher(hit, other) if hit.trials and other.trials else 1.0))
    return lines


def gains(items: Sequence[Item]) -> list[Gain]:
    """What the items found from each threshold on add to the accuracy."""
    found = []
    whole = sum(item.right for item in items) / len(items)
    for threshold in THRESHOLDS:
        clean = [item for item in items if item.found < threshold]
        rest = sum(item.right for item in clean) / len(clean) if clean else 0.0
        found.append(Gain(threshold, len(items) - len(clean), whole - rest))
    return found


def render(found: Memorisation) -> str:
    """The tables as text for a terminal."""
    lines = [f"{'level':<12}{'hit items':>28}{'n':>6}   {'other items':>28}{'n':>7}   {'p':>6}"]
    for line in found.lines:
        sides = f"{line.hit.said():>30}{line.hit.trials:>6,}   {line.other.said():>30}{line.other.trials:>7,}"
        lines.append(f"{line.level:<12}{sides}   {line.chance:>6.3f}")
    lines.append("")
    lines.append(f"{'found from':<12}{'items':>7}{'gain in points':>16}")
    for gain in found.gains:
        lines.append(f"{gain.threshold:<12.0%}{gain.items:>7,}{100 * gain.gain:>16.2f}")
    if found.unknown:
        lines.append(f"{found.unknown:,} results fit no item of the audit and are left out")
    return "\n".join(lines)
