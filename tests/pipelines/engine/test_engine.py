"""The engine: only what is missing is done, and a unit's error comes out of every runner as itself."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manifests import ledger
from manifests.errors import Fault, UserError
from manifests.ledger import Entry, write_entry
from pipelines.corpus.folder import payload
from pipelines.engine import engine as engine_module
from pipelines.engine import guard, turns
from pipelines.engine.beam_options import joined, unknown_options
from pipelines.engine.engine import Engine, translated
from pipelines.engine.guard import Bug
from pipelines.engine.worker import Unit


def unit(root: Path, key: str, mark: str = "mark", **settings: Any) -> Unit:
    return Unit("extract", key, "a", str(root), "tests.pipelines.engine.engine_work:work", mark, payload(**settings))


def runs(root: Path) -> list[str]:
    path = root / "runs.txt"
    return sorted(path.read_text().split()) if path.exists() else []


def test_a_second_run_starts_no_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    units = [unit(tmp_path, name) for name in "abc"]
    assert Engine().run_units(units) == 3
    monkeypatch.setattr(Engine, "run_pipeline", lambda *_: pytest.fail("there is nothing to do"))
    assert Engine().run_units(units) == 0
    assert runs(tmp_path) == ["a", "b", "c"]


def test_only_what_is_missing_or_changed_is_done_again(tmp_path: Path) -> None:
    units = [unit(tmp_path, name) for name in "abcd"]
    Engine().run_units(units)
    (tmp_path / "documents/a.txt").unlink()
    (tmp_path / "documents/b.txt").write_text("longer than it was")
    units[2] = unit(tmp_path, "c", "another mark")
    assert Engine().run_units(units) == 3
    assert runs(tmp_path) == ["a", "a", "b", "b", "c", "c", "d"]
    assert {path.name: path.read_text() for path in (tmp_path / "documents").iterdir()} == {
        f"{name}.txt": name for name in "abcd"
    }


def test_a_unit_that_now_writes_fewer_files_leaves_none_of_its_old_ones(tmp_path: Path) -> None:
    Engine().run_units([unit(tmp_path, "a", names=["documents/a.txt", "documents/a-001.txt"])])
    Engine().run_units([unit(tmp_path, "a", "another mark", names=["documents/a.txt"])])
    assert [path.name for path in (tmp_path / "documents").iterdir()] == ["a.txt"]


def test_a_worker_that_dies_over_an_entry_leaves_nothing_of_it(tmp_path: Path) -> None:
    Engine().run_units([unit(tmp_path, "a", dies_over_entry=True), unit(tmp_path, "b")])
    assert (tmp_path / "died").exists()
    assert sorted(path.name for path in (tmp_path / "ledger" / "extract").iterdir()) == ["a.json", "b.json"]


def test_a_long_payload_travels_as_a_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[int] = []
    run = guard.Child.run

    def watched(self: guard.Child, one: Unit, limits: guard.Limits, following: Unit | None = None) -> None:
        handed.append(len(one.payload))
        run(self, one, limits, following)

    monkeypatch.setattr(guard.Child, "run", watched)
    long = [f"documents/{number:04d}.txt" for number in range(2000)]
    assert Engine().run_units([unit(tmp_path, "a", names=long), unit(tmp_path, "b")]) == 2
    assert max(handed) < 1000
    assert len(list((tmp_path / "documents").iterdir())) == 2001
    assert not (tmp_path / ".work" / "extract").exists()


@pytest.mark.parametrize(
    "engine",
    [Engine(), Engine(workers=2), Engine(workers=2, mode="processes")],
    ids=["one worker", "threads", "processes"],
)
@pytest.mark.parametrize("kind", [UserError, Fault])
def test_a_units_error_comes_out_as_itself(tmp_path: Path, engine: Engine, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        engine.run_units([unit(tmp_path, "a"), unit(tmp_path, "b", raises=kind.__name__)])
    assert str(caught.value) == "planted in b: expected no fault"


def test_what_was_done_before_an_error_stays_done(tmp_path: Path) -> None:
    Engine().run_units([unit(tmp_path, "a")])
    with pytest.raises(Fault):
        Engine().run_units([unit(tmp_path, "a"), unit(tmp_path, "b", raises="Fault")])
    assert ledger.is_done(tmp_path, "extract", "a", "mark")
    assert runs(tmp_path) == ["a"]


def test_a_runner_that_says_done_and_did_not_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "TRIES", 1)
    with pytest.raises(Fault, match="1 units are not done: a"):
        Engine().run_units([unit(tmp_path, "a", no_entry=True)])


def test_an_error_is_found_in_what_a_runner_wraps_around_it() -> None:
    inner = UserError("file x: expected y")
    outer = RuntimeError("bundle failed")
    outer.__cause__ = inner
    assert isinstance(translated(outer), UserError) and str(translated(outer)) == "file x: expected y"
    text = "Traceback…\nmanifests.errors.Fault: disk full: a [while running 'Do unit']\n\nmore"
    found = translated(RuntimeError(text))
    assert (type(found), str(found)) == (Fault, "disk full: a")
    bug = Bug("Traceback of a worker")
    outer.__cause__ = bug
    assert translated(outer) is bug
    stranger = RuntimeError("Beam's own")
    assert translated(stranger) is stranger


@pytest.mark.parametrize(
    ("runner", "reason"),
    [
        ("PrismRunner", "downloads"),
        ("prismrunner", "downloads"),
        ("RayRunner", "does not contain"),
        ("PortableRunner", "--job_endpoint"),
        ("InteractiveRunner", "no such runner"),
    ],
)
def test_a_runner_that_cannot_work_is_refused_in_one_line_before_it_starts(runner: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as refused:
        Engine(runner)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(f"--runner {runner}: ")


@pytest.mark.parametrize(("runner", "name"), [("SparkRunner", "spark"), ("FlinkRunner", "flink")])
def test_a_job_server_that_is_not_installed_is_told_with_the_command_that_brings_it(
    runner: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"PROOFPILE_{name.upper()}", str(tmp_path))
    wanted = f"--runner {runner}: no job server here; run `python -m pipelines.engine.{name} install` once, "
    with pytest.raises(UserError, match=f"{re.escape(wanted)}or name one with --{name}_job_server_jar"):
        Engine(runner).options()


@pytest.mark.parametrize(
    ("runner", "options", "said"),
    [
        (
            engine_module.IN_PROCESS,
            ("--flink_master=host:1",),
            "--flink_master is an option of another; expected --runner Fl",
        ),
        (
            "SparkRunner",
            ("--flink_master=host:1",),
            "--flink_master is an option of another; expected --runner FlinkRunner",
        ),
        (
            "FlinkRunner",
            ("--spark_master_url=x",),
            "--spark_master_url is an option of another; expected --runner Spark",
        ),
        ("FlinkRunner", ("--parallelism=-2",), "--parallelism=-2: expected a whole number from 1 on"),
    ],
)
def test_options_that_contradict_the_runner_are_refused(runner: str, options: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Engine(runner, beam_args=options)


def test_an_option_and_its_value_may_be_two_words() -> None:
    given = joined(["--runner_option", "--flink_master", "host:1", "--parallelism=2", "--dry_run", "True"])
    assert given == ("--runner_option", "--flink_master=host:1", "--parallelism=2", "--dry_run=True")
    assert Engine("FlinkRunner", beam_args=given).cluster == "host:1"
    assert unknown_options(("--flink_mastr=x", "--flink_master=x", "--flink_conf_dir=y")) == ["--flink_mastr=x"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flink_master",), "--flink_master: expected one argument"),
        (("--job_port=x",), "--job_port: invalid int value"),
    ],
)
def test_a_value_of_an_option_that_is_missing_or_none_is_one_line(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        unknown_options(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("runner", ["SparkRunner", "PortableRunner"])
def test_a_client_of_a_job_server_is_taken_with_the_server_named(runner: str) -> None:
    assert not Engine(runner, beam_args=("--job_endpoint=localhost:8099",)).in_process


@pytest.mark.parametrize("runner", ["DaskRunner", "daskrunner"])
def test_a_runner_that_loses_output_is_refused(runner: str) -> None:
    with pytest.raises(UserError, match="silently loses"):
        Engine(runner)


def test_the_largest_units_are_done_first_and_no_more_workers_than_units_are_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    whole = turns.Turns.done_by

    def noted(self: turns.Turns, workers: int, meanwhile: Callable[[], None] | None) -> None:
        asked.append(workers)
        whole(self, workers, meanwhile)

    monkeypatch.setattr(turns.Turns, "done_by", noted)
    done: list[int] = []

    def finish(self: guard.Child, unit: Unit, limits: guard.Limits, following: Unit | None) -> None:
        done.append(unit.size)
        write_entry(tmp_path, Entry(unit.stage, unit.key, unit.source, unit.fingerprint, 0, 0))

    monkeypatch.setattr(guard.Child, "run", finish)
    units = [Unit("s", f"u{size}", "a", str(tmp_path), "m:f", "mark", "{}", size) for size in (3, 1, 5, 2, 4)]
    assert Engine(workers=4096).run_units(units) == 5
    assert asked == [5]
    assert sorted(done) == [1, 2, 3, 4, 5]
    asked.clear()
    done.clear()
    again = [unit._replace(fingerprint="other") for unit in units]
    assert Engine(workers=2).run_units(again) == 5
    # Two threads may pass each other, but what is taken later is smaller.
    assert set(done[:2]) <= {3, 4, 5}
    assert done[-1] in (1, 2)


def test_a_slow_unit_holds_up_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = threading.Semaphore(0)

    def run(self: guard.Child, unit: Unit, limits: guard.Limits, following: Unit | None = None) -> None:
        if unit.key == "slow":
            for _ in range(6):
                assert others.acquire(timeout=60), "the other thread was to do all of the rest"
        write_entry(tmp_path, Entry(unit.stage, unit.key, unit.source, unit.fingerprint, 0, 0))
        if unit.key != "slow":
            others.release()

    monkeypatch.setattr(guard.Child, "run", run)
    units = [Unit("s", name, "a", str(tmp_path), "m:f", "mark", "{}") for name in ("slow", *"abcdef")]
    assert Engine(workers=2).run_units(units) == 7


@pytest.mark.parametrize("workers", [0, -3, 10_000])
def test_a_number_of_workers_is_at_least_one(workers: int) -> None:
    with pytest.raises(UserError, match=f"--workers {workers}: expected"):
        Engine(workers=workers)


def test_a_single_unit_needs_no_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(Engine, "run_pipeline", lambda self, build: asked.append(build))
    assert Engine(workers=2).run_units([unit(tmp_path, "a")]) == 1
    assert not asked
    assert [path.name for path in (tmp_path / "documents").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_error_of_a_unit_comes_out_as_itself_and_nothing_else_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], workers: int
) -> None:
    work = "tests.pipelines.engine.guard_work:raising"
    units = [Unit("s", f"u{n}", "a", str(tmp_path), work, "mark", '{"kind": "Fault"}') for n in range(4)]
    with pytest.raises(Fault, match=r"^planted: file x: expected y$"):
        Engine(workers=workers).run_units(units)
    assert "Traceback" not in capfd.readouterr().err
