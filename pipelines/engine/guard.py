"""Runs units of work in child processes, and survives their death.

A `Child` is one `pipelines.engine.worker` process, forked by `pipelines.engine.nursery`. `run` gives it a unit and
watches: a record that uses more processor time than the limit, memory beyond the limit, or a crash (a signal) ends the
process, and the unit starts again in a new one. A record that ended a process twice in the same way is then marked and
listed as failed instead of being touched; one death may be the machine's (its OOM killer, a person), so it blames
nobody. A unit that dies again and again outside any record is a fault.
"""

import contextlib
import json
import os
import queue
import select
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from manifests.errors import Damaged, Fault, ProofpileError, UserError
from pipelines.engine import nursery
from pipelines.engine.board import Place
from pipelines.engine.worker import LOADING, Poison, Unit

TRIES = 2
"""So many deaths of one kind on one record are the record's own fault."""
MOST_UNEXPLAINED = 4
"""So many deaths outside of any record end a unit."""
SLEEP_FACTOR = 10
"""A record may wait, without using the processor, so many times as long as it may compute."""
LOADING_SECONDS = 300.0
"""Processor time in which models must be loaded; no record is at fault if they are not."""
MOST_POISONS = 50
"""A unit in which so many records each end a process is not worth going on with."""
POLL_SECONDS = 0.25
GROWN = 48 << 20
"""Bytes by which a worker is larger than its nursery when another takes its place at the beginning of the next stage.
What one stage has loaded and left in memory is of no use to another, and a new worker is there in no time."""
ADDRESS_SPACE_FACTOR = 4
"""Libraries reserve far more address space than they use; real memory is what the limit is about."""


@dataclass(frozen=True)
class Limits:
    """What one record may use: seconds of processor time, and bytes of resident memory of the process.

    `profile`: workers measure what their units take.
    """

    seconds: float = 60.0
    memory: int = 4 << 30
    profile: bool = False


class Bug(Exception):
    """An unexpected exception in a worker; carries the worker's traceback."""


class _Died(Exception):
    """A child ended. `step` and `ordinal` name the record it was on, if any."""

    def __init__(self, why: str, at: tuple[str, int] | None) -> None:
        super().__init__(why)
        self.step: str | None = None if at is None else at[0]
        self.ordinal = 0 if at is None else at[1]


@dataclass
class _Clock:
    """What the step at hand has used, looked at now and then.

    Processor time counts, and apart from it the time in which the process slept of its own will. A process that is
    stopped, swapped out or waits for its turn on a crowded machine uses neither. What the threads `aside` use is no
    step's (the seconds that each was seen to use, which also count when it has ended), nor is the time of `waiting` for
    what is not in the step's power.
    """

    at: tuple[str, int] | None = None
    started: float = 0.0
    before: float = 0.0
    slept: float = 0.0
    aside: dict[int, float] = field(default_factory=dict)

    def look(self, pid: int, place: Place, passed: float) -> float:
        """Seconds of processor time of the step at `place`; `passed` is the real time since the last look."""
        used, state = processor_time(f"{pid}")
        # The threads are looked at after the process, so that a delay between the two charges a step less, never more.
        computing = False
        for thread, seen in self.aside.items():
            spent, doing = processor_time(f"{pid}/task/{thread}")
            self.aside[thread] = max(seen, spent)
            computing = computing or doing == "R"  # or waits for its turn: whoever waits for it does not sleep
        used -= sum(self.aside.values())
        if place.at != self.at:
            self.at, self.started, self.slept = place.at, used, 0.0
        elif state == "S" and not (place.waiting or computing) and used - self.before < passed / 10:
            self.slept += min(passed, 4 * POLL_SECONDS)  # we may have been stopped ourselves
        self.before = used
        return used - self.started


def processor_time(pid: str) -> tuple[float, str]:
    """Seconds of processor time and the state, as proc(5) has them, of a process (`PID`: all of its threads) or of one
    thread (`PID/task/THREAD`); 0 and "" if unknown.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0]
    except (OSError, ValueError, IndexError):
        return 0.0, ""


def resident_bytes(pid: int) -> int:
    """Resident memory of a process in bytes; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


@dataclass
class Child:
    """One worker process, started on first use and again after it died."""

    process: nursery.Forked | None = None
    pending: bytes = b""
    peak: int = field(default=0)
    stage: str = ""
    aside: dict[int, float] = field(default_factory=dict)

    def start(self, module: str) -> nursery.Forked:
        """The running process; a new one has `module` loaded."""
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self.pending = b""
            self.aside = {}
            self.process = nursery.fork(module)
        return self.process

    def stop(self) -> None:
        """End the process."""
        process, self.process = self.process, None
        if process is not None:
            process.end()

    def run(self, unit: Unit, limits: Limits, following: Unit | None = None) -> None:
        """Do one unit. Raises UserError or Fault as the unit did, Bug for anything unexpected in it.

        `following` is what this child will do next, if that is known; it may begin with that early.
        """
        poisons: list[Poison] = []
        deaths: Counter[tuple[str, int, str]] = Counter()
        unexplained = 0
        if self.process is not None:
            held = resident_bytes(self.process.pid)
            grown = held - resident_bytes(self.process.nursery.process.pid)
            # What other units left in memory is not charged to the records of this one.
            if held > limits.memory // 2 or (self.stage != unit.stage and grown > GROWN):
                self.stop()
        self.stage = unit.stage
        while True:
            try:
                self._attempt(unit, limits, poisons, following)
            except _Died as death:
                self.stop()
                if death.step == LOADING and str(death).startswith("time limit"):
                    raise Fault(f"{unit.stage}/{unit.key}: models of this unit cannot be loaded: {death}") from None
                if death.step is None or death.step == LOADING:
                    unexplained += 1
                    if unexplained >= MOST_UNEXPLAINED:
                        message = f"the worker process ended {unexplained} times outside of any record"
                        raise Fault(f"{unit.stage}/{unit.key}: {message}; the last: {death}") from None
                    continue
                deaths[death.step, death.ordinal, str(death)] += 1
                if deaths.total() > TRIES * (MOST_POISONS + 1):
                    message = f"{unit.stage}/{unit.key}: the worker process ended {deaths.total()} times"
                    raise Fault(f"{message}; the last: {death}") from None
                if deaths[death.step, death.ordinal, str(death)] >= TRIES:
                    poisons.append(Poison(death.step, death.ordinal, str(death)))
                    if len(poisons) > MOST_POISONS:
                        message = f"{unit.stage}/{unit.key}: {len(poisons)} records each ended the worker process"
                        raise Fault(f"{message}; the last: {death}") from None
            else:
                return

    def _attempt(self, unit: Unit, limits: Limits, poisons: list[Poison], following: Unit | None) -> None:
        process = self.start(unit.work.partition(":")[0])
        request = {
            "unit": unit,
            "poisons": poisons,
            "memory": limits.memory * ADDRESS_SPACE_FACTOR,
            "profile": limits.profile,
            "next": following,
        }
        clock = _Clock(aside=self.aside)
        process.board.put(None)
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            raise _Died(self._how(process), None) from None
        descriptor = process.stdout.fileno()
        poll = select.poll()  # select() knows no descriptor beyond 1023
        poll.register(descriptor, select.POLLIN)
        polled = 0.0
        doubted = False
        while True:
            ready = poll.poll(POLL_SECONDS * 1000)
            now = time.monotonic()
            if ready:
                block = os.read(descriptor, 1 << 16)
                if not block:
                    raise _Died(self._how(process), process.board.read().at)
                *lines, self.pending = (self.pending + block).split(b"\n")
                for line in lines:
                    if line.startswith(b"T "):
                        self.aside.setdefault(int(line[2:]), 0.0)
                    elif line == b"D":
                        self.peak = max(self.peak, resident_bytes(process.pid))
                        return
                    else:
                        raise self._error(json.loads(line[2:]))
            if now - polled >= POLL_SECONDS:
                place = process.board.read()
                seconds = clock.look(process.pid, place, now - polled)
                polled = now
                used = resident_bytes(process.pid)
                self.peak = max(self.peak, used)
                if used > limits.memory:
                    raise _Died(f"memory limit: more than {limits.memory >> 20} MiB in use", place.at)
                if place.at is None:
                    continue
                allowed = max(LOADING_SECONDS, limits.seconds) if place.at[0] == LOADING else limits.seconds
                slow, asleep = seconds > allowed, clock.slept > allowed * SLEEP_FACTOR
                if not (slow or asleep):
                    doubted = False
                elif not doubted and (poll.poll(0) or process.board.read().at != place.at):
                    # On a crowded machine it may have gone on while we waited for our turn: hear and look once more.
                    polled, doubted = 0.0, True
                else:
                    over = f"{allowed:g} s" if slow else f"{allowed * SLEEP_FACTOR:g} s asleep"
                    raise _Died(f"time limit: more than {over}", place.at)

    @staticmethod
    def _how(process: nursery.Forked) -> str:
        code = process.wait()
        if code >= 0:
            return f"the process ended with exit code {code}"
        try:
            return f"the process was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"the process was ended by signal {-code}"

    @staticmethod
    def _error(detail: dict[str, str]) -> Exception:
        kinds: dict[str, type[ProofpileError]] = {"UserError": UserError, "Fault": Fault, "Damaged": Damaged}
        if detail["kind"] == "bug":
            return Bug(detail["traceback"] or detail["message"])
        return kinds.get(detail["kind"], Fault)(detail["message"])


_IDLE: queue.SimpleQueue[Child] = queue.SimpleQueue()


@contextlib.contextmanager
def borrowed() -> Iterator[Child]:
    """A child of this process, to be given back for the next unit or stage; threads each get their own."""
    try:
        child = _IDLE.get_nowait()
    except queue.Empty:
        child = Child()
    try:
        yield child
    except BaseException:
        child.stop()
        raise
    else:
        _IDLE.put(child)


def stop_idle() -> int:
    """End all idle children and their nursery; returns the peak resident memory in bytes of the largest."""
    peak = 0
    while True:
        try:
            child = _IDLE.get_nowait()
        except queue.Empty:
            nursery.stop()
            return peak
        peak = max(peak, child.peak)
        child.stop()
