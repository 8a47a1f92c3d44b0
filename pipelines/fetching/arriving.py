"""Files that are read while they come: what of a file is here can be read, and a reader waits for the rest.

A worker asks for the files of its unit, and for those of its next one. One thread of the process brings them one after
the other, so that a worker has one connection, which is busy as long as there is something to bring. The bytes lie in
the working folder until the unit is done: after a death, the next process goes on where the last one stopped. Waiting
for bytes is announced (`Monitor.waiting`), and the thread too, so that neither counts as any record's time.
"""

import hashlib
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path, PosixPath
from queue import SimpleQueue
from typing import BinaryIO, Protocol, cast

from manifests.errors import Fault
from pipelines.engine.worker import MONITOR
from pipelines.fetching.remote import Downloaded, NotThere

BUFFER = 1 << 20


class Changed(Fault):
    """A file began anew while it was being read, because there is another version of it: the unit begins anew too."""


class Absent(Exception):
    """A file that may be gone by now is gone, or there never was one: it is turned away, and the others are read."""


class Withdrawn(Exception):
    """Raised in the thread that brings a file that nobody wants any more."""


class Bring(Protocol):
    """Brings a file to `target` by way of `partial`, telling bytes gained (negative: begun anew) and the length."""

    def __call__(
        self, target: Path, *, partial: Path, progress: Callable[[int], None], announced: Callable[[int], None]
    ) -> Downloaded: ...


class Arriving:
    """One file on its way to `place`. Every method may be called by any thread.

    `streams`: the bytes of the partial file are the file's own, from the first. `may_be_gone`: that it is not there is
    no fault; whoever reads it is told so (`Absent`).
    """

    def __init__(self, place: Path, bring: Bring, *, streams: bool = True, may_be_gone: bool = False) -> None:
        self.place = place
        self.partial = place.with_name(place.name + ".part")
        self.streams = streams
        self._may_be_gone = may_be_gone
        self._bring = bring
        self._change = threading.Condition()
        self._have = 0
        self._seen = 0
        self._total: int | None = None
        self._got: Downloaded | None = None
        self._error: Exception | None = None
        self._changed = False
        self._wanted = True

    def bring(self) -> None:
        """Bring the file; what goes wrong is told to whoever reads it."""
        try:
            got = self._bring(self.place, partial=self.partial, progress=self._gained, announced=self._announced)
            with self._change:
                self._got, self._have = got, got.size
                self._change.notify_all()
        except Exception as error:
            with self._change:
                self._error = error
                self._change.notify_all()

    def withdraw(self) -> None:
        """Nobody wants the file: bringing it ends with the next bytes."""
        self._wanted = False

    def begin_again(self) -> None:
        """Whoever read the file has thrown away what they made of it."""
        with self._change:
            self._changed, self._seen = False, 0

    def whole(self) -> Downloaded:
        """The file once it is here and checked. Raises what went wrong, `Changed` if it began anew under a reader."""
        with MONITOR.waiting(), self._change:
            self._change.wait_for(lambda: self._changed or self._error is not None or self._got is not None)
            self._raise()
            assert self._got is not None  # nothing else ends the waiting
            return self._got

    def size(self) -> int:
        """Its length in bytes, as soon as that is known. Raises as `whole`."""
        with MONITOR.waiting(), self._change:
            self._change.wait_for(
                lambda: self._changed or self._error or self._got is not None or self._total is not None
            )
            self._raise()
            if self.streams and self._total is not None:
                return self._total
        return self.whole().size

    def here(self, offset: int) -> int:
        """How many bytes can be read from `offset` on: at least one, or it ends there. Waits and raises as `whole`."""
        if not self.streams:
            return max(0, self.whole().size - offset)
        with self._change:
            if self._have <= offset and self._got is None:
                with MONITOR.waiting():
                    self._change.wait_for(lambda: self._changed or self._error or self._got or self._have > offset)
            self._raise()
            self._seen = max(self._seen, self._have)
            return max(0, self._have - offset)

    def _raise(self) -> None:
        if self._changed:
            raise Changed(f"{self.place.name}: changed on its server while it was being read")
        if self._may_be_gone and isinstance(self._error, NotThere):
            raise Absent(str(self._error))
        if self._error is not None:
            raise self._error

    def _gained(self, count: int) -> None:
        if not self._wanted:
            raise Withdrawn
        with self._change:
            self._have += count
            # The bytes that were seen are not those that come now.
            self._changed = self._changed or (count < 0 and self._seen > 0)
            self._change.notify_all()

    def _announced(self, total: int) -> None:
        with self._change:
            self._total = total
            self._change.notify_all()


class _Reader(io.RawIOBase):
    """Reads a file on its way; seekable, which to its end means waiting for it."""

    def __init__(self, arriving: Arriving) -> None:
        super().__init__()
        self._arriving = arriving
        self._at = 0
        arriving.here(0)
        try:
            self._file = arriving.partial.open("rb", buffering=0)
        except FileNotFoundError:  # it has its final name by now
            self._file = arriving.place.open("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        count = min(len(buffer), self._arriving.here(self._at))
        if not count:
            return 0
        got = os.preadv(self._file.fileno(), [memoryview(buffer)[:count]], self._at)
        if not got:
            self._arriving.whole()  # it was cut just now, to begin anew: raises Changed
        self._at += got
        return got

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        self._at = max(0, offset + (self._arriving.whole().size if base is None else base))
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if hasattr(self, "_file"):  # not if it could not be opened
            self._file.close()
        super().close()


class ArrivingPath(PosixPath):
    """The place of a file on its way. `open` reads what is here; whoever asks for a name or facts waits for the whole.

    So every reader is right, and one that reads from an open file in order is also early.
    """

    arriving: Arriving | None = None

    @classmethod
    def of(cls, arriving: Arriving) -> "ArrivingPath":
        """The path of a file on its way."""
        path = cls(str(arriving.place))
        path.arriving = arriving
        return path

    def __fspath__(self) -> str:
        if self.arriving is not None:
            self.arriving.whole()
        return str(self)

    def open(self, mode: str = "r", *arguments: object, **named: object) -> BinaryIO:  # type: ignore[override]
        """For reading bytes: at once; else as any path."""
        if self.arriving is None or mode != "rb":
            return cast("BinaryIO", super().open(mode, *arguments, **named))  # type: ignore[call-overload]
        return cast("BinaryIO", io.BufferedReader(_Reader(self.arriving), BUFFER))


def size_of(path: Path) -> int:
    """The size of a file in bytes, without waiting for the end of one on its way if its server told."""
    arriving = path.arriving if isinstance(path, ArrivingPath) else None
    return path.stat().st_size if arriving is None else arriving.size()


class Arrivals:
    """The files that this process brings, one after the other in the order in which they were asked for."""

    def __init__(self) -> None:
        self._files: dict[Path, Arriving] = {}
        self._queue: SimpleQueue[Arriving] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, place: Path, bring: Bring, *, streams: bool = True, may_be_gone: bool = False) -> Arriving:
        """The file on its way to `place`; if none is, it is brought when those before it are here."""
        known = self._files.get(place)
        if known is not None:
            return known
        made = self._files[place] = Arriving(place, bring, streams=streams, may_be_gone=may_be_gone)
        self._queue.put(made)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="arrivals", daemon=True)
            self._thread.start()
        return made

    def keep(self, places: set[Path]) -> None:
        """Withdraw all files but these."""
        for place in self._files.keys() - places:
            self._files.pop(place).withdraw()

    def done(self, place: Path) -> None:
        """Remove a file that nobody needs any more."""
        if (arriving := self._files.pop(place, None)) is not None:
            arriving.withdraw()
        for path in (place, place.with_name(place.name + ".part"), place.with_name(place.name + ".part.json")):
            path.unlink(missing_ok=True)

    def _work(self) -> None:
        MONITOR.aside()
        while True:
            self._queue.get().bring()


ARRIVALS = Arrivals()
"""The files that are on their way to this process."""


def place_of(folder: Path, address: str, name: str) -> Path:
    """Where in `folder` the file of an address lies while it is needed; any process finds it there again."""
    key = hashlib.blake2b(f"{address}\0{name}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return folder / f"{key}{''.join(Path(name).suffixes[-2:])}"
