"""SimHash as OpenWebMath used it: documents meet where one block of their fingerprints is equal."""

import numpy as np

from dedup.methods.base import F64, U8, U32, U64, Method
from dedup.simhash import BITS, SimHashSetting, block_keys, fingerprint
from manifests.settings.dedup import DedupSettings


class SimHash(Method):
    """The record is the fingerprint itself, and similarity the share of equal bits."""

    name = "simhash"
    signature_bytes = BITS // 8
    measure = "bits"

    def __init__(self, settings: DedupSettings) -> None:
        super().__init__(settings)
        self.setting = SimHashSetting(settings.differing_bits, settings.blocks)
        self.threshold = 1 - settings.differing_bits / BITS
        self.keys_per_document = settings.blocks
        # It promises to miss no pair within reach, so its buckets are compared whole.
        self.compare_all_to = 1 << 12

    @property
    def label(self) -> str:
        """`simhash-BITSxBLOCKS`."""
        return f"{self.name}-{self.setting.differing}x{self.setting.blocks}"

    def sign(self, text: U8, hashes: U32) -> tuple[bytes, U32]:  # noqa: ARG002 - it has shingles of its own
        """The fingerprint, twice."""
        signature = fingerprint(text.tobytes()).to_bytes(self.signature_bytes, "little")
        return signature, np.frombuffer(signature, "<u4")

    def resemblance(self, signatures: U8, signature: bytes) -> F64:
        """The share of equal bits."""
        different = np.unpackbits(signatures ^ np.frombuffer(signature, np.uint8), axis=1).sum(axis=1)
        return np.asarray(1 - different / BITS, np.float64)

    def keys(self, signatures: U8) -> U64:
        """Each block with its number."""
        return block_keys(signatures.view("<u8").reshape(-1), self.setting)
