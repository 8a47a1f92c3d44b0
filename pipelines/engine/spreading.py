"""How units of work are handed out as elements of a pipeline of Beam's."""

from collections.abc import Iterable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

from manifests import ledger, mirror
from pipelines.engine import guard
from pipelines.engine.beam import beam
from pipelines.engine.worker import Unit


class DoUnits(beam.PTransform):
    """Spread the units over the workers, wherever they are, and do each of them in a guarded process.

    With a `place` these workers see the corpus in this bucket alone.
    """

    def __init__(self, units: Iterable[Unit], limits: guard.Limits, place: str = "") -> None:
        super().__init__()
        # `size` has made their order, `ahead` is for threads.
        self.units = [tuple(unit._replace(size=0, ahead=False)) for unit in units]
        self.limits, self.place = limits, place

    def into(self, pipeline: beam.Pipeline) -> Any:
        """Make this the whole of a pipeline."""
        return pipeline | "Do the units" >> copy(self)  # Beam takes a transform into one pipeline only

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        return (
            root
            | "Name units" >> beam.Create(self.units, reshuffle=False)
            | "Spread units" >> beam.Reshuffle()
            | "Do unit" >> beam.ParDo(DoUnit(self.limits, self.place))
        )


class DoUnit(beam.DoFn):
    """Does one unit in a child process; yields its key. With a `place` the corpus is seen in this bucket alone."""

    def __init__(self, limits: guard.Limits, place: str = "") -> None:
        super().__init__()
        self.limits, self.place = limits, place

    def process(self, element: tuple[Any, ...]) -> Iterator[str]:
        unit = Unit(*element)
        if self.place:
            unit = unit.moved(str(mirror.folder_for(self.place)))
        with guard.borrowed() as child:
            child.run(unit, self.limits)
        self._count(unit)
        yield unit.key

    def _count(self, unit: Unit) -> None:
        """Counters for whoever watches the engine's own page; the ledger counts from the data."""
        entry = ledger.entry_of(Path(unit.root), unit.stage, unit.key)
        if entry is not None:
            sums = {"units": 1, "read": entry.read, "kept": entry.kept, "failed": entry.failed}
            for name, number in sums.items():
                beam.metrics.Metrics.counter(unit.stage, name).inc(number)
