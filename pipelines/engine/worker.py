"""The process that does units of work.

Beam decides where a unit runs; the work itself runs in a process of its own, forked by `pipelines.engine.nursery` for
`pipelines.engine.guard`. A page that makes a parser loop, crash or eat all memory then ends this process and not the
job: the guard asks for another one, which passes over the record at fault. Requests come as JSON lines on standard
input and answers leave on standard output, which nothing else may write to; which record is at hand stands on a board.
"""

import ctypes
import gc
import importlib
import json
import logging
import os
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from manifests import compiled
from manifests.errors import ProofpileError
from pipelines.engine.board import Board
from pipelines.engine.spending import SPENT
from pipelines.engine.surroundings import COLLECT_FROM
from pipelines.engine.timing import STEPS

LOADING = "load"
"""The step of a unit in which its models are loaded; it is no record's."""
READ = "read"
"""The step of a unit in which the next record is read."""
PART = "part"
"""The step in which a reader is at a line, a row or a member that it can pass over."""
LONG_PAYLOAD = 1 << 14
"""Characters from which a payload travels as a file."""


class Unit(NamedTuple):
    """One piece of work: which stage, its name in the ledger, its source, the corpus folder, and its settings.

    `work` names the function that does it, as `module:function`; it takes the unit and returns nothing, its results
    being files. `payload` is JSON, or the absolute path of a file that holds it; what many units have in common is
    `common`, one object for all of them. What travels is text, through any runner. `size`: about how many bytes it
    takes in, if they are known; the largest are done first. `ahead`: it has something to begin (a download) while the
    unit before it is being done.
    """

    stage: str
    key: str
    source: str
    root: str
    work: str
    fingerprint: str
    payload: str
    size: int = 0
    ahead: bool = False
    common: str = ""

    def settings(self) -> Any:
        """The payload as JSON values, with what is common to many units."""
        text = Path(self.payload).read_text(encoding="utf-8") if self.payload.startswith("/") else self.payload
        return {**json.loads(self.common), **json.loads(text)} if self.common else json.loads(text)

    def moved(self, root: str) -> "Unit":
        """The unit as a machine sees it on which the corpus folder has another path."""
        before, after = json.dumps(self.root)[1:-1], json.dumps(root)[1:-1]
        payload, common = (text.replace(before, after) for text in (self.payload, self.common))
        return self._replace(root=root, payload=payload, common=common)

    def light(self, folder: Path) -> "Unit":
        """The unit with a long payload put into a file of `folder`; runners are slow with large elements."""
        if len(self.payload) < LONG_PAYLOAD:
            return self
        path = (folder / f"{self.key}.json").absolute()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.payload, encoding="utf-8")
        return self._replace(payload=str(path))


class Poison(NamedTuple):
    """What ended processes before: where in the unit (`read`, `part` or `document`, and its number), and how."""

    step: str
    ordinal: int
    error: str


class Monitor:
    """Tells the guard which record is being worked on, and knows which records to pass over."""

    def __init__(self) -> None:
        self.board: Board | None = None
        self.report: Callable[[str], None] = lambda _: None
        self.poisons: Mapping[tuple[str, int], str] = {}
        self.at: tuple[str, int] | None = None
        self.parts = 0
        self.next: Unit | None = None
        """The unit that this process will do after the one at hand, if it is known and has something to begin."""

    def begin(self, step: str, ordinal: int) -> str | None:
        """Announce a step; returns the error to record instead of doing it, if it ended a process before."""
        self._tell((step, ordinal))
        return self.poisons.get((step, ordinal))

    def part(self) -> str | None:
        """Announce the next piece of a file, before its reader does what may end the process.

        Returns the error to give instead, if it did: what stands behind the piece is then read on. Pieces are numbered
        through a unit. Where no record is being read (a model is loaded, a document holds an archive) nothing is said.
        """
        if self.at is None or self.at[0] not in (READ, PART):
            return None
        self.parts += 1
        return self.begin(PART, self.parts)

    def rest(self) -> None:
        """Announce that no record is being worked on: what follows (writing a file) is not charged to one."""
        self._tell(None)

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Within it no time is charged to the record at hand, as kernels are compiled or loaded for all that follow."""
        before = self.at
        if before is None or before[0] == LOADING:
            yield
            return
        self._tell((LOADING, 0))
        try:
            yield
        finally:
            self._tell(before)

    def _tell(self, at: tuple[str, int] | None) -> None:
        self.at = at
        if self.board is not None:
            self.board.put(at)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """What the block waits for is in no record's power: its time is not charged to the one at hand."""
        if self.board is None:
            yield
            return
        self.board.wait(True)
        try:
            yield
        finally:
            self.board.wait(False)

    def aside(self) -> None:
        """Announce this thread for good: what it computes is not charged to a record."""
        self.report(f"T {threading.get_native_id()}\n")


MONITOR = Monitor()
"""The monitor of this process. Outside a worker it reports to nobody, so that stages can be run and tested alone."""


def resolve(name: str) -> Callable[..., None]:
    """The function that `module:function` names."""
    module, _, attribute = name.partition(":")
    function: Callable[..., None] = getattr(importlib.import_module(module), attribute)
    return function


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, however that happens (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)


_FIRST_LIMIT = resource.getrlimit(resource.RLIMIT_AS)[0]
"""What the user's own shell allows; a process that serves builds with different limits never goes above it."""


def limit_memory(limit: int) -> None:
    """Bound the address space, so that most excess ends as a MemoryError of one record."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = [bound for bound in (limit, _FIRST_LIMIT, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(wanted), hard))


def answer_error(error: BaseException) -> str:
    """An exception as one JSON line: kind and message, with the traceback where it is a bug."""
    expected = isinstance(error, ProofpileError)
    detail = {
        "kind": type(error).__name__ if expected else "bug",
        "message": str(error) if expected else f"{type(error).__name__}: {error}",
        "traceback": "" if expected else "".join(traceback.format_exception(error)),
    }
    return "E " + json.dumps(detail) + "\n"


def main(board: Board) -> int:
    """Serve requests until standard input closes; `board` is where to say which record is being worked on."""
    die_with_parent()
    gc.set_threshold(*COLLECT_FROM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; our parent decides what it means
    logging.basicConfig(level=logging.ERROR)
    # Libraries print; the answers' channel is kept out of their reach by giving them standard error instead.
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    lock = threading.Lock()

    def answer(line: str) -> None:
        with lock:
            try:
                answers.write(line)
                answers.flush()
            except BrokenPipeError:  # whoever asked is gone, and the kernel is about to end this process too
                os._exit(0)

    MONITOR.report, MONITOR.board = answer, board
    compiled.around = MONITOR.loading
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("memory"):
            limit_memory(int(request["memory"]))
        MONITOR.parts = 0
        MONITOR.poisons = {(step, ordinal): error for step, ordinal, error in request["poisons"]}
        unit = Unit(*request["unit"])
        MONITOR.next = Unit(*request["next"]) if request.get("next") else None
        spent = SPENT.unit(Path(unit.root), unit.stage, unit.key)
        measured = STEPS.unit(Path(unit.root), unit.stage, unit.key) if request["profile"] else nullcontext()
        try:
            with spent, measured:
                resolve(unit.work)(unit)
        except Exception as error:
            answer(answer_error(error))
        else:
            answer("D\n")
    return 0
