"""A build in its own processes that is killed, stopped or starved of workers at a random moment, and then goes on."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from manifests.ledger import LEDGER_FOLDER
from pipelines.engine.guard import resident_bytes
from tests.chaos.beginning import POLL, Begun, begin
from tests.chaos.small_disk import enlarge

PATIENCE = 600.0
"""Seconds after which a build counts as hanging."""
JITTER = 0.6
"""Seconds that an event comes at most, and mostly far less, after its moment, to fall between two entries too."""
RUNS = 4
"""So often a build is started again until it ends well."""


class Event(NamedTuple):
    """What is done to a build: `kind`, in which step, and after which share of an undisturbed build's entries of it."""

    kind: str
    step: str
    share: float


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
STEPS = (
    *("fetch", "extract", "filter", "signatures", "keys", "clusters", "dedup", "audit", "overlap"),
    *("shard", "tails", "stream", "mixture"),
)
"""What keeps entries in a build, in the order in which the first ones come."""


def event(choose: random.Random, kinds: Sequence[str] = KINDS) -> Event:
    """A random event of these kinds, in any step alike: the one with a single entry is hit as often as the others."""
    return Event(choose.choice(kinds), choose.choice(STEPS), choose.random())


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


def entries_of(corpus: Path) -> dict[str, int]:
    """How many units' entries a build has kept by now, by step."""
    return {step: sum(len(files) for _, _, files in os.walk(corpus / LEDGER_FOLDER / step)) for step in STEPS}


def step_of(corpus: Path, entries: Mapping[str, int]) -> str:
    """The step a build is at, of which an undisturbed one keeps so many `entries`; `end` behind the last."""
    now = entries_of(corpus)
    return next((step for step in STEPS if now[step] < entries.get(step, 0)), "end")


def disturb(build: Begun, what: Event, corpus: Path, entries: Mapping[str, int], choose: random.Random) -> str:
    """Let an event befall a running build of `corpus`, of which an undisturbed one keeps so many `entries`.

    The step at which it met somebody; empty where it met nobody: where workers are meant and there are none yet, it
    waits for them. The moment is told by what the build has done, so that a crowded machine has the same events in the
    same places.
    """
    before = sum(entries.get(step, 0) for step in STEPS[: STEPS.index(what.step)])
    moment = before + int(what.share * entries.get(what.step, 0))
    while build.poll() is None and sum(entries_of(corpus).values()) < moment:
        time.sleep(POLL)
    time.sleep(JITTER * choose.random() ** 3)
    while build.poll() is None:
        met = [] if what.kind in (FULL, FAULTY) else _met(build, what.kind, choose)
        if met or what.kind in (FULL, FAULTY):
            step = step_of(corpus, entries)
            _befall(met, what.kind, choose)
            return step
        time.sleep(POLL)
    return ""


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
    if not processes:
        return
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
    """How a disturbed build ended: what is wrong, or nothing; at which step the event met it, or nothing."""

    trouble: str
    step: str


def ending(
    folder: Path,
    output: str,
    workers: int,
    what: Event,
    entries: Mapping[str, int],
    choose: random.Random,
    *,
    fresh: bool = True,
) -> Ending:
    """Disturb a build once and let it go on; `entries`: of an undisturbed one; `fresh`: as a user begins one."""
    build = begin(folder, output, workers, fresh=fresh)
    step = disturb(build, what, folder / output, entries, choose)
    for _ in range(RUNS):
        try:
            said = build.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            build.end()
            return Ending("it hangs", step)
        if build.returncode == 0:
            return Ending("", step)
        if what.kind == FULL:
            enlarge(folder / output)
        if "Traceback" in said and what.kind != "interrupt the build":
            return Ending(said[-2000:], step)
        build = begin(folder, output, workers, fresh=fresh)
    build.end()
    return Ending(f"it does not end well in {RUNS} runs", step)
