"""How units of work are handed to workers by threads of this process."""

import threading
from collections.abc import Callable, Iterable

from pipelines.engine import guard
from pipelines.engine.worker import Unit


class Turns:
    """Threads of this process, each of which takes one unit after the other until none is left.

    Beam's in-process runner would deal out all elements before the first begins, so that whoever is dealt the large
    ones works on long after the others have ended; and starting it takes longer than many a stage. A unit that ends
    with an error is the last that is begun.
    """

    def __init__(self, units: Iterable[Unit], limits: guard.Limits) -> None:
        self.limits = limits
        self.error: Exception | None = None
        self.left = iter(units)
        self.lock = threading.Lock()

    def done_by(self, workers: int, meanwhile: Callable[[], None] | None = None) -> None:
        """Do the units, so many at a time, and call `meanwhile` here once they are under way.

        Raises what the first of them raised that ended with an error.
        """
        # An interrupted program does not wait for them, and their workers end with it.
        threads = [threading.Thread(target=self._turn, daemon=True) for _ in range(workers)]
        for thread in threads:
            thread.start()
        if meanwhile is not None:
            meanwhile()
        for thread in threads:
            thread.join()
        if self.error is not None:
            raise self.error

    def _turn(self) -> None:
        try:
            with guard.borrowed() as child:
                unit = self._take()
                while unit is not None:
                    following = self._take() if unit.ahead else None
                    child.run(unit, self.limits, following if following and following.ahead else None)
                    unit = following or self._take()
        except Exception as error:
            self.error = self.error or error

    def _take(self) -> Unit | None:
        with self.lock:
            return next(self.left, None) if self.error is None else None
