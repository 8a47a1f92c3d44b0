"""Checks a class of the user's own: two trials in processes of their own, whose outcomes must be the same.

What the class does to its process (ends it, never comes back, prints, takes all memory) is a mistake like any other,
told in one line with the user's own file. The second trial has another seed for hashes, so that what depends on the
order of a set is found.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from manifests.errors import UserError
from manifests.user_classes import SEARCHED, shown

SECONDS = 60.0
"""A call into the class may take this long."""
FRAME = re.compile(r'^  File "([^"]*)", line (\d+) in ', re.M)


class Verdict(NamedTuple):
    """What the check of a class found.

    `kind` is `source`, `edit` or `score`; `outcomes` counts records by what became of them (`document`, `refused`,
    `result`); `mistakes` are lines that begin with the user's file; `remarks` are no mistakes; `seconds` is the time of
    the first trial.
    """

    kind: str
    outcomes: Mapping[str, int]
    mistakes: tuple[str, ...]
    remarks: tuple[str, ...]
    seconds: float


class Told(NamedTuple):
    """What one trial told: its messages, and what its process left behind."""

    kind: str
    places: Mapping[str, str]
    mistakes: tuple[str, ...]
    outcomes: tuple[tuple[str, str, str], ...]
    printed: bytes
    seconds: float


def check(
    name: str,
    inputs: Sequence[Path],
    options: Mapping[str, Any] | None = None,
    records: int = 200,
    seconds: float = SECONDS,
) -> Verdict:
    """Try the class `module:Class` on at most `records` records of the inputs.

    Raises UserError where there is no such class or input; what the class does wrong is in the verdict.
    """
    for path in inputs:
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
    if not inputs:
        raise UserError("expected at least one input")
    # Two processes: the module is not even imported here, where it could end the program.
    first = _trial(name, inputs, options or {}, records, seconds, "1")
    remarks = []
    if first.printed:
        line = first.printed.splitlines()[0].decode(errors="replace")[:80]
        remarks.append(f"it prints ({len(first.printed)} bytes, first `{line}`); what workers print nobody sees")
    mistakes = first.mistakes
    if not mistakes:
        second = _trial(name, inputs, options or {}, records, seconds, "2")
        mistakes = second.mistakes or _differences(first, second)
    return Verdict(first.kind, Counter(kind for _, kind, _ in first.outcomes), mistakes, tuple(remarks), first.seconds)


def _differences(first: Told, second: Told) -> tuple[str, ...]:
    """A line for the first record that became something else the second time."""
    if first.outcomes == second.outcomes:
        return ()
    reads, makes = next(iter(first.places.items())), list(first.places.items())[-1]
    for (record, *one), (other, *two) in zip(first.outcomes, second.outcomes, strict=False):
        if record != other:
            words = f"gives its records in another order, or others, in another process (`{record}`, then `{other}`)"
            return (f"{reads[1]}: `{reads[0]}` {words}",)
        if one != two:
            words = f"gives another result for `{record}` in another process; does it use a set, the time or chance?"
            return (f"{makes[1]}: `{makes[0]}` {words}",)
    return (f"{reads[1]}: `{reads[0]}` gives another number of records in another process",)


def _trial(
    name: str, inputs: Sequence[Path], options: Mapping[str, Any], records: int, seconds: float, seed: str
) -> Told:
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "printed").open("w+b") as printed:
        watch = Path(folder) / "watch"
        reading, writing = os.pipe()
        task = {
            "name": name,
            "inputs": [str(path) for path in inputs],
            "options": dict(options),
            "records": records,
            "seconds": seconds,
            "pipe": writing,
            "watch": str(watch),
        }
        found = [path for path in sys.path if path and path not in SEARCHED]
        started = time.monotonic()
        process = subprocess.Popen(
            # -P: a file of the user's that is named like one of the standard library hides nothing.
            [sys.executable, "-P", "-m", "pipelines.contract.trial", json.dumps(task)],
            pass_fds=(writing,),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(found),
            },
        )
        os.close(writing)
        try:
            told = _listen(reading, process, name, seconds, watch, started)
        finally:
            os.close(reading)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        printed.seek(0)
        text = printed.read(1 << 20)
    return told._replace(printed=text)


def _listen(
    reading: int, process: "subprocess.Popen[bytes]", name: str, seconds: float, watch: Path, started: float
) -> Told:
    """Follow a trial to its end, however it ends."""
    mistakes: dict[str, list[str]] = {}
    outcomes: list[tuple[str, str, str]] = []
    at = ["", ""]
    kind: str | None = None
    places: dict[str, str] = {}
    buffer = b""
    while kind is None:
        buffer, lines, closed = _lines(reading, buffer, 0.2)
        for line in lines:
            message = json.loads(line)
            if "at" in message:
                at = message["at"]
            elif "mistake" in message:
                mistakes.setdefault(message["mistake"][0], []).append(message["mistake"][1])
            elif "outcome" in message:
                outcomes.append(tuple(message["outcome"]))
            else:
                kind, places = message["done"], message["places"]
        where = f"(in `{at[0]}`, record `{at[1]}`)"
        if kind is None and watch.exists() and watch.stat().st_size:
            file, number = _innermost(watch.read_text(errors="replace"), name)
            mistakes[f"{file}:{number}: still running after {seconds:g} s {where}"] = []
            break
        if kind is None and closed:
            code = process.wait()
            end = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            mistakes[f"{_file_of(name)}: ends its process ({end}) {where}"] = []
            break
    return Told(
        kind or "",
        places,
        tuple(_folded(words, records) for words, records in mistakes.items()),
        tuple(outcomes),
        b"",
        time.monotonic() - started,
    )


def _folded(words: str, records: list[str]) -> str:
    """One line for a mistake that was made at some records."""
    if not any(records):
        return words
    more = f" and {len(records) - 1} more" if len(records) > 1 else ""
    return f"{words} (record `{records[0]}`{more})"


def _lines(reading: int, buffer: bytes, wait: float) -> tuple[bytes, list[bytes], bool]:
    """What came on the pipe within `wait` seconds: the rest of a line, whole lines, and whether it was closed."""
    import select

    if not select.select([reading], [], [], wait)[0]:
        return buffer, [], False
    data = os.read(reading, 1 << 16)
    *lines, rest = (buffer + data).split(b"\n")
    return rest, lines, not data


def _file_of(name: str) -> str:
    """The file of a module by its name, found without importing it."""
    place = Path(*name.partition(":")[0].split(".")).with_suffix(".py")
    return next(
        (shown(str(Path(folder) / place)) for folder in (".", *sys.path) if (Path(folder) / place).is_file()), name
    )


def _innermost(trace: str, name: str) -> tuple[str, str]:
    """File and line of the innermost call in the user's module of a trace that the watch wrote."""
    file = _file_of(name)
    for found in FRAME.finditer(trace):
        if shown(found[1]) == file:
            return file, found[2]
    return file, "?"
