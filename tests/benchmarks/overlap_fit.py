"""Write `dedup/overlap/odds.tsv`: the trees that say how probable an alignment is.

    python -m tests.benchmarks.overlap_fit BENCHMARKS TEXTS... > dedup/overlap/odds.tsv

Arguments as of `overlap_planted`; needs scikit-learn beside what the program needs. Learnt from are the planted items
of even number in every way, neighbours of even number with their solutions, and the clean paragraphs, with each half
looked for in turn; what is found word for word and what has other numbers is judged without trees and left out, as are
other items than the planted one in a document (they may be the same problem).
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import dedup.overlap.alignment as column
from dedup.overlap import Overlap
from dedup.overlap.judging import judge
from dedup.overlap.odds import FEATURES, THOUSANDTHS, features
from dedup.overlap.scan import ALIGNMENT, NUMBER, TARGET, scan_texts
from dedup.overlap.splitting import encode
from dedup.overlap.words import reading
from tests.benchmarks.overlap_plants import PLANT_WEIGHT, TEMPLATES, Plants, planted_set

TREES, LEAVES, RATE, REGULARISATION, LEAST = 100, 31, 0.12, 2.0, 25
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


def main() -> None:
    """Gather, fit, print."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=500, help="items planted in each way (default 500)")
    parser.add_argument("--rows", type=Path, help="where to keep what is learnt from")
    arguments = parser.parse_args()
    seen: list[tuple[float, ...]] = []
    true: list[bool] = []
    for swapped in (False, True):
        made = planted_set(arguments.benchmarks, arguments.texts, arguments.items, "even", swapped)
        overlap = Overlap(made.sought, "exact")
        for plants in [*made.plants, *made.company]:
            own = plants not in made.company and plants.group != TEMPLATES
            for document, item, row in alignments(overlap, plants):
                if (own and document != item) or judge(row).kind == "template" or is_perfect(row):
                    continue
                seen.append(features(row))
                true.append(own)
    if arguments.rows:
        np.savez(arguments.rows, seen=np.array(seen), true=np.array(true))
    print(f"{len(true):,} alignments, {sum(true):,} of the item itself", file=sys.stderr)
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        l2_regularization=REGULARISATION,
        min_samples_leaf=LEAST,
        monotonic_cst=list(FEATURES.values()),
        early_stopping=False,
    ).fit(np.array(seen), np.array(true), sample_weight=np.where(true, PLANT_WEIGHT, 1.0))
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
