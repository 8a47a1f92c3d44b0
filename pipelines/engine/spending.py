"""What units cost: processor time by stage and process, left as notes where `proofpile status` finds them.

Each worker process leaves one note a stage, at the beginning and the end of a unit; in a bucket, where each is a
request that costs money, at most one in `NOTE_SECONDS` while it stays with the stage. The notes of processes that
ended, or were killed, stay: what they used was paid for.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from manifests import mirror, notes
from manifests.errors import Fault, UserError

NOTE_SECONDS = 10.0
"""So much time at least lies between two notes of a process in a bucket. With units of one second these would be as
many requests as all others of the unit together."""
FOLDER = "spent"
"""The folder of the notes below the work folder."""


class Note(NamedTuple):
    """What one process did in a stage: seconds of its processor, units that ended, and the unit under way if any.

    `left`: when it said so (seconds), by the clock of the store or the disk.
    """

    seconds: float
    units: int
    at: str
    left: float = 0.0


class Spending:
    """What this process has used so far, by corpus and stage."""

    def __init__(self) -> None:
        self.so_far: dict[tuple[Path, str], Note] = {}
        self.name = ""
        self.left: dict[tuple[Path, str], float] = {}
        """When the last note of each was left."""
        self.last: tuple[Path, str] | None = None

    @contextmanager
    def unit(self, root: Path, stage: str, key: str) -> Iterator[None]:
        """Count what the block uses as that of one unit."""
        before = self.so_far.get((root, stage), Note(0.0, 0, ""))
        began = time.process_time()
        self._leave(root, stage, before._replace(at=key))
        try:
            yield
        finally:
            seconds = before.seconds + time.process_time() - began
            self._leave(root, stage, Note(round(seconds, 3), before.units + 1, ""))

    def _leave(self, root: Path, stage: str, note: Note) -> None:
        self.so_far[root, stage] = note
        before, self.last = self.last, (root, stage)
        if before is not None and before != self.last:
            self._put(*before)
        if time.monotonic() >= self.left.get(self.last, -NOTE_SECONDS) + NOTE_SECONDS or not mirror.address_of(root):
            self._put(root, stage)

    def _put(self, root: Path, stage: str) -> None:
        note, self.left[root, stage] = self.so_far[root, stage], time.monotonic()
        name = self.name
        if f"-{os.getpid()}-" not in name:  # forked from the process that loaded this module
            name = self.name = f"{socket.gethostname()}-{os.getpid()}-{time.time_ns():x}"
        with contextlib.suppress(Fault, UserError):  # what matters meets the same store, and says so
            notes.note(
                root,
                f"{FOLDER}/{stage}/{name}",
                json.dumps({"seconds": note.seconds, "units": note.units, "at": note.at}) + "\n",
            )


SPENT = Spending()
"""What this process has used."""


def spent(root: Path) -> dict[str, list[Note]]:
    """The notes of all processes, by stage."""
    found: dict[str, list[Note]] = {}
    for name, noted in notes.notes(root, FOLDER).items():
        try:
            note = Note(**json.loads(noted.text), left=noted.left)
        except (ValueError, TypeError):
            continue  # one that is being written, or of another version
        found.setdefault(name.split("/", 1)[0], []).append(note)
    return found
