"""A build in its own processes that is killed, stopped or starved of workers at a random moment, and then goes on."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from manifests.ledger import LEDGER_FOLDER
from pipelines.engine.guard import resident_bytes
from tests.chaos.beginning import POLL, Begun, begin
from tests.chaos.small_disk import enlarge

PATIENCE = 600.0
"""Seconds after which a build counts as hanging."""
JITTER = 0.05
"""Seconds that an event comes at most after its moment, to fall between two entries too."""
RUNS = 4
"""So often a build is started again until it ends well."""


class Event(NamedTuple):
    """What is done to a build: `kind`, and after which share of an undisturbed build's entries."""

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
STEPS = ("fetch", "extract", "filter", "signatures", "clusters", "dedup", "audit", "keys", "tails", "stream", "shard")
"""What keeps entries in a build, in its order."""


def event(choose: random.Random, kinds: Sequence[str] = KINDS) -> Event:
    """A random event of these kinds."""
    return Event(choose.choice(kinds), choose.random())


def children_of(parents: Collection[int]) -> list[int]:
    """The processes that these processes have started. Workers are forks of forks, so no name tells them."""
    found = []
    for place in Path("/proc").iterdir():
        if not place.name.isdigit():
            continue
        try:
            fields = (place / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) in parents and fields[0] != "Z":
            found.append(int(place.name))
    return sorted(found)


def step_of(corpus: Path) -> str:
    """The last step of which a build has begun to keep entries; `start` before any."""
    begun = [step for step in STEPS if (corpus / LEDGER_FOLDER / step).is_dir()]
    return begun[-1] if begun else "start"


def entries_of(corpus: Path) -> int:
    """How many units' entries a build has kept by now."""
    return sum(len(files) for _, _, files in os.walk(corpus / LEDGER_FOLDER))


def disturb(build: Begun, what: Event, corpus: Path, entries: int, choose: random.Random) -> bool:
    """Let an event befall a running build of `corpus`, of which an undisturbed one keeps so many `entries`.

    Whether it met anybody: where workers are meant and there are none yet, it waits for them. The moment is told by
    what the build has done, so that a crowded machine has the same events in the same places.
    """
    while build.poll() is None and entries_of(corpus) < int(what.moment * entries):
        time.sleep(POLL)
    time.sleep(choose.uniform(0, JITTER))
    while build.poll() is None:
        if what.kind in (FULL, FAULTY):
            return True
        met = _met(build, what.kind, choose)
        if met:
            _befall(met, what.kind, choose)
            return True
        time.sleep(POLL)
    return False


def _met(build: Begun, kind: str, choose: random.Random) -> list[int]:
    """The processes that an event of this kind hits."""
    if kind in ("kill the build", "interrupt the build"):
        return [build.pid]
    nurseries = children_of([build.pid])
    workers = children_of(nurseries)
    if kind == "kill the largest worker":  # as the kernel does when memory is short
        return sorted(workers, key=resident_bytes)[-1:]
    if kind == "stop the build":
        return [*nurseries, *workers, build.pid]
    if kind == "kill all workers":
        return [*workers, *nurseries] if workers else []
    return [choose.choice([*nurseries, *workers])] if workers else []


def _befall(processes: list[int], kind: str, choose: random.Random) -> None:
    if not kind.startswith("stop"):
        _send(processes, signal.SIGINT if kind == "interrupt the build" else signal.SIGKILL)
        return
    _send(processes, signal.SIGSTOP)
    time.sleep(choose.uniform(0.2, 2.0))
    _send(processes, signal.SIGCONT)


def _send(processes: list[int], what: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process, what)
        except ProcessLookupError:
            continue


class Ending(NamedTuple):
    """How a disturbed build ended: what is wrong, or nothing; whether the event `met` it, and in which step."""

    trouble: str
    met: bool
    step: str


def ending(
    folder: Path,
    output: str,
    workers: int,
    what: Event,
    entries: int,
    choose: random.Random,
    *,
    fresh: bool = True,
) -> Ending:
    """Disturb a build once and let it go on; `entries`: of an undisturbed one; `fresh`: as a user begins one."""
    build = begin(folder, output, workers, fresh=fresh)
    met = disturb(build, what, folder / output, entries, choose)
    step = step_of(folder / output)
    for _ in range(RUNS):
        try:
            said = build.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            build.end()
            return Ending("it hangs", met, step)
        if build.returncode == 0:
            return Ending("", met, step)
        if what.kind == FULL:
            enlarge(folder / output)
        if "Traceback" in said and what.kind != "interrupt the build":
            return Ending(said[-2000:], met, step)
        build = begin(folder, output, workers, fresh=fresh)
    build.end()
    return Ending(f"it does not end well in {RUNS} runs", met, step)
