"""128-bit hashes by which documents are exactly equal: of their bytes, and of their normalised text.

Both are BLAKE2b (RFC 7693), so that no two different texts meet by accident or intent. The normalised text is the words
of `dedup.words` joined by one space; texts that differ only in letters' case, punctuation or spacing are equal there. A
text without words has no normalised text: only its bytes can be equal.
"""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.blake2b import DIGEST_BYTES

U8 = npt.NDArray[np.uint8]

HASH_BYTES = DIGEST_BYTES
NO_WORDS = bytes(HASH_BYTES)
"""Stands for the normalised hash of a text without words, which equals no other."""


def exact_hash(data: bytes | U8) -> bytes:
    """The hash of `data`; `dedup.blake2b` gives it for whole columns."""
    buffer: Any = data  # an array is a buffer at run time, whatever its stubs say
    return hashlib.blake2b(buffer, digest_size=HASH_BYTES).digest()


def normalised_hash(normalised: bytes | U8) -> bytes:
    """The same for a normalised text; `NO_WORDS` where it is empty."""
    return exact_hash(normalised) if len(normalised) else NO_WORDS
