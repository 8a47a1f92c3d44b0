"""A build in its own processes that is killed, stopped or starved of workers at a random moment, and then goes on."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.engine.guard import resident_bytes
from tests.chaos.small_disk import enlarge

PATIENCE = 600.0
"""Seconds after which a build counts as hanging."""
RUNS = 4
"""So often a build is started again until it ends well."""


class Event(NamedTuple):
    """What is done to a build: `kind`, and after which share of an undisturbed build's time."""

    kind: str
    moment: float


KINDS = (
    "kill the build",
    "kill a worker",
    "kill the largest worker",
    "kill all workers",
    "stop the build",
    "stop a worker",
    "interrupt the build",
)
FULL, FAULTY = "fill the disk", "a faulty server"
"""What lasts until the build has ended: the first needs a small disk, the second a server of our own."""


def event(choose: random.Random, kinds: Sequence[str] = KINDS) -> Event:
    """A random event of these kinds."""
    return Event(choose.choice(kinds), choose.random())


def start(folder: Path, output: str, workers: int) -> subprocess.Popen[bytes]:
    """Start a build as the leader of a group of processes."""
    words = ["build", "r.yaml", "--output", output, "--workers", str(workers), "--quiet"]
    command = [sys.executable, "-m", "pipelines.commands.cli", *words]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, start_new_session=True)


def workers_of(parent: int) -> list[int]:
    """The processes of ours that a build has started."""
    found = []
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        try:
            fields = (place / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == parent and b"pipelines.engine" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return sorted(found)


def disturb(build: subprocess.Popen[bytes], what: Event, seconds: float, choose: random.Random) -> None:
    """Let an event befall a running build; `seconds` is how long an undisturbed one takes."""
    time.sleep(what.moment * seconds)
    if build.poll() is not None or what.kind in (FULL, FAULTY):
        return
    if what.kind in ("kill the build", "interrupt the build"):
        _send([build.pid], signal.SIGKILL if what.kind == "kill the build" else signal.SIGINT)
        return
    workers = workers_of(build.pid)
    if what.kind == "kill the largest worker":  # as the kernel does when memory is short
        below = [worker for nursery in workers for worker in workers_of(nursery)]
        workers = sorted(below, key=resident_bytes)[-1:]
    elif what.kind == "stop the build":
        workers = [*workers, build.pid]
    elif what.kind != "kill all workers" and workers:
        workers = [choose.choice(workers)]
    if what.kind.startswith("kill"):
        _send(workers, signal.SIGKILL)
        return
    _send(workers, signal.SIGSTOP)
    time.sleep(choose.uniform(0.2, 2.0))
    _send(workers, signal.SIGCONT)


def _send(processes: list[int], what: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, what)
        except ProcessLookupError:
            continue


def ends_well(folder: Path, output: str, workers: int, what: Event, seconds: float, choose: random.Random) -> str:
    """Disturb a build once and let it go on; what is wrong with it, or nothing."""
    build = start(folder, output, workers)
    disturb(build, what, seconds, choose)
    for _ in range(RUNS):
        try:
            _, said = build.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(build.pid, signal.SIGKILL)
            return "it hangs"
        if build.returncode == 0:
            return ""
        if what.kind == FULL:
            enlarge(folder / output)
        if b"Traceback" in said and what.kind != "interrupt the build":
            return said.decode(errors="replace")[-2000:]
        build = start(folder, output, workers)
    os.killpg(build.pid, signal.SIGKILL)
    return f"it does not end well in {RUNS} runs"
