"""No near duplicates at all: only texts that are equal, by bytes or by words, are duplicates."""

import numpy as np

from dedup.jaccard import shingle_set
from dedup.methods.base import F64, U8, U32, U64, Method


class OnlyEqual(Method):
    """Documents have no signature and never meet; the record shows how alike equal texts are."""

    name = "exact"
    signature_bytes = 0
    keys_per_document = 0
    measure = "jaccard"

    def sign(self, text: U8, hashes: U32) -> tuple[bytes, U32]:  # noqa: ARG002 - the shingles are all it needs
        """Nothing, and the sorted set of shingles."""
        return b"", shingle_set(hashes)

    def resemblance(self, signatures: U8, signature: bytes) -> F64:  # noqa: ARG002 - there is nothing to compare
        """Nothing is known."""
        return np.zeros(len(signatures))

    def keys(self, signatures: U8) -> U64:
        """None."""
        return np.empty((len(signatures), 0), np.uint64)
