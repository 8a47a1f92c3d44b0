"""What of a recipe lies on this machine is looked at before any work; a mistake is a line with file, line and key."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import UserError
from pipelines.stages import plan

RECIPE = """\
name: toy
assets:
  test: {from: test.jsonl}
  lid: {from: lid.bin}
scores: {}
sources:
  - {name: a, kind: dataset, options: {text: body}, inputs: [rows.parquet]}
overlap: {benchmarks: {gsm8k: {asset: test}}}
dedup: {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pq.write_table(pa.table({"body": ["some words"]}), tmp_path / "rows.parquet")
    (tmp_path / "test.jsonl").write_text('{"question": "How many words has this one?", "answer": "six"}\n')
    (tmp_path / "lid.bin").write_bytes(b"no model")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    (tmp_path / "other.jsonl").write_text('{"text": "words without a column of the test set"}\n')
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.txt").write_text("rows.parquet\nmissing.parquet\n")
    return tmp_path


def read(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """The lines that reading the changed recipe ends with; none where it is sound."""
    text = RECIPE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "r.yaml"
    path.write_text(text)
    try:
        plan.read(path)
    except UserError as error:
        return str(error).replace(f"{folder}/", "").split("\n")
    return []


def test_a_sound_recipe_has_nothing_to_say(folder: Path) -> None:
    assert read(folder) == []


SUFFIXES = "that ends in one of .jsonl, .ndjson, .json, .parquet, .arrow, .csv, .tsv, packed or not"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("rows.parquet", "none.parquet", "r.yaml:7: sources.a.inputs.0: none.parquet: no such file"),
        ("rows.parquet", "'none/*.parquet'", "r.yaml:7: sources.a.inputs.0: none/*.parquet: no file fits"),
        (
            "rows.parquet",
            "$HOME/x.parquet",
            "r.yaml:7: sources.a.inputs.0: $HOME/x.parquet: no such file; a recipe's `$`",
        ),
        ("rows.parquet", "~/no-such-file", "r.yaml:7: sources.a.inputs.0: ~/no-such-file: no such file"),
        ("rows.parquet", "empty", f"r.yaml:7: sources.a: no input file was found {SUFFIXES}"),
        ("rows.parquet", "'list.txt#list'", "r.yaml:7: sources.a.inputs.0: missing.parquet: No such file"),
        (
            "rows.parquet",
            "rows.csv",
            "r.yaml:7: sources.a.inputs.0: rows.csv: no column `body`; the columns that are there: a, b",
        ),
        ("text: body", "text: bady", "r.yaml:7: sources.a.inputs.0: rows.parquet: no column `bady`; the columns"),
        (
            "[rows.parquet]",
            f"[{{from: rows.parquet, sha256: {'a' * 64}}}]",
            "r.yaml:7: sources.a.inputs.0: rows.parquet: sha256 is ",
        ),
        (
            "[rows.parquet]",
            f"[{{from: empty, sha256: {'a' * 64}}}]",
            "r.yaml:7: sources.a.inputs.0: sha256 pins one file, but empty is a folder",
        ),
        ("from: test.jsonl", "from: toast.jsonl", "r.yaml:3: assets.test: toast.jsonl: no such file"),
        ("from: test.jsonl", "from: empty", "r.yaml:3: assets.test: empty: is a folder, expected a file"),
        ("from: test.jsonl", "from: '*.jsonl'", "r.yaml:3: assets.test: expected one file at *.jsonl, found 2"),
        (
            "from: test.jsonl",
            "from: other.jsonl",
            "r.yaml:8: overlap.benchmarks.gsm8k: other.jsonl: none of the columns",
        ),
        ("from: test.jsonl", "from: rows.csv", "r.yaml:8: overlap.benchmarks.gsm8k: rows.csv: "),
        (
            "scores: {}",
            "scores: {l: {kind: language, model: lid}}",
            "r.yaml:5: scores.l.model: lid.bin: not a fastText",
        ),
        ("dedup: {}", "dedup: {against: [nowhere]}", "r.yaml:9: dedup.against.0: nowhere: no such folder"),
        ("dedup: {}", "dedup: {against: [empty]}", "r.yaml:9: dedup.against.0: empty: has no signatures"),
        ("dedup: {}", "dedup: {quality: charm}", "r.yaml:9: dedup.quality: nothing computes `charm`"),
        (
            "dedup: {}",
            "dedup: {}\nshards: {tokenizer: test}",
            "r.yaml:10: shards.tokenizer: test.jsonl: not a tokenizer",
        ),
    ],
)
def test_what_lies_here_and_is_wrong_is_one_line(folder: Path, old: str, new: str, expected: str) -> None:
    [line] = read(folder, (old, new))
    assert line.startswith(expected)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    changes = [("rows.parquet", "none.parquet"), ("toy", "Toy"), ("lid.bin", "lad.bin"), ("dedup: {}", "dedup: {q: 1}")]
    assert [line.split(": ")[1] for line in read(folder, *changes)] == [
        "name",
        "dedup.q",
        "assets.lid",
        "sources.a.inputs.0",
    ]


def test_what_lies_elsewhere_is_left_to_the_fetching(folder: Path) -> None:
    assert read(folder, ("rows.parquet", "https://127.0.0.1:1/none.parquet"), ("test.jsonl", "s3://none/test")) == []


def test_a_damaged_first_file_is_no_mistake_of_the_recipe(folder: Path) -> None:
    whole = (folder / "rows.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    assert read(folder, ("rows.parquet", "cut.parquet")) == []


def test_the_home_folder_may_be_written_short(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert read(folder, ("rows.parquet", "~/rows.parquet")) == []
