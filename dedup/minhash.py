"""MinHash signatures equal bit for bit to datasketch 2.0, the bands made of them, and the curve they promise.

The scheme is datasketch's `affine32` (datasketch/minhash.py): a shingle's 32-bit hash is mixed once by MurmurHash3's
32-bit finalizer, each permutation is `a * h + b` modulo 2^32 with odd `a`, and a signature is the minimum of each
permutation over the document's shingles. Bands and rows are datasketch's own optimum for a threshold and weights.
"""

import math
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.columns import Ragged
from manifests.kernels import njit

if TYPE_CHECKING:
    from datasketch import LeanMinHash

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]

RECALL = 0.985
"""Share of the pairs just above the threshold that must meet where bands are chosen for recall."""
SCHEME = "affine32"
EMPTY = 0xFFFFFFFF
"""Every place of the signature of a document without a single word."""


class Bands(NamedTuple):
    """A signature cut into `bands` pieces of `rows` values; two documents meet where one piece is equal."""

    bands: int
    rows: int


def optimal_bands(threshold: float, permutations: int = 128, weights: tuple[float, float] = (0.5, 0.5)) -> Bands:
    """datasketch's choice for a Jaccard threshold and (false positive, false negative) weights that sum to 1.

    The least weighted sum of the area under the S-curve below the threshold and over it above (`MinHashLSH`).
    """
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=permutations, weights=weights)
    return Bands(index.b, index.r)


def recall_bands(threshold: float, permutations: int = 128, recall: float = RECALL) -> Bands:
    """The widest rows, and the fewest bands of them, by which pairs just above a threshold still meet.

    Just above is a tenth of the way to 1, at most .02. Wide rows let few pairs meet that are not alike. What meets by
    accident is measured and dropped, so nothing but time is lost by it: at 0.8 the choice is 15 bands of 7 rows, where
    datasketch's optimum (9 of 13) lets half of the pairs at .82 pass by unseen.
    """
    similarity = min(threshold + 0.02, threshold + (1 - threshold) / 10)
    for rows in range(permutations, 0, -1):
        apart = 1 - similarity**rows  # the probability that a pair does not meet in one band
        needed = 1.0 if apart == 0 else math.inf if apart == 1 else math.log(1 - recall) / math.log(apart)
        if needed * rows <= permutations and (bands := math.ceil(needed)) * rows <= permutations:
            return Bands(bands, rows)
    return Bands(permutations, 1)


def meeting_probability(similarity: float, bands: Bands) -> float:
    """The S-curve: 1 - (1 - s^rows)^bands (Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4)."""
    return float(1 - (1 - similarity**bands.rows) ** bands.bands)


@cache
def permutations(count: int = 128, seed: int = 1) -> tuple[U32, U32]:
    """datasketch's `a` (odd) and `b` for `count` permutations.

    Drawn as datasketch draws them, from NumPy's `RandomState`, whose numbers are frozen; to load datasketch itself,
    and SciPy with it, would take each worker a third of a second and 28 MB.
    """
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, count, dtype=np.uint32)
    a.setflags(write=False)
    b.setflags(write=False)
    return a, b


@njit(nogil=True)
def _premix(hashes: Any, out: Any) -> None:
    """MurmurHash3's 32-bit finalizer on every hash."""
    for index in range(len(hashes)):
        value = hashes[index]
        value ^= value >> np.uint32(16)
        value = np.uint32(value * np.uint32(0x85EBCA6B))
        value ^= value >> np.uint32(13)
        value = np.uint32(value * np.uint32(0xC2B2AE35))
        out[index] = value ^ (value >> np.uint32(16))


@njit(nogil=True)
def _minima(mixed: Any, a: Any, b: Any, signature: Any) -> None:
    """The minimum of each permutation; the inner loop runs over shingles and is vectorised by the compiler."""
    for place in range(len(a)):
        factor, shift = a[place], b[place]
        smallest = np.uint32(0xFFFFFFFF)
        for index in range(len(mixed)):
            smallest = min(smallest, np.uint32(factor * mixed[index] + shift))
        signature[place] = smallest


@njit(nogil=True)
def _signatures(values: Any, bounds: Any, a: Any, b: Any, room: Any, out: Any) -> None:
    for row in range(len(bounds) - 1):
        mixed = room[: bounds[row + 1] - bounds[row]]
        _premix(values[bounds[row] : bounds[row + 1]], mixed)
        _minima(mixed, a, b, out[row])


def signatures(hashes: Ragged, a: U32, b: U32) -> U32:
    """The signature of each document's 32-bit shingle hashes by permutations `a`, `b`: (documents, permutations).

    Repetitions and order do not matter; a document without hashes has `EMPTY` everywhere.
    """
    out = np.empty((len(hashes.bounds) - 1, len(a)), np.uint32)
    longest = int(np.diff(hashes.bounds).max(initial=0))
    _signatures(hashes.values, hashes.bounds, a, b, np.empty(longest, np.uint32), out)
    return out


def signature(hashes: U32, count: int = 128, seed: int = 1) -> U32:
    """The signature of one document's hashes, shape (count,), as datasketch would make it."""
    rows: U32 = signatures(Ragged(hashes, np.array([0, len(hashes)], np.int64)), *permutations(count, seed))[0]
    return rows


@njit(nogil=True)
def _band_hashes(signatures: Any, bands: Any, rows: Any, out: Any) -> None:
    for document in range(signatures.shape[0]):
        for band in range(bands):
            value = np.uint64(band + 1)
            for row in range(rows):
                value ^= np.uint64(signatures[document, band * rows + row])
                value *= np.uint64(0xFF51AFD7ED558CCD)
                value ^= value >> np.uint64(32)
                value *= np.uint64(0xC4CEB9FE1A85EC53)
                value ^= value >> np.uint64(29)
            out[document, band] = value


def band_hashes(signatures: U32, bands: Bands) -> U64:
    """64-bit hashes of every band of every signature: (documents, permutations) to (documents, bands).

    The band's number goes into its hash, so hashes of different bands can share one table.
    """
    out = np.empty((len(signatures), bands.bands), np.uint64)
    _band_hashes(signatures, bands.bands, bands.rows, out)
    return out


def as_datasketch(minima: U32, seed: int = 1) -> "LeanMinHash":
    """A signature as datasketch's own object, for its indexes and measures."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=seed, hashvalues=minima.astype(np.uint32), scheme=SCHEME)


def estimate(left: U32, right: U32) -> float:
    """The Jaccard similarity that two signatures suggest; standard error sqrt(s (1 - s) / permutations)."""
    return float(np.count_nonzero(left == right) / len(left))
