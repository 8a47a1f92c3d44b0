"""SimHash, the method by which OpenWebMath was deduplicated, with the settings of the library it names.

OpenWebMath's README points to ChenghaoMou/text-dedup; its `simhash` program takes the distinct 3-grams of characters
of the lower-case text, hashes each to 64 bits, sets a bit of the fingerprint where more hashes have it set than not,
and takes two documents for duplicates where at most 3 bits differ, found through 4 blocks of 16 bits of which one
must be equal. The paper states a threshold of 0.7 besides, which that program has no parameter for; a share of equal
bits of 0.7 would be 19 differing bits. The hash of a 3-gram here is a mixer over its three code points in place of
XXH3, so fingerprints follow the same law but are not the same numbers.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from manifests.kernels import njit

U64 = npt.NDArray[np.uint64]

BITS = 64
CHARACTERS = 3


class SimHashSetting(NamedTuple):
    """`differing`: the most bits in which duplicates differ; `blocks`: pieces of which one must be equal.

    With more blocks than differing bits no pair within reach is missed (pigeonhole; Manku, Jain and Das Sarma 2007).
    """

    differing: int = 3
    blocks: int = 4


PUBLISHED = SimHashSetting()


@njit(nogil=True)
def _fingerprint(grams: Any) -> Any:
    counts = np.zeros(64, np.int64)
    for gram in grams:
        value = gram
        value ^= value >> np.uint64(33)
        value *= np.uint64(0xFF51AFD7ED558CCD)
        value ^= value >> np.uint64(33)
        value *= np.uint64(0xC4CEB9FE1A85EC53)
        value ^= value >> np.uint64(33)
        for bit in range(64):
            counts[bit] += np.int64((value >> np.uint64(bit)) & np.uint64(1))
    result = np.uint64(0)
    for bit in range(64):
        if 2 * counts[bit] > len(grams):
            result |= np.uint64(1) << np.uint64(bit)
    return result


def fingerprint(text: str | bytes) -> int:
    """The 64-bit SimHash of a text; 0 for a text of fewer than three characters."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    codes = np.frombuffer(text.lower().encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < CHARACTERS:
        return 0
    grams = codes[:-2] << np.uint64(42) | codes[1:-1] << np.uint64(21) | codes[2:]
    return int(_fingerprint(np.unique(grams)))


def block_keys(fingerprints: U64, setting: SimHashSetting = PUBLISHED) -> U64:
    """Keys of which two fingerprints within reach share one: (documents,) to (documents, blocks).

    The block's number stands above its bits, so keys of different blocks can share one table.
    """
    width = BITS // setting.blocks
    numbers = np.arange(setting.blocks, dtype=np.uint64)
    pieces = fingerprints[:, None] >> (numbers * np.uint64(width)) & np.uint64((1 << width) - 1)
    result: U64 = pieces * np.uint64(setting.blocks) + numbers
    return result


def differing_bits(left: int, right: int) -> int:
    """The Hamming distance of two fingerprints."""
    return (left ^ right).bit_count()
