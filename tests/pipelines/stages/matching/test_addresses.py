"""Captures of one address: the newest stays, whatever their texts say."""

from pathlib import Path

import pytest

from manifests import ledger
from manifests.errors import UserError
from manifests.recipe import recipe_from
from manifests.records import Document
from pipelines.corpus.verify import verify
from pipelines.engine.engine import Engine
from tests.pipelines.corpus.made_corpus import document, make
from tests.pipelines.stages.test_dedup import duplicates, outputs, run

FOLDERS = ("address", "signatures", "duplicates", "clusters", "ledger")
PAGE = "http://example.org/theorem"


def capture(identifier: str, created: str | None, url: str = PAGE, text: str | None = None) -> Document:
    words = text or f"The page {identifier} about a theorem that nobody else has written down in these words"
    return document(identifier, words, "web")._replace(url=url, created=created)


def made(root: Path, files: dict[str, list[Document]], engine: Engine | None = None, **more: object) -> Path:
    return run(make(root, files, {"addresses": ["web"], **more}, engine, sources=("web", "other")))


def test_the_newest_capture_stays_wherever_it_lies_and_however_it_is_written(tmp_path: Path) -> None:
    files = {
        "web/x": [capture("old", "2019-05-01T10:00:00Z"), capture("elsewhere", "2019-01-01T00:00:00Z", PAGE + "/2")],
        "web/y": [capture("new", "2022-01-01T00:00:00Z", "https://EXAMPLE.org/theorem#proof")],
        "web/z": [capture("middle", "2021-12-31T23:59:59Z")],
    }
    root = made(tmp_path, files)
    assert duplicates(root) == dict.fromkeys(("old", "middle"), ("new", "address", 1.0, "new"))
    assert ledger.totals(ledger.read_entries(root))["dedup"]["web"].rejected == {"duplicate_address": 2}
    assert [finding for finding in verify(root) if finding.path != "manifest.json"] == []


def test_a_capture_without_a_date_is_the_oldest_and_one_without_an_address_is_left_alone(tmp_path: Path) -> None:
    files = {
        "web/x": [capture("undated", None), capture("dated", "2013-06-01"), capture("odd", "in spring")],
        "web/y": [capture("nowhere", "2020-01-01", ""), capture("nowhere too", "2020-01-01", "")],
    }
    found = duplicates(made(tmp_path, files))
    assert {name: row[0] for name, row in found.items()} == {"undated": "dated", "odd": "dated"}


def test_other_sources_and_recipes_without_the_rule_are_left_alone(tmp_path: Path) -> None:
    files = {"web/x": [capture("a", "2019-01-01"), capture("b", "2020-01-01")]}
    files["other/x"] = [capture("c", "2018-01-01")._replace(source="other")]
    assert set(duplicates(made(tmp_path / "with", files))) == {"a"}
    assert duplicates(made(tmp_path / "without", files, addresses=[])) == {}


def test_what_went_by_its_address_stands_for_no_other(tmp_path: Path) -> None:
    # The old capture has the text of another page, which must then not go because of it.
    text = "All these words stand in two places, of which one is an old capture of a page that has changed since"
    files = {"web/x": [capture("old", "2019-01-01", PAGE, text), capture("new", "2020-01-01")]}
    files["other/x"] = [document("copy", text, "other")]
    assert duplicates(made(tmp_path, files)) == {"old": ("new", "address", 1.0, "new")}


def test_the_cluster_is_that_of_what_stands_for_the_newest(tmp_path: Path) -> None:
    text = "The newest capture says what another source says in the same words, and that source comes first"
    files = {"web/x": [capture("old", "2019-01-01"), capture("new", "2020-01-01", PAGE, text)]}
    files["other/x"] = [document("first", text, "other")]
    found = duplicates(made(tmp_path, files, priority=["other"]))
    assert found == {"old": ("new", "address", 1.0, "first"), "new": ("first", "exact", 1.0, "first")}


def test_captures_of_one_second_are_told_apart_the_same_way_however_they_lie_in_files(tmp_path: Path) -> None:
    captures = [capture(f"{number}", f"20{10 + number % 3}-01-01T00:00:00Z") for number in range(24)]
    one = made(tmp_path / "one", {"web/x": captures})
    many = made(tmp_path / "many", {f"web/{part}": captures[::-1][part::5] for part in range(5)}, Engine(workers=2))
    assert len(duplicates(one)) == 23
    assert duplicates(one) == duplicates(many)
    again = made(tmp_path / "again", {f"web/{part}": captures[::-1][part::5] for part in range(5)})
    assert outputs(again, *FOLDERS) == outputs(many, *FOLDERS)


def test_a_source_that_is_not_there_is_one_line() -> None:
    data = {"name": "x", "sources": [{"name": "a", "kind": "dataset", "inputs": ["x"]}], "dedup": {"addresses": ["b"]}}
    with pytest.raises(UserError, match=r"dedup\.addresses: no source is called `b`; sources: a"):
        recipe_from(data, "recipe")
