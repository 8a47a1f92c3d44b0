"""The column's hashes are those of `hashlib.blake2b`, whatever the lengths."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.blake2b import digests

pytestmark = pytest.mark.kernel


def column(texts: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    return np.frombuffer(b"".join(texts), np.uint8), np.cumsum([0, *map(len, texts)])


def of_hashlib(texts: list[bytes]) -> list[bytes]:
    return [hashlib.blake2b(text, digest_size=16).digest() for text in texts]


def test_every_length_around_the_ends_of_blocks_and_words() -> None:
    data = np.random.default_rng(1).integers(0, 256, 600, dtype=np.uint8).tobytes()
    texts = [data[:size] for size in range(600)]
    assert [row.astype("<u8").tobytes() for row in digests(*column(texts))] == of_hashlib(texts)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.binary(max_size=300), max_size=10))
def test_texts_do_not_touch_each_other(texts: list[bytes]) -> None:
    assert [row.astype("<u8").tobytes() for row in digests(*column(texts))] == of_hashlib(texts)
