"""One record is followed through all stages to its end."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.records import DOCUMENT, Document
from manifests.writing import write_table
from pipelines.commands.cli import main
from pipelines.report.explain import explain
from tests.pipelines.stages.test_frame import build, files


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    files(tmp_path, ["one two three", "no thanks", "boom now", "x = y", "short"])
    return build(tmp_path).root


def steps(root: Path, asked: str) -> list[tuple[str, str]]:
    (found,) = explain(root, asked)
    return [(step.stage, step.outcome) for step in found.steps]


def test_a_record_is_found_by_its_key_whatever_became_of_it(corpus: Path) -> None:
    assert ("extract", "kept") in steps(corpus, "one two three")
    assert steps(corpus, "no thanks") == [("extract", "rejected: planted")]
    assert steps(corpus, "boom now") == [("extract", "failed")]
    assert steps(corpus, "x = y")[-1] == ("filter", "rejected: short")


def test_a_kept_record_says_which_file_it_came_from(corpus: Path) -> None:
    (found,) = explain(corpus, "one two three")
    assert found.steps[0].detail.startswith("from input/0.txt, record one two three; in documents/toy/")
    assert explain(corpus, found.id) == [found]


def test_a_part_of_a_name_is_enough(corpus: Path) -> None:
    assert ("extract", "kept") in steps(corpus, "two thr")


def test_a_document_in_several_rows_is_told_with_each_of_them(tmp_path: Path) -> None:
    ids = [["toy:a"], ["toy:b", "toy:a"], ["toy:b"], ["toy:a"]]
    path = tmp_path / "shards" / "train" / "train-00000.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"ids": ids, "input_ids": [[1]] * 4}), path)
    (tmp_path / "documents").mkdir()
    document = Document("toy:a", "toy", "", "text", meta='{"path": "deep/a.v"}')
    write_table(tmp_path / "documents" / "u.parquet", pa.Table.from_pylist([document._asdict()], schema=DOCUMENT))
    (found,) = explain(tmp_path, "deep/a")
    assert (found.name, found.steps[-1].detail) == ("deep/a.v", "shards/train/train-00000.parquet, rows 0, 1, 3")


def test_what_is_nowhere_gets_one_line(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(corpus), "nothing like it"]) == 2
    assert "no record has this id" in capsys.readouterr().err
    assert main(["explain", str(corpus), "no thanks"]) == 0
    assert "rejected: planted" in capsys.readouterr().out


def test_a_long_name_is_shown_by_its_beginning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = Document("toy:a", "toy", "", "text", meta=json.dumps({"path": "deep/" + 300 * "a"}))
    (tmp_path / "documents").mkdir()
    write_table(tmp_path / "documents" / "u.parquet", pa.Table.from_pylist([document._asdict()], schema=DOCUMENT))
    (tmp_path / "ledger").mkdir()
    assert main(["explain", str(tmp_path), "deep/a"]) == 0
    assert f"  deep/{195 * 'a'}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--source", "toi"], "no source `toi`; did you mean toy?"),
        (["rejected", "--reason", "plantd"], "no reason `plantd`; did you mean planted?"),
        (["--id", "toy:1"], "no documents have the id `toy:1`; `proofpile explain` looks everywhere"),
    ],
)
def test_inspect_names_what_there_is(
    corpus: Path, arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(corpus), *arguments]) == 2
    assert line in capsys.readouterr().err
