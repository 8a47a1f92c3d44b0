"""Records of archives elsewhere, each by the range of bytes that an index names.

An index (Common Crawl's columnar one, a row of FineMath, a line of a CDX server) says in which archive a record lies,
from which byte on and how long it is. The records of one piece of an index are brought into one file, one behind the
other in the order of the piece, so that it can be read while it comes and an interrupted transfer goes on behind the
last record that is whole. Neighbours come with one request. A record that its server does not have leaves a gap of its
own length that says why (`fault_of`), and costs no other.

A partial answer is held against what was asked for (RFC 9110, section 14.4); its pace is bounded, and a server that
asks for patience (Retry-After) gets it.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from manifests.errors import Fault, UserError
from pipelines.fetching.patience import Patience, patiently
from pipelines.fetching.remote import READ_SIZE, Downloaded, RemoteFile, TryAgain

GAP = 1 << 16
"""Bytes between two records that are rather fetched and thrown away than asked for apart."""
MOST = 1 << 23
"""Bytes of one request from which no further neighbour is taken along."""
MOST_REFUSED = 20
"""So many records in a row that a server refuses, from the first of a piece on, mean that the address is wrong."""
GAP_MARK = b"\0\xffno record\xff"
"""How a gap begins, as no bytes of an archive do; the reason follows, then zeros."""


class Place(NamedTuple):
    """Where an index says a record is: `length` bytes from byte `offset` of `archive` on, captured from `url`.

    A length of 0: the index names no range that there can be.
    """

    url: str
    archive: str
    offset: int
    length: int


class Slice(NamedTuple):
    """One request: the places that it brings, and the bytes from `start` to before `end` of their archive."""

    places: Sequence[Place]
    start: int
    end: int


class Piece(NamedTuple):
    """A piece of an index: places, by archive and offset, in the archives below the address `base`."""

    base: str
    places: tuple[Place, ...]


def piece_of(path: Path) -> Piece:
    """The piece that `write_piece` wrote."""
    with path.open(encoding="utf-8") as lines:
        base = json.loads(next(lines))["base"]
        return Piece(base, tuple(Place(*json.loads(line)) for line in lines))


def write_piece(path: Path, base: str, places: Sequence[Place]) -> None:
    """Write a piece: an object with its base, then a place's four values a line."""
    lines = [json.dumps({"base": base}), *(json.dumps(place, separators=(",", ":")) for place in places)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def slices(places: Sequence[Place]) -> Iterator[Slice]:
    """The requests that bring the places in their order (by archive and offset): neighbours together."""
    for _, group in groupby(places, key=lambda place: place.archive):
        held: list[Place] = []
        start = end = 0
        for place in group:
            stop = place.offset + place.length
            near = held and place.offset >= start and place.offset - end <= GAP and stop - start <= MOST
            if not near and held:
                yield Slice(held, start, end)
                held = []
            start, end = (start, max(end, stop)) if held else (place.offset, stop)
            held.append(place)
        yield Slice(held, start, end)


def fault_of(record: bytes) -> str:
    """Why a record could not be had; empty for one that is here."""
    if not record.startswith(GAP_MARK[: len(record)]):
        return ""
    return record[len(GAP_MARK) :].rstrip(b"\0").decode("utf-8", "replace") or "its server does not have it"


class Pace:
    """Lets at most `per_second` requests begin in a second."""

    def __init__(self, per_second: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._between = 1.0 / per_second
        self._next = 0.0
        self._sleep = sleep

    def wait(self) -> None:
        """Wait for the turn of a request."""
        now = time.monotonic()
        if self._next > now:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._between


def bring(
    piece: Piece,
    target: Path,
    *,
    partial: Path,
    progress: Callable[[int], None],
    announced: Callable[[int], None],
    pace: Pace,
    patience: Patience | None = None,
) -> Downloaded:
    """Bring the records of a piece into `target`, by way of `partial`.

    Raises UserError where a server refuses every one of the first records, Fault where it cannot be reached; what has
    come stays in `partial`, and the next call goes on there.
    """
    base, places = piece
    announced(sum(place.length for place in places))
    partial.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with partial.open("ab+") as out:
        done, here = _whole(places, out.seek(0, os.SEEK_END))
        out.truncate(here)
        out.seek(0)
        while chunk := out.read(READ_SIZE):
            digest.update(chunk)
        progress(here)
        refused = 0
        for one in slices(places[done:]):
            error: UserError | None = None
            try:
                pace.wait()
                data = _bytes(one, base, patience or Patience())
                refused = -len(places)
            except UserError as problem:
                error, data = problem, b""
                refused += len(one.places)
            if error is not None and refused >= MOST_REFUSED and done == 0:
                raise error
            for place in one.places:
                at = place.offset - one.start
                record = data[at : at + place.length] if error is None else gap(str(error), place.length)
                out.write(record)
                digest.update(record)
            out.flush()
            progress(sum(place.length for place in one.places))
        os.fsync(out.fileno())
    size = partial.stat().st_size
    partial.replace(target)
    return Downloaded(target, size, digest.hexdigest(), target.name, base)


def gap(reason: str, length: int) -> bytes:
    """What stands for a record that cannot be had."""
    return (GAP_MARK + reason.encode())[:length].ljust(length, b"\0")


def _whole(places: Sequence[Place], size: int) -> tuple[int, int]:
    """How many of the places lie whole in the first `size` bytes, and how many bytes these are."""
    here = 0
    for number, place in enumerate(places):
        if here + place.length > size:
            return number, here
        here += place.length
    return len(places), here


def _bytes(one: Slice, base: str, patience: Patience) -> bytes:
    """The bytes of one slice. Raises UserError where its server does not have them."""
    if one.end == one.start:
        return b""
    address = base.rstrip("/") + "/" + one.places[0].archive.lstrip("/")
    if address.startswith(("http://", "https://")):
        from pipelines.fetching import http

        return http.get_range(address, one.start, one.end, patience=patience)
    return patiently(address, patience, lambda: _read(address, one, patience))


def _read(address: str, one: Slice, patience: Patience) -> bytes:
    """The bytes of a slice of an archive in a bucket or on this machine."""
    from pipelines.fetching.opening import open_at

    length = one.end - one.start
    found = bytearray()
    with open_at(RemoteFile(address, Path(address).name), one.start, None, patience) as answer:
        if answer.start != one.start:
            raise Fault(f"{address}: the server does not do ranges")
        for chunk in answer.chunks:
            found += chunk
            if len(found) >= length:
                return bytes(found[:length])
    if answer.total is not None and answer.total < one.end:
        raise UserError(f"{address}: ends before byte {one.end}, which the index names")
    raise TryAgain(f"the connection ended after {len(found)} of {length} bytes")
