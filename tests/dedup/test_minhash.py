"""Signatures are datasketch's, bit for bit; bands are datasketch's choice; estimates stay within their error."""

import math

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.minhash import (
    EMPTY,
    Bands,
    band_hashes,
    estimate,
    meeting_probability,
    optimal_bands,
    recall_bands,
    signature,
)
from dedup.shingles import Shingler, as_bytes, reference_hashes
from dedup.words import words

pytestmark = pytest.mark.kernel


def peer(hashes: list[int], count: int, seed: int) -> list[int]:
    sketch = MinHash(num_perm=count, seed=seed, scheme="affine32", hashfunc=lambda value: value)
    for value in hashes:
        sketch.update(value)
    return [int(value) for value in sketch.hashvalues]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 2**32 - 1), max_size=80),
    st.sampled_from([(128, 1), (64, 7), (7, 42), (256, 0)]),
)
def test_signature_equals_datasketch(hashes: list[int], setting: tuple[int, int]) -> None:
    count, seed = setting
    ours = signature(np.array(hashes, dtype=np.uint32), count, seed)
    assert ours.tolist() == peer(hashes, count, seed)


def test_text_to_signature_equals_datasketch_on_the_same_shingles() -> None:
    text = r"Let \(f\) be holomorphic on the disc; then \frac{f'}{f} has Simple poles, Größe 漢字 and no others."
    hashes, _ = Shingler(5)(as_bytes(text))
    assert signature(hashes).tolist() == peer(reference_hashes(words(text), 5), 128, 1)


def test_no_words_is_the_empty_signature() -> None:
    assert signature(np.empty(0, np.uint32), 16).tolist() == [EMPTY] * 16


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.75, 0.8, 0.85, 0.9])
@pytest.mark.parametrize(("permutations", "weights"), [(128, (0.5, 0.5)), (64, (0.9, 0.1)), (100, (0.2, 0.8))])
def test_bands_are_datasketchs_optimum(threshold: float, permutations: int, weights: tuple[float, float]) -> None:
    index = MinHashLSH(threshold=threshold, num_perm=permutations, weights=weights)
    assert optimal_bands(threshold, permutations, weights) == (index.b, index.r)


def test_weights_move_the_bands_towards_recall() -> None:
    careful = optimal_bands(0.8, weights=(0.1, 0.9))
    assert meeting_probability(0.8, careful) > meeting_probability(0.8, optimal_bands(0.8))


def test_bands_meet_exactly_where_their_rows_are_equal() -> None:
    signatures = np.arange(20, dtype=np.uint32).reshape(2, 10)
    signatures[1, 3:6] = signatures[0, 3:6]
    hashes = band_hashes(signatures, Bands(3, 3))
    assert (hashes[0] == hashes[1]).tolist() == [False, True, False]


def test_equal_rows_of_different_bands_do_not_meet() -> None:
    hashes = band_hashes(np.zeros((1, 128), np.uint32), Bands(16, 8))
    assert len(np.unique(hashes)) == 16


@pytest.mark.compiled
@pytest.mark.parametrize("edits", [0.0, 0.01, 0.05, 0.2, 0.5])
def test_the_estimate_stays_within_four_standard_errors(edits: float) -> None:
    generator = np.random.default_rng(5)
    left = generator.integers(0, 1 << 32, 4000, dtype=np.uint32)
    right = left.copy()
    changed = generator.random(len(right)) < edits
    right[changed] = generator.integers(0, 1 << 32, int(changed.sum()), dtype=np.uint32)
    sets = set(left.tolist()), set(right.tolist())
    truth = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    error = math.sqrt(truth * (1 - truth) / 1024)
    assert abs(estimate(signature(left, 1024), signature(right, 1024)) - truth) <= 4 * error


@pytest.mark.compiled
def test_the_curve_measured_on_random_signatures_is_the_curve_promised() -> None:
    generator = np.random.default_rng(9)
    bands = optimal_bands(0.8)
    for similarity in (0.6, 0.75, 0.85, 0.95):
        left = generator.integers(0, 1 << 32, (4000, 128), dtype=np.uint32)
        right = np.where(generator.random(left.shape) < similarity, left, left + np.uint32(1))
        met = np.any(band_hashes(left, bands) == band_hashes(right, bands), axis=1).mean()
        promised = meeting_probability(similarity, bands)
        assert abs(met - promised) <= 4 * math.sqrt(promised * (1 - promised) / 4000) + 1e-9


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("count", [64, 128, 256])
def test_bands_for_recall_let_pairs_just_above_the_threshold_meet(threshold: float, count: int) -> None:
    bands = recall_bands(threshold, count)
    assert bands.bands * bands.rows <= count
    above = min(threshold + 0.02, threshold + (1 - threshold) / 10)
    assert meeting_probability(above, bands) >= 0.985
    wider = Bands(count // (bands.rows + 1), bands.rows + 1)
    assert meeting_probability(above, wider) < 0.985


def test_bands_for_recall_at_the_usual_threshold() -> None:
    assert recall_bands(0.8) == Bands(15, 7)
    assert recall_bands(1.0) == Bands(1, 128)
