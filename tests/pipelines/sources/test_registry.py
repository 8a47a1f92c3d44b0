"""Finding the class of a source: one of ours, or a user's own that lies beside the recipe."""

import sys
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import UserError
from manifests.recipe import SourceEntry
from manifests.user_classes import code_hash, search_in
from pipelines.commands.cli import main
from pipelines.sources.registry import SOURCES, make_source, source_class

OWN = """
from pipelines.sources.base import Record, Source, SourceOptions

class Options(SourceOptions):
    loud: bool = False

class OwnSource(Source):
    kind = "own"
    Options = Options

    def records(self, file):
        for line in file.path.read_text().splitlines():
            yield Record(line, line.encode())

    def document(self, record):
        text = record.payload.decode()
        return self.make(record, text.upper() if self.options.loud else text)
"""


def entry(kind: str, **options: Any) -> SourceEntry:
    return SourceEntry.model_validate({"name": "a", "kind": kind, "inputs": ["x"], "options": options})


@pytest.mark.parametrize("kind", sorted(SOURCES.names))
def test_each_of_our_kinds_is_a_source_of_that_name(kind: str) -> None:
    assert source_class(kind).kind == kind
    assert code_hash(kind) == ""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gopher", "sources.a.kind: unknown kind `gopher`; expected one of web, arxiv, code, dataset, or module:Class"),
        ("nowhere_at_all:X", "nowhere_at_all: there is no such module"),
        ("json:JSONDecoder", "`JSONDecoder` is not a subclass of pipelines.sources.base:Source"),
        ("pipelines.sources.base:Sourc", "no class `Sourc`; did you mean `Source`?"),
        (":X", ":X: expected module:Class"),
    ],
)
def test_a_class_that_cannot_be_had_is_one_line(kind: str, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        make_source(entry(kind), "corrected", {}, "r.yaml")
    assert str(caught.value).startswith("r.yaml: sources.a.kind: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (
            "def __init__(self, folder):\n        pass",
            ":7: TypeError: OwnSource.__init__() takes 2 positional arguments",
        ),
        ("def __init__(self, *all):\n        raise KeyError('planted')", ":12: KeyError: 'planted' (when it is made)"),
    ],
)
def test_a_class_that_cannot_be_made_is_one_line_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, expected: str
) -> None:
    name = f"broken_{'all' in method}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / f"{name}.py").write_text(OWN.replace("    def records", f"    {method}\n\n    def records"))
    with pytest.raises(UserError) as caught:
        make_source(entry(f"{name}:OwnSource"), "corrected", {}, "r.yaml")
    assert str(caught.value).startswith(f"r.yaml: sources.a.kind: {name}.py{expected}")


def test_an_unknown_option_names_its_key() -> None:
    with pytest.raises(UserError, match=r"r\.yaml: sources\.a\.options: lowd: unknown key"):
        make_source(entry("tests.pipelines.sources.toy_source:ToySource", lowd=1), "corrected", {}, "r.yaml")


def test_a_folder_that_is_searched_comes_after_the_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    search_in(tmp_path)
    search_in(tmp_path)
    assert sys.path[-1] == str(tmp_path) and sys.path.count(str(tmp_path)) == 1


def test_a_module_with_a_mistake_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "mistaken_source.py").write_text("class Half(:\n")
    search_in(tmp_path)
    with pytest.raises(UserError, match=r"mistaken_source\.py:1: invalid syntax"):
        source_class("mistaken_source:Half")


def test_a_source_beside_the_recipe_is_found_from_any_folder_and_its_change_redoes_its_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / "own_source_of_a_user.py").write_text(OWN)
    (home / "lines.txt").write_text("one\ntwo\n")
    (home / "recipe.yaml").write_text(
        "name: own\nsources:\n  - {name: own, kind: 'own_source_of_a_user:OwnSource', inputs: [lines.txt], "
        "options: {loud: true}}\n"
    )
    monkeypatch.chdir(elsewhere)
    command = ["build", str(home / "recipe.yaml"), "--output", "out"]
    assert main(command) == 0
    assert "extract: 1 unit done; 2 read = 2 kept" in capsys.readouterr().err
    assert main(command) == 0
    assert "extract: 0 units done" in capsys.readouterr().err
    (home / "own_source_of_a_user.py").write_text(OWN + "\n# another version\n")
    assert main(command) == 0
    assert "extract: 1 unit done" in capsys.readouterr().err


def test_the_hash_of_a_users_code_is_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    search_in(tmp_path)
    (tmp_path / "hashed_source.py").write_text(OWN)
    first = code_hash("hashed_source:OwnSource")
    (tmp_path / "hashed_source.py").write_text(OWN + "#")
    assert len(first) == 64 and code_hash("hashed_source:OwnSource") != first
    assert code_hash("no_such_module_at_all:X") == ""
