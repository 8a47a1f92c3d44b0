"""How many planted items are found, how much other text is taken for one, and how well probabilities are calibrated.

    python -m tests.benchmarks.overlap_planted BENCHMARKS TEXTS... [--items N] [--part even|odd|all] [--source others]

BENCHMARKS: the folder of math_test.jsonl, gsm8k_test.jsonl and the others of `overlap_plants`. TEXTS: folders of texts;
see there for what becomes of both. Prints recall by kind and by length, documents of clean text, of neighbours and of
fragments with a counted hit, precision by document, and the curve of calibration. What `dedup.overlap.odds` holds was
fitted to items of even number and to neighbours of even number; those of odd number, which are taken unless told
otherwise, were not fitted to. `--source others` are five other benchmarks in more ways, and to those of `--benchmark`
nothing was fitted.
"""

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dedup.overlap import Overlap
from manifests.records import Hit
from tests.benchmarks.overlap_plants import (
    AGAIN,
    ANOTHER,
    CLEAN,
    CONTINUED,
    FRAGMENTS,
    GROUPS,
    NEIGHBOURS,
    SOLUTIONS,
    TEMPLATES,
    Plants,
    plant_weight,
    planted_set,
    relatives,
    source_of,
    two_halves,
)

EDGES = (0.0, 0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95, 1.01)
"""Where the steps of the calibration curve begin: finer where more of the hits are."""
RESAMPLES = 400


def main() -> None:
    """Plant, search, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=200, help="items planted in each way (default 200)")
    parser.add_argument("--part", choices=("even", "odd", "all"), default="odd", help="which items are planted")
    parser.add_argument("--source", choices=("fitted", "others"), default="fitted", help="whose items (default fitted)")
    parser.add_argument("--benchmark", nargs="+", default=[], metavar="NAME=FILE", help="items of these files instead")
    parser.add_argument("--show", type=int, default=0, help="print so many missed plants and false hits of each kind")
    arguments = parser.parse_args()
    source = source_of(arguments.source, arguments.benchmark)
    made = planted_set(arguments.benchmarks, arguments.texts, arguments.items, arguments.part, source=source)
    print(f"{made.left_out} neighbours are among those looked for, word for word: left out")
    overlap = Overlap(made.sought, "exact")
    neighbours = [
        item for half in two_halves(arguments.benchmarks, random.Random(source.seed), source) for item in half
    ]
    tally = Tally(arguments.show, relatives(neighbours))
    print(f"{'kind':<41}{'plants':>5}{'found':>8}{'counted':>9}{'template':>10}")
    done = ""
    for plants in made.plants:
        if done in GROUPS and plants.group != done:
            tally.total(done)
        tally.add(plants, overlap)
        done = plants.group
    tally.total("all")
    for plants in made.company:
        tally.company(plants, overlap)
    tally.end()


class Stated(NamedTuple):
    """What a hit said, whether it was the item, whether its document holds a plant, and of which item it is."""

    stated: float
    true: bool
    planted: bool
    item: str


class Tally:
    """Counts what was found and prints it."""

    def __init__(self, show: int, related: Mapping[str, Container[str]]) -> None:
        self.show, self.related = show, related
        self.sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.calibration: list[Stated] = []
        self.blamed = self.planted = self.neighbours = 0

    def add(self, plants: Plants, overlap: Overlap) -> None:
        """Search documents with plants and print one line."""
        found, counted, templates = set(), set(), set()
        self.planted += len(plants.documents)
        for hit in overlap.find(plants.documents):
            item = f"{hit.benchmark}:{hit.item_id}"
            true = hit.document_id == item
            if self._counts(hit, item, true, overlap):
                self.calibration.append(Stated(hit.probability, true and plants.group != TEMPLATES, True, item))
            if true:
                found.add(hit.document_id)
                counted |= {hit.document_id} if hit.counted else set()
                templates |= {hit.document_id} if hit.kind == "template" else set()
        wanted = templates if plants.group == TEMPLATES else counted
        for at, text in [one for one in plants.documents if one[0] not in wanted][: self.show]:
            print(f"  missed {at}: {text[:600]!r}")
        total = len(plants.documents)
        for sums in (self.sums[plants.group], self.sums["all"]) if plants.group in GROUPS else ():
            for place, number in enumerate((total, len(found), len(counted))):
                sums[place] += number
        print(
            f"{plants.group:<15.14}{plants.kind:<26.25}{total:>5}{len(found) / total:>8.3f}"
            f"{len(counted) / total:>9.3f}{len(templates) / total:>10.3f}"
        )

    def total(self, group: str) -> None:
        """Print the sum of a group."""
        total, found, counted = self.sums[group]
        print(f"{group.upper():<41}{total:>5}{found / total:>8.3f}{counted / total:>9.3f}")

    def company(self, plants: Plants, overlap: Overlap) -> None:
        """Search documents that hold no item."""
        if not plants.documents:
            return
        self.neighbours += len(plants.documents) if plants.group in (NEIGHBOURS, SOLUTIONS) else 0
        started = time.process_time()
        hits = list(overlap.find(plants.documents))
        seconds = time.process_time() - started
        for hit in hits if plants.group not in (CONTINUED, AGAIN) else ():
            item = f"{hit.benchmark}:{hit.item_id}"
            if self._counts(hit, item, plants.group in (FRAGMENTS, ANOTHER), overlap):
                self.calibration.append(Stated(hit.probability, False, False, item))
        false = {hit.document_id: hit for hit in hits if hit.counted}
        self.blamed += len(false) if plants.group in (CLEAN, NEIGHBOURS) else 0
        size = sum(len(text.encode()) for _, text in plants.documents)
        rate = 1e4 * len(false) / len(plants.documents)
        print(
            f"{plants.kind}: {len(false)} of {len(plants.documents):,} documents counted, {rate:.1f} in 10,000; "
            f"{len({hit.document_id for hit in hits}):,} listed; {size / seconds / 1e6:.1f} MB/s"
        )
        for hit in list(false.values())[: self.show]:
            show(hit)

    def end(self) -> None:
        """Print what needs all."""
        guilty = self.sums["all"][2]
        print(f"precision by document: {guilty / max(1, guilty + self.blamed):.4f}")
        weight = plant_weight(self.planted, self.neighbours)
        error = whole = 0.0
        for first, last in pairwise(EDGES):
            some = [one for one in self.calibration if first <= one.stated < last]
            if not some:
                continue
            stated, came, here = means(some, weight)
            low, high = interval(some, weight)
            error, whole = error + here * abs(came - stated), whole + here
            print(
                f"probability from {first:.2f}: {stated:.3f} stated, {came:.3f} came true ({low:.3f} to {high:.3f}), "
                f"of {len(some):,} of {len({one.item for one in some}):,} items"
            )
        print(f"expected calibration error {error / whole:.4f}, a plant counted as {weight:.3f}")

    def _counts(self, hit: Hit, item: str, same: bool, overlap: Overlap) -> bool:
        """Whether a hit says something of calibration: one n of each, and no relative of the planted item."""
        once = hit.method == "fuzzy" or hit.n == overlap.lengths[0]
        return once and (same or item not in self.related.get(hit.document_id, ()))


def means(some: Sequence[Stated], weight: float) -> tuple[float, float, float]:
    """What was stated, what came true, and the weight of all, a plant counting as `weight`."""
    weights = [weight if one.planted else 1.0 for one in some]
    here = sum(weights)
    stated = sum(one.stated * counts for one, counts in zip(some, weights, strict=True)) / here
    return stated, sum(one.true * counts for one, counts in zip(some, weights, strict=True)) / here, here


def interval(some: Sequence[Stated], weight: float) -> tuple[float, float]:
    """Where 95 % of what came true lies when items are drawn again (bootstrap; Efron 1979): an item is planted in all
    ways, so its hits are no independent evidence.
    """
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in some:
        counts = weight if one.planted else 1.0
        sums[one.item][0] += counts * one.true
        sums[one.item][1] += counts
    each = np.array(list(sums.values()))
    drawn = each[np.random.default_rng(20).integers(len(each), size=(RESAMPLES, len(each)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    return float(low), float(high)


def show(hit: Hit) -> None:
    """Print both sides of a hit."""
    print(f"  {hit.method} {hit.n} {hit.kind} {hit.probability} score {hit.score:.2f} {hit.field} {hit.item_id}")
    print(f"    document {hit.document_text[60:460]!r}\n    item     {hit.item_text[:400]!r}")


if __name__ == "__main__":
    main()
