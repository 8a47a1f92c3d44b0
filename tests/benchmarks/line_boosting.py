"""Boosted trees of decisions and a linear model of words, in NumPy and in whole and sorted order: no library decides.

Boosting with gradients and second derivatives over histograms is that of XGBoost (Chen and Guestrin, KDD 2016); trees
are as deep everywhere as `line_judge` asks. The linear model is a logistic regression on words that are there or not,
trained by AdaGrad (Duchi, Hazan, Singer 2011) in the order of the lines.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from pipelines.extraction.pages.line_judge import LEAVES, NODES

BINS = 64
SCALE = 256
"""Leaves and weights are written as whole numbers of so many a unit of log-odds."""
DEPTH = 5


class Growth(NamedTuple):
    """How trees grow."""

    trees: int = 90
    rate: float = 0.1
    least_weight: float = 8.0
    ridge: float = 6.0


class Words(NamedTuple):
    """Hashed words of lines: those of line i are `of[start[i]:start[i + 1]]`."""

    of: NDArray[np.int32]
    start: NDArray[np.int64]


def learn_words(words: Words, right: NDArray[np.bool_], weight: NDArray[np.float64], buckets: int) -> NDArray[np.int16]:
    """A weight for each bucket, in 1 / SCALE; shape (buckets,)."""
    learned = np.zeros(buckets)
    _adagrad(words.of, words.start, right, weight, learned, np.full(buckets, 1.0), 8, 0.3, 2e-4)
    return np.clip(np.rint(SCALE * learned), -8 * SCALE, 8 * SCALE).astype(np.int16)


@numba.njit
def _adagrad(
    of: Any, start: Any, right: Any, weight: Any, learned: Any, squares: Any, rounds: Any, rate: Any, decay: Any
) -> None:
    for _ in range(rounds):
        for line in range(right.size):
            if weight[line] <= 0:
                continue
            total = 0.0
            for at in range(start[line], start[line + 1]):
                total += learned[of[at]]
            error = weight[line] * (1.0 / (1.0 + np.exp(-total)) - right[line])
            for at in range(start[line], start[line + 1]):
                slope = error + decay * learned[of[at]]
                squares[of[at]] += slope * slope
                learned[of[at]] -= rate * slope / np.sqrt(squares[of[at]])


def weigh(words: Words, weights: NDArray[np.int16]) -> NDArray[np.int64]:
    """The sum of the weights of each line's words."""
    sums = np.concatenate([[0], np.cumsum(weights[words.of].astype(np.int64))])
    return sums[words.start[1:]] - sums[words.start[:-1]]


class Trees(NamedTuple):
    """As `line_judge.Model` has them."""

    features: NDArray[np.uint8]
    thresholds: NDArray[np.int32]
    leaves: NDArray[np.int16]


def grow(numbers: NDArray[np.int32], right: NDArray[np.bool_], weight: NDArray[np.float64], how: Growth) -> Trees:
    """Trees that tell right lines from others; `numbers` has shape (lines, features)."""
    edges = [_edges(column) for column in numbers.T]
    binned = np.empty(numbers.shape, np.uint8)
    for feature, bounds in enumerate(edges):
        binned[:, feature] = np.searchsorted(bounds, numbers[:, feature], side="left")
    features = np.zeros((how.trees, NODES), np.uint8)
    thresholds = np.full((how.trees, NODES), np.iinfo(np.int32).max, np.int32)
    leaves = np.zeros((how.trees, LEAVES), np.int16)
    raw = np.zeros(len(numbers))
    for tree in range(how.trees):
        chance = 1.0 / (1.0 + np.exp(-raw))
        slope, curve = weight * (chance - right), weight * chance * (1.0 - chance)
        at = np.zeros(len(numbers), np.int64)
        for node in range(NODES):
            chosen = np.flatnonzero(at == node)
            feature, bin_ = _split(binned, chosen, slope, curve, how.least_weight, how.ridge)
            if feature >= 0 and bin_ < len(edges[feature]):
                features[tree, node], thresholds[tree, node] = feature, edges[feature][bin_]
                goes = binned[chosen, feature] > bin_
            else:
                goes = np.zeros(len(chosen), bool)
            at[chosen] = 2 * node + 1 + goes
        leaf = at - NODES
        slopes, curves = np.bincount(leaf, slope, LEAVES), np.bincount(leaf, curve, LEAVES)
        leaves[tree] = np.rint(-SCALE * how.rate * slopes / (curves + how.ridge))
        raw += leaves[tree][leaf] / SCALE
    return Trees(features, thresholds, leaves)


def _edges(column: NDArray[np.int32]) -> NDArray[np.int32]:
    """Thresholds between the values of a number, at most so many as there are bins."""
    values = np.unique(column)
    if len(values) > BINS:
        values = np.unique(np.quantile(column, np.linspace(0, 1, BINS), method="lower"))
    return values[:-1].astype(np.int32)


@numba.njit
def _split(binned: Any, chosen: Any, slope: Any, curve: Any, least: Any, ridge: Any) -> Any:
    """The feature and the bin behind which a node splits best; -1 if it stays whole."""
    best, best_feature, best_bin = 1e-6, -1, 0
    slopes, curves = np.zeros(256), np.zeros(256)
    all_slopes = all_curves = 0.0
    for line in chosen:
        all_slopes += slope[line]
        all_curves += curve[line]
    if all_curves < 2 * least / 4:
        return best_feature, best_bin
    whole = all_slopes * all_slopes / (all_curves + ridge)
    for feature in range(binned.shape[1]):
        slopes[:] = 0.0
        curves[:] = 0.0
        for line in chosen:
            slopes[binned[line, feature]] += slope[line]
            curves[binned[line, feature]] += curve[line]
        left_slope = left_curve = 0.0
        for bin_ in range(255):
            left_slope += slopes[bin_]
            left_curve += curves[bin_]
            right_slope, right_curve = all_slopes - left_slope, all_curves - left_curve
            if left_curve < least / 4 or right_curve < least / 4:
                continue
            gain = (
                left_slope * left_slope / (left_curve + ridge)
                + right_slope * right_slope / (right_curve + ridge)
                - whole
            )
            if gain > best:
                best, best_feature, best_bin = gain, feature, bin_
    return best_feature, best_bin
