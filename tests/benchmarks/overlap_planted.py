"""How many planted items are found, how much other text is taken for one, and how well probabilities are calibrated.

    python -m tests.benchmarks.overlap_planted BENCHMARKS TEXTS... [--items N] [--part even|odd|all]

BENCHMARKS: the folder of math_test.jsonl and gsm8k_test.jsonl. Half of the items of each are looked for, and some
planted in turn, once in each way of `overlap_changes`; the other half, which stem from the same sources and templates,
are the hard negatives (neighbours), and so are the planted items with other numbers. TEXTS: folders of texts, whose
paragraphs are the company of the plants and, alone, the clean documents; none of them may be in the table of common
words. Prints recall by kind and by length, documents of clean text and neighbours with a counted hit, precision by
document, and the curve of calibration. Everything is drawn from a fixed seed. The constants of
`dedup.overlap.judging` were chosen on the items of even number and half of the neighbours; those of odd number, which
are planted unless told otherwise, decided nothing.
"""

import argparse
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from dedup.benchmarks import Item, read_benchmark
from dedup.overlap import Overlap
from dedup.overlap.words import words_of_text
from manifests.records import Hit
from tests.benchmarks.overlap_changes import CHANGES, OTHER_NUMBERS, Change

SEED = 20
SHORT_WORDS = 10


def main() -> None:
    """Plant, search, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=200, help="items planted in each way (default 200)")
    parser.add_argument("--part", choices=("even", "odd", "all"), default="odd", help="which items are planted")
    parser.add_argument("--show", type=int, default=0, help="print so many missed plants and false hits of each kind")
    arguments = parser.parse_args()
    draw = random.Random(SEED)
    everything = [
        item for name in ("math", "gsm8k") for item in read_benchmark(name, arguments.benchmarks / f"{name}_test.jsonl")
    ]
    draw.shuffle(everything)
    half = len(everything) // 2
    sought = everything[:half]
    own = {tuple(words_of_text(text)) for item in sought for _, text in item.fields}
    others = [item for item in everything[half:] if tuple(words_of_text(problem(item))) not in own]
    print(
        f"{len(everything) - half - len(others)} of the other half are among those looked for, word for word: left out"
    )
    step = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}[arguments.part]
    planted = [item for item in sought if dict(item.fields).get("problem")][step][: arguments.items]
    short = [item for item in sought[step] if len(problem(item).split()) < SHORT_WORDS][: arguments.items]
    paragraphs = list(read_paragraphs(arguments.texts))
    overlap = Overlap(sought, "exact")
    tally = Tally(arguments.show)
    print(f"{'kind':<26}{'plants':>7}{'found':>8}{'counted':>9}{'template':>10}")
    for group, changes in CHANGES.items():
        for kind, change in changes.items():
            tally.add(group, kind, overlap, planted, change, paragraphs, draw)
        tally.total(group)
    tally.total("all")
    tally.add("short", "verbatim below 10 words", overlap, short, CHANGES["verbatim"]["verbatim"], paragraphs, draw)
    numbered = [item for item in planted if re.search(r"\d", problem(item))]
    tally.add("other numbers", "other numbers", overlap, numbered, OTHER_NUMBERS, paragraphs, draw)
    tally.company("clean", overlap, [(str(number), part) for number, part in enumerate(paragraphs)])
    tally.company("neighbours", overlap, [(f"{item.benchmark}:{item.id}", problem(item)) for item in others])
    tally.end()


class Tally:
    """Counts what was found and prints it."""

    def __init__(self, show: int) -> None:
        self.show = show
        self.sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self.calibration: dict[int, list[bool]] = defaultdict(list)
        self.blamed = 0

    def add(
        self,
        group: str,
        kind: str,
        overlap: Overlap,
        items: list[Item],
        change: Change,
        paragraphs: list[str],
        draw: random.Random,
    ) -> None:
        """Plant the items in one way and print one line."""
        changed = {name(item): change(problem(item), draw) for item in items}
        documents = [
            (at, f"{draw.choice(paragraphs)}\n\n{text}\n\n{draw.choice(paragraphs)}") for at, text in changed.items()
        ]
        found, counted, templates = set(), set(), set()
        for hit in overlap.find(documents):
            true = hit.document_id == f"{hit.benchmark}:{hit.item_id}"
            same = kind != "other numbers"
            if hit.method == "fuzzy" or hit.n == 10:
                self.calibration[min(9, int(hit.probability * 10))].append(true and same)
            if true:
                found.add(hit.document_id)
                counted |= {hit.document_id} if hit.counted else set()
                templates |= {hit.document_id} if hit.kind == "template" else set()
        for at in sorted(set(changed) - counted)[: self.show if kind != "other numbers" else 0]:
            print(f"  missed {at}: {changed[at][:300]!r}")
        if kind == "other numbers":
            for at in sorted(set(changed) - templates)[: self.show]:
                print(f"  no template {at}: {changed[at][:300]!r}")
        total = len(documents)
        for sums in (self.sums[group], self.sums["all"]) if group not in {"short", "other numbers"} else ():
            for place, number in enumerate((total, len(found), len(counted))):
                sums[place] += number
        print(
            f"{group:<15.14}{kind:<26.25}{total:>5}{len(found) / total:>8.3f}{len(counted) / total:>9.3f}"
            f"{len(templates) / total:>10.3f}"
        )

    def total(self, group: str) -> None:
        """Print the sum of a group."""
        total, found, counted = self.sums[group]
        print(f"{group.upper():<41}{total:>5}{found / total:>8.3f}{counted / total:>9.3f}")

    def company(self, kind: str, overlap: Overlap, documents: list[tuple[str, str]]) -> None:
        """Search documents that hold no item."""
        started = time.process_time()
        hits = list(overlap.find(documents))
        seconds = time.process_time() - started
        for hit in hits:
            if hit.method == "fuzzy" or hit.n == 10:
                self.calibration[min(9, int(hit.probability * 10))].append(False)
        false = {hit.document_id: hit for hit in hits if hit.counted}
        self.blamed += len(false)
        size = sum(len(text.encode()) for _, text in documents)
        rate = 1e4 * len(false) / len(documents)
        print(
            f"{kind}: {len(false)} of {len(documents):,} documents counted, {rate:.1f} in 10,000; "
            f"{len({hit.document_id for hit in hits}):,} listed; {size / seconds / 1e6:.1f} MB/s"
        )
        for hit in list(false.values())[: self.show]:
            show(hit)

    def end(self) -> None:
        """Print what needs all."""
        guilty = self.sums["all"][2]
        print(f"precision by document: {guilty / max(1, guilty + self.blamed):.4f}")
        for decile, truths in sorted(self.calibration.items()):
            print(f"probability from .{decile}: {sum(truths) / len(truths):.3f} true of {len(truths)}")


def show(hit: Hit) -> None:
    """Print both sides of a hit."""
    print(f"  {hit.method} {hit.n} {hit.kind} {hit.probability} score {hit.score:.2f} {hit.field} {hit.item_id}")
    print(f"    document {hit.document_text[60:460]!r}\n    item     {hit.item_text[:400]!r}")


def name(item: Item) -> str:
    """An item's name among all benchmarks."""
    return f"{item.benchmark}:{item.id}"


def problem(item: Item) -> str:
    """An item's problem."""
    return dict(item.fields)["problem"]


def read_paragraphs(folders: Iterable[Path]) -> Iterable[str]:
    """Paragraphs of more than 200 characters of all texts below the folders, in a fixed order."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        for part in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
            if len(part) > 200:
                yield part


if __name__ == "__main__":
    main()
