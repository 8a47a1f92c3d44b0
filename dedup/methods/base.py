"""What a method of finding near duplicates is; see `dedup.methods` for how one is added."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from dedup.verifying import Measure
from manifests.settings.dedup import DedupSettings

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]


class Method(ABC):
    """Signs documents, makes the keys by which they meet, and says how two of them are compared.

    Instances are cheap and live in every process; they hold buffers, so one must not be shared between threads that
    sign.
    """

    name: ClassVar[str]
    signature_bytes: int
    """Width of a signature; 0 for a method that has none."""
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
    def sign(self, text: U8, hashes: U32) -> tuple[bytes, U32]:
        """A document's signature and record.

        `text`: its UTF-8 bytes; `hashes`: the 32-bit hashes of its shingles, in order, with repetitions; none for a
        text without words, which is similar to nothing and has an empty record.
        """

    @abstractmethod
    def resemblance(self, signatures: U8, signature: bytes) -> F64:
        """How similar signatures, (documents, `signature_bytes`), suggest their documents are to one of `signature`."""

    @abstractmethod
    def keys(self, signatures: U8) -> U64:
        """The keys of signatures: (documents, `signature_bytes`) to (documents, `keys_per_document`)."""
