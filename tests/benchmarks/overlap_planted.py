"""How many planted items are found, how much other text is taken for one, and how well probabilities are calibrated.

    python -m tests.benchmarks.overlap_planted BENCHMARKS TEXTS... [--items N] [--part even|odd|all]

BENCHMARKS: the folder of math_test.jsonl and gsm8k_test.jsonl. TEXTS: folders of texts; see `overlap_plants` for what
becomes of both. Prints recall by kind and by length, documents of clean text and neighbours with a counted hit,
precision by document, and the curve of calibration. What `dedup.overlap.odds` holds was fitted to the items of even
number and to neighbours of even number; those of odd number, which are taken unless told otherwise, decided nothing.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from dedup.overlap import Overlap
from manifests.records import Hit
from tests.benchmarks.overlap_plants import (
    GROUPS,
    NEIGHBOURS,
    SOLUTIONS,
    TEMPLATES,
    Plants,
    plant_weight,
    planted_set,
)


def main() -> None:
    """Plant, search, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=200, help="items planted in each way (default 200)")
    parser.add_argument("--part", choices=("even", "odd", "all"), default="odd", help="which items are planted")
    parser.add_argument("--show", type=int, default=0, help="print so many missed plants and false hits of each kind")
    arguments = parser.parse_args()
    made = planted_set(arguments.benchmarks, arguments.texts, arguments.items, arguments.part)
    print(f"{made.left_out} neighbours are among those looked for, word for word: left out")
    overlap = Overlap(made.sought, "exact")
    tally = Tally(arguments.show)
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
    """What a hit said, whether it was the item, and whether its document holds a plant."""

    stated: float
    true: bool
    planted: bool


class Tally:
    """Counts what was found and prints it."""

    def __init__(self, show: int) -> None:
        self.show = show
        self.sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.calibration: dict[int, list[Stated]] = defaultdict(list)
        self.blamed = self.planted = self.neighbours = 0

    def add(self, plants: Plants, overlap: Overlap) -> None:
        """Search documents with plants and print one line."""
        found, counted, templates = set(), set(), set()
        self.planted += len(plants.documents)
        for hit in overlap.find(plants.documents):
            true = hit.document_id == f"{hit.benchmark}:{hit.item_id}"
            if hit.method == "fuzzy" or hit.n == overlap.lengths[0]:
                came = true and plants.group != TEMPLATES
                self.calibration[min(9, int(hit.probability * 10))].append(Stated(hit.probability, came, True))
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
        self.neighbours += len(plants.documents) if plants.group in (NEIGHBOURS, SOLUTIONS) else 0
        started = time.process_time()
        hits = list(overlap.find(plants.documents))
        seconds = time.process_time() - started
        for hit in hits:
            if hit.method == "fuzzy" or hit.n == overlap.lengths[0]:
                self.calibration[min(9, int(hit.probability * 10))].append(Stated(hit.probability, False, False))
        false = {hit.document_id: hit for hit in hits if hit.counted}
        self.blamed += len(false) if plants.group != SOLUTIONS else 0
        size = sum(len(text.encode()) for _, text in plants.documents)
        rate = 1e4 * len(false) / len(plants.documents)
        print(
            f"{plants.group}: {len(false)} of {len(plants.documents):,} documents counted, {rate:.1f} in 10,000; "
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
        for decile, truths in sorted(self.calibration.items()):
            weights = [weight if one.planted else 1.0 for one in truths]
            here = sum(weights)
            came = sum(one.true * counts for one, counts in zip(truths, weights, strict=True)) / here
            stated = sum(one.stated * counts for one, counts in zip(truths, weights, strict=True)) / here
            error, whole = error + here * abs(came - stated), whole + here
            print(f"probability from .{decile}: {stated:.3f} stated, {came:.3f} came true, of {len(truths):,}")
        print(f"expected calibration error {error / whole:.4f}, a plant counted as {weight:.3f}")


def show(hit: Hit) -> None:
    """Print both sides of a hit."""
    print(f"  {hit.method} {hit.n} {hit.kind} {hit.probability} score {hit.score:.2f} {hit.field} {hit.item_id}")
    print(f"    document {hit.document_text[60:460]!r}\n    item     {hit.item_text[:400]!r}")


if __name__ == "__main__":
    main()
