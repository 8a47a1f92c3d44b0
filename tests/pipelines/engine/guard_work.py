"""Units that plant faults in a worker process, for tests of the guard. Each leaves what it did in a file."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from manifests import compiled
from manifests.errors import Fault, UserError
from pipelines.engine.worker import LOADING, MONITOR, Unit


def note(unit: Unit, line: str) -> None:
    """Add a line to the unit's file."""
    with (Path(unit.root) / unit.key).open("a") as stream:
        stream.write(line + "\n")


def harm(how: str) -> None:
    """Do what the name says."""
    if how == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "exit":
        os._exit(7)
    if how == "sys.exit":
        sys.exit("a library that ends the program")
    if how == "spin":
        while True:
            pass
    if how == "busy":
        until = time.process_time() + 0.7
        while time.process_time() < until:
            pass
    if how == "compiling":
        with compiled.around():
            until = time.process_time() + 2.5
            while time.process_time() < until:
                pass
    if how == "stopped":
        resume = f"import os, time; time.sleep(4); os.kill({os.getpid()}, {int(signal.SIGCONT)})"
        subprocess.Popen([sys.executable, "-c", resume])
        os.kill(os.getpid(), signal.SIGSTOP)
    if how == "sleep":
        time.sleep(60)
    if how == "wait":
        with MONITOR.waiting():
            time.sleep(4)
    if how == "beside":
        beside = threading.Thread(target=_compute, args=(3.0,), daemon=True)
        beside.start()
        beside.join()
        time.sleep(0.4)  # it has ended, and is looked at again within the same record
    if how == "memory":
        hoard = bytearray(600 << 20)
        hoard[:: 1 << 12] = b"x" * len(hoard[:: 1 << 12])
        time.sleep(60)


def _compute(seconds: float) -> None:
    """Use so much processor time in a thread that does no record's work."""
    MONITOR.aside()
    while time.thread_time() < seconds:
        pass


def records(unit: Unit) -> None:
    """Read and do the records that the payload plants, as the extract stage does, and note what became of each."""
    planted = unit.settings()
    note(unit, "begin")
    for ordinal, (step, how) in enumerate(planted["records"]):
        for one in ("read", "document"):
            poison = MONITOR.begin(one, ordinal)
            if poison is not None:
                note(unit, f"{ordinal} {one}: {poison}")
                break
            if one == step and how == "once":
                mark = Path(unit.root) / f"struck-{ordinal}"
                if not mark.exists():
                    mark.touch()
                    harm("segfault")
            elif one == step:
                harm(how)
        else:
            note(unit, f"{ordinal} done")
    MONITOR.rest()
    if planted.get("slow_end"):
        time.sleep(planted["slow_end"])
    note(unit, "end")


def loading(_: Unit) -> None:
    """Load for ever."""
    MONITOR.begin(LOADING, 0)
    harm("spin")


HOARD: list[bytes] = []


def hoarding(_: Unit) -> None:
    """Leave memory behind that nobody gives back."""
    HOARD.append(b"x" * (300 << 20))


def outside(unit: Unit) -> None:
    """Die before any record, so many times as the payload says."""
    note(unit, "begin")
    count = (Path(unit.root) / unit.key).read_text().count("begin")
    if count <= unit.settings()["deaths"]:
        harm(unit.settings().get("how", "segfault"))


def raising(unit: Unit) -> None:
    """Raise what the payload names."""
    kinds = {"UserError": UserError, "Fault": Fault, "KeyError": KeyError}
    raise kinds[unit.settings()["kind"]]("planted: file x: expected y")


def printing(unit: Unit) -> None:
    """Print where answers would be, as a library might."""
    print("D")
    os.write(1, b"B document 5\nD\n")
    note(unit, "printed")


def prepared(folder: str, name: str) -> None:
    """Leave a file that says which process was asked to get ready."""
    (Path(folder) / f"{name}-{os.getpid()}").touch()
