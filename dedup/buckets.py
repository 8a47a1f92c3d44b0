"""From documents that share a key to pairs worth comparing, in time that a bucket of equal documents cannot explode.

A key is the hash of a band (or any other reason to meet). Documents are numbers; those below `frozen` belong to an
earlier corpus and are never paired with each other. A bucket of up to `limit` documents gives all its pairs. A
larger one is led: its first document is compared with all others, those that match leave with it, and the next one
left leads, which for a bucket of equal documents is one round.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from manifests.kernels import njit

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

LEADERS = 64
"""Rounds after which a bucket whose documents do not match each other is given up to its neighbours."""


class Edges(NamedTuple):
    """Pairs of document numbers, the smaller left, with their verified similarity."""

    left: U64
    right: U64
    similarity: F64


NO_EDGES = Edges(np.empty(0, np.uint64), np.empty(0, np.uint64), np.empty(0, np.float64))


class Buckets(NamedTuple):
    """Documents sorted by (key, number), and the runs [starts[i], ends[i]) of at least two documents with one key."""

    documents: U64
    starts: I64
    ends: I64


def shared(keys: U64) -> I64:
    """The places of keys that occur more than once. Most do not, and need no further sorting."""
    order = np.argsort(keys)
    equal = keys[order[1:]] == keys[order[:-1]]
    in_run = np.zeros(len(keys), dtype=bool)
    in_run[1:] |= equal
    in_run[:-1] |= equal
    return np.sort(order[in_run])


def buckets(keys: U64, documents: U64) -> Buckets:
    """Group documents by key. The answer does not depend on the order of arrival."""
    use = shared(keys)
    keys, documents = keys[use], documents[use]
    order = np.lexsort((documents, keys))
    keys = keys[order]
    bounds = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]])) if len(keys) else np.zeros(1, int)
    return Buckets(documents[order], bounds[:-1].astype(np.int64), bounds[1:].astype(np.int64))


@njit(nogil=True)
def _count_pairs(documents: Any, starts: Any, ends: Any, limit: Any, frozen: Any) -> Any:
    total = np.int64(0)
    for bucket in range(len(starts)):
        size = ends[bucket] - starts[bucket]
        if size > limit:
            continue
        cold = np.int64(0)
        for place in range(starts[bucket], ends[bucket]):
            cold += np.int64(documents[place] < frozen)
        total += size * (size - 1) // 2 - cold * (cold - 1) // 2
    return total


@njit(nogil=True)
def _fill_pairs(documents: Any, starts: Any, ends: Any, limit: Any, frozen: Any, left: Any, right: Any) -> None:
    filled = np.int64(0)
    for bucket in range(len(starts)):
        if ends[bucket] - starts[bucket] > limit:
            continue
        for first in range(starts[bucket], ends[bucket]):
            for second in range(first + 1, ends[bucket]):
                if documents[second] >= frozen:
                    left[filled], right[filled] = documents[first], documents[second]
                    filled += 1


def all_pairs(found: Buckets, limit: int, frozen: int = 0) -> tuple[U64, U64]:
    """Every pair of every bucket of at most `limit` documents (at most limit (limit - 1) / 2 a bucket)."""
    bound = np.uint64(frozen)
    count = _count_pairs(found.documents, found.starts, found.ends, limit, bound)
    left, right = np.empty(count, np.uint64), np.empty(count, np.uint64)
    _fill_pairs(found.documents, found.starts, found.ends, limit, bound, left, right)
    return left, right


def stars(found: Buckets, frozen: int = 0) -> tuple[U64, U64]:
    """For buckets whose documents are known to be equal: the first of each bucket with every other one."""
    sizes = found.ends - found.starts
    heads = np.repeat(found.starts, sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    left, right = found.documents[heads], found.documents[heads + within]
    use = (within > 0) & (right >= np.uint64(frozen))
    return left[use], right[use]


def unique_pairs(left: U64, right: U64) -> tuple[U64, U64]:
    """The distinct pairs, sorted."""
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    new = np.ones(len(left), dtype=bool)
    new[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return left[new], right[new]


class Led(NamedTuple):
    """What leading one bucket gave: edges, pairs compared, and documents left when the leaders ran out."""

    edges: Edges
    compared: int
    given_up: int


def lead(members: U64, compare: Callable[[U64, U64], F64], threshold: float, frozen: int = 0) -> Led:
    """Compare a large bucket's documents with its leaders; `compare` gives similarities of pairs.

    Members lead in the order given. Costs one comparison a document and round. Documents still alone after `LEADERS`
    rounds are compared with their neighbours only, and counted.
    """
    bound = np.uint64(frozen)
    left_parts, right_parts, similarity_parts = [], [], []
    compared = rounds = 0
    while len(members) > 1:
        if rounds < LEADERS:
            others = members[1:] if members[0] >= bound else members[1:][members[1:] >= bound]
            leaders = np.full(len(others), members[0], np.uint64)
        else:
            leaders, others = members[:-1], members[1:]
            leaders, others = leaders[others >= bound], others[others >= bound]
        similarity = compare(leaders, others)
        compared += len(others)
        match = similarity >= threshold
        left_parts.append(leaders[match])
        right_parts.append(others[match])
        similarity_parts.append(similarity[match])
        if rounds == LEADERS:
            break
        rounds += 1
        members = members[1:][~np.isin(members[1:], others[match], assume_unique=True)]
    given_up = len(members) if rounds == LEADERS and len(members) > 1 else 0
    if not left_parts:
        return Led(NO_EDGES, 0, 0)
    edges = Edges(np.concatenate(left_parts), np.concatenate(right_parts), np.concatenate(similarity_parts))
    return Led(edges, compared, given_up)
