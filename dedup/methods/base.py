"""What a method of finding near duplicates is; see `dedup.methods` for how one is added."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dedup.columns import Ragged, Texts
from dedup.verifying import Measure
from manifests.settings.dedup import DedupSettings

U64 = npt.NDArray[np.uint64]


class Method(ABC):
    """Makes documents' records and the keys by which they meet, and says how two records are compared."""

    name: ClassVar[str]
    keys_per_document: int
    """Keys of a document; 0 for a method that lets only equal documents meet."""
    measure: Measure
    """How two records are compared."""
    threshold: float
    """Similarity of records from which documents are duplicates."""
    compare_all_to: int
    """Documents with one key up to which all pairs are compared; a larger bucket is led by its first documents."""

    def __init__(self, settings: DedupSettings) -> None:
        self.settings = settings
        self.threshold = settings.threshold
        self.compare_all_to = settings.compare_all_to

    @property
    def label(self) -> str:
        """What the name of a file of keys says about how they were made."""
        return self.name

    @property
    def error(self) -> float:
        """Standard error of a similarity at the threshold; 0 where it is measured and not estimated."""
        return 0.0

    @abstractmethod
    def records(self, texts: Texts, shingles: Ragged) -> Ragged:
        """The record of each text: what is kept of it, all that keys and comparisons need.

        `shingles` are the 32-bit hashes of each text's shingles, in order, with repetitions, and may be written over. A
        text without words has none; it is similar to nothing and its record is empty.
        """

    @abstractmethod
    def keys(self, records: Ragged) -> U64:
        """The keys of records, shape (documents, `keys_per_document`); those of an empty record mean nothing."""
