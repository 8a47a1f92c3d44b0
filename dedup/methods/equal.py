"""No near duplicates at all: only texts that are equal, by bytes or by words, are duplicates."""

import numpy as np

from dedup.columns import Ragged, Texts
from dedup.methods.base import U64, Method
from dedup.shingle_sets import shingle_sets


class OnlyEqual(Method):
    """Documents have no keys and never meet; the record shows how alike equal texts are."""

    name = "exact"
    keys_per_document = 0
    measure = "jaccard"

    def records(self, texts: Texts, shingles: Ragged) -> Ragged:  # noqa: ARG002 - the shingles are all it needs
        """The sorted sets of shingles."""
        return shingle_sets(shingles)

    def keys(self, records: Ragged) -> U64:
        """None."""
        return np.empty((len(records.bounds) - 1, 0), np.uint64)
