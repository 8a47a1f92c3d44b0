"""Choices by hash: which split a document belongs to.

A choice depends on the seed and the id alone, never on order, workers or what else is in the corpus. Splits are drawn
by duplicate cluster, so that near copies never straddle training and test; the smaller share of a choice always lies
within the larger one, so a fraction can grow without moving what was chosen before.
"""

import hashlib
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def unit_hash(purpose: str, seed: int, identifier: str) -> float:
    """A number in [0, 1), evenly spread over ids: 53 bits of BLAKE2b of purpose, seed and id."""
    raw = f"{purpose}\0{seed}\0{identifier}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "big") >> 11) / (1 << 53)


def split_of(cluster: str, seed: int, validation: float, test: float) -> Split:
    """The split of a duplicate cluster (a document without duplicates is a cluster of its own id)."""
    place = unit_hash("split", seed, cluster)
    if place < validation:
        return "validation"
    # Test is drawn from the other end, so that a larger validation share leaves the test set as it was.
    return "test" if place >= 1 - test else "train"
