"""A command begins again in the environment of its workers, which are forked from what it has loaded."""

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from pipelines.engine import surroundings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

BEGUN = """
import json, os, sys
from pipelines.engine import surroundings
surroundings.begin_again()
names = ("PYTHONHASHSEED", "OMP_NUM_THREADS", "ARROW_DEFAULT_MEMORY_POOL", "PYTHONPATH", "MINE")
said = {name: os.environ.get(name) for name in names}
print(json.dumps([sys.argv, sys.path[0], sys.flags.hash_randomization, said]))
"""
FORKED = """
import os, signal, sys, threading
from pathlib import Path
from pipelines.engine import nursery, surroundings
surroundings.begin_again()
import pyarrow.parquet
import manifests.kernels
words = lambda pid: Path(f"/proc/{pid}/cmdline").read_bytes()
if sys.argv[1] == "threads":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
held = open("/dev/zero")
first = nursery.start("os:getpid").result()
print(words(first.process.pid) == words(os.getpid()))
worker = nursery.fork("pipelines.engine.worker")
print("/dev/zero" in [os.readlink(path) for path in Path(f"/proc/{first.process.pid}/fd").iterdir()])
os.kill(first.process.pid, signal.SIGKILL)
print(first.process.wait(), worker.wait())
print(nursery.fork("pipelines.engine.worker").poll())
nursery.stop()
"""


def said(program: str, *words: str, **variables: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONHASHSEED", "OMP_NUM_THREADS")}
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, env={**inherited, **variables}, capture_output=True, text=True, check=True).stdout


def test_a_process_begins_again_with_its_words_and_what_libraries_read_as_they_load() -> None:
    words, first, randomised, environment = json.loads(said(BEGUN, "a b", "c", MINE="5"))
    assert words == ["-c", "a b", "c"]
    assert first == ""
    assert randomised == 0
    assert environment["PYTHONHASHSEED"] == "0"
    assert environment["OMP_NUM_THREADS"] == "1"
    assert environment["ARROW_DEFAULT_MEMORY_POOL"] == "system"
    assert environment["PYTHONPATH"] == os.environ.get("PYTHONPATH")
    assert environment["MINE"] == "5"


def test_what_the_user_says_about_threads_stands() -> None:
    assert json.loads(said(BEGUN, OMP_NUM_THREADS="3"))[3]["OMP_NUM_THREADS"] == "3"


def test_workers_come_from_a_fork_that_holds_nothing_open_and_from_a_new_process_once_it_is_gone() -> None:
    assert said(FORKED, "alone").splitlines() == ["True", "False", "-9 -9", "None"]


def test_a_process_with_other_threads_is_not_forked() -> None:
    assert said(FORKED, "threads").splitlines()[0] == "False"


def test_where_the_system_does_not_tell_threads_nothing_is_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in surroundings.ONE_THREAD:
        monkeypatch.setenv(name, "1")
    monkeypatch.setattr(surroundings, "sys", types.SimpleNamespace(flags=types.SimpleNamespace(hash_randomization=0)))
    monkeypatch.setattr(surroundings, "Path", lambda _: Path("/nowhere at all"))
    assert not surroundings.is_settled()


def test_a_process_that_has_not_begun_again_is_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert not surroundings.is_settled()
