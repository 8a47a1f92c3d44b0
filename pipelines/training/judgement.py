"""Judges a classifier on labelled pages: precision and recall, calibration, and the thresholds to use it with."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

BINS = 10
STEPS = (0.05, 0.1, 0.15, 0.17, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Thresholds shown in tables; OpenWebMath's 0.15, 0.17 and 0.8 are among them."""


class Scored(NamedTuple):
    """The score of a page in [0, 1], its label, and the kind of file it was in."""

    score: float
    positive: bool
    kind: str = ""


class Quality(NamedTuple):
    """How the rule `score > threshold` does: shares in [0, 1]; `passed_negative` is the share of negatives kept."""

    threshold: float
    precision: float
    recall: float
    passed_negative: float


class Bin(NamedTuple):
    """Pages whose score lies in [`low`, `high`): how many, their mean score, the share of positives among them."""

    low: float
    high: float
    pages: int
    mean_score: float
    positive: float


def quality(pages: Sequence[Scored], threshold: float) -> Quality:
    """Precision, recall and share of negatives kept; a share of nothing is 0."""
    kept = [page for page in pages if page.score > threshold]
    right = sum(page.positive for page in kept)
    positives = sum(page.positive for page in pages)
    negatives = len(pages) - positives
    return Quality(threshold, _share(right, len(kept)), _share(right, positives), _share(len(kept) - right, negatives))


def calibration(pages: Sequence[Scored]) -> list[Bin]:
    """The score against the share of positives, in ten bins of equal width; empty bins are left out."""
    bins: list[list[Scored]] = [[] for _ in range(BINS)]
    for page in pages:
        bins[min(int(page.score * BINS), BINS - 1)].append(page)
    return [
        Bin(
            number / BINS,
            (number + 1) / BINS,
            len(held),
            sum(page.score for page in held) / len(held),
            _share(sum(page.positive for page in held), len(held)),
        )
        for number, held in enumerate(bins)
        if held
    ]


def threshold_keeping(pages: Sequence[Scored], share: float) -> float:
    """The highest threshold (two decimals) above which at least `share` of the positives lie: what 0.17 is for.

    OpenWebMath's 0.17 is applied where formulas were found: there it must lose next to nothing.
    """
    return max((step / 100 for step in range(100) if quality(pages, step / 100).recall >= share), default=0.0)


def threshold_passing(pages: Sequence[Scored], share: float) -> float:
    """The lowest threshold (two decimals) above which at most `share` of the negatives lie: what 0.8 is for.

    OpenWebMath's 0.8 is applied where no formula was found: there it must let next to nothing through.
    """
    return min((step / 100 for step in range(100) if quality(pages, step / 100).passed_negative <= share), default=0.99)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def kept(pages: Sequence[Scored], threshold: float) -> float:
    """The share of pages above the threshold."""
    return _share(sum(page.score > threshold for page in pages), len(pages))


def quality_table(pages: Sequence[Scored]) -> str:
    """Precision and recall at the usual thresholds, as a Markdown table."""
    rows = [quality(pages, step) for step in STEPS]
    return "\n".join(
        [
            "| keep above | precision | recall | pages without LaTeX kept |",
            "|---|---|---|---|",
            *(f"| {q.threshold:.2f} | {q.precision:.3f} | {q.recall:.3f} | {q.passed_negative:.3f} |" for q in rows),
        ]
    )


def calibration_table(pages: Sequence[Scored]) -> str:
    """The score against the share of pages that held LaTeX, as a Markdown table."""
    return "\n".join(
        [
            "| score | pages | mean score | held LaTeX |",
            "|---|---|---|---|",
            *(
                f"| {b.low:.1f}–{b.high:.1f} | {b.pages} | {b.mean_score:.3f} | {b.positive:.3f} |"
                for b in calibration(pages)
            ),
        ]
    )


def kinds_table(pages: Sequence[Scored], thresholds: Sequence[float]) -> str:
    """Precision and recall above the thresholds for each kind of page, as a Markdown table."""
    heads = "".join(f" precision / recall above {threshold:.2f} |" for threshold in thresholds)
    lines = [f"| kind | pages | held LaTeX |{heads}", "|---|---|---|" + "---|" * len(thresholds)]
    for kind in sorted({page.kind for page in pages}):
        held = [page for page in pages if page.kind == kind]
        found = [quality(held, threshold) for threshold in thresholds]
        cells = "".join(f" {one.precision:.3f} / {one.recall:.3f} |" for one in found)
        lines.append(f"| {kind or 'text'} | {len(held)} | {sum(page.positive for page in held)} |{cells}")
    return "\n".join(lines)


def known_table(known: Mapping[str, Sequence[Scored]], thresholds: Sequence[float]) -> str:
    """The share of each known set above the thresholds, as a Markdown table."""
    heads = "".join(f" above {threshold:.2f} |" for threshold in thresholds)
    lines = [f"| pages | about mathematics | number |{heads}", "|---|---|---|" + "---|" * len(thresholds)]
    for name, scores in known.items():
        cells = "".join(f" {kept(scores, threshold):.3f} |" for threshold in thresholds)
        about = "yes" if any(page.positive for page in scores) else "no"
        lines.append(f"| {name} | {about} | {len(scores)} |{cells}")
    return "\n".join(lines)
