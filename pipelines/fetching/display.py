"""Shows how far fetching is: a bar of bytes on a terminal, a plain line now and then elsewhere, nothing when quiet.

The bar belongs to the same console as the rest of a run's progress, so that lines and bars do not overwrite each other.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pipelines.fetching.batch import Moment

if TYPE_CHECKING:
    from pipelines.engine.progress import Progress

PLAIN_SECONDS = 10.0


@contextlib.contextmanager
def showing(what: str, progress: "Progress") -> Iterator[Callable[[Moment], None] | None]:
    """What `fetch_all` takes as `progress`, for the time of the block. `what` names the source or the asset."""
    if progress.quiet:
        yield None
    elif progress.terminal:
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
        from rich.progress import Progress as Bars

        columns = (
            TextColumn("{task.description:>8}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
            TimeRemainingColumn(), TextColumn("{task.fields[files]}"),
        )  # fmt: skip
        with Bars(*columns, console=progress.console, transient=True) as bars:
            task = bars.add_task(what, total=None, files="")

            def move(moment: Moment) -> None:
                files = f"{moment.files_done} of {moment.files} files"
                bars.update(task, completed=moment.bytes_done, total=moment.bytes_total, files=files)

            yield move
    else:
        yield PlainLines(what, progress.say)


class PlainLines:
    """Says a line every ten seconds at most; nothing at all for what is done sooner."""

    def __init__(self, what: str, say: Callable[[str], None], every: float = PLAIN_SECONDS) -> None:
        self._what = what
        self._say = say
        self._every = every
        self._last = time.monotonic()

    def __call__(self, moment: Moment) -> None:
        now = time.monotonic()
        if now - self._last >= self._every:
            self._last = now
            self._say(f"{self._what}: {describe(moment)}")


def describe(moment: Moment) -> str:
    """A moment in words: `3 of 40 files, 12.5 MB of 80.0 MB`."""
    whole = "" if moment.bytes_total is None else f" of {moment.bytes_total / 1e6:,.1f} MB"
    return f"{moment.files_done} of {moment.files} files, {moment.bytes_done / 1e6:,.1f} MB{whole}"
