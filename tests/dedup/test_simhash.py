"""SimHash: the fingerprint by its definition, and no pair within reach missed by the blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.shingles import mix64
from dedup.simhash import PUBLISHED, SimHashSetting, block_keys, differing_bits, fingerprint

pytestmark = pytest.mark.kernel


def by_definition(text: str) -> int:
    lowered = text.lower()
    grams = {lowered[start : start + 3] for start in range(len(lowered) - 2)}
    result = 0
    hashes = [mix64((ord(gram[0]) << 42) | (ord(gram[1]) << 21) | ord(gram[2])) for gram in grams]
    for bit in range(64):
        if 2 * sum(value >> bit & 1 for value in hashes) > len(hashes):
            result |= 1 << bit
    return result


@settings(deadline=None)
@given(st.text(max_size=60))
def test_the_fingerprint_is_the_majority_of_each_bit(text: str) -> None:
    assert fingerprint(text) == by_definition(text)


@pytest.mark.parametrize("text", ["", "ab", "\ud800"])
def test_short_and_odd_texts_have_a_fingerprint(text: str) -> None:
    assert fingerprint(text) == 0


def test_the_published_setting_is_three_bits_in_four_blocks() -> None:
    assert PUBLISHED == (3, 4)


@settings(deadline=None)
@given(
    st.integers(0, 2**64 - 1),
    st.sets(st.integers(0, 63), max_size=7),
    st.sampled_from([SimHashSetting(3, 4), SimHashSetting(7, 8)]),
)
def test_two_fingerprints_within_reach_share_a_block(value: int, bits: set[int], setting: SimHashSetting) -> None:
    other = value
    for bit in bits:
        other ^= 1 << bit
    assert differing_bits(value, other) == len(bits)
    keys = block_keys(np.array([value, other], np.uint64), setting)
    if len(bits) <= setting.differing:
        assert np.any(keys[0] == keys[1])


def test_different_blocks_with_equal_bits_do_not_meet() -> None:
    assert len(np.unique(block_keys(np.zeros(1, np.uint64)))) == 4
