"""Where the time of a run goes, by stage and step, for runs that ask (`--profile`).

A worker measures the steps of its units (`STEPS`) and leaves what each unit took in a file of the corpus's working
folder, which every runner reaches; the process that planned them adds them up (`Profile`). Where nobody asks, a step
costs next to nothing.
"""

import contextlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from manifests import ledger
from manifests.writing import WORK_FOLDER, write_text

T = TypeVar("T")
FOLDER = "profile"
OTHER = "other"
"""What a unit spends outside of its steps."""
_NOTHING = nullcontext()


class _Step:
    """One step under way; `wall` and `processor` seconds and how often it was begun add up in its row."""

    __slots__ = ("began", "row", "used")

    def __init__(self, row: list[float]) -> None:
        self.row = row

    def __enter__(self) -> None:
        self.began, self.used = time.perf_counter(), time.process_time()

    def __exit__(self, *error: object) -> None:
        self.row[0] += time.perf_counter() - self.began
        self.row[1] += time.process_time() - self.used
        self.row[2] += 1


class Steps:
    """The steps of the unit that this process does; steps do not lie within each other."""

    def __init__(self) -> None:
        self.rows: dict[str, list[float]] | None = None

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Measure what the block does, as a part of the step `name`."""
        return _NOTHING if self.rows is None else _Step(self.rows.setdefault(name, [0.0, 0.0, 0]))

    def each(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """The items; what getting each of them takes is a part of the step `name`."""
        iterator = iter(items)
        if self.rows is None:
            yield from iterator
            return
        while True:
            with self(name):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item

    @contextlib.contextmanager
    def unit(self, root: Path, stage: str, key: str) -> Iterator[None]:
        """Measure a whole unit and leave what it took for whoever planned it."""
        self.rows = {}
        whole = _Step([0.0, 0.0, 0])
        try:
            with whole:
                yield
        finally:
            rows, self.rows = self.rows, None
            spent = [sum(row[place] for row in rows.values()) for place in (0, 1)]
            rows[OTHER] = [max(0.0, whole.row[0] - spent[0]), max(0.0, whole.row[1] - spent[1]), 1]
            write_text(root / WORK_FOLDER / FOLDER / stage / f"{key}.json", json.dumps(rows) + "\n")


STEPS = Steps()
"""The steps of this process."""


class Profile:
    """What a run took: the stages as the planning process saw them, and the units as their workers did."""

    def __init__(self) -> None:
        self.stages: dict[str, list[float]] = {}

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what the planning process does and waits for in a stage."""
        with _Step(self.stages.setdefault(name, [0.0, 0.0, 0])):
            yield

    def collected(self, root: Path, workers: int) -> dict[str, Any]:
        """Everything as plain values, seconds to the millisecond; the units' files are removed.

        By stage: `wall`, `driver` (processor time of the planning process), `units`, `busy` and `processor` (of all
        workers), `waiting` (busy without using the processor), `idle` (workers without a unit), `bytes_in`,
        `bytes_out`, and `steps` with `wall`, `processor` and `times` of each.
        """
        found = {}
        for stage, (wall, driver, _) in self.stages.items():
            steps: dict[str, list[float]] = {}
            units = 0
            for path in (root / WORK_FOLDER / FOLDER / stage).glob("*.json"):
                units += 1
                for name, row in json.loads(path.read_text(encoding="utf-8")).items():
                    into = steps.setdefault(name, [0.0, 0.0, 0])
                    into[:] = [have + more for have, more in zip(into, row, strict=True)]
            busy, processor = (sum(row[place] for row in steps.values()) for place in (0, 1))
            entries = list(ledger.read_entries(root, stage))
            found[stage] = {
                "wall": round(wall, 3),
                "driver": round(driver, 3),
                "units": units,
                "busy": round(busy, 3),
                "processor": round(processor, 3),
                "waiting": round(max(0.0, busy - processor), 3),
                "idle": round(max(0.0, workers * wall - busy), 3) if units else 0.0,
                "bytes_in": sum(fact.bytes for entry in entries for fact in entry.inputs) if units else 0,
                "bytes_out": sum(fact.bytes for entry in entries for fact in entry.outputs) if units else 0,
                "steps": {
                    name: {"wall": round(row[0], 3), "processor": round(row[1], 3), "times": int(row[2])}
                    for name, row in sorted(steps.items(), key=lambda pair: (pair[0] == OTHER, -pair[1][0]))
                },
            }
        shutil.rmtree(root / WORK_FOLDER / FOLDER, ignore_errors=True)
        return found
