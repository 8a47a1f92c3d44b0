"""A file elsewhere is read by parts: those that are asked for, of one version, or it is brought whole."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.listing import expand
from pipelines.fetching.parts import TAIL, Parts, parts_of
from tests.pipelines.fetching.servers import HASTY, Loopback, Ranged, Served, answer


def table(rows: int = 20_000) -> bytes:
    """A table of two small columns beside a large one, in groups of rows."""
    numbers = np.arange(rows)
    texts = [np.random.default_rng(number).bytes(100) for number in numbers.tolist()]
    target = io.BytesIO()
    pq.write_table(pa.table({"a": numbers, "text": texts, "b": numbers * 3}), target, row_group_size=5000)
    return target.getvalue()


def parts(server: Loopback, responder: object, name: str = "/t.parquet") -> Parts | None:
    [file] = expand(server.on(name, responder))  # type: ignore[arg-type]
    return parts_of(file, HASTY)


def test_only_the_columns_that_are_asked_for_come(server: Loopback) -> None:
    content = table()
    served = Ranged(content)
    opened = parts(server, served)
    assert opened is not None
    with pq.ParquetFile(opened, pre_buffer=True) as parquet:
        assert parquet.read(["a", "b"]).column("b").to_pylist() == [3 * number for number in range(20_000)]
    assert served.sent == opened.taken < len(content) / 3
    assert len(server.requests) <= 1 + 2 * 4


@pytest.mark.parametrize("size", [1, 1000, TAIL - 1, TAIL, TAIL + 1, 3 * TAIL])
def test_every_place_has_its_byte(server: Loopback, size: int) -> None:
    content = np.random.default_rng(1).bytes(size)
    opened = parts(server, Ranged(content))
    assert opened is not None
    assert opened.read() == content
    for start, count in ((0, 10), (size // 2, size), (max(0, size - TAIL - 5), 20), (size, 5), (size + 7, 1)):
        opened.seek(start)
        assert opened.read(count) == content[start : start + count]
    assert opened.seek(-1, io.SEEK_END) == size - 1
    assert opened.read(5) == content[-1:] and opened.tell() == size


def test_parts_of_two_versions_are_never_mixed(server: Loopback) -> None:
    opened = parts(server, Ranged(bytes(3 * TAIL), etags=['"one"', '"one"', '"two"']))
    assert opened is not None
    opened.read(10)
    with pytest.raises(UserError, match=r"t\.parquet: changed on its server while it was being read"):
        opened.read(10)


def test_an_error_in_a_table_reads_as_the_error_of_its_file(server: Loopback) -> None:
    opened = parts(server, Ranged(table(), etags=['"one"', '"two"']))
    assert opened is not None
    with pytest.raises(UserError, match="changed on its server"), pq.ParquetFile(opened, pre_buffer=True) as parquet:
        parquet.read(["a"])


def test_what_no_server_gives_by_parts_is_to_be_brought_whole(server: Loopback, tmp_path: Path) -> None:
    assert parts(server, Served(b"content", ranges=False)) is None
    assert parts(server, Ranged(b"content"), "/t.jsonl") is None
    [file] = expand(server.on("/p.parquet", Ranged(b"content")))
    assert parts_of(replace(file, sha256="0" * 64), HASTY) is None, "only the whole file has the digest"
    (tmp_path / "t.parquet").write_bytes(b"content")
    [here] = expand(f"{tmp_path}/t.parquet")
    assert parts_of(here, HASTY) is None


def test_a_file_that_is_not_there_is_no_file_to_bring_whole(server: Loopback) -> None:
    with pytest.raises(UserError, match="not there"):
        parts(server, answer(404))


def test_a_range_that_is_cut_is_asked_for_again(server: Loopback) -> None:
    content = bytes(range(256)) * 1000
    opened = parts(server, Ranged(content))
    assert opened is not None
    server.on("/t.parquet", answer(503), Ranged(content))
    assert opened.read(50) == content[:50]
    server.on("/t.parquet", answer(503))
    with pytest.raises(Fault, match=r"t\.parquet: the server answers 503"):
        opened.read(50)
