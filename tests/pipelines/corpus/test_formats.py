"""Files that rows of texts lie in: how they are told apart and what a fault in them costs."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus import rows as rows_module
from pipelines.corpus.formats import json_list
from pipelines.corpus.rows import Text, column_names, count_rows, read_rows, read_texts, require_texts, text_keys
from pipelines.engine.worker import LOADING, MONITOR, PART, READ

ROWS = [{"id": "a", "text": "One, two\nthree."}, {"id": "b", "text": 'Vier "fünf"'}]


def write(path: Path, content: str) -> Path:
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


CSV = 'id,text\na,"One, two\nthree."\nb,"Vier ""fünf"""\n'
FORMS = {
    "a.json": json.dumps(ROWS, indent=1),
    "b.json.gz": json.dumps(ROWS, ensure_ascii=False),
    "c.csv": CSV,
    "d.csv.gz": CSV,
    "e.tsv": CSV.replace("id,", "id\t").replace('a,"', 'a\t"').replace('b,"', 'b\t"'),
    "f.csv": CSV.replace("id,", "id;").replace('a,"', 'a;"').replace('b,"', 'b;"'),
    "g.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS),
}


@pytest.mark.parametrize("name", FORMS)
def test_the_same_rows_come_of_every_format(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, FORMS[name])
    assert list(read_texts(path)) == [Text("a", ROWS[0]["text"]), Text("b", ROWS[1]["text"])]
    assert count_rows(path) == 2


def test_arrow_files_and_streams(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(ROWS)
    for name, new in (("a.arrow", pa.ipc.new_file), ("b.arrow", pa.ipc.new_stream)):
        with new(str(tmp_path / name), table.schema) as writer:
            writer.write_table(table)
        assert [row.id for row in read_texts(tmp_path / name)] == ["a", "b"]
        assert (column_names(tmp_path / name), count_rows(tmp_path / name)) == (["id", "text"], 2)


def test_a_text_file_is_one_document_known_by_its_name(tmp_path: Path) -> None:
    assert list(read_texts(write(tmp_path / "notes.txt", "One.\n\nTwo."))) == [Text("notes.txt", "One.\n\nTwo.")]
    (tmp_path / "latin.txt").write_bytes("für".encode("latin-1"))
    (row,) = read_texts(tmp_path / "latin.txt")
    assert isinstance(row, BadRecord)


def test_a_bad_element_or_line_costs_itself(tmp_path: Path) -> None:
    elements = list(read_rows(write(tmp_path / "a.json", '[{"text": "x"}, 3, {"text": "y"}]')))
    assert elements[0] == {"text": "x"} and elements[2] == {"text": "y"}
    assert isinstance(elements[1], BadRecord) and "element 1: a JSON int" in elements[1].error
    lines = list(read_rows(write(tmp_path / "a.csv", "id,text\n1,x\n2\n3,y\n")))
    assert isinstance(lines[1], BadRecord) and "row 2: 1 fields" in lines[1].error
    assert lines[2] == {"id": "3", "text": "y"}


def test_a_list_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path / "a.json", '[{"text": "x"}, {"text": "y'))
    assert next(rows) == {"text": "x"}
    with pytest.raises(ValueError, match="breaks off or is damaged in element 1"):
        next(rows)


def test_a_list_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_list, "CHUNK_BYTES", 7)
    rows = [{"text": f"é{number}" * number} for number in range(20)]
    path = write(tmp_path / "a.json", json.dumps(rows, ensure_ascii=False))
    assert list(read_rows(path)) == rows


def test_two_bytes_a_letter_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('{"text": "x"}\n'.encode("utf-16"))
    with pytest.raises(UserError, match="UTF-16; expected UTF-8"):
        list(read_texts(tmp_path / "a.jsonl"))


@pytest.mark.parametrize(
    ("row", "keys", "text"),
    [
        ({"text": "x", "content": "y"}, ("text",), "x"),
        ({"content": "y"}, ("content",), "y"),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
            ("messages",),
            "a\n\nb",
        ),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}, ("messages",), "a"),
        ({"conversations": [{"from": "human", "value": "a"}]}, ("conversations",), "a"),
        ({"prompt": "a", "completion": "b"}, ("prompt", "completion"), "a\n\nb"),
        ({"instruction": "a", "input": "", "output": "b"}, ("instruction", "input", "output"), "a\n\nb"),
        ({"text": ["a", "b"]}, ("text",), "a\n\nb"),
        ({"data": {"text": "a"}}, ("data.text",), "a"),
    ],
)
def test_the_columns_of_the_text_are_told_from_the_rows(tmp_path: Path, row: dict, keys: tuple, text: str) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps(row) + "\n")
    assert text_keys(path, None) == keys
    (found,) = read_texts(path, text_key=None)
    assert isinstance(found, Text) and found.text == text


def test_a_schema_that_is_not_known_is_named_with_its_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"frage": "x", "nr": 1}\n')
    with pytest.raises(UserError, match=r"no column `text` for the text, nor another usual one; .* frage, nr"):
        list(read_texts(path, text_key=None))


def looked(path: Path) -> bool:
    return require_texts(path, read_texts(path, None, None))


def test_a_file_is_looked_into_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert looked(write(tmp_path / "a.jsonl", '"no object"\n{"text": "x"}\n'))
    assert not looked(write(tmp_path / "b.jsonl", ""))
    monkeypatch.setattr(rows_module, "UNDECIDED_ROWS", 2)
    with pytest.raises(UserError, match=r"c\.jsonl: none of the first 2 rows can be read as a text; the first: line 1"):
        looked(write(tmp_path / "c.jsonl", '"a"\n"b"\n{"text": "x"}\n'))


def _written(folder: Path, name: str) -> Path:
    """Twelve rows in a file of the kind that the name says."""
    texts = [f"text {number}" for number in range(12)]
    path = folder / name
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    if name.endswith(".parquet"):
        pq.write_table(pa.table({"text": texts}), path, row_group_size=4)
    elif name.endswith(".arrow"):
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, pa.schema([("text", pa.string())])) as writer:
            for start in range(0, 12, 4):
                writer.write(pa.record_batch({"text": texts[start : start + 4]}))
    else:
        packed = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)
        path.write_bytes(packed(lines))
    return path


def _read_on(path: Path, deaths: set[int], monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str], int]:
    """Texts, errors and the number of pieces, where the process ended at the pieces of these numbers."""
    monkeypatch.setattr(MONITOR, "at", None)
    monkeypatch.setattr(MONITOR, "parts", 0)
    monkeypatch.setattr(MONITOR, "poisons", {(PART, number): "ended" for number in deaths})
    rows = read_rows(path)
    found: list[Any] = []
    MONITOR.begin(READ, 0)
    while (row := next(rows, None)) is not None:
        found.append(row)
        MONITOR.begin(READ, len(found))
    texts = [row["text"] for row in found if not isinstance(row, BadRecord)]
    return texts, [row.error for row in found if isinstance(row, BadRecord)], MONITOR.parts


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_a_line_that_ended_its_process_is_listed_and_those_behind_it_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = _written(tmp_path, name)
    for line in range(1, 13):
        texts, errors, _ = _read_on(path, {line}, monkeypatch)
        assert texts == [f"text {number}" for number in range(12) if number != line - 1]
        assert errors == [f"line {line}: ended"]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_a_batch_that_ended_its_process_is_read_row_by_row_and_only_the_row_at_fault_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = _written(tmp_path, name)
    whole, none, pieces = _read_on(path, set(), monkeypatch)
    assert (len(whole), none) == (12, [])
    batches = [piece for piece in range(1, pieces + 1) if _read_on(path, {piece}, monkeypatch)[:2] == (whole, [])]
    assert len(batches) == 3
    for number, batch in enumerate(batches):
        for row in range(4):
            texts, errors, _ = _read_on(path, {batch, batch + 1 + row}, monkeypatch)
            assert texts == [text for text in whole if text != f"text {4 * number + row}"] and errors == ["ended"]


def test_a_row_group_of_parquet_that_ended_its_process_is_listed_and_the_next_ones_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, errors, _ = _read_on(_written(tmp_path, "a.parquet"), {1}, monkeypatch)
    assert texts == [f"text {number}" for number in range(4, 12)] and errors == ["ended"]


def test_rows_that_are_read_for_no_record_are_announced_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _written(tmp_path, "a.jsonl")
    for at in (None, ("document", 3), (LOADING, 0)):
        monkeypatch.setattr(MONITOR, "at", at)
        monkeypatch.setattr(MONITOR, "parts", 0)
        assert len(list(read_rows(path))) == 12
        assert MONITOR.parts == 0 and MONITOR.at == at
