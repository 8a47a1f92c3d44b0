"""Estimates an n-gram language model with modified Kneser-Ney smoothing and writes it in ARPA format, for KenLM.

The package of KenLM can query models and not make them, and its program lmplz has to be built apart with Boost. This
is the same estimate for corpora that fit into memory (some 60 bytes for each word and order). Every step works on
whole arrays: an n-gram is a number, made from the number of its first n-1 words and its last word.

Source: Heafield, Pouzyrevsky, Clark, Koehn, "Scalable Modified Kneser-Ney Language Model Estimation" (ACL 2013),
section 3, after Chen and Goodman (1998): adjusted counts (equations 1 and 2), discounts (equation 3), interpolation
down to the uniform distribution over the vocabulary with <unk>. Nothing is pruned.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from manifests.errors import UserError
from manifests.writing import atomic

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

UNKNOWN, BEGIN, END = 0, 1, 2
SPECIAL = ("<unk>", "<s>", "</s>")
FALLBACK = (0.5, 1.0, 1.5)
"""Discounts where the corpus is too small to estimate them: those of lmplz --discount_fallback."""
HIGHEST_ORDER = 6
"""The package kenlm reads no higher ones as it is built by default."""
NEVER = -99.0
"""log10 probability of the beginning of a sentence, by custom of the format."""


class NGrams(NamedTuple):
    """The distinct n-grams of one order, sorted; row numbers are what `prefix` and `suffix` of the next order hold.

    `word` is the last word, `prefix` the row of all but the last in the order below, `suffix` of all but the first.
    `begins` tells whether the first word is <s>. `counts` are the adjusted counts.
    """

    word: Integers
    prefix: Integers
    suffix: Integers
    begins: NDArray[np.bool_]
    counts: Integers


def estimate(lines: Iterable[str], order: int, target: Path) -> list[int]:
    """Write the model of `lines` (a sentence each, words parted by spaces) to `target`; the number of n-grams by order.

    Raises UserError for an order that cannot be used, or without any words.
    """
    if not 2 <= order <= HIGHEST_ORDER:
        raise UserError(f"order {order}: expected a number from 2 to {HIGHEST_ORDER}")
    tokens, words = _tokens(lines)
    orders = _count(tokens, order, len(words))
    probabilities, backoffs = _smooth(orders, len(words))
    _write(words, orders, probabilities, backoffs, target)
    return [len(grams.word) for grams in orders]


def _tokens(lines: Iterable[str]) -> tuple[Integers, list[str]]:
    """All sentences in a row as numbers of words, and the words in the order of their numbers."""
    seen: dict[str, int] = {}
    stream: list[NDArray[np.int64]] = []
    for line in lines:
        numbers = [seen.setdefault(word, len(seen)) for word in line.split() if word not in SPECIAL]
        if numbers:
            stream.append(np.array([-2, *numbers, -1], dtype=np.int64))
    if not stream:
        raise UserError("there are no words to learn a language model from")
    words = sorted(seen)
    renumber = np.empty(len(words) + 2, dtype=np.int64)
    for number, word in enumerate(words):
        renumber[seen[word]] = number + len(SPECIAL)
    renumber[-2:] = BEGIN, END
    return renumber[np.concatenate(stream)], [*SPECIAL, *words]


def _count(tokens: Integers, order: int, size: int) -> list[NGrams]:
    """The n-grams of every order up to `order`, the lower ones with adjusted counts."""
    everything = np.arange(size, dtype=np.int64)
    zeros = np.zeros(size, dtype=np.int64)
    orders = [NGrams(everything, zeros, zeros, everything == BEGIN, np.bincount(tokens, minlength=size))]
    rows = tokens  # the row of the n-gram that begins at each token; -1 where it would leave its sentence
    for length in range(2, order + 1):
        starts = np.flatnonzero(rows[: 1 - length] >= 0) if length > 2 else np.arange(len(tokens) - 1)
        starts = starts[tokens[starts + length - 2] != END]
        keys = rows[starts] * size + tokens[starts + length - 1]
        _, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        at = starts[first]
        grams = NGrams(tokens[at + length - 1], rows[at], rows[at + 1], tokens[at] == BEGIN, counts)
        orders[-1] = _adjusted(orders[-1], grams.suffix)
        orders.append(grams)
        rows = np.full(len(tokens), -1, dtype=np.int64)
        rows[starts] = inverse.reshape(-1)
    return orders


def _adjusted(grams: NGrams, suffixes: Integers) -> NGrams:
    """Counts of how many different words stand before each n-gram; before <s> stands nothing, its count stays."""
    before = np.bincount(suffixes, minlength=len(grams.word))
    return grams._replace(counts=np.where(grams.begins, grams.counts, before))


def _smooth(orders: list[NGrams], size: int) -> tuple[list[Floats], list[Floats]]:
    """Probabilities of the n-grams of every order, and the backoff weights of all orders but the highest."""
    probabilities: list[Floats] = []
    backoffs: list[Floats] = []
    uniform = 1.0 / (size - 1)  # over all words, </s> and <unk>; <s> is never predicted
    for number, grams in enumerate(orders):
        count = grams.counts.copy()
        if number == 0:
            count[BEGIN] = 0
        discount = _discounts(count)[np.minimum(count, 3)]
        contexts = 1 if number == 0 else len(orders[number - 1].word)
        total = np.bincount(grams.prefix, weights=count, minlength=contexts)
        left = np.bincount(grams.prefix, weights=discount, minlength=contexts)
        followed = total > 0
        weight = np.divide(left, total, out=np.ones(contexts), where=followed)
        lower = np.full(size, uniform) if number == 0 else probabilities[-1][grams.suffix]
        seen = np.divide(count - discount, total[grams.prefix], out=np.zeros(len(count)), where=count > 0)
        probabilities.append(seen + weight[grams.prefix] * lower)
        if number:
            backoffs.append(weight)
    return probabilities, backoffs


def _discounts(count: Integers) -> Floats:
    """How much is taken from n-grams counted 0, 1, 2, and 3 or more times (equation 3)."""
    times = [float(np.count_nonzero(count == number)) for number in range(5)]
    if not all(times[1:]):
        return np.array([0.0, *FALLBACK])
    share = times[1] / (times[1] + 2 * times[2])
    found = [number - (number + 1) * share * times[number + 1] / times[number] for number in (1, 2, 3)]
    if not all(0 <= value <= number for number, value in enumerate(found, 1)):
        return np.array([0.0, *FALLBACK])
    return np.array([0.0, *found])


def _write(
    words: list[str], orders: list[NGrams], probabilities: list[Floats], backoffs: list[Floats], target: Path
) -> None:
    with atomic(target) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write("\\data\\\n")
        for number, grams in enumerate(orders, 1):
            stream.write(f"ngram {number}={len(grams.word)}\n")
        texts: list[str] = []
        for number, grams in enumerate(orders):
            stream.write(f"\n\\{number + 1}-grams:\n")
            texts = [
                words[word] if number == 0 else f"{texts[prefix]} {words[word]}"
                for word, prefix in zip(grams.word.tolist(), grams.prefix.tolist(), strict=True)
            ]
            logarithms = np.log10(probabilities[number]).tolist()
            if number == 0:
                logarithms[BEGIN] = NEVER
            if number == len(backoffs):
                stream.writelines(f"{log:.6f}\t{text}\n" for log, text in zip(logarithms, texts, strict=True))
            else:
                weights = np.log10(backoffs[number]).tolist()
                stream.writelines(
                    f"{log:.6f}\t{text}\t{weight:.6f}\n"
                    for log, text, weight in zip(logarithms, texts, weights, strict=True)
                )
        stream.write("\n\\end\\\n")
