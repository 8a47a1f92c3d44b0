"""Published corpora as sources, in the shapes they were really published in."""

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from pydantic import ValidationError

from manifests.errors import UserError
from manifests.records import DOCUMENT, BadRecord, Document, stable_id
from pipelines.sources.base import RawFile, Record, Refusal
from pipelines.sources.dataset import PRESETS, DatasetOptions, DatasetSource, red_pajama_split


def read(path: Path, **options: Any) -> list[Document | Refusal | BadRecord]:
    source = DatasetSource("corpus", DatasetOptions(**options), licence="ODC-By")
    return [
        source.document(record) if isinstance(record, Record) else record
        for record in source.records(RawFile(path, path.name))
    ]


def documents(path: Path, **options: Any) -> list[Document]:
    found = read(path, **options)
    kept = [document for document in found if isinstance(document, Document)]
    assert len(kept) == len(found), found
    return kept


def lines(path: Path, *rows: dict[str, Any], packed: bool = False) -> Path:
    raw = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(zstandard.compress(raw) if packed else raw)
    return path


def test_open_web_math_parquet(tmp_path: Path) -> None:
    metadata = '{"extraction_info": {"found_math": true}, "config": {"threshold": 0.17}, "warc_path": "s3://w"}'
    path = tmp_path / "train-00000-of-00114.parquet"
    pq.write_table(
        pa.table(
            {
                "url": ["https://math.example/a"],
                "text": ["Let $x$ be real."],
                "date": [datetime.datetime(2016, 7, 24, 15, 1, 24)],
                "metadata": [metadata],
            }
        ),
        path,
    )
    (document,) = documents(path, preset="open-web-math")
    assert document == Document(
        id=stable_id("corpus", "https://math.example/a", "2016-07-24T15:01:24"),
        source="corpus",
        subset="",
        text="Let $x$ be real.",
        url="https://math.example/a",
        license="ODC-By",
        created="2016-07-24T15:01:24",
        meta=json.dumps(json.loads(metadata), sort_keys=True, separators=(",", ":")),
        scores={},
    )


RED_PAJAMA = {
    "text": "\\section{Introduction}\n\\label{sec}",
    "meta": {
        "timestamp": "2023-03-29T02:10:26",
        "yymm": "1707",
        "arxiv_id": "1707.08043",
        "language": "en",
        "url": "https://arxiv.org/abs/1707.08043",
        "source": "arxiv",
    },
}


def test_red_pajama_arxiv_json_lines(tmp_path: Path) -> None:
    (document,) = documents(lines(tmp_path / "arxiv_023827cd.jsonl", RED_PAJAMA), preset="red-pajama-arxiv")
    assert document.id == stable_id("corpus", "1707.08043")
    assert document.url == "https://arxiv.org/abs/1707.08043"
    assert document.created == "2023-03-29T02:10:26"
    assert json.loads(document.meta) == RED_PAJAMA["meta"]


def test_proof_pile_2_json_lines_in_zstandard(tmp_path: Path) -> None:
    lean = {"text": "theorem a : 1 = 1 := rfl", "meta": {"mathlib_filename": "A.lean", "llama_tokens": 9}}
    path = lines(tmp_path / "arXiv_000.jsonl.zst", RED_PAJAMA, lean, packed=True)
    first, second = documents(path, preset="proof-pile-2")
    assert first.url == "https://arxiv.org/abs/1707.08043"
    assert json.loads(second.meta) == lean["meta"]
    assert second.url is None
    assert len({first.id, second.id}) == 2


def test_algebraic_stack_keeps_language_and_licences(tmp_path: Path) -> None:
    meta = {"lang": "Lean", "max_stars_repo_licenses": ["MIT", "Apache-2.0"], "size": 10}
    (document,) = documents(lines(tmp_path / "x.jsonl", {"text": "x", "meta": meta}), preset="algebraic-stack")
    assert (document.subset, document.license) == ("Lean", "MIT, Apache-2.0")


def test_the_pile_keeps_the_name_of_the_set(tmp_path: Path) -> None:
    row = {"text": "x", "meta": {"pile_set_name": "DM Mathematics"}}
    (document,) = documents(lines(tmp_path / "00.jsonl.zst", row, packed=True), preset="the-pile")
    assert document.subset == "DM Mathematics"


def test_documents_of_this_program_come_back_with_their_scores(tmp_path: Path) -> None:
    row = ("web:1", "web", "crawl", "text", "u", "CC0", "2024", '{"math_kept":{"tex":1}}', [("english", 0.5)])
    path = tmp_path / "x.parquet"
    arrays = [pa.array([value], type=field.type) for value, field in zip(row, DOCUMENT, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=DOCUMENT), path)
    (document,) = documents(path, preset="proofpile")
    assert document == Document(
        stable_id("corpus", "web:1"), "corpus", "crawl", "text", "u", "CC0", "2024", row[7], {"english": 0.5}
    )


def test_keys_can_be_given_without_a_preset_and_change_one(tmp_path: Path) -> None:
    row = {"body": "x", "text": "y", "where": {"url": "u"}, "n": 3, "meta": {"arxiv_id": "1"}}
    path = lines(tmp_path / "x.jsonl", row)
    (document,) = documents(path, text="body", url="where.url", meta=("n", "where"), id="n")
    assert (document.text, document.url, json.loads(document.meta)) == ("x", "u", {"n": 3, "url": "u"})
    assert document.id == stable_id("corpus", "3")
    (other,) = documents(path, preset="red-pajama-arxiv", text="body")
    assert (other.text, other.id) == ("x", stable_id("corpus", "1"))


def test_only_the_columns_of_the_mapping_are_read_from_parquet(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": ["a"], "embedding": [[0.5] * 8]}), path)
    (record,) = DatasetSource("corpus", DatasetOptions()).records(RawFile(path, "x"))
    assert isinstance(record, Record)
    assert record.info == {}


def test_an_id_does_not_depend_on_the_place_of_the_row(tmp_path: Path) -> None:
    rows = [{"text": "a"}, {"text": "b"}]
    forward = {document.id for document in documents(lines(tmp_path / "x.jsonl", *rows))}
    backward = {document.id for document in documents(lines(tmp_path / "x.jsonl", *rows[::-1]))}
    assert forward == backward
    assert len(forward) == 2


def test_equal_rows_of_two_files_are_two_documents(tmp_path: Path) -> None:
    one, other = (documents(lines(tmp_path / name, {"text": "a"})) for name in ("x.jsonl", "y.jsonl"))
    assert one[0].id != other[0].id


def test_one_bad_row_costs_one_row(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"text": "a"}\n{"text": \n{"text": 5}\n{"text": "  "}\n{"text": "b"}\n')
    kinds = [type(item).__name__ for item in read(path)]
    assert kinds == ["Document", "BadRecord", "BadRecord", "Refusal", "Document"]


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_a_wrong_text_key_is_the_users_mistake(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"x.{form}"
    if form == "jsonl":
        lines(path, {"content": "a", "url": "b"})
    else:
        pq.write_table(pa.table({"content": ["a"], "url": ["b"]}), path)
    with pytest.raises(UserError, match=rf"x\.{form}: no column `text`.*: content, url"):
        read(path)


def test_unknown_options_and_presets_are_refused() -> None:
    with pytest.raises(ValidationError):
        DatasetOptions(preset="openwebmath")  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(ValidationError):
        DatasetOptions(txt="a")  # type: ignore[call-arg]  # the mistake under test


def test_the_published_split_of_red_pajama(tmp_path: Path) -> None:
    splits = [red_pajama_split(index, 1050) for index in range(1050)]
    assert [splits.count(name) for name in ("train", "validation", "test")] == [1039, 5, 6]
    assert splits == sorted(splits, key=["train", "validation", "test"].index)
    path = lines(tmp_path / "x.jsonl", *[{"text": f"t{i}", "meta": {}} for i in range(100)])
    found = documents(path, preset="red-pajama-arxiv", split="red-pajama-arxiv")
    assert [json.loads(document.meta)["split"] for document in found[-2:]] == ["train", "test"]


def test_finds_the_files_of_a_downloaded_corpus(tmp_path: Path) -> None:
    names = ["arxiv/train/a.jsonl.zst", "data/b.parquet", "c.jsonl.gz", "README.md", "proof-pile-2.py"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in DatasetSource("corpus").files(tmp_path)]
    assert found == [names[0], "c.jsonl.gz", "data/b.parquet"]


def test_every_preset_makes_documents_that_the_schema_can_hold(tmp_path: Path) -> None:
    for preset, columns in PRESETS.items():
        row = {key.split(".")[0]: {} for key in (*columns.meta, *columns.id)} | {columns.text: "a\ud800"}
        path = tmp_path / f"{preset}.jsonl"
        path.write_text(json.dumps(row))
        (document,) = documents(path, preset=preset)
        assert document.text == "a\ufffd"
        json.dumps(document._asdict(), ensure_ascii=False).encode("utf-8")


def test_the_pile_without_a_subset(tmp_path: Path) -> None:
    rows = [{"text": f"Text {name}.", "meta": {"pile_set_name": name}} for name in ("ArXiv", "Github", "ArXiv")]
    found = read(lines(tmp_path / "00.jsonl.zst", *rows, packed=True), preset="the-pile", leave_out=["ArXiv"])
    assert [one.subset if isinstance(one, Document) else one for one in found] == [
        Refusal("subset_left_out", "ArXiv"),
        "Github",
        Refusal("subset_left_out", "ArXiv"),
    ]


def test_red_pajamas_code_is_known_by_repository_path_and_content(tmp_path: Path) -> None:
    meta = {"content_hash": "0a", "path": "a/b.py", "repo_name": "o/n", "license": "mit", "language": []}
    (document,) = documents(lines(tmp_path / "a.jsonl", {"text": "x = 1", "meta": meta}), preset="red-pajama-github")
    assert document.id == stable_id("corpus", "o/n\0a/b.py\x000a")
    assert document.license == "mit"
