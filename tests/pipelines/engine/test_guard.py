"""The guard: whatever one record does to its process costs that record, and every error comes out as itself."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import Fault, UserError
from pipelines.corpus.folder import payload
from pipelines.engine import guard, nursery
from pipelines.engine.board import Place
from pipelines.engine.guard import Bug, Child, Limits
from pipelines.engine.worker import Unit


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child()
    yield made
    made.stop()


def unit(root: Path, work: str, **settings: Any) -> Unit:
    return Unit(
        "stage", "unit", "a", str(root), f"tests.pipelines.engine.guard_work:{work}", "mark", payload(**settings)
    )


def noted(root: Path) -> list[str]:
    return (root / "unit").read_text().splitlines()


NONE = ("none", "")


@pytest.mark.parametrize("step", ["read", "document"])
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("segfault", "the process was ended by SIGSEGV"),
        ("exit", "the process ended with exit code 7"),
        ("sys.exit", "the process ended with exit code 1"),
        ("spin", "time limit: more than 1.5 s"),
        ("memory", "memory limit: more than 400 MiB in use"),
    ],
)
def test_a_record_that_ends_its_process_is_passed_over(
    tmp_path: Path, child: Child, step: str, how: str, said: str
) -> None:
    limits = Limits(1.5 if how == "spin" else 50.0, 400 << 20)  # a busy machine must not run into the other limit
    child.run(unit(tmp_path, "records", records=[NONE, (step, how), NONE]), limits)
    lines = noted(tmp_path)
    assert lines.count("begin") == 3, "tried again alone before it is blamed"
    last = lines[len(lines) - lines[::-1].index("begin") - 1 :]
    assert last == ["begin", "0 done", f"1 {step}: {said}", "2 done", "end"]


def test_every_bad_record_of_a_unit_is_passed_over_and_the_next_unit_starts_clean(tmp_path: Path, child: Child) -> None:
    bad = [("document", "exit"), NONE, ("read", "exit")]
    child.run(unit(tmp_path, "records", records=bad), Limits())
    said = "the process ended with exit code 7"
    assert noted(tmp_path)[-4:] == [f"0 document: {said}", "1 done", f"2 read: {said}", "end"]
    child.run(unit(tmp_path, "records", records=[NONE, NONE, NONE]), Limits())
    assert noted(tmp_path)[-5:] == ["begin", "0 done", "1 done", "2 done", "end"]


def test_a_record_that_one_death_struck_by_chance_is_not_blamed(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "records", records=[NONE, ("document", "once"), ("read", "once"), NONE]), Limits())
    assert noted(tmp_path)[-5:] == ["0 done", "1 done", "2 done", "3 done", "end"]


def test_a_record_that_only_sleeps_has_longer_but_not_for_ever(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SLEEP_FACTOR", 3)
    child.run(unit(tmp_path, "records", records=[("document", "sleep"), NONE]), Limits(0.5))
    assert noted(tmp_path)[-3:] == ["0 document: time limit: more than 1.5 s asleep", "1 done", "end"]


def test_the_time_in_which_a_worker_is_stopped_is_charged_to_no_record(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SLEEP_FACTOR", 3)
    child.run(unit(tmp_path, "records", records=[("document", "stopped"), NONE]), Limits(0.5))
    assert noted(tmp_path) == ["begin", "0 done", "1 done", "end"]


def test_the_time_in_which_kernels_are_compiled_is_charged_to_no_record(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "records", records=[("document", "compiling"), NONE]), Limits(1.0))
    assert noted(tmp_path) == ["begin", "0 done", "1 done", "end"]


def test_waiting_for_what_is_not_in_its_power_is_charged_to_no_record(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SLEEP_FACTOR", 1)
    child.run(unit(tmp_path, "records", records=[("read", "wait"), NONE]), Limits(1.5))
    assert noted(tmp_path) == ["begin", "0 done", "1 done", "end"]
    child.run(unit(tmp_path, "records", records=[("read", "sleep"), NONE]), Limits(1.5))
    assert noted(tmp_path)[-3:] == ["0 read: time limit: more than 1.5 s asleep", "1 done", "end"]


def test_what_a_thread_beside_computes_is_charged_to_no_record(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "records", records=[("document", "beside"), NONE]), Limits(1.5))
    assert noted(tmp_path) == ["begin", "0 done", "1 done", "end"]


def test_a_guard_that_waits_for_its_turn_blames_no_record_that_is_done_by_then(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, looks = guard._Clock.look, list[float]()

    def kept_waiting(clock: guard._Clock, pid: int, place: Place, passed: float) -> float:
        if place.at is not None and place.at == clock.at and not looks:  # as if the machine ran the worker alone
            looks.append(guard.processor_time(f"{pid}")[0])
            while guard.processor_time(f"{pid}")[0] < looks[0] + 1.5:
                time.sleep(0.01)
        return look(clock, pid, place, passed)

    monkeypatch.setattr(guard._Clock, "look", kept_waiting)
    child.run(unit(tmp_path, "records", records=[("document", "busy")] * 6), Limits(1.0))
    assert noted(tmp_path) == ["begin", *(f"{n} done" for n in range(6)), "end"]
    assert len(looks) == 1


def test_models_that_do_not_load_are_a_fault_of_the_unit_and_of_no_record(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOADING_SECONDS", 1.0)
    with pytest.raises(Fault, match=r"stage/unit: models of this unit cannot be loaded: time limit: more than 1 s"):
        child.run(unit(tmp_path, "loading"), Limits(0.5))


def test_memory_that_earlier_units_left_is_charged_to_no_record(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "hoarding"), Limits(50.0, 4 << 30))
    first = child.process
    child.run(unit(tmp_path, "records", records=[NONE]), Limits(50.0, 500 << 20))
    assert child.process is not first
    assert noted(tmp_path) == ["begin", "0 done", "end"]


def test_memory_that_one_stage_left_is_not_held_in_the_next(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "hoarding"), Limits())
    first = child.process
    child.run(unit(tmp_path, "records", records=[NONE]), Limits())
    assert child.process is first
    child.run(unit(tmp_path, "records", records=[NONE])._replace(stage="next"), Limits())
    assert child.process is not first
    second = child.process
    child.run(unit(tmp_path, "records", records=[NONE])._replace(stage="another"), Limits())
    assert child.process is second


def test_too_many_bad_records_are_a_fault(tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_POISONS", 2)
    with pytest.raises(Fault, match=r"stage/unit: 3 records each ended the worker process; the last: .* exit code 7"):
        child.run(unit(tmp_path, "records", records=[("document", "exit")] * 5), Limits())


def test_the_time_after_the_last_record_is_charged_to_none(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "records", records=[NONE], slow_end=2.5), Limits(1.0))
    assert noted(tmp_path) == ["begin", "0 done", "end"]


def test_a_worker_that_dies_outside_of_any_record_gets_one_more_try(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "outside", deaths=1), Limits())
    assert noted(tmp_path) == ["begin", "begin"]


def test_a_worker_that_always_dies_outside_of_any_record_is_a_fault(tmp_path: Path, child: Child) -> None:
    with pytest.raises(
        Fault, match=r"stage/unit: the worker process ended 4 times outside of any record; the last: .* SIGSEGV"
    ):
        child.run(unit(tmp_path, "outside", deaths=9), Limits())


def test_a_worker_that_died_between_units_is_replaced(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "records", records=[NONE]), Limits())
    assert child.process is not None
    os.kill(child.process.pid, signal.SIGKILL)
    child.run(unit(tmp_path, "records", records=[NONE]), Limits())
    assert noted(tmp_path)[-1] == "end"


@pytest.mark.parametrize(("kind", "expected"), [("UserError", UserError), ("Fault", Fault), ("KeyError", Bug)])
def test_an_error_comes_out_as_itself(tmp_path: Path, child: Child, kind: str, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        child.run(unit(tmp_path, "raising", kind=kind), Limits())
    text = str(caught.value)
    if expected is Bug:
        assert "Traceback" in text and "guard_work.py" in text
    else:
        assert text == "planted: file x: expected y"


def test_what_libraries_print_is_no_answer(tmp_path: Path, child: Child) -> None:
    child.run(unit(tmp_path, "printing"), Limits())
    child.run(unit(tmp_path, "printing"), Limits())
    assert len(noted(tmp_path)) == 2


def test_a_file_of_the_current_folder_hides_no_library(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('not the library')")
    monkeypatch.chdir(tmp_path)
    child.run(unit(tmp_path, "records", records=[NONE]), Limits())
    assert noted(tmp_path)[-1] == "end"


def test_a_worker_outlives_the_thread_that_borrowed_it_first(tmp_path: Path) -> None:
    guard.stop_idle()
    pids = []

    def use() -> None:
        with guard.borrowed() as child:
            child.run(unit(tmp_path, "records", records=[NONE]), Limits())
            assert child.process is not None
            pids.append(child.process.pid)

    first = threading.Thread(target=use)
    first.start()
    first.join()
    time.sleep(0.3)
    use()
    assert pids[0] == pids[1]
    assert guard.stop_idle() > 0
    assert guard.stop_idle() == 0


def test_a_worker_that_raised_is_not_lent_again(tmp_path: Path) -> None:
    guard.stop_idle()
    with pytest.raises(Fault), guard.borrowed() as child:
        child.run(unit(tmp_path, "raising", kind="Fault"), Limits())
    assert child.process is None
    assert guard.stop_idle() == 0


def parent_of(child: Child) -> int:
    assert child.process is not None
    return int(Path(f"/proc/{child.process.pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_workers_share_what_was_loaded_once_before_the_first_was_wanted(tmp_path: Path) -> None:
    guard.stop_idle()
    nursery.start("tests.pipelines.engine.guard_work:prepared", [str(tmp_path), "early"])
    with guard.borrowed() as first, guard.borrowed() as second:
        for child in (first, second):
            child.run(unit(tmp_path, "records", records=[NONE]), Limits())
        (where,) = {int(path.name.removeprefix("early-")) for path in tmp_path.glob("early-*")}
        assert {parent_of(first), parent_of(second)} == {where}
    guard.stop_idle()


def test_workers_end_with_their_nursery_and_come_from_a_new_one(tmp_path: Path) -> None:
    guard.stop_idle()
    with guard.borrowed() as child:
        child.run(unit(tmp_path, "records", records=[NONE]), Limits())
        assert child.process is not None
        before = child.process.pid
        os.kill(parent_of(child), signal.SIGKILL)
        child.run(unit(tmp_path, "records", records=[NONE]), Limits())
        assert child.process.pid != before
        assert guard.processor_time(before)[1] in ("", "Z")  # ended, though nobody may have asked for its exit code
    guard.stop_idle()
    assert noted(tmp_path)[-1] == "end"


def test_what_goes_wrong_while_a_worker_gets_ready_is_left_to_the_unit_that_meets_it(tmp_path: Path) -> None:
    guard.stop_idle()
    nursery.start("tests.pipelines.engine.guard_work:prepared", [str(tmp_path / "no such folder"), "early"])
    with guard.borrowed() as child:
        child.run(unit(tmp_path, "records", records=[NONE]), Limits())
    guard.stop_idle()
    assert noted(tmp_path)[-1] == "end"


def test_a_worker_whose_answer_nobody_awaits_ends_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """So it is when the build is killed just then: its workers are left with a pipe that nobody reads."""
    guard.stop_idle()
    worker = nursery.fork("pipelines.engine.worker")
    worker.stdout.close()
    request = {"unit": unit(tmp_path, "records", records=[NONE]), "poisons": [], "profile": False}
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    worker.stdin.flush()
    assert worker.wait() == 0
    guard.stop_idle()
    assert capfd.readouterr().err == ""


def test_a_record_that_waits_for_a_thread_which_waits_for_its_turn_does_not_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = {"7": (1.0, "S"), "7/task/9": (1.0, "R")}
    monkeypatch.setattr(guard, "processor_time", seen.__getitem__)
    clock = guard._Clock(aside={9: 1.0})
    for _ in range(100):
        clock.look(7, Place(("document", 0), False), 0.25)
    assert clock.slept == 0
    seen["7/task/9"] = (1.0, "S")
    clock.look(7, Place(("document", 0), False), 0.25)
    assert clock.slept == 0.25
