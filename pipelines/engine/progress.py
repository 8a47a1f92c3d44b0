"""Progress of long work: a bar on a terminal, plain lines elsewhere, nothing with `--quiet`.

Workers may sit on other machines, so progress is read where every runner leaves it: in the ledger, where each finished
unit adds an entry.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from manifests import ledger, partly

if TYPE_CHECKING:
    # Nothing draws in a run that is to print nothing but errors.
    from rich.console import Console
    from rich.progress import Progress as Bars

POLL_SECONDS = 0.5
PLAIN_SECONDS = 10.0
UNCHANGED_SECONDS = 60.0
"""So often a plain line is printed again when no unit was finished meanwhile."""
LISTING_SHARE = 50
"""Counting the entries takes at most about one part in so many of the time: a folder may hold a million."""


class Progress:
    """Says what is going on. `say` prints a line; `watch` follows a stage through its ledger entries."""

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.quiet = quiet
        self.stream = stream or sys.stderr
        self.terminal = self.stream.isatty()

    @cached_property
    def console(self) -> "Console":
        """What lines and bars are drawn on, so that they do not overwrite each other."""
        from rich.console import Console

        return Console(file=self.stream, highlight=False)

    def say(self, line: str) -> None:
        """Print one line, unless quiet."""
        if not self.quiet:
            self.console.print(line, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def watch(self, root: Path, stage: str, total: int, *, far: bool = False) -> Iterator[None]:
        """While the block runs, show how many of `total` units of `stage` have their ledger entry.

        They are looked for in the bucket where hosts `far` away write them.
        """
        if self.quiet:
            yield
            return
        done = threading.Event()
        count = partial(partly.count if far else ledger.count, root, stage)
        thread = threading.Thread(target=self._follow, args=(stage, total, count, done))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _follow(self, stage: str, total: int, count: Callable[[], int], done: threading.Event) -> None:
        most = 0  # a store that does not answer for a while must not make the count go back
        if self.terminal:
            with self._bars() as bars:
                task = bars.add_task(stage, total=total)
                pause = POLL_SECONDS
                while not done.wait(pause):
                    began = time.monotonic()
                    most = max(most, min(total, count()))
                    bars.update(task, completed=most)
                    pause = max(POLL_SECONDS, LISTING_SHARE * (time.monotonic() - began))
                bars.update(task, completed=max(most, min(total, count())))
            return
        pause = PLAIN_SECONDS
        told, again = -1, 0.0
        while not done.wait(pause):
            began = time.monotonic()
            most = max(most, min(total, count()))
            pause = max(PLAIN_SECONDS, LISTING_SHARE * (time.monotonic() - began))
            if most != told or began >= again:
                told, again = most, began + UNCHANGED_SECONDS
                self.say(f"{stage}: {most} of {total} units")

    def _bars(self) -> "Bars":
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        return Bars(
            TextColumn("{task.description:>8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("units"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
