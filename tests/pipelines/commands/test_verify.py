"""`proofpile verify --repair` makes a damaged corpus whole by the command that made it."""

import json
import shutil
from pathlib import Path

import pytest

from pipelines.commands.cli import main
from pipelines.corpus.repair import last_command, with_output
from tests.chaos.small_build import digests

RECIPE = "name: toy\nsources:\n  - {name: toy, kind: dataset, inputs: [rows.jsonl]}\n"


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text(RECIPE)
    Path("rows.jsonl").write_text("".join(json.dumps({"text": f"some words {number}"}) + "\n" for number in range(9)))
    assert main(["build", "r.yaml", "--output", "out", "--quiet"]) == 0
    return tmp_path / "out"


def test_a_damaged_corpus_is_made_whole_by_the_command_that_made_it(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = digests(corpus)
    moved = corpus.with_name("moved")
    shutil.move(corpus, moved)
    document = next((moved / "documents").rglob("*.parquet"))
    document.write_bytes(document.read_bytes()[:-9])
    (moved / "report.html").unlink()
    assert main(["verify", str(moved)]) == 1
    assert main(["verify", str(moved), "--repair"]) == 0
    assert "not as recorded: documents/toy/" in capsys.readouterr().out
    assert digests(moved) == before


def test_a_sound_corpus_is_left_alone(corpus: Path) -> None:
    runs = (corpus / "runs.jsonl").read_bytes()
    assert main(["verify", str(corpus), "--repair"]) == 0
    assert (corpus / "runs.jsonl").read_bytes() == runs


def test_a_corpus_whose_command_nobody_knows_says_so(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "runs.jsonl").unlink()
    next((corpus / "documents").rglob("*.parquet")).unlink()
    assert main(["verify", str(corpus), "--repair"]) == 2
    assert "runs.jsonl names no command; run the one that made it again" in capsys.readouterr().err


def test_a_command_that_names_a_secret_is_not_kept(tmp_path: Path) -> None:
    from pipelines.stages import order
    from pipelines.stages.build import Build

    assert order.kept_words(["build", "r.yaml"]) == ["build", "r.yaml"]
    assert order.kept_words(["extract", "--input", "https://me:pw@host/a.gz"]) == []
    assert Build.command == ()


def test_the_output_is_the_folder_that_is_repaired(tmp_path: Path) -> None:
    there = str(tmp_path)
    assert with_output(["build", "r", "--output", "a", "--quiet"], tmp_path) == ["build", "r", "--output", there]
    assert with_output(["build", "r", "--output=a"], tmp_path) == ["build", "r", f"--output={there}"]
    (tmp_path / "runs.jsonl").write_text('{"command": ["build"], "folder": "/no/such"}\nno JSON\n')
    assert last_command(tmp_path) is None


def test_the_manifest_names_the_libraries_that_shape_the_output(corpus: Path) -> None:
    import numpy
    import pyarrow

    found = json.loads((corpus / "manifest.json").read_text())["libraries"]
    assert (found["pyarrow"], found["numpy"]) == (pyarrow.__version__, numpy.__version__)
    assert {"python", "unicode", "trafilatura", "resiliparse", "tokenizers", "zstandard"} <= set(found)
