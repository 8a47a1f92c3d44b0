"""MinHash with bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4).

Bands are chosen for what happens to the candidates. Where each is measured exactly, false candidates cost a little time
and nothing else, so bands are cut for recall. Where similarity is only estimated they are datasketch's optimum, which
weighs false candidates against misses.
"""

import math

import numpy as np

from dedup.columns import Ragged, Texts
from dedup.methods.base import U64, Method
from dedup.minhash import Bands, band_hashes, optimal_bands, permutations, recall_bands, signatures
from dedup.shingle_sets import shingle_sets
from manifests.settings.dedup import DedupSettings


class MinHash(Method):
    """Documents meet where a band of their signatures is equal; the record is the set of shingles or the signature."""

    name = "minhash"

    def __init__(self, settings: DedupSettings) -> None:
        super().__init__(settings)
        self.exactly = settings.verification == "exact"
        self.measure = "jaccard" if self.exactly else "places"
        self.bands = bands_of(settings)
        self.keys_per_document = self.bands.bands

    @property
    def label(self) -> str:
        """`minhash-BANDSxROWS`."""
        return f"{self.name}-{self.bands.bands}x{self.bands.rows}"

    @property
    def error(self) -> float:
        """sqrt(s (1 - s) / permutations) where similarities are estimates."""
        if self.exactly:
            return 0.0
        return math.sqrt(self.threshold * (1 - self.threshold) / self.settings.permutations)

    def records(self, texts: Texts, shingles: Ragged) -> Ragged:  # noqa: ARG002 - the shingles are all it needs
        """The sorted sets of shingles, from which signatures can be made at any time; or the signatures."""
        if self.exactly:
            return shingle_sets(shingles)
        worded = np.diff(shingles.bounds) > 0
        minima = signatures(shingles, *permutations(self.settings.permutations, self.settings.seed))[worded]
        return Ragged(minima.reshape(-1), np.concatenate([[0], np.cumsum(worded * self.settings.permutations)]))

    def keys(self, records: Ragged) -> U64:
        """A hash of each band."""
        used = self.bands.bands * self.bands.rows
        if self.exactly:
            factors, shifts = permutations(self.settings.permutations, self.settings.seed)
            return band_hashes(signatures(records, factors[:used], shifts[:used]), self.bands)
        keys = np.zeros((len(records.bounds) - 1, self.keys_per_document), np.uint64)
        minima = records.values.reshape(-1, self.settings.permutations)
        keys[np.diff(records.bounds) > 0] = band_hashes(minima, self.bands)
        return keys


def bands_of(settings: DedupSettings) -> Bands:
    """Bands and rows: as given, for recall, or datasketch's optimum."""
    if settings.bands is not None and settings.rows is not None:
        return Bands(settings.bands, settings.rows)
    choice = settings.band_choice or ("recall" if settings.verification == "exact" else "optimum")
    if choice == "recall":
        return recall_bands(settings.threshold, settings.permutations)
    weight = settings.false_positive_weight
    return optimal_bands(settings.threshold, settings.permutations, (weight, 1 - weight))
