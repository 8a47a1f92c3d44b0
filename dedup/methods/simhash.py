"""SimHash as OpenWebMath used it: documents meet where one block of their fingerprints is equal."""

import numpy as np

from dedup.columns import Ragged, Texts
from dedup.methods.base import U64, Method
from dedup.simhash import BITS, SimHashSetting, block_keys, fingerprint
from manifests.settings.dedup import DedupSettings


class SimHash(Method):
    """The record is the fingerprint itself, and similarity the share of equal bits."""

    name = "simhash"
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

    def records(self, texts: Texts, shingles: Ragged) -> Ragged:
        """The fingerprints, each in two halves; the method has shingles of its own."""
        worded = np.diff(shingles.bounds) > 0
        starts, ends = texts.offsets[:-1][worded].tolist(), texts.offsets[1:][worded].tolist()
        prints = [fingerprint(texts.data[start:end].tobytes()) for start, end in zip(starts, ends, strict=True)]
        values = np.array(prints, "<u8").view("<u4").astype(np.uint32, copy=False)
        return Ragged(values, np.concatenate([[0], np.cumsum(worded * 2)]))

    def keys(self, records: Ragged) -> U64:
        """Each block with its number."""
        keys = np.zeros((len(records.bounds) - 1, self.keys_per_document), np.uint64)
        prints = records.values.astype("<u4", copy=False).view("<u8").astype(np.uint64, copy=False)
        keys[np.diff(records.bounds) > 0] = block_keys(prints, self.setting)
        return keys
