"""Which lines beside the text of an article go, judged by what many marked pages have in common.

Sites without telling names still set their menus, lists of other articles and notices in the same ways. Each line of a
text has numbers (`line_features`); boosted trees of decisions give it a score, in whole numbers throughout, so that
the same lines go on every machine. A line with a formula and code always stay. The model is made by the command in
`tests/benchmarks/web_lines.py`, from pages that people marked and from manuals whose templates name their text.
"""

from functools import cache
from importlib.resources import files
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.html.kernels import kernel
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages.inline_kernel import START
from pipelines.extraction.pages.line_features import (
    BUCKETS,
    CODE,
    FEATURES,
    FORMULA,
    LOWEST_RANK,
    MARKER,
    PLAIN,
    look_at,
)

DEEP = 5
NODES = (1 << DEEP) - 1
"""Decisions of a tree, five deep: the two below number i are 2 i + 1 and 2 i + 2."""
LEAVES = NODES + 1
FEWEST_LINES = 12
"""Lines of a text that is judged: a shorter one shows too little of its site."""


class Model(NamedTuple):
    """What judges lines. `weights`: of hashed words, (2 · BUCKETS,); `features`, `thresholds`: of each decision,
    (trees, NODES): above the threshold it goes right; `leaves`: (trees, LEAVES); a line whose leaves sum up to less
    than `least` goes, on a page with formulas to less than `least_with_formulas`."""

    weights: NDArray[np.int16]
    features: NDArray[np.uint8]
    thresholds: NDArray[np.int32]
    leaves: NDArray[np.int16]
    least: int
    least_with_formulas: int


def read_model(stream: IO[bytes]) -> Model:
    """A model as `numpy.savez` wrote it. Raises ValueError if its arrays are not of a model's shapes."""
    with np.load(stream, allow_pickle=False) as arrays:
        weights, features, thresholds, leaves = (
            arrays[name] for name in ("weights", "features", "thresholds", "leaves")
        )
        least = arrays["least"].tolist()
    trees = len(features)
    shapes = [weights.shape, features.shape, thresholds.shape, leaves.shape]
    if shapes != [(2 * BUCKETS,), (trees, NODES), (trees, NODES), (trees, LEAVES)] or (features >= FEATURES).any():
        raise ValueError(f"expected a model of {FEATURES} numbers a line, found arrays of {shapes}")
    return Model(weights, features, thresholds, leaves, int(least[0]), int(least[1]))


@cache
def model() -> Model:
    """The model that comes with the program."""
    with files("manifests").joinpath("models/lines.npz").open("rb") as stream:
        return read_model(stream)


def scores(judge: Model, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """The sum of leaves for each line; `numbers` has shape (lines, FEATURES)."""
    out = np.zeros(len(numbers), np.int32)
    _scores(numbers, np.arange(len(numbers)), judge.features, judge.thresholds, judge.leaves, out)
    return out


def without_side_lines(
    tree: Tree, row: int, sure: bool, data: NDArray[np.uint8], lines: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """The text that `write_blocks` wrote of the element at `row`, without the lines that stand beside it."""
    count = len(lines)
    if count < FEWEST_LINES:
        return data
    judge = model()
    numbers, kinds, _ = look_at(tree, row, sure, data, lines, judge.weights)
    goes, places, sums = np.zeros(count, np.bool_), np.empty(count, np.int64), np.zeros(count, np.int32)
    _judge_lines(
        numbers, kinds, judge.features, judge.thresholds, judge.leaves, judge.least, judge.least_with_formulas, places,
        sums, goes,
    )  # fmt: skip
    _keep_headings(numbers[:, MARKER], kinds, goes)
    out = np.empty(data.size, np.uint8)
    used = int(_staying(data, lines, kinds, goes, out))
    return out[:used] if used else data


@kernel
def _judge_lines(
    numbers: Any, kinds: Any, features: Any, thresholds: Any, leaves: Any, least: Any, least_with_formulas: Any,
    places: Any, sums: Any, goes: Any,
) -> Any:  # fmt: skip
    """Which lines go by their scores: none but plain ones may, so no others are scored."""
    plain = 0
    for line in range(kinds.size):
        if kinds[line] == PLAIN:
            places[plain] = line
            plain += 1
        elif kinds[line] == FORMULA:
            least = least_with_formulas
    _scores(numbers, places[:plain], features, thresholds, leaves, sums)
    for number in range(plain):
        goes[places[number]] = sums[number] < least


@kernel
def _keep_headings(markers: Any, kinds: Any, goes: Any) -> Any:
    """A heading stays if the first line of text behind it stays."""
    next_goes: Any = True
    for line in range(goes.size - 1, -1, -1):
        if 0 < markers[line] <= LOWEST_RANK:
            goes[line] &= next_goes
        elif kinds[line] != CODE or markers[line] != 0:
            next_goes = goes[line]


@kernel
def _staying(data: Any, lines: Any, kinds: Any, goes: Any, out: Any) -> Any:
    """Write the lines that stay; how many bytes, 0 if none goes or none but code would stay."""
    count = goes.size
    going = staying = 0
    for line in range(count):
        going += goes[line]
        staying += not goes[line] and kinds[line] != CODE
    if going == 0 or staying == 0:
        return 0
    used = 0
    for line in range(count):
        if not goes[line]:
            for at in range(lines[line, START], lines[line + 1, START] if line + 1 < count else data.size):
                out[used] = data[at]
                used += 1
    return used


@kernel
def _scores(numbers: Any, places: Any, features: Any, thresholds: Any, leaves: Any, out: Any) -> Any:
    """Add to `out` the sums of leaves of the lines at `places`."""
    # A tree stays at hand for all lines, and as many decisions for each let those of the next begin before they end.
    for tree in range(features.shape[0]):
        for number in range(places.size):
            line = places[number]
            at: Any = 0
            for _ in range(DEEP):
                at = 2 * at + 1 + (numbers[line, features[tree, at]] > thresholds[tree, at])
            out[number] += leaves[tree, at - NODES]
