"""MinHash with bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4).

Bands are chosen for what happens to the candidates. Where each is measured exactly, false candidates cost a little time
and nothing else, so bands are cut for recall. Where similarity is only estimated they are datasketch's optimum, which
weighs false candidates against misses.
"""

import math

import numpy as np

from dedup.jaccard import shingle_set
from dedup.methods.base import F64, U8, U32, U64, Method
from dedup.minhash import Bands, Signer, band_hashes, optimal_bands, recall_bands
from manifests.settings.dedup import DedupSettings


class MinHash(Method):
    """Documents meet where a band of their signatures is equal; the record is the set of shingles or the signature."""

    name = "minhash"

    def __init__(self, settings: DedupSettings) -> None:
        super().__init__(settings)
        self.exactly = settings.verification == "exact"
        self.signature_bytes = 4 * settings.permutations
        self.measure = "jaccard" if self.exactly else "places"
        self.bands = bands_of(settings)
        self.keys_per_document = self.bands.bands
        self._signer = Signer(settings.permutations, settings.seed)

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

    def sign(self, text: U8, hashes: U32) -> tuple[bytes, U32]:  # noqa: ARG002 - the shingles are all it needs
        """The minima of the permutations; the sorted set of shingles, or the minima again."""
        record = shingle_set(hashes)
        places = self._signer(record)
        signature = places.astype("<u4", copy=False).tobytes()
        if not self.exactly:
            record = places if len(hashes) else np.empty(0, np.uint32)
        return signature, record

    def resemblance(self, signatures: U8, signature: bytes) -> F64:
        """The share of equal minima."""
        equal = signatures.view("<u4") == np.frombuffer(signature, "<u4")
        return np.asarray(np.count_nonzero(equal, axis=1) / self.settings.permutations, np.float64)

    def keys(self, signatures: U8) -> U64:
        """A hash of each band."""
        return band_hashes(signatures.view("<u4"), self.bands)


def bands_of(settings: DedupSettings) -> Bands:
    """Bands and rows: as given, for recall, or datasketch's optimum."""
    if settings.bands is not None and settings.rows is not None:
        return Bands(settings.bands, settings.rows)
    choice = settings.band_choice or ("recall" if settings.verification == "exact" else "optimum")
    if choice == "recall":
        return recall_bands(settings.threshold, settings.permutations)
    weight = settings.false_positive_weight
    return optimal_bands(settings.threshold, settings.permutations, (weight, 1 - weight))
