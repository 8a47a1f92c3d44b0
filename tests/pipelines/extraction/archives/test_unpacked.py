"""How much a raw file holds, told without reading it whole."""

import gzip
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipelines.extraction.archives.unpacked import LOOKED_AT, USUAL, unpacked_bytes


def page(number: int) -> bytes:
    words = random.Random(number)
    return b" ".join(b"%x" % words.getrandbits(60) for _ in range(400)) * 4


def told(path: Path) -> float:
    return unpacked_bytes(path, path.name, path.stat().st_size)


@pytest.mark.parametrize("ending", [".warc.gz", ".warc.zst"])
def test_an_archive_of_many_members_is_judged_by_its_first(tmp_path: Path, ending: str) -> None:
    pages = [page(number) for number in range(600)]
    path = tmp_path / f"a{ending}"
    pack = gzip.compress if ending.endswith(".gz") else zstandard.ZstdCompressor().compress
    path.write_bytes(b"".join(map(pack, pages)))
    assert path.stat().st_size > LOOKED_AT
    assert told(path) == pytest.approx(sum(map(len, pages)), rel=0.1)


def test_a_table_says_it_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = [page(number).decode() for number in range(600)]
    pq.write_table(pa.table({"content": texts}), path, compression="zstd", use_dictionary=False)
    assert told(path) == pytest.approx(sum(map(len, texts)), rel=0.1)


def test_a_small_file_or_one_that_is_elsewhere_is_taken_to_pack_as_usual(tmp_path: Path) -> None:
    path = tmp_path / "a.html.gz"
    path.write_bytes(gzip.compress(bytes(10_000)))
    assert told(path) == USUAL * path.stat().st_size
    assert unpacked_bytes(None, "b.tar.gz", 5 << 20) == USUAL * (5 << 20)


def test_what_is_not_packed_holds_what_it_takes() -> None:
    assert unpacked_bytes(None, "a.html", 5 << 20) == 5 << 20
    assert unpacked_bytes(None, "unknown.gz", 0) == 0


@pytest.mark.parametrize("ending", [".warc.gz", ".parquet", ".tar.zst"])
def test_a_file_that_is_not_what_its_name_says_stops_no_plan(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"\x1f\x8b" + random.Random(1).randbytes(2 << 20))
    assert told(path) >= path.stat().st_size
