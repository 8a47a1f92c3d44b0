"""How probable it is that an alignment is of the item itself: what many small trees say together.

The trees (the file `odds.tsv`) were fitted by `tests.benchmarks.overlap_fit` to planted items and to neighbours of them
(gradient boosting, Friedman 2001), and what their sum means to others than those they were fitted to, so that a stated
half is right in half of the cases. They are bound to reason as a
person would: more of the item found again, or fewer other numbers, never make it less probable (`FEATURES`). Leaves are
whole thousandths of a logit and thresholds lie between the values that counts can take, so that sums are the same on
every machine.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import dedup.overlap.alignment as column
from manifests.kernels import njit

TABLE = Path(__file__).with_name("odds.tsv")
THOUSANDTHS = 1000
FEATURES = {
    "share": 1, "words": 1, "plain": 1, "numbers": 1, "symbols": 1, "drawn": 1, "missing": -1, "lost": -1, "gaps": 0,
    "longest gap": -1, "longest remark": -1, "evidence": 1, "length": 0, "run": 0, "extra": -1, "others": -1,
    "share of others": -1, "numbers found": 1, "letters found": 1, "numbers missing": -1, "letters missing": -1,
    "plain missing": -1, "head": 0, "lost a word": 0, "swaps": -1, "drops": 0, "share of gap": -1, "share of run": 0,
    "drawing": -1, "other letters": -1, "share of other letters": -1, "more symbols": -1, "contrasts": -1,
    "swapped": -1, "longest swap": -1, "share of swaps": -1, "grown": -1, "asked": 1, "asked others": -1,
    "share of asked others": -1, "share of symbols": 1, "behind": -1,
}  # fmt: skip
"""What the trees see of an alignment, in the order of `features`, and which way each may lead: more of it never makes
the item less probable (1), never more (-1), or either (0).
"""


class Trees(NamedTuple):
    """Binary trees, node after node: `feature` is -1 at a leaf, whose logit `value` holds in thousandths; else what is
    at most `threshold` goes to the node `left`, what is more to `right`. A tree begins at each of `roots`. What their
    sum means is `meanings` at `sums`, and between them on the line; all in thousandths.
    """

    sums: NDArray[np.int64]
    meanings: NDArray[np.int64]
    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: NDArray[np.int64]


@cache
def trees() -> Trees:
    """Those of the file. The first line has words `SUM:MEANING`, all others a tree, a node a word: `=VALUE` or
    `FEATURE:THRESHOLD:LEFT:RIGHT` with places in the line.
    """
    first, *lines = TABLE.read_text(encoding="ascii").splitlines()
    sums, meanings = (
        np.array(side, dtype=np.int64) for side in zip(*(word.split(":") for word in first.split()), strict=True)
    )
    nodes: list[tuple[int, float, int, int, int]] = []
    roots: list[int] = []
    for line in lines:
        root = len(nodes)
        roots.append(root)
        for word in line.split():
            if word.startswith("="):
                nodes.append((-1, 0.0, 0, 0, int(word[1:])))
            else:
                at, most, less, more = word.split(":")
                nodes.append((int(at), float(most), root + int(less), root + int(more), 0))
    feature, left, right, value = (np.array([node[at] for node in nodes], dtype=np.int64) for at in (0, 2, 3, 4))
    threshold = np.array([node[1] for node in nodes], dtype=np.float64)
    return Trees(sums, meanings, np.array(roots, dtype=np.int64), feature, threshold, left, right, value)


def features(row: Sequence[int]) -> tuple[float, ...]:
    """The features of an alignment (the columns of `dedup.overlap.alignment`), in the order of `FEATURES`."""
    missing = row[column.ALL_WORDS] - row[column.WORDS]
    numbers = row[column.ALL_NUMBERS] - row[column.NUMBERS]
    letters = row[column.ALL_LETTERS] - row[column.LETTERS]
    plain = missing - numbers - letters
    lost = row[column.ALL_PLAIN] - row[column.PLAIN]
    words = max(1, row[column.ALL_WORDS])
    own = 1 + row[column.NUMBERS] + row[column.LETTERS]
    return (
        share(row[column.SAID], row[column.TO_SAY]),
        share(row[column.WORDS], row[column.ALL_WORDS]),
        share(row[column.PLAIN], row[column.ALL_PLAIN]),
        share(row[column.NUMBERS], row[column.ALL_NUMBERS]),
        share(row[column.NUMBERS] + row[column.LETTERS], row[column.ALL_NUMBERS] + row[column.ALL_LETTERS]),
        share(row[column.DRAWN], row[column.ALL_DRAWN]),
        missing,
        lost,
        row[column.GAPS],
        row[column.LONGEST_GAP],
        row[column.LONGEST_REMARK],
        row[column.OWN_EVIDENCE],
        row[column.ALL_WORDS],
        row[column.RUN],
        max(0, row[column.LAST] - row[column.FIRST] - row[column.WORDS]),
        row[column.OTHER_NUMBERS],
        min(1.0, row[column.OTHER_NUMBERS] / max(1, row[column.ALL_NUMBERS])),
        row[column.NUMBERS],
        row[column.LETTERS],
        numbers,
        letters,
        plain,
        row[column.ITEM_FIRST],
        lost / max(1, plain),
        row[column.SWAPS],
        row[column.GAPS] - row[column.SWAPS],
        row[column.LONGEST_GAP] / words,
        row[column.RUN] / words,
        row[column.ALL_DRAWN],
        row[column.OTHER_LETTERS],
        min(1.0, row[column.OTHER_LETTERS] / max(1, row[column.ALL_LETTERS])),
        row[column.MORE_SYMBOLS],
        row[column.CONTRASTS],
        row[column.SWAPPED],
        row[column.LONGEST_SWAP],
        row[column.SWAPPED] / words,
        row[column.GROWN],
        share(row[column.ASKED], row[column.TO_ASK]),
        row[column.ASKED_OTHERS],
        row[column.ASKED_OTHERS] / max(1, row[column.SWAPPED]),
        own / max(1, own + row[column.MORE_SYMBOLS] + row[column.BEHIND]),
        row[column.BEHIND],
    )


def probability(row: Sequence[int]) -> float:
    """The probability of an alignment, in four decimals."""
    seen = np.array(features(row), dtype=np.float64)
    sums, meanings, *nodes = trees()
    return round(logistic(float(np.interp(_sum(seen, *nodes), sums, meanings)) / THOUSANDTHS), 4)


def logistic(score: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def share(part: int, whole: int) -> float:
    """A part of a whole; all of nothing."""
    return part / whole if whole else 1.0


@njit(nogil=True)
def _sum(seen: Any, roots: Any, feature: Any, threshold: Any, left: Any, right: Any, value: Any) -> Any:
    """What the trees say together."""
    total = np.int64(0)
    for root in roots:
        node = root
        while feature[node] >= 0:
            node = left[node] if seen[feature[node]] <= threshold[node] else right[node]
        total += value[node]
    return total
