"""128-bit hashes by which documents are exactly equal: of their bytes, and of their normalised text.

Both are SHA-256 (FIPS 180-4) cut to its first 16 bytes, so that no two different texts meet by accident or intent.
The normalised text is the words of `dedup.words` joined by one space; texts that differ only in letters' case,
punctuation or spacing are equal there. A text without words has no normalised text: only its bytes can be equal.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]

HASH_BYTES = 16
NO_WORDS = bytes(HASH_BYTES)
"""Stands for the normalised hash of a text without words, which equals no other."""


def exact_hash(data: bytes | U8) -> bytes:
    """The first 16 bytes of the SHA-256 of `data`."""
    buffer: Any = data  # an array is a buffer at run time, whatever its stubs say
    return hashlib.sha256(buffer).digest()[:HASH_BYTES]


def normalised_hash(normalised: bytes | U8) -> bytes:
    """The same for a normalised text; `NO_WORDS` where it is empty."""
    return exact_hash(normalised) if len(normalised) else NO_WORDS
