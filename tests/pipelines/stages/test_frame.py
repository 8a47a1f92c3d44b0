"""The frame: one bad record costs one record, ledgers balance, and the same input makes the same bytes."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from manifests import ledger
from manifests.errors import Fault, UserError
from manifests.recipe import Recipe, parse_recipe
from manifests.sealed import sealed
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import Corpus, locked
from pipelines.engine.engine import Engine
from pipelines.engine.guard import Limits
from pipelines.engine.progress import Progress
from pipelines.report import inspect
from pipelines.stages import extract, filter
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from pipelines.stages.order import run as whole_build

LINES = ["one two three", "boom", "no thanks", "bad line", "surrogate here", "x = y", "one two three"]


def recipe(extra: str = "") -> Recipe:
    return parse_recipe(
        f"""
name: toy
limits: {{failures_allowed: 50, unit_mb: 0.0001}}
sources:
  - name: toy
    kind: tests.pipelines.sources.toy_source:ToySource
    inputs: [input]
    licence: CC0-1.0
    filters: [{{score: length, at_least: 6, reason: short}}]
{extra}""",
        "toy.yaml",
    )


def files(folder: Path, *contents: list[str]) -> None:
    (folder / "input").mkdir()
    for number, lines in enumerate(contents):
        (folder / "input" / f"{number}.txt").write_text("\n".join(lines))


def make_job(folder: Path, engine: Engine | None = None, output: str = "out", extra: str = "") -> Build:
    corpus = Corpus(folder / output)
    made = recipe(extra)
    corpus.adopt(made)
    return Build(made, corpus, engine or Engine(), Progress(quiet=True), "toy.yaml", folder)


def build(folder: Path, engine: Engine | None = None, output: str = "out", extra: str = "") -> Build:
    job = bring(make_job(folder, engine, output, extra))
    extract.run(job)
    filter.run(job)
    return job


def outputs(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".work" not in path.parts
    }


def column(root: Path, folder: str, name: str) -> list[str]:
    return [
        value for path in sorted(root.glob(f"{folder}/**/*.parquet")) for value in pq.read_table(path)[name].to_pylist()
    ]


def test_every_record_ends_as_a_document_a_rejection_or_a_failure(tmp_path: Path) -> None:
    files(tmp_path, LINES)
    root = build(tmp_path).root
    sums = ledger.totals(ledger.read_entries(root))["extract"]["toy"]
    assert (sums.read, sums.kept, sums.failed) == (7, 3, 2)
    assert sums.rejected == {"planted": 1, "same_id": 1}
    assert sums.licences == {"CC0-1.0": 3}
    assert sorted(column(root, "documents", "text")) == ["one two three", "surrogate here�", "x = y"]
    assert len(column(root, "rejected/extract", "id")) == 2
    assert "ValueError: planted: cannot be extracted" in column(root, "failed", "error")


def test_a_rebuild_tells_the_sums_of_what_is_planned_now(tmp_path: Path) -> None:
    files(tmp_path, ["one", "two", "three"], ["four", "five"])
    build(tmp_path)
    for change, told in ((None, "2 were done already; 5 read"), ("0.txt", "1 were done already; 2 read")):
        if change is not None:
            (tmp_path / "input" / change).unlink()
        said = io.StringIO()
        extract.run(bring(replace(make_job(tmp_path), progress=Progress(stream=said))))
        assert f"extract: 0 units done, {told}" in said.getvalue()


@pytest.mark.parametrize(("most", "kept"), [(10, 3), (2, 2), (0, 0)])
def test_the_texts_of_some_rejected_records_are_kept(tmp_path: Path, most: int, kept: int) -> None:
    files(tmp_path, ["no 1", "no 2", "no 3", "fine"])
    job = make_job(tmp_path)
    limits = job.recipe.limits.model_copy(update={"rejected_texts": most})
    extract.run(bring(replace(job, recipe=job.recipe.model_copy(update={"limits": limits}))))
    texts = column(job.root, "rejected_texts/extract", "text")
    assert len(texts) == kept and set(texts) <= {"no 1", "no 2", "no 3"}
    shown = [inspect.rejected_text(job.root, identifier) for identifier in column(job.root, "rejected/extract", "id")]
    assert sum(text is not None for text in shown) == kept


def test_damage_in_a_file_keeps_what_came_before_and_names_the_file_as_the_recipe_does(tmp_path: Path) -> None:
    files(tmp_path, ["first", "stop", "never read"], ["other file"])
    root = build(tmp_path).root
    assert sorted(column(root, "documents", "text")) == ["first", "other file"]
    assert column(root, "failed", "error") == ["OSError: planted: damage in input/0.txt"]
    assert column(root, "failed", "shard") == ["input/0.txt"]


@pytest.mark.parametrize(
    ("word", "error"),
    [("spin", "time limit"), ("crash", "the process was ended by SIGSEGV"), ("eat", "MemoryError")],
)
def test_a_record_that_loops_crashes_or_takes_all_memory_costs_itself(tmp_path: Path, word: str, error: str) -> None:
    files(tmp_path, ["before it", word, "after it"])
    root = build(tmp_path, Engine(limits=Limits(seconds=1.0, memory=1 << 30))).root
    assert sorted(column(root, "documents", "text")) == ["after it", "before it"]
    [failure] = column(root, "failed", "error")
    assert failure.startswith(error)


def test_the_filter_lists_what_fails_a_threshold_and_deletes_nothing(tmp_path: Path) -> None:
    files(tmp_path, LINES)
    root = build(tmp_path).root
    assert column(root, "rejected/filter", "reason") == ["short"]
    assert column(root, "rejected/filter", "detail") == ["length=5"]
    assert len(column(root, "documents", "id")) == 3


@pytest.mark.parametrize(
    "engine",
    [Engine(workers=2), Engine(workers=8), Engine(workers=2, mode="processes")],
    ids=["two", "eight", "processes"],
)
def test_bytes_do_not_depend_on_workers(tmp_path: Path, engine: Engine) -> None:
    files(tmp_path, *[[f"line {number} of {file}" for number in range(20)] + LINES for file in range(6)])
    one = build(tmp_path).root
    two = build(tmp_path, engine, "two").root
    assert len(list(one.glob("documents/toy/*.parquet"))) == 6
    assert outputs(one) == outputs(two)


def test_bytes_do_not_depend_on_where_the_input_lies(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        files(tmp_path / name, LINES, ["stop"])
        build(tmp_path / name)
    assert outputs(tmp_path / "here" / "out") == outputs(tmp_path / "there" / "out")


def test_the_manifest_has_an_entry_a_line_and_the_journal_the_seconds_of_each_stage(tmp_path: Path) -> None:
    files(tmp_path, LINES)
    whole_build(make_job(tmp_path), ("fetch", "extract", "filter"))
    lines = (tmp_path / "out/manifest.json").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line.strip().rstrip(",")) for line in lines if line.startswith("  {")]
    assert [entry["unit"] for entry in entries] == [one.unit for one in ledger.read_entries(tmp_path / "out")]
    assert json.loads("".join(lines))["entries"] == entries
    assert set(json.loads((tmp_path / "out/runs.jsonl").read_text())["stages"]) == {"fetch", "extract", "filter"}


def test_a_second_run_does_nothing_and_a_lost_output_is_made_again(tmp_path: Path) -> None:
    files(tmp_path, LINES, ["other file"])
    root = build(tmp_path).root
    before = outputs(root)
    times = {path: path.stat().st_mtime_ns for path in root.rglob("documents/**/*.parquet")}
    build(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    next(iter(times)).unlink()
    build(tmp_path)
    assert outputs(root) == before


def test_an_input_that_is_gone_takes_its_documents_along(tmp_path: Path) -> None:
    files(tmp_path, ["stays"], ["goes away"])
    build(tmp_path)
    (tmp_path / "input" / "1.txt").unlink()
    root = build(tmp_path).root
    assert column(root, "documents", "text") == ["stays"]


def test_too_many_failures_stop_the_run(tmp_path: Path) -> None:
    files(tmp_path, ["one that is sound", *(f"boom {number}" for number in range(60))])
    with pytest.raises(Fault, match="60 of 61 records of `toy` failed"):
        build(tmp_path)


def test_another_recipe_is_refused_with_the_difference_shown(tmp_path: Path) -> None:
    files(tmp_path, LINES)
    build(tmp_path)
    with pytest.raises(UserError, match=r"(?s)another recipe.*-seed: 0.*\+seed: 5"):
        build(tmp_path, extra="seed: 5")


def test_one_run_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(UserError, match="another run is writing"), locked(tmp_path):
        pass


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    files(tmp_path, LINES, ["other file " * 20])
    job = build(tmp_path)
    manifest.write(job.root, job.recipe)
    assert list(verify.verify(job.root)) == []
    return job.root


def test_verify_names_a_missing_file(finished: Path) -> None:
    path = next(finished.glob("documents/toy/*.parquet"))
    path.unlink()
    assert ("missing", path.name) in {(found.kind, Path(found.path).name) for found in verify.verify(finished)}


def test_verify_names_a_changed_file(finished: Path) -> None:
    path = next(finished.glob("rejected/extract/toy/*.parquet"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert ("changed", path.name) in {(found.kind, Path(found.path).name) for found in verify.verify(finished)}


def test_verify_names_a_surplus_file(finished: Path) -> None:
    (finished / "documents" / "toy" / "stray.parquet").write_bytes(b"")
    [finding] = verify.verify(finished)
    assert (finding.kind, finding.path) == ("surplus", "documents/toy/stray.parquet")


def test_verify_names_an_entry_that_does_not_balance(finished: Path) -> None:
    path = next(finished.glob("ledger/extract/*.json"))
    entry = json.loads(path.read_text())
    del entry["seal"]
    path.write_text(sealed({**entry, "read": 99}))
    assert "unbalanced" in {found.kind for found in verify.verify(finished) if Path(found.path).name == path.name}


def test_dask_is_refused_with_the_reason() -> None:
    with pytest.raises(UserError, match="silently loses"):
        Engine(runner="DaskRunner")


def test_a_file_of_no_bytes_is_a_listed_failure(tmp_path: Path) -> None:
    files(tmp_path, ["one two three"], [])
    job = build(tmp_path)
    [path] = (job.root / "failed/extract").rglob("*.parquet")
    [row] = pq.read_table(path).to_pylist()
    assert (Path(row["shard"]).name, row["error"]) == ("1.txt", "the file is empty: 0 bytes")
    [sums] = ledger.totals(ledger.read_entries(job.root, "extract"))["extract"].values()
    assert (sums.read, sums.kept, sums.failed) == (2, 1, 1)
