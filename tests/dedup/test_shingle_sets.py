"""Sets of shingles are sorted and distinct, come back from their code as they were, and take little room."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.columns import Ragged
from dedup.shingle_sets import PADDING, decode, encode, shingle_sets

pytestmark = pytest.mark.kernel

ROWS = st.lists(st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 90), max_size=120), max_size=6)


def ragged(rows: list[list[int]]) -> Ragged:
    values = np.array([value for row in rows for value in row], np.uint32)
    return Ragged(values, np.cumsum([0, *map(len, rows)]).astype(np.int64))


def lists(found: Ragged) -> list[list[int]]:
    return [found.values[a:b].tolist() for a, b in zip(found.bounds[:-1], found.bounds[1:], strict=True)]


def there_and_back(sets: Ragged) -> Ragged:
    data, offsets = encode(sets)
    return decode(np.concatenate([data, np.full(PADDING, 255, np.uint8)]), offsets)


@settings(deadline=None, max_examples=300)
@given(ROWS)
def test_hashes_become_sorted_sets_and_their_code_gives_them_back(rows: list[list[int]]) -> None:
    sets = shingle_sets(ragged(rows))
    assert lists(sets) == [sorted(set(row)) for row in rows]
    assert lists(there_and_back(sets)) == [sorted(set(row)) for row in rows]


@pytest.mark.parametrize(
    "row",
    [
        [7] * 100_000,
        list(range(50_000)),
        [0, 2**32 - 1],
        [2**32 - 1],
        [value << 16 for value in range(1 << 16)],
        [*range(2**32 - 3000, 2**32)],
    ],
    ids=["one repeated", "from zero", "both ends", "last", "even", "crowded at the end"],
)
def test_hashes_that_are_not_spread_evenly(row: list[int]) -> None:
    sets = shingle_sets(ragged([row[::-1], row]))
    assert lists(sets) == [sorted(set(row))] * 2
    assert lists(there_and_back(sets)) == [sorted(set(row))] * 2


@pytest.mark.parametrize("size", [1, 2, 30, 90, 127, 128, 4000, 100_000])
def test_a_random_set_takes_hardly_more_than_it_must(size: int) -> None:
    generator = np.random.default_rng(size)
    rows = [generator.choice(1 << 32, size, replace=False).tolist() for _ in range(max(1, 200 // size))]
    data, offsets = encode(shingle_sets(ragged(rows)))
    must = size * (np.log2(2**32 / size) + np.log2(np.e)) / 8
    assert len(offsets) == len(rows) + 1
    assert len(data) / len(rows) <= 1.02 * must + 4


@pytest.mark.compiled
def test_damaged_codes_are_refused_and_harm_nobody() -> None:
    generator = np.random.default_rng(4)
    data, offsets = encode(shingle_sets(ragged([generator.integers(0, 1 << 32, 500).tolist() for _ in range(20)])))
    data = np.concatenate([data, np.zeros(PADDING, np.uint8)])
    refused = 0
    for _ in range(300):
        bad = data.copy()
        bad[generator.integers(len(data) - PADDING, size=40)] = generator.integers(0, 256, 40)
        try:
            decode(bad, offsets)
        except ValueError:
            refused += 1
    assert refused > 200
    with pytest.raises(ValueError, match="damaged"):
        decode(np.zeros_like(data) + np.uint8(1), offsets[:2] + np.array([0, 1 - offsets[1]]))
