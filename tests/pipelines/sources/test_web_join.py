"""A list of addresses finds its records in a columnar index: the capture that was meant, and what is lacking."""

import json
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from pipelines.commands.cli import main
from pipelines.sources.web_index import places
from pipelines.sources.web_join import Joined, found_in, join, keys_of, second, wanted
from tests.pipelines.fetching.servers import Ranged, Served, serving

NOON = datetime(2023, 2, 1, 12)


def index_rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "url": f"http://a.example/{number}",
            "fetch_time": NOON + timedelta(seconds=number),
            "fetch_status": 200,
            "warc_filename": f"crawl/{number % 7}.warc.gz",
            "warc_record_offset": 1000 * number,
            "warc_record_length": 900,
        }
        for number in range(start, start + count)
    ]


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)
    return path


def found(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.glob("index-*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_the_answer_is_an_index_in_the_order_of_archives_and_what_lacks_is_listed(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1.parquet", index_rows(200)), write(tmp_path / "2.parquet", index_rows(200, 200))
    urls = [f"http://a.example/{number}" for number in (3, 390, 77, 5000)]
    asked = wanted([write(tmp_path / "list.parquet", [{"url": url} for url in urls])])
    out = tmp_path / "out"
    told = join(asked, [("1", lambda: nullcontext(one)), ("2", lambda: nullcontext(two))], out)
    assert told == Joined(4, 3, 400)
    rows = found(out)
    assert sorted(row["url"] for row in rows) == sorted(urls[:3])
    order = [(row["warc_filename"], row["warc_record_offset"]) for row in rows]
    assert order == sorted(order) and places(out / "index-00000.parquet")[0].archive == order[0][0]
    assert [json.loads(line)["url"] for line in (out / "missing.jsonl").open()] == [urls[3]]


@pytest.mark.parametrize(
    "written", ["2023-02-01T12:00:07Z", "2023-02-01 12:00:07", "20230201120007", datetime(2023, 2, 1, 12, 0, 7)]
)
def test_the_capture_of_the_second_that_is_named_is_meant_and_no_other(tmp_path: Path, written: object) -> None:
    rows = [{**row, "url": "http://same.example/"} for row in index_rows(20)]
    index = write(tmp_path / "i.parquet", rows)
    asked = wanted([write(tmp_path / "l.parquet", [{"url": "http://same.example/", "date": written}])])
    join(asked, [("i", lambda: nullcontext(index))], tmp_path / "out")
    assert [row["warc_record_offset"] for row in found(tmp_path / "out")] == [7000]


def test_without_a_time_the_latest_capture_is_taken(tmp_path: Path) -> None:
    index = write(tmp_path / "i.parquet", [{**row, "url": "http://same.example/"} for row in index_rows(20)])
    (tmp_path / "l.jsonl").write_text('{"url": "http://same.example/"}\nno row\n')
    join(wanted([tmp_path / "l.jsonl"]), [("i", lambda: nullcontext(index))], tmp_path / "out")
    assert [row["warc_record_offset"] for row in found(tmp_path / "out")] == [19_000]


def test_equal_keys_are_no_match_where_the_texts_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.sources.web_join.keys_of", lambda urls: np.full(len(urls), 7, np.uint64))
    index = write(tmp_path / "i.parquet", index_rows(60))
    asked = wanted([write(tmp_path / "l.parquet", [{"url": "http://a.example/5"}, {"url": "http://b.example/5"}])])
    table, rows = found_in(index, asked)
    assert table.column("url").to_pylist() == ["http://a.example/5"] and rows == 60


def test_a_file_that_was_looked_through_is_not_brought_again(tmp_path: Path) -> None:
    index = write(tmp_path / "i.parquet", index_rows(60))
    asked = wanted([write(tmp_path / "l.parquet", [{"url": "http://a.example/5"}])])

    def broken() -> Any:
        raise OSError("the network is gone")

    with pytest.raises(OSError, match="gone"):
        join(asked, [("i", lambda: nullcontext(index)), ("j", broken)], tmp_path / "out")
    assert join(asked, [("i", broken)], tmp_path / "out") == Joined(1, 1, 60)
    other = wanted([write(tmp_path / "k.parquet", [{"url": "http://a.example/6"}])])
    with pytest.raises(OSError, match="gone"):
        join(other, [("i", broken)], tmp_path / "out")


def test_keys_are_of_the_texts_wherever_they_lie_in_a_column() -> None:
    column = pa.array(["", "http://a/", "ü", "http://a/"], pa.large_string())
    keys = keys_of(column)
    assert keys[1] == keys[3] and len(set(keys.tolist())) == 3
    assert keys_of(column.slice(2)).tolist() == keys[2:].tolist()


@pytest.mark.parametrize(
    ("time", "digits"), [(None, ""), ("2023", ""), ("", ""), ("2023-02-01T12:00:07.5", "20230201120007")]
)
def test_a_time_that_is_no_second_is_none(time: object, digits: str) -> None:
    assert second(time) == digits


def test_the_command_tells_its_mistakes_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = write(tmp_path / "i.parquet", index_rows(60))
    listed = write(tmp_path / "l.parquet", [{"url": "http://a.example/5"}])
    words = ["index", "--addresses", str(listed), "--index", str(index), "--output", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 0 and len(found(tmp_path / "out")) == 1
    assert main([*words[:2], str(tmp_path / "none"), *words[3:]]) == 2
    assert main([*words[:4], str(listed), *words[5:]]) == 2
    (tmp_path / "noise.parquet").write_bytes(bytes(range(256)) * 8)
    assert main([*words[:4], str(tmp_path / "noise.parquet"), *words[5:]]) == 2
    said = capsys.readouterr().err
    assert (
        "no such file" in said
        and "no column warc_filename" in said
        and "(Parquet), found" in said
        and "Traceback" not in said
    )


def test_lists_without_addresses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no column url"):
        wanted([write(tmp_path / "l.parquet", [{"address": "a"}])])
    (tmp_path / "l.jsonl").write_text("{}\n")
    with pytest.raises(UserError, match="no address was found"):
        wanted([tmp_path / "l.jsonl"])


def test_an_index_elsewhere_is_joined_by_its_columns(tmp_path: Path) -> None:
    rows = [
        {**row, "content_digest": np.random.default_rng(number).bytes(90)}
        for number, row in enumerate(index_rows(5000))
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "i.parquet", row_group_size=500)
    content = (tmp_path / "i.parquet").read_bytes()
    (tmp_path / "l.jsonl").write_text('{"url": "http://a.example/77"}\n')
    with serving() as server:
        served = Ranged(content)
        address = server.on("/i.parquet", served)
        words = ["--addresses", str(tmp_path / "l.jsonl"), "--index", address, "--quiet"]
        assert main(["index", *words, "--output", str(tmp_path / "out")]) == 0
    assert [row["warc_record_offset"] for row in found(tmp_path / "out")] == [77_000]
    assert served.sent < len(content) / 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_file()) == [
        "index-00000.parquet",
        "missing.jsonl",
    ]


def test_an_index_elsewhere_whose_server_does_no_ranges_is_brought(tmp_path: Path) -> None:
    write(tmp_path / "i.parquet", index_rows(200))
    (tmp_path / "l.jsonl").write_text('{"url": "http://a.example/77"}\n')
    with serving() as server:
        address = server.on("/i.parquet", Served((tmp_path / "i.parquet").read_bytes(), ranges=False))
        words = ["--addresses", str(tmp_path / "l.jsonl"), "--index", address, "--quiet"]
        assert main(["index", *words, "--output", str(tmp_path / "out")]) == 0
    assert [row["warc_record_offset"] for row in found(tmp_path / "out")] == [77_000]
