"""A set of keys answers as a set of Python does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.key_set import BITS, FACTOR, FINISH, KeySet, text_keys

pytestmark = pytest.mark.kernel

# Keys that agree in the bits of the table, so that the search has to tell them apart.
KEYS = st.one_of(st.integers(0, 2**64 - 1), st.builds(lambda low, high: low | high << BITS, *[st.integers(0, 3)] * 2))


@settings(deadline=None)
@given(st.lists(KEYS, max_size=60), st.lists(KEYS, max_size=60))
def test_places_are_those_of_members_in_order(wanted: list[int], asked: list[int]) -> None:
    found = KeySet(np.unique(np.array(wanted, np.uint64))).places(np.array(asked, np.uint64))
    assert found.tolist() == [place for place, key in enumerate(asked) if key in set(wanted)]


def test_columns_of_a_table_can_be_asked_for() -> None:
    table = np.arange(20, dtype=np.uint64).reshape(10, 2)
    assert KeySet(np.array([4, 5, 8], np.uint64)).places(table[:, 0]).tolist() == [2, 4]


def reference_key(text: bytes) -> int:
    """The key of one text in plain Python."""
    mask = 2**64 - 1
    chunks = [text[start : start + 8] for start in range(0, len(text) - 7, 8)]
    if len(text) % 8:
        chunks.append(text[-8:])
    total = len(text)
    for chunk in chunks:
        total = (total ^ int.from_bytes(chunk, "little")) * FACTOR & mask
        total ^= total >> 32
    for factor in FINISH:
        total = (total ^ (total >> 33)) * factor & mask
    return total ^ (total >> 33)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_a_key_of_a_text_is_that_of_its_bytes_wherever_they_lie(texts: list[bytes]) -> None:
    offsets = np.cumsum([3, *map(len, texts)]).astype(np.int64)
    data = np.frombuffer(b"abc" + b"".join(texts), np.uint8)
    assert text_keys(data, offsets).tolist() == [reference_key(text) for text in texts]


def test_keys_of_near_texts_have_nothing_in_common() -> None:
    texts = [f"https://example.org/page/{number}".encode() for number in range(20_000)]
    keys = text_keys(np.frombuffer(b"".join(texts), np.uint8), np.cumsum([0, *map(len, texts)]).astype(np.int64))
    assert len(set(keys.tolist())) == len(texts)
    buckets = np.bincount((keys & np.uint64(1023)).astype(np.int64), minlength=1024)
    assert buckets.max() < 50, "about 20 in each"
