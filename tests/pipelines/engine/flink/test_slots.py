"""What a cluster cannot take is told before a job is handed in; what it loses is handed in again."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from manifests.errors import Fault, UserError
from pipelines.engine import engine as module
from pipelines.engine.engine import SUBMISSIONS, Engine
from pipelines.engine.flink import cluster, slots


@contextmanager
def job_manager(*free: int, total: int = 3) -> Iterator[str]:
    """A server that says how many slots are free, the last number for ever."""
    answers = list(free)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            now = answers.pop(0) if len(answers) > 1 else answers[0]
            body = json.dumps({"taskmanagers": 1, "slots-total": total, "slots-available": now}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def test_slots_that_are_free_are_taken() -> None:
    with job_manager(3) as master:
        assert slots.slots(master) == slots.Slots(3, 3, 1)
        assert slots.offered(master, 2) == 2


def test_task_managers_that_are_coming_up_are_waited_for() -> None:
    with job_manager(0, 1, 2) as master:
        assert slots.offered(master, 2) == 2


def test_slots_that_are_missing_are_told_within_five_seconds() -> None:
    with job_manager(1) as master:
        began = time.monotonic()
        said = f"--flink_master={master}: 1 of 3 slots are free (1 task managers), 2 wanted"
        with pytest.raises(Fault, match=re.escape(said)) as caught:
            Engine("FlinkRunner", 2, beam_args=(f"--flink_master={master}",)).run_pipeline(lambda _: None)
        assert time.monotonic() - began < 5 + 2  # of a busy machine
    assert "\n" not in str(caught.value)


def test_task_managers_of_other_machines_are_waited_for_and_their_slots_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "JOIN_SECONDS", 0.2)
    with job_manager(3) as master:
        assert cluster.joined(cluster.Cluster(master, (), 0), 1) == 3
        with pytest.raises(Fault, match=r"^0 of 2 task managers joined within 0\.2 s$"):
            cluster.joined(cluster.Cluster(master, (), 1), 2)


def test_a_job_manager_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "PATIENCE", 0.2)
    with pytest.raises(Fault, match=r"--flink_master=127\.0\.0\.1:9: no job manager answers there"):
        slots.offered("127.0.0.1:9", 2)


def test_after_a_loss_what_is_left_is_enough_for_this_job_and_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "PATIENCE", 0.2)
    with job_manager(3, 0, 1) as master:
        assert [slots.offered(master, 3) for _ in range(3)] == [3, 1, 1]


def test_slots_that_another_job_is_letting_go_are_waited_for() -> None:
    with job_manager(3, 1, 3) as master:
        assert [slots.offered(master, 3) for _ in range(2)] == [3, 3]


class Losing:
    """Stands for the run of a pipeline: fails so many times as a lost worker does."""

    def __init__(self, losses: int, error: Exception) -> None:
        self.losses, self.error, self.asked = losses, error, list[int | None]()

    def run(self, _build: object, parallelism: int | None) -> None:
        self.asked.append(parallelism)
        if len(self.asked) <= self.losses:
            raise self.error


LOST = RuntimeError("org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager is no longer reachable")


def run(monkeypatch: pytest.MonkeyPatch, losing: Losing) -> None:
    monkeypatch.setattr(module.Engine, "_run_once", losing.run)
    monkeypatch.setattr(module.slots, "offered", lambda _master, wanted: 1 if losing.asked else wanted)
    Engine("FlinkRunner", 3, beam_args=("--flink_master=host:1",)).run_pipeline(lambda _: None)


def test_a_job_that_lost_a_worker_is_handed_in_again_with_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    losing = Losing(2, LOST)
    run(monkeypatch, losing)
    assert losing.asked == [3, 1, 1]


def test_a_job_that_is_always_lost_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    losing = Losing(99, LOST)
    with pytest.raises(Fault, match=f"Flink at host:1 gave the job up {SUBMISSIONS} times: .*no longer reachable"):
        run(monkeypatch, losing)
    assert len(losing.asked) == SUBMISSIONS


def test_of_a_clusters_traceback_one_line_is_told() -> None:
    text = "in state FAILED: X\n\tat a.B(C.java:1)\nCaused by: E: first\n\tat d.E\nCaused by: F: Connection refused\n]"
    assert module.cause(RuntimeError(text)) == "F: Connection refused"
    assert module.cause(RuntimeError("one line\n\tat a.B")) == "one line"
    assert module.cause(RuntimeError()) == "RuntimeError"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RuntimeError("manifests.errors.UserError: recipe.yaml: x [while running 'a']"), UserError),
        (RuntimeError("pipelines.engine.guard.Bug: Traceback"), RuntimeError),
    ],
)
def test_what_no_other_try_changes_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[Exception]
) -> None:
    losing = Losing(99, error)
    with pytest.raises(kind):
        run(monkeypatch, losing)
    assert len(losing.asked) == 1
