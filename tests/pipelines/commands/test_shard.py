"""`proofpile shard`: several sources in a mixture, and errors in the words of its options."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from manifests.errors import UserError
from pipelines.commands import shard as command
from pipelines.commands.cli import main
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "small.model").write_bytes(model_bytes(small_pieces(["▁the", "▁th", "▁t", "he", "th"])))
    return tmp_path / "small.model"


def ran(*arguments: str) -> int:
    """The exit code of `proofpile shard` with these arguments."""
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    parsed = parser.parse_args(["shard", *arguments])
    parsed.beam_args = ()
    return int(parsed.run(parsed))


def written(path: Path, texts: Iterable[str], first: int = 0) -> str:
    path.write_text("".join(json.dumps({"id": str(first + n), "text": text}) + "\n" for n, text in enumerate(texts)))
    return str(path)


def test_the_command_mixes_several_sources_by_weight(tmp_path: Path, model: Path) -> None:
    one, two, three = (
        written(tmp_path / f"{n}.jsonl", [f"the {k} " * 40 for k in range(60)], n * 60) for n in range(3)
    )
    arguments = ["--source", f"a={one}", f"b={two}", f"b={three}", "--weight", "a=3", "b=1", "--sequence-length", "16"]
    asked = [*arguments, "--tokenizer", str(model), "--output", str(tmp_path / "o"), "--quiet", "--validation", "0"]
    assert ran(*asked, "--test", "0") == 0
    mixture = json.loads((tmp_path / "o" / "mixture.json").read_text())["sources"]
    assert mixture["a"]["share"] == pytest.approx(0.75, abs=0.01)
    assert mixture["b"]["epochs"] == pytest.approx(1, abs=0.01)
    with pytest.raises(UserError, match=r"^--weight: no source is called `c`; sources: a, b$"):
        ran(*asked, "--weight", "c=1")
    with pytest.raises(UserError, match=r"^--weight: given twice for `a`; expected once$"):
        ran(*asked, "--weight", "a=3")
    with pytest.raises(UserError, match=r"^--max-epochs: `a` would be repeated"):
        ran(*asked, "--test", "0", "--max-epochs", "2", "--accept-changes")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sequence-length", "1"], "--sequence-length: input should be greater than or equal to 2, found 1"),
        (["--validation", "1.5"], "--validation: input should be less than 1, found 1.5"),
        (["--validation", "0.6", "--test", "0.5"], "options: validation and test together leave nothing to train on"),
        (["--weight", "input=2", "--epochs", "2"], "--epochs: the mixture is made by weights"),
        (["--layout", "documents", "--packing", "best_fit"], "options: packing: best_fit fills rows; expected layout"),
        (["--tokens", "9"], "--tokens: 9 is less than a row has; expected 4096 or more"),
        (["--epochs", "0"], "--epochs: input should be greater than 0, found 0.0"),
        (["--end-token", "<none>"], "--end-token: small.model has no token `<none>`"),
        (["--shard-mb", "-1"], "--shard-mb: input should be greater than 0, found -1.0"),
        (["--name", "a b"], "--source: "),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_command(tmp_path: Path, model: Path, arguments, message) -> None:
    path = written(tmp_path / "x.jsonl", ["the"])
    with pytest.raises(UserError) as caught:
        ran("--input", path, "--tokenizer", str(model), "--output", str(tmp_path / "o"), "--quiet", *arguments)
    assert str(caught.value).startswith(message)


def test_a_file_that_is_missing_is_named_by_its_option(tmp_path: Path, model: Path) -> None:
    path = written(tmp_path / "x.jsonl", ["the"])
    for option, other in (("--input", ["--tokenizer", str(model)]), ("--tokenizer", ["--input", path])):
        with pytest.raises(UserError, match=f"^{option}: .*gone"):
            ran(option, str(tmp_path / "gone"), *other, "--output", str(tmp_path / option), "--quiet")


@pytest.mark.parametrize("layout", ["documents", "packed"])
def test_equal_ids_lost_characters_and_sources_without_documents_are_named(tmp_path: Path, model: Path, layout) -> None:
    lines = [("x", "the 1"), ("x", "the 2"), ("y", "a \ud800 b"), ("z", " ")]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in lines))
    none = written(tmp_path / "none.jsonl", ["", " \n"])
    sources = ["--source", f"a={path}", f"none={none}", "--validation", "0.5", "--test", "0", "--layout", layout]
    assert ran(*sources, "--seed", "3", "--tokenizer", str(model), "--output", str(tmp_path / "o"), "--quiet") == 0
    remarks = json.loads((tmp_path / "o" / "mixture.json").read_text())["remarks"]
    assert any("documents with the id of one before them: 1, such as `x`" in one for one in remarks)
    assert any(one.startswith("a: characters U+FFFD in the texts: 1") for one in remarks)
    assert any(one.startswith("none: not one document is left (2 empty)") for one in remarks)


def test_equal_ids_are_named_wherever_they_lie(tmp_path: Path, model: Path) -> None:
    files = [tmp_path / f"{n}.jsonl" for n in range(3)]
    for number, path in enumerate(files):
        lines = [{"id": name, "text": f"the {name} " * 30} for name in ("x", f"own{number}")]
        path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    sources = ["--source", f"a={files[0]}", f"a={files[1]}", f"b={files[2]}", "--shard-mb", "0.0001"]
    asked = [*sources, "--validation", "0", "--test", "0", "--sequence-length", "16", "--tokenizer", str(model)]
    assert ran(*asked, "--output", str(tmp_path / "o"), "--quiet") == 0
    remarks = json.loads((tmp_path / "o" / "mixture.json").read_text())["remarks"]
    assert remarks == ["a: documents with the id of one before them: 1, such as `x`; `ids` cannot tell them apart"]


@pytest.fixture
def sharded(tmp_path: Path, model: Path) -> Path:
    path = written(tmp_path / "x.jsonl", [f"the {n} " * 20 for n in range(40)])
    asked = ["--input", path, "--tokenizer", str(model), "--sequence-length", "16", "--output", str(tmp_path / "o")]
    assert ran(*asked, "--format", "texts", "--quiet") == 0
    return tmp_path / "o"


def test_the_folder_has_a_card_that_names_its_rows(sharded: Path) -> None:
    _, front, text = (sharded / "README.md").read_text().split("---\n", 2)
    assert "`proofpile shard` with the arguments that `runs.jsonl` has" in text
    assert "extracted" not in text
    assert "Citation" not in text
    first = yaml.safe_load(front)["configs"][0]
    assert (first["config_name"], first["default"]) == ("default", True)
    assert {"split": "train", "path": "shards/train/*.parquet"} in first["data_files"]
    assert main(["verify", str(sharded)]) == 0


def test_datasets_takes_those_rows_and_no_others(sharded: Path, tmp_path: Path) -> None:
    """Without a card it would take every Parquet file of the folder for rows."""
    datasets = pytest.importorskip(
        "datasets", reason="`datasets`, one of the readers that shards are for, is no dependency"
    )
    rows = datasets.load_dataset(str(sharded), split="train", cache_dir=str(tmp_path / "cache"))
    (shard,) = (sharded / "shards" / "train").iterdir()
    assert rows["input_ids"][:] == pq.read_table(shard)["input_ids"].to_pylist()


def test_a_command_that_was_refused_is_taken_once_it_is_mended(tmp_path: Path, model: Path) -> None:
    asked = ["--input", written(tmp_path / "x.jsonl", ["the"]), "--output", str(tmp_path / "o"), "--quiet"]
    with pytest.raises(UserError, match=r"^--end-token: small\.model has no token"):
        ran(*asked, "--tokenizer", str(model), "--end-token", "<none>")
    assert ran(*asked, "--tokenizer", str(model)) == 0


def test_nothing_that_compiles_is_loaded_where_nothing_is_compiled() -> None:
    """It takes a process longer to load than all else; packing documents one after the other needs none."""
    loads = "import sys, pipelines.shards.writing, pipelines.stages.shard, pipelines.shards.streaming"
    said = subprocess.run(
        [sys.executable, "-c", f"{loads}; print('numba' in sys.modules, 'pyarrow' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == ["False", "True"]
