"""Contents that a table names by id and does not hold, such as the files of The Stack v2 in Software Heritage's bucket.

Source of the layout: the card of bigcode/the-stack-v2, section "Downloading the file contents": the object
`content/ID` of the bucket `softwareheritage`, packed with gzip. A content is small and there are very many, so several
are asked for at once, and handed on in the order in which they were asked for.
"""

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from manifests.errors import UserError
from pipelines.engine.worker import MONITOR
from pipelines.fetching import http, objects
from pipelines.fetching.address import Address, parse
from pipelines.fetching.patience import Patience
from pipelines.fetching.remote import NotThere

SOFTWARE_HERITAGE = "s3://softwareheritage/content/"
AT_ONCE = 16
"""Contents asked for at a time by one worker."""
MOST_PACKED = 64
"""A content packs at least to this share of the limit; gzip's own overhead is far below it."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,128}\Z")
_GZIP = b"\x1f\x8b"

Result = TypeVar("Result")


class TooLong(Exception):
    """A content is longer than it may be."""


def base_of(text: str) -> Address:
    """The address of a store of contents. Raises UserError for what is none."""
    base = parse(text)
    if base.scheme not in {"s3", "http", "https", "local"} or base.members:
        raise UserError(f"{base}: contents are read from s3://BUCKET/FOLDER/, a web address or a folder")
    return replace(base, place=base.place.rstrip("/") + "/")


class Blobs:
    """The contents below `base` (`base_of`), each of at most `most_bytes`. May be used by many threads."""

    def __init__(self, base: str, most_bytes: int, patience: Patience | None = None) -> None:
        self._base = base_of(base)
        self.most_bytes = most_bytes
        self._patience = patience

    def content(self, identifier: str) -> bytes:
        """The unpacked content of this id.

        Raises NotThere if the store has none or does not give it, ValueError for an id that is none or a content that
        is damaged, TooLong, and UserError or Fault if the store cannot be used at all.
        """
        if not _ID.match(identifier):
            raise ValueError(f"{identifier[:80]!r} is no id of a content")
        packed = self._packed(identifier)
        return packed if not packed.startswith(_GZIP) else _unpacked(packed, self.most_bytes)

    def _packed(self, identifier: str) -> bytes:
        place = self._base.place + identifier
        if self._base.scheme == "s3":
            pays = self._base.has("requester-pays")
            return objects.content(place, requester_pays=pays, patience=self._patience)
        if self._base.scheme == "local":
            path = Path(place).expanduser()
            try:
                return path.read_bytes()
            except OSError as error:
                raise NotThere(f"{identifier}: {error.strerror}") from None
        got = http.get(place, limit=self.most_bytes + (self.most_bytes // MOST_PACKED), patience=self._patience)
        if got.status in http.GONE:
            raise NotThere(f"{place}: not there (the server answers {got.status})")
        return got.content


def _unpacked(packed: bytes, most: int) -> bytes:
    """What gzip members unpack to, their checksums compared. Raises ValueError or TooLong."""
    found = bytearray()
    while packed:
        member = zlib.decompressobj(wbits=31)
        try:
            found += member.decompress(packed, most + 1 - len(found))
        except zlib.error as error:
            raise ValueError(f"the packed content is damaged: {error}") from None
        if len(found) > most:
            raise TooLong
        if not member.eof:
            raise ValueError("the packed content is cut off")
        packed = member.unused_data
    return bytes(found)


def ahead(items: Iterable[Result | Callable[[], Result]], at_once: int = AT_ONCE) -> Iterator[Result]:
    """The items in order, of those that can be called what they return: so many are called at once, in threads.

    What the threads compute is no record's time. An exception of `items` comes after all that was before it.
    """
    waiting: deque[Result | Future[Result]] = deque()
    problem: Exception | None = None
    stream = iter(items)
    with ThreadPoolExecutor(at_once, thread_name_prefix="blobs", initializer=MONITOR.aside) as pool:
        try:
            while True:
                try:
                    item = next(stream)
                except StopIteration:
                    break
                except Exception as error:
                    problem = error
                    break
                waiting.append(pool.submit(item) if callable(item) else item)
                while waiting and (len(waiting) >= 2 * at_once or not isinstance(waiting[0], Future)):
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        finally:
            for one in waiting:
                if isinstance(one, Future):
                    one.cancel()
    if problem is not None:
        raise problem


def _result(one: "Result | Future[Result]") -> Result:
    if not isinstance(one, Future):
        return one
    with MONITOR.waiting():
        return one.result()
