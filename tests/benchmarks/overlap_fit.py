"""Write `dedup/overlap/odds.tsv`: the trees that say how probable an alignment is.

    python -m tests.benchmarks.overlap_fit BENCHMARKS TEXTS... > dedup/overlap/odds.tsv

Arguments as of `overlap_planted`; needs scikit-learn beside what the program needs. Learnt from are items of even
number alone, of both sources: planted in every way, as neighbours of each other, with their solutions, in fragments,
and the clean paragraphs, with each half looked for in turn. What is found word for word and what has other numbers is
judged without trees and left out, as are other items than the planted one in a document (they may be the same problem),
and pairs whose solution lacks its end, which say little of a problem. The first line says what sums of trees mean
(`calibration`).
"""

import argparse
import math
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

import dedup.overlap.alignment as column
from dedup.overlap import Overlap
from dedup.overlap.judging import is_template
from dedup.overlap.odds import FEATURES, THOUSANDTHS, features
from dedup.overlap.scan import ALIGNMENT, NUMBER, TARGET, scan_texts
from dedup.overlap.splitting import encode
from dedup.overlap.words import reading
from tests.benchmarks.overlap_plants import (
    ANOTHER,
    CLEAN,
    FITTED,
    FRAGMENTS,
    NEIGHBOURS,
    OTHERS,
    PAIRS,
    PARTS,
    SOLUTIONS,
    TEMPLATES,
    Plants,
    Source,
    name,
    plant_weight,
    planted_set,
    problem,
    relatives,
    sayings,
    two_halves,
)

TREES, LEAVES, RATE, REGULARISATION, LEAST = 100, 31, 0.12, 2.0, 25
FIFTHS = 5
STEP, STEPS, PRIOR = 0.5, 16, 0.5
"""Sums are calibrated in steps of half a logit up to 8; half an alignment of each kind is added where few are."""
UNSURE = (PAIRS, "shortened")
BATCH = 1000


def alignments(overlap: Overlap, plants: Plants) -> Iterator[tuple[str, str, list[int]]]:
    """Of each document of some plants and each item: the names of both, and the fullest alignment."""
    names = [f"{target.benchmark}:{target.item_id}" for target in overlap.targets]
    least, whole = 52, 32  # what is listed, in quarters of a bit
    for first in range(0, len(plants.documents), BATCH):
        some = plants.documents[first : first + BATCH]
        rows = scan_texts(
            [encode(text) for _, text in some], overlap._index, reading("exact"), overlap._plan, least, whole, True
        )
        best: dict[tuple[int, int], list[int]] = {}
        for row in rows.tolist():
            known = best.setdefault((row[NUMBER], row[TARGET]), row)
            if row[ALIGNMENT + column.SAID] > known[ALIGNMENT + column.SAID]:
                best[row[NUMBER], row[TARGET]] = row
        for (number, target), row in best.items():
            yield some[number][0], names[target], row[ALIGNMENT:]


class Learnt(NamedTuple):
    """What is learnt from: features, shape (alignments, features), whether each is of the item itself, its weight, and
    which fifth it belongs to, both directions of a pair of items to the same.
    """

    seen: NDArray[np.float64]
    true: NDArray[np.bool_]
    weights: NDArray[np.float64]
    fifths: NDArray[np.int64]


def learnt(benchmarks: Path, texts: Sequence[Path], items: int) -> Learnt:
    """Plant, search, gather: the items of both sources."""
    parts = [_learnt(benchmarks, texts, items, source) for source in (FITTED, OTHERS)]
    return Learnt(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _learnt(benchmarks: Path, texts: Sequence[Path], items: int, source: Source) -> Learnt:
    """The same of the items of one source."""
    mine = [item for half in two_halves(benchmarks, random.Random(source.seed), source) for item in half[PARTS["even"]]]
    said = {name(item): sayings(problem(item)) for item in mine}
    related = relatives(mine)
    neighbours = [
        Plants(NEIGHBOURS, NEIGHBOURS, [(name(item), problem(item)) for item in mine]),
        Plants(
            SOLUTIONS,
            SOLUTIONS,
            [(name(item), f"{problem(item)}\n\n{dict(item.fields).get('solution', '')}") for item in mine],
        ),
    ]
    seen: list[tuple[float, ...]] = []
    true: list[bool] = []
    fifths: list[int] = []
    count = 0
    for swapped in (False, True):
        made = planted_set(benchmarks, texts, items, "even", swapped, source)
        overlap = Overlap(made.sought, "exact")
        parts = [one for one in made.company if one.group in (FRAGMENTS, ANOTHER)]
        planted = [one for one in made.plants if (one.group, one.kind) != UNSURE]
        for plants in [*planted, made.company[0], *parts, *neighbours]:
            own = plants.group not in (CLEAN, NEIGHBOURS, SOLUTIONS, TEMPLATES, FRAGMENTS, ANOTHER)
            count += len(plants.documents) if own else 0
            for document, item, row in alignments(overlap, plants):
                same = document == item or not said.get(document, set()).isdisjoint(said.get(item, set()))
                if (
                    item not in said
                    or ((own or plants.group == ANOTHER) and document != item)
                    or (plants in neighbours and same)
                ):
                    continue
                if plants in neighbours and item in related.get(document, ()):
                    continue
                if is_template(row) or is_perfect(row):
                    continue
                seen.append(features(row))
                true.append(own)
                fifths.append(crc32((document if own else min(document, item)).encode()) % FIFTHS)
    labels = np.array(true)
    # Each neighbour is asked for twice, and among half of the items that an audit would have.
    weight = plant_weight(count, sum(len(plants.documents) for plants in neighbours))
    return Learnt(np.array(seen), labels, np.where(labels, weight, 1.0), np.array(fifths))


def fitted(rows: Learnt, chosen: NDArray[np.bool_]) -> Any:
    """The trees of the chosen rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        l2_regularization=REGULARISATION,
        min_samples_leaf=LEAST,
        monotonic_cst=list(FEATURES.values()),
        early_stopping=False,
    ).fit(rows.seen[chosen], rows.true[chosen], sample_weight=rows.weights[chosen])


def calibration(rows: Learnt) -> list[tuple[int, int]]:
    """What the trees' sums mean, in thousandths of a logit: pairs of a sum and the logit that came true, ascending.

    Each fifth is judged by trees that were fitted to the others, and what came true is made ascending by pooling
    (isotonic regression; Zadrozny and Elkan 2002) in steps of the sum.
    """
    sums = np.zeros(len(rows.true))
    for fifth in range(FIFTHS):
        apart = rows.fifths == fifth
        sums[apart] = fitted(rows, ~apart).decision_function(rows.seen[apart])
    steps = np.clip(np.round(sums / STEP), -STEPS, STEPS).astype(np.int64)
    pools: list[list[float]] = []
    for step in np.unique(steps):
        here = steps == step
        weight = float(rows.weights[here].sum())
        pools.append([float(np.average(sums[here], weights=rows.weights[here])), weight,
                      float(rows.weights[here & rows.true].sum())])  # fmt: skip
        while len(pools) > 1 and pools[-2][2] / pools[-2][1] >= pools[-1][2] / pools[-1][1]:
            last, before = pools.pop(), pools.pop()
            both = before[1] + last[1]
            pools.append([(before[0] * before[1] + last[0] * last[1]) / both, both, before[2] + last[2]])
    logits = [math.log((true + PRIOR) / (weight - true + PRIOR)) for _, weight, true in pools]
    rising = np.minimum.accumulate(logits[::-1])[::-1]  # what is added where few are would break the order
    return [
        (round(place * THOUSANDTHS), round(float(logit) * THOUSANDTHS))
        for (place, _, _), logit in zip(pools, rising, strict=True)
    ]


def main() -> None:
    """Gather, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=800, help="items planted in each way (default 800)")
    arguments = parser.parse_args()
    rows = learnt(arguments.benchmarks, arguments.texts, arguments.items)
    print(f"{len(rows.true):,} alignments, {rows.true.sum():,} of the item itself", file=sys.stderr)
    print(" ".join(f"{place}:{logit}" for place, logit in calibration(rows)))
    model = fitted(rows, np.ones(len(rows.true), dtype=np.bool_))
    print(f"={round(float(model._baseline_prediction[0, 0]) * THOUSANDTHS)}")
    for (tree,) in model._predictors:
        print(" ".join(word(node) for node in tree.nodes))


def is_perfect(row: list[int]) -> bool:
    """Whether all words of the item are found, and no other between them."""
    return row[column.WORDS] == row[column.ALL_WORDS] and row[column.LAST] - row[column.FIRST] <= row[column.WORDS]


def word(node: "np.void") -> str:
    """A node as `dedup.overlap.odds` reads it."""
    if node["is_leaf"]:
        return f"={round(float(node['value']) * THOUSANDTHS)}"
    return f"{node['feature_idx']}:{float(node['num_threshold']):.6g}:{node['left']}:{node['right']}"


if __name__ == "__main__":
    main()
