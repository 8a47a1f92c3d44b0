"""Choosing a part of a crawl by a fraction and a seed."""

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from pipelines.web.path_lists import addresses, choose, read_paths

PATHS = [f"crawl-data/CC-MAIN-2023-06/segments/1/warc/CC-MAIN-{number:05d}.warc.gz" for number in range(1000)]


def test_reads_a_list_plain_or_compressed(tmp_path: Path) -> None:
    text = "\n".join(["# a comment", *PATHS[:3], "", ""]).encode()
    for name, data in (("warc.paths", text), ("warc.paths.gz", gzip.compress(text))):
        (tmp_path / name).write_bytes(data)
        assert read_paths(tmp_path / name) == PATHS[:3]


@pytest.mark.parametrize("data", [gzip.compress(b"a\n" * 999)[:-9], b"\x1f\x8bno", b"\xff\xfe\x00"])
def test_a_damaged_list_is_one_clear_line(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "warc.paths.gz").write_bytes(data)
    with pytest.raises(UserError, match=r"warc\.paths\.gz: .*expected a list of archives"):
        read_paths(tmp_path / "warc.paths.gz")


def test_takes_about_the_fraction() -> None:
    assert len(choose(PATHS, 0.1, 7)) == 100
    assert len(choose(PATHS, 1, 7)) == 1000
    assert len(choose(PATHS, 1e-9, 7)) == 1
    assert choose([], 0.5, 7) == []


def test_another_seed_takes_others() -> None:
    assert choose(PATHS, 0.1, 7) != choose(PATHS, 0.1, 8)
    assert choose(PATHS, 0.01, 7) == choose(PATHS, 0.01, 7)


@given(st.floats(0.001, 1), st.floats(0.001, 1), st.randoms(use_true_random=False))
def test_a_larger_fraction_contains_a_smaller_one_whatever_the_order(a: float, b: float, rng: random.Random) -> None:
    small, large = sorted((a, b))
    shuffled = rng.sample(PATHS, len(PATHS)) + PATHS[:10]
    assert set(choose(PATHS, small, 1)) <= set(choose(shuffled, large, 1))
    assert choose(PATHS, a, 1) == choose(shuffled, a, 1)


@pytest.mark.parametrize("fraction", [0, -1, 1.5, float("nan")])
def test_a_fraction_outside_its_range_is_refused(fraction: float) -> None:
    with pytest.raises(UserError, match="more than 0 and at most 1"):
        choose(PATHS, fraction, 1)


def test_paths_become_addresses() -> None:
    assert addresses(["a/b.warc.gz", "s3://c/d"]) == ["https://data.commoncrawl.org/a/b.warc.gz", "s3://c/d"]
