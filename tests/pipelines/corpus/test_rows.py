"""Reading the rows of published corpora: every container, every kind of damage."""

import bz2
import gzip
import json
import lzma
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lz4.frame
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from manifests.records import BadRecord, stable_id
from pipelines.corpus import lines as lines_module
from pipelines.corpus.nested import pick
from pipelines.corpus.rows import Text, read_rows, read_texts

ROWS = [
    {"text": "Let $x \\in \\mathbb{R}$.\u2028Next.", "meta": {"arxiv_id": "1707.08043", "n": 1}},
    {"text": "ε < 0 \U0001d53d", "meta": {"arxiv_id": "math/0309136", "n": 2}},
]
LINES = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in ROWS)
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "two gzip members": lambda raw: gzip.compress(raw[:40]) + gzip.compress(raw[40:]),
    "zstd": zstandard.compress,
    "two zstd frames": lambda raw: zstandard.compress(raw[:40]) + zstandard.compress(raw[40:]),
    "zstd after a skippable frame": lambda raw: b"\x50\x2a\x4d\x18\x04\0\0\0junk" + zstandard.compress(raw),
    "lz4": lz4.frame.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


def write(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


def parquet(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize("container", PACKERS)
def test_reads_json_lines_in_every_container_whatever_the_name(tmp_path: Path, container: str) -> None:
    assert list(read_rows(write(tmp_path / "corpus", PACKERS[container](LINES)))) == ROWS


@pytest.mark.parametrize("container", ["gzip", "zstd", "xz"])
def test_a_small_file_that_is_cut_loses_only_what_was_cut_off(tmp_path: Path, container: str) -> None:
    # Less than one chunk of reading: what is unpacked before the cut must not go with the chunk.
    body = b"".join(json.dumps({"text": stable_id("t", str(n))}).encode() + b"\n" for n in range(250))
    packed = PACKERS[container](body)
    read = []
    with pytest.raises((EOFError, lzma.LZMAError)):
        for row in read_rows(write(tmp_path / "cut", packed[: len(packed) // 2])):
            read.append(row)
    # zstd packs so little into one block, of which half is nothing: then the damage must show all the same.
    assert len(read) > (90 if container != "zstd" else -1)


@pytest.mark.parametrize("container", ["gzip", "zstd", "xz", "bzip2", "lz4"])
def test_a_cut_container_yields_what_came_before_and_then_raises(
    tmp_path: Path, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "CHUNK_BYTES", 1 << 14)
    body = b"".join(json.dumps({"text": stable_id("t", str(i)) * 40, "n": i}).encode() + b"\n" for i in range(4000))
    packed = PACKERS[container](body)
    read = []
    with pytest.raises((EOFError, OSError, lzma.LZMAError, RuntimeError)):
        for row in read_rows(write(tmp_path / "cut", packed[: len(packed) * 9 // 10])):
            read.append(row)
    assert [row["n"] for row in read] == list(range(len(read)))
    assert len(read) > 1000


def test_a_bad_line_costs_one_line(tmp_path: Path) -> None:
    bad = [b'{"text": "cut', b"[1, 2]", b'{"text": "\xff"}', b"[" * 100_000, b'{"n": ' + b"9" * 5000 + b"}", b"null"]
    raw = b"\n".join(part for line in bad for part in (b'{"text": "good"}', line))
    read = list(read_rows(write(tmp_path / "x.jsonl", raw)))
    assert [isinstance(row, BadRecord) for row in read] == [False, True] * len(bad)
    keys = [row.key for row in read if isinstance(row, BadRecord)]
    assert len(set(keys)) == len(bad), "each bad line is known by its own bytes"
    assert all(len(row.error) <= 320 for row in read if isinstance(row, BadRecord))


def test_a_bad_line_says_where_it_stands_and_its_key_does_not_depend_on_that(tmp_path: Path) -> None:
    first = list(read_rows(write(tmp_path / "a.jsonl", b'{"a": 1}\n\nbroken\n')))[1]
    (second,) = read_rows(write(tmp_path / "b.jsonl", b"broken\n"))
    assert isinstance(first, BadRecord) and isinstance(second, BadRecord)
    assert (first.error[:8], second.error[:8]) == ("line 3: ", "line 1: ")
    assert first.key == second.key


def test_byte_order_mark_blank_lines_and_windows_line_ends(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n\r\n")
    assert list(read_rows(write(tmp_path / "x.jsonl", raw))) == ROWS


def test_a_lone_surrogate_becomes_the_replacement_character(tmp_path: Path) -> None:
    raw = rb'{"text": "a\ud800b \ud835\udd3d", "meta": {"k\udc00": ["\uDFFF"]}}'
    (row,) = read_rows(write(tmp_path / "x.jsonl", raw))
    assert row == {"text": "a\ufffdb \U0001d53d", "meta": {"k\ufffd": ["\ufffd"]}}
    json.dumps(row, ensure_ascii=False).encode("utf-8")


def test_a_line_too_long_is_skipped_within_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 1 << 20)
    path = tmp_path / "x.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'{"text": "before"}\n{"text": "')
        for _ in range(64):
            file.write(b"a" * (1 << 20))
        file.write(b'"}\n{"text": "after"}')
    tracemalloc.start()
    read = list(read_rows(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row["text"] for row in read if not isinstance(row, BadRecord)] == ["before", "after"]
    (bad,) = [row for row in read if isinstance(row, BadRecord)]
    assert str((64 << 20) + 12) in bad.error
    assert peak < 24 << 20


def test_a_zstd_bomb_costs_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 1 << 20)
    bomb = zstandard.ZstdCompressor(level=1).compress(b"\0" * (400 << 20))
    tracemalloc.start()
    (bad,) = read_rows(write(tmp_path / "x.zst", bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(bad, BadRecord)
    assert peak < 300 << 20


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=20),
    chunk=st.integers(1, 64),
)
def test_reading_does_not_depend_on_where_chunks_end(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], chunk: int
) -> None:
    path = tmp_path_factory.mktemp("rows") / "x.jsonl"
    path.write_bytes("\n".join(json.dumps({"text": text}, ensure_ascii=False) for text in texts).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "CHUNK_BYTES", chunk)
        assert [row["text"] for row in read_rows(path)] == texts


def test_json_rows_have_exactly_the_columns_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", LINES)
    assert list(read_rows(path, ["text", "url"])) == [{"text": row["text"], "url": None} for row in ROWS]


def test_reads_parquet_of_many_row_groups_column_by_column(tmp_path: Path) -> None:
    count = 1000
    table = {"url": [f"u{i}" for i in range(count)], "text": ["x" * i for i in range(count)], "n": list(range(count))}
    path = parquet(tmp_path / "x.bin", table, row_group_size=300)
    assert [row["n"] for row in read_rows(path)] == list(range(count))
    read = list(read_rows(path, ["text", "url"]))
    assert read[-1] == {"text": "x" * 999, "url": "u999"}
    assert all(set(row) == {"text", "url"} for row in read if not isinstance(row, BadRecord))


def test_a_parquet_column_that_is_missing_is_the_users_mistake(tmp_path: Path) -> None:
    path = parquet(tmp_path / "x.parquet", {"url": ["u"], "text": ["t"]})
    with pytest.raises(UserError, match=r"x\.parquet: no column `date` .* url, text"):
        list(read_rows(path, ["text", "date"]))


def test_a_damaged_row_group_costs_that_row_group(tmp_path: Path) -> None:
    texts = [stable_id("t", str(i)) * 20 for i in range(300)]
    path = parquet(tmp_path / "x.parquet", {"text": texts}, row_group_size=100, use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    raw = bytearray(path.read_bytes())
    raw[column.data_page_offset : column.data_page_offset + 200] = b"\xff" * 200
    path.write_bytes(raw)
    read = list(read_rows(path))
    assert [row["text"] for row in read if not isinstance(row, BadRecord)] == texts[:100] + texts[200:]
    (bad,) = [row for row in read if isinstance(row, BadRecord)]
    assert bad.key.startswith("row group:")


def test_bytes_that_are_no_utf8_in_a_string_column_cost_their_row(tmp_path: Path) -> None:
    offsets, data = pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0\6\0\0\0"), pa.py_buffer(b"ab\xff\xfecd")
    column = pa.StringArray.from_buffers(3, offsets, data)
    path = parquet(tmp_path / "x.parquet", {"text": column})
    first, bad, last = read_rows(path)
    assert (first, last) == ({"text": "ab"}, {"text": "cd"})
    assert isinstance(bad, BadRecord)
    assert "UnicodeDecodeError" in bad.error


def test_a_large_row_group_is_read_in_small_pieces(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    parquet(path, {"text": [f"{i} " * 20_000 for i in range(1000)]}, use_dictionary=False)
    assert pq.ParquetFile(path).metadata.num_row_groups == 1
    tracemalloc.start()
    assert sum(len(row["text"]) > 0 for row in read_rows(path)) == 1000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20, "the whole group is 78 MB of text"


@pytest.mark.parametrize("form", ["parquet", "json lines"])
def test_texts_are_known_by_their_id_or_else_by_their_bytes(tmp_path: Path, form: str) -> None:
    columns: dict[str, list[Any]] = {"id": ["a", None, ""], "text": ["one", "two", "three"]}
    path = tmp_path / "x"
    if form == "parquet":
        parquet(path, columns)
    else:
        records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        write(path, "\n".join(json.dumps(record) for record in records).encode())
    wanted = [Text("a", "one"), Text(stable_id("text", "two"), "two"), Text(stable_id("text", "three"), "three")]
    assert list(read_texts(path)) == wanted


def test_keys_lead_into_nested_objects_and_json_strings(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "x",
        {
            "content": ["one", "two"],
            "meta": [{"arxiv_id": "1"}, {"arxiv_id": "2"}],
            "metadata": ['{"warc_path": "w1"}', "{broken"],
            "a.b": [1, 2],
        },
    )
    assert list(read_texts(path, "meta.arxiv_id", "content")) == [Text("1", "one"), Text("2", "two")]
    assert list(read_texts(path, "a.b", "content")) == [Text("1", "one"), Text("2", "two")]
    first, second = read_rows(path)
    assert not isinstance(first, BadRecord)
    assert not isinstance(second, BadRecord)
    assert pick(first, "metadata.warc_path") == "w1"
    assert pick(second, "metadata.warc_path") is None


def test_a_missing_text_column_is_named_with_the_columns_that_are_there(tmp_path: Path) -> None:
    lines = write(tmp_path / "x.jsonl", b'{"body": "a", "id": 1}\n{"title": "b"}\n')
    with pytest.raises(UserError, match=r"x\.jsonl: no column `text` for the text; .*there: body, id, title$"):
        list(read_texts(lines))
    table = parquet(tmp_path / "x.parquet", {"body": ["a"], "id": [1]})
    with pytest.raises(UserError, match=r"x\.parquet: no column `text` for the text; .*there: body, id$"):
        read_texts(table)


def test_a_missing_id_column_is_refused_only_if_it_was_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", b'{"text": "a"}\n')
    assert list(read_texts(path)) == [Text(stable_id("text", "a"), "a")]
    with pytest.raises(UserError, match="no column `key` for the id"):
        list(read_texts(path, "key"))


def test_a_row_without_text_costs_one_row_wherever_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", b'{"id": 1}\n{"text": "a", "id": 2}\n{"text": 5}\n{"text": null}\n')
    read = list(read_texts(path))
    assert [row for row in read if isinstance(row, Text)] == [Text("2", "a")]
    assert [row.error for row in read if isinstance(row, BadRecord)] == [
        "no text: `text` is missing",
        "no text: `text` is int, not a string",
        "no text: `text` is missing",
    ]


def test_an_empty_file_has_no_rows_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert list(read_texts(write(tmp_path / "empty.jsonl", b""))) == []
    with pytest.raises(UserError, match=r"absent\.jsonl: no such file"):
        read_rows(tmp_path / "absent.jsonl")
