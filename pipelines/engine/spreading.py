"""How Beam hands units of work to workers: by threads of this process that take them, or as elements of a pipeline."""

import contextlib
import uuid
from collections.abc import Iterable, Iterator
from copy import copy
from queue import Empty, SimpleQueue
from typing import Any

from manifests import mirror
from pipelines.engine import guard
from pipelines.engine.beam import beam
from pipelines.engine.worker import Unit


class Offer:
    """Units that the threads of this process take, and the first error that one of them met.

    Beam prints whatever is raised within its threads, with all of its own calls; so nothing is.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self.name = uuid.uuid4().hex
        self.error: Exception | None = None
        self.queue = SimpleQueue[Unit]()
        for unit in units:
            self.queue.put(unit)

    def take(self) -> Unit | None:
        """The next unit; None if there is no other, or none is to be begun any more."""
        try:
            return self.queue.get_nowait() if self.error is None else None
        except Empty:
            return None

    def fail(self, error: Exception) -> None:
        """A unit ended with an error: no other is begun."""
        self.error = self.error or error


_OFFERS: dict[str, Offer] = {}
"""What is on offer in this process, by name."""


@contextlib.contextmanager
def offered(units: Iterable[Unit]) -> Iterator[Offer]:
    """Lay out units for `TakeUnits`."""
    offer = Offer(units)
    _OFFERS[offer.name] = offer
    try:
        yield offer
    finally:
        del _OFFERS[offer.name]


class TakeUnits(beam.PTransform):
    """As many turns as there are workers, each of which takes one unit after the other until none is left.

    The in-process runner deals all elements to its threads before the first begins; a thread that is dealt the large
    units would work on long after the others have ended.
    """

    def __init__(self, name: str, workers: int, limits: guard.Limits) -> None:
        super().__init__()
        self.name, self.workers, self.limits = name, workers, limits

    def into(self, pipeline: beam.Pipeline) -> Any:
        """Make this the whole of a pipeline."""
        return pipeline | "Take the units" >> self

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        return (
            root
            | "Name turns" >> beam.Create(range(self.workers), reshuffle=False)
            | "Spread turns" >> beam.Reshuffle()
            | "Take units" >> beam.ParDo(TakeUnit(self.name, self.limits))
        )


class TakeUnit(beam.DoFn):
    """Does units that are laid out in this process, each in a child process, until none is left; yields their keys."""

    def __init__(self, name: str, limits: guard.Limits) -> None:
        super().__init__()
        self.name, self.limits = name, limits

    def process(self, _turn: int) -> Iterator[str]:
        offer = _OFFERS[self.name]
        try:
            with guard.borrowed() as child:
                unit = offer.take()
                while unit is not None:
                    following = offer.take() if unit.ahead else None
                    child.run(unit, self.limits, following if following and following.ahead else None)
                    yield unit.key
                    unit = following or offer.take()
        except Exception as error:
            offer.fail(error)


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
        yield unit.key
