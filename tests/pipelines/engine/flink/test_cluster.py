"""The same bytes on a real Flink: its local master, and a standalone cluster of two task managers on loopback."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.engine.engine import Engine
from pipelines.engine.flink import cluster
from pipelines.engine.flink.jars import FLINK
from tests.pipelines.engine.test_engine import unit
from tests.pipelines.stages.test_frame import LINES, build, files, outputs

pytestmark = [
    pytest.mark.flink,
    pytest.mark.skipif(
        shutil.which("java") is None or FLINK.job_server() is None,
        reason="needs Java and `python -m pipelines.engine.flink install`",
    ),
]


@pytest.fixture
def two_task_managers(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "cluster"
    yield cluster.start(folder, 2).address
    cluster.stop(folder)


def test_flinks_local_master_makes_the_same_bytes(tmp_path: Path) -> None:
    files(tmp_path, *[[f"line {number} of {file}" for number in range(20)] + LINES for file in range(4)])
    here = build(tmp_path).root
    flink = build(tmp_path, Engine("FlinkRunner", 2, beam_args=("--flink_master=[local]",)), "flink").root
    assert outputs(here) == outputs(flink)


def test_a_standalone_cluster_makes_the_same_bytes(tmp_path: Path, two_task_managers: str) -> None:
    files(tmp_path, *[[f"line {number} of {file}" for number in range(20)] + LINES for file in range(4)])
    here = build(tmp_path).root
    engine = Engine("FlinkRunner", 2, beam_args=(f"--flink_master={two_task_managers}",))
    assert outputs(here) == outputs(build(tmp_path, engine, "flink").root)


def test_a_task_manager_that_is_killed_costs_its_units_a_second_try(tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    started = cluster.start(folder, 2)
    try:
        units = [unit(tmp_path, f"u{number}", seconds=2.0) for number in range(8)]

        def kill() -> None:
            while not list((tmp_path / "ledger").rglob("*.json")):
                time.sleep(0.1)
            os.kill(started.processes[-1], signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()
        engine = Engine("FlinkRunner", 2, beam_args=(f"--flink_master={started.address}",))
        assert engine.run_units(units) == 8
        assert len(list((tmp_path / "ledger").rglob("*.json"))) == 8
    finally:
        cluster.stop(folder)


def test_a_class_path_folds_at_72_bytes() -> None:
    text = FLINK.manifest([f"jars/some-library-{number}.jar" for number in range(50)])
    assert all(len(line) <= 72 for line in text.split("\r\n"))
    assert "jars/some-library-49.jar" in text.replace("\r\n ", "")
