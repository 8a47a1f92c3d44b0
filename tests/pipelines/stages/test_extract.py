"""The extract stage: whatever a source does with one record costs that record, and no other pays for it."""

import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import ledger
from manifests.errors import Fault, UserError
from manifests.recipe import parse_recipe
from manifests.writing import PartWriter
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import Corpus
from pipelines.corpus.texts import Raw
from pipelines.engine.engine import Engine
from pipelines.engine.guard import Limits
from pipelines.engine.progress import Progress
from pipelines.stages import extract
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.sources.odd_source import WRONG

RECIPE = """\
name: odd
limits: {failures_allowed: 1000}
sources:
  - name: odd
    kind: tests.pipelines.sources.odd_source:OddSource
    inputs: ['*.txt']
    filters: [{score: length, above: 3, reason: too_short, early: true}]
"""


def run(folder: Path, *files: Sequence[str]) -> Path:
    for number, lines in enumerate(files):
        (folder / f"{number}.txt").write_text("\n".join(lines))
    recipe = parse_recipe(RECIPE, "odd.yaml")
    corpus = Corpus(folder / "out")
    corpus.adopt(recipe)
    build = bring(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "odd.yaml", folder))
    extract.run(build)
    manifest.write(build.root, build.recipe)
    assert list(verify.verify(build.root)) == []
    return build.root


def column(root: Path, folder: str, name: str) -> list[Any]:
    return [
        value for path in sorted(root.glob(f"{folder}/**/*.parquet")) for value in pq.read_table(path)[name].to_pylist()
    ]


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_a_document_that_no_schema_can_hold_is_one_failed_record(tmp_path: Path, wrong: str) -> None:
    root = run(tmp_path, ["good one", wrong, "good two"])
    assert sorted(column(root, "documents", "text")) == ["good one", "good two"]
    [error] = column(root, "failed", "error")
    assert "document." in error or "could not convert" in error or "has no attribute" in error


def test_what_utf8_cannot_hold_is_replaced_wherever_it_stands(tmp_path: Path) -> None:
    root = run(tmp_path, ["surrogate id", "odd reason", "raises"])
    assert column(root, "documents", "id") == ["odd:\ufffd"]
    assert (column(root, "rejected", "reason"), column(root, "rejected", "detail")) == (
        ["word"],
        ["odd reason: word\ufffd: detail\ufffd"],
    )
    assert column(root, "failed", "error") == ["ValueError: planted \ufffd at 0x…"]


def test_a_reason_is_a_short_word_and_what_else_was_said_stands_in_the_detail(tmp_path: Path) -> None:
    root = run(tmp_path, ["long reason 7", "long reason 8", "good one"])
    assert column(root, "rejected", "reason") == [
        "too_short_only_7_of_30_words_words_words",
        "too_short_only_8_of_30_words_words_words",
    ]
    assert column(root, "rejected", "detail")[0].startswith("long reason 7: Too Short! only 7 of 30 words words")


def test_what_json_has_no_number_for_is_null(tmp_path: Path) -> None:
    [meta] = column(run(tmp_path, ["no number"]), "documents", "meta")
    assert json.loads(meta, parse_constant=pytest.fail)["b"] == [None, 1]
    assert json.loads(meta)["a"] is None


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("gives nothing", "OddSource.records returned None; expected records"),
        ("gives a tuple", "OddSource.records gave tuple; expected Record or BadRecord"),
        ("gives a number", "OddSource.records gave a record whose key is int; expected text"),
    ],
)
def test_what_a_source_gives_for_records_is_told_by_its_class(tmp_path: Path, first: str, said: str) -> None:
    root = run(tmp_path, [first], ["good one"])
    assert column(root, "documents", "text") == ["good one"]
    assert column(root, "failed", "error") == [f"TypeError: {said}"]


def test_a_record_without_an_id_is_listed_without_one(tmp_path: Path) -> None:
    root = run(tmp_path, ["raises and has no id", "good one"])
    assert column(root, "failed", "id") == [""] and column(root, "documents", "text") == ["good one"]


def test_a_source_that_raises_before_its_first_record_costs_the_file(tmp_path: Path) -> None:
    root = run(tmp_path, ["raises at once", "never read"], ["good one"])
    assert column(root, "documents", "text") == ["good one"]
    assert column(root, "failed", "shard") == ["0.txt"]


def test_a_failure_tells_where_without_a_path_of_this_machine(tmp_path: Path) -> None:
    [where] = column(run(tmp_path, ["raises"]), "failed", "traceback")
    assert "odd_source.py:" in where and "in document" in where
    assert str(tmp_path) not in where and str(Path.cwd()) not in where and "File " not in where


def test_an_early_threshold_stores_nothing_of_what_it_rejects(tmp_path: Path) -> None:
    root = run(tmp_path, ["abc", "abcd"])
    assert column(root, "documents", "text") == ["abcd"]
    assert column(root, "rejected", "reason") == ["too_short"]


def test_a_full_disk_is_no_records_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="/somewhere/x: No space left on device"):
        run(tmp_path, ["good one", "full disk"])
    assert not list((tmp_path / "out/ledger/extract").glob("*"))


def test_a_missing_model_is_no_records_fault(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"model\.bin: no such model"):
        run(tmp_path, ["good one", "model is missing"])


def test_a_disk_that_fills_up_while_a_part_is_written_is_no_records_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "planted")

    monkeypatch.setattr(PartWriter, "is_full", property(lambda self: bool(self.rows)))
    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(Fault, match="the disk is full"):
        run(tmp_path, ["good one", "good two", "good three"])
    assert not list((tmp_path / "out").rglob("*.parquet"))


LINES = st.sampled_from([*WRONG, "raises", "odd reason", "abc", "good one", "good two", "surrogate id", "has no id"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(LINES, min_size=1, max_size=8), min_size=1, max_size=3))
def test_every_record_has_one_outcome_whatever_comes_together(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[str]]
) -> None:
    root = run(tmp_path_factory.mktemp("run"), *files)
    sums = ledger.totals(ledger.read_entries(root))["extract"]["odd"]
    assert sums.read == sum(len(lines) for lines in files)
    assert sums.kept == len(column(root, "documents", "id"))
    assert sums.rejected.total() == len(column(root, "rejected", "id"))
    assert sums.failed == len(column(root, "failed", "id"))


def test_a_file_that_changed_since_it_was_recorded_stops_its_unit_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "0.txt").write_text("good one")
    recipe = parse_recipe(RECIPE, "odd.yaml")
    corpus = Corpus(tmp_path / "out")
    corpus.adopt(recipe)
    build = bring(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "odd.yaml", tmp_path))
    (tmp_path / "0.txt").write_text("good two")
    with pytest.raises(Fault, match=r"0\.txt: changed since its sha256 was recorded"):
        extract.run(build)
    assert not list(build.root.glob("documents/**/*.parquet"))


def test_a_file_elsewhere_of_unknown_size_is_a_unit_of_its_own() -> None:
    files = [Raw("", f"{number}.warc.gz", 0, "", {"address": "x"}) for number in range(3)]
    assert [(len(group), held) for group, held in extract.groups(files, 1 << 20)] == [(1, 0)] * 3
    known = [file._replace(bytes=10) for file in files]
    assert [(len(group), held) for group, held in extract.groups(known, 1 << 20)] == [
        (3, sum(map(extract.unpacked, known)))
    ]


def test_a_file_whose_name_is_no_utf8_is_read_under_an_escaped_name(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    with open(os.fsencode(folder) + b"/caf\xe9.txt", "w") as file:  # noqa: PTH123 - a name in bytes
        file.write("good one")
    recipe = parse_recipe(RECIPE.replace("'*.txt'", "in"), "odd.yaml")
    corpus = Corpus(tmp_path / "out")
    corpus.adopt(recipe)
    build = bring(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "odd.yaml", tmp_path))
    extract.run(build)
    assert [file.name for file in build.raw["odd"]] == ["in/caf\\xe9.txt"]
    assert column(build.root, "documents", "text") == ["good one"]


def extracted(tree: Path, output: Path) -> ledger.Entry:
    recipe = parse_recipe(f"name: code\nsources: [{{name: code, kind: code, inputs: ['{tree}']}}]\n", "code.yaml")
    corpus = Corpus(output)
    corpus.adopt(recipe)
    build = bring(Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "code.yaml", tree.parent))
    extract.run(build)
    manifest.write(build.root, build.recipe)
    assert list(verify.verify(build.root)) == []
    [entry] = list(ledger.read_entries(output, "extract"))
    return entry


def test_what_a_source_leaves_out_of_a_folder_is_listed_without_being_opened(tmp_path: Path) -> None:
    tree = tmp_path / "proj"
    tree.mkdir()
    (tree / "a.py").write_text("import numpy\n")
    (tree / "link.py").symlink_to("a.py")
    os.mkfifo(tree / "pipe.py")
    entry = extracted(tree, tmp_path / "o")
    assert (entry.read, entry.kept, entry.rejected) == (3, 1, {"link": 1, "pipe": 1})
    assert [fact.name for fact in entry.inputs] == ["proj/a.py"]
    (tree / "link.py").unlink()
    assert extracted(tree, tmp_path / "o").rejected == {"pipe": 1}


def test_a_file_of_a_folder_that_may_not_be_read_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "proj"
    tree.mkdir()
    for name in ("a.py", "locked.py"):
        (tree / name).write_text("import numpy\n")
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("locked.py"))
    entry = extracted(tree, tmp_path / "o")
    assert (entry.kept, entry.rejected) == (1, {"unreadable": 1})


def test_a_changed_licence_file_makes_the_documents_of_its_tree_anew(tmp_path: Path) -> None:
    tree = tmp_path / "proj"
    tree.mkdir()
    (tree / "a.py").write_text("import numpy\n")
    found = []
    mit = "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
    for text in (mit, "Apache License\nVersion 2.0, January 2004\n"):
        (tree / "LICENSE").write_text(text)
        extracted(tree, tmp_path / "o")
        found += column(tmp_path / "o", "documents", "license")
    (tree / "LICENSE").unlink()
    extracted(tree, tmp_path / "o")
    assert [*found, *column(tmp_path / "o", "documents", "license")] == ["MIT", "Apache-2.0", None]


def test_a_folder_of_which_nothing_is_read_is_the_users_mistake(tmp_path: Path) -> None:
    tree = tmp_path / "proj"
    tree.mkdir()
    (tree / "link.py").symlink_to("a.py")
    with pytest.raises(UserError, match="no input file was found"):
        extracted(tree, tmp_path / "o")


def test_a_line_that_takes_all_memory_while_it_is_parsed_costs_that_line(tmp_path: Path) -> None:
    """Its process ends twice; what stands before and behind it is read, with one worker as with two."""
    sound = [json.dumps({"text": f"text {number}"}) for number in range(4)]
    greedy = '{"text": [' + '"ab",' * 10_000_000 + '"ab"]}'  # 50 MB that become 640 MB
    (tmp_path / "a.jsonl").write_text("\n".join([*sound[:2], greedy, *sound[2:]]))
    recipe = parse_recipe("name: x\nsources: [{name: a, kind: dataset, inputs: [a.jsonl]}]\n", "x.yaml")
    found = []
    for workers in (1, 2):
        corpus = Corpus(tmp_path / f"out{workers}")
        corpus.adopt(recipe)
        engine = Engine(workers=workers, limits=Limits(memory=400 << 20))
        build = bring(Build(recipe, corpus, engine, Progress(quiet=True), "x.yaml", tmp_path))
        extract.run(build)
        assert sorted(column(build.root, "documents", "text")) == [f"text {number}" for number in range(4)]
        assert column(build.root, "failed", "error") == ["line 3: memory limit: more than 400 MiB in use"]
        names = sorted(build.root.glob("[df][oa]*/**/*.parquet"))
        found.append([(path.relative_to(build.root), path.read_bytes()) for path in names])
    assert found[0] == found[1]
