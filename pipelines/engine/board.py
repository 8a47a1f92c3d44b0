"""A page of memory on which a worker says what it is at, and which its guard reads now and then.

A worker that told of each record through a pipe would wake its guard thousands of times a second; what counts is only
where it stands when somebody looks: four times a second, and when it has died.
"""

import mmap
import os
import struct
import tempfile
from typing import NamedTuple

_LAYOUT = struct.Struct("=16sqq")
"""The step (ASCII, filled up with zeros; none: at no record), the record's number, and whether it is being waited."""
_WAITING = struct.Struct("=q")


class Place(NamedTuple):
    """Where a worker stands: the step and the number of the record, or None, and whether it waits for something."""

    at: tuple[str, int] | None
    waiting: bool


class Board:
    """The page as either side sees it, from a descriptor of `new_page` that it does not close."""

    def __init__(self, descriptor: int) -> None:
        self._memory = mmap.mmap(descriptor, _LAYOUT.size)

    def put(self, at: tuple[str, int] | None) -> None:
        """Say which record is being worked on, and that nothing is being waited for."""
        step, ordinal = ("", 0) if at is None else at
        _LAYOUT.pack_into(self._memory, 0, step.encode(), ordinal, 0)

    def wait(self, waiting: bool) -> None:
        """Say that something is being waited for, or no longer."""
        _WAITING.pack_into(self._memory, _LAYOUT.size - _WAITING.size, waiting)

    def read(self) -> Place:
        """What was said last."""
        step, ordinal, waiting = _LAYOUT.unpack_from(self._memory)
        name = step.rstrip(b"\0").decode()
        return Place((name, ordinal) if name else None, bool(waiting))

    def close(self) -> None:
        """Look at it no more."""
        self._memory.close()


def new_page() -> int:
    """A descriptor of memory that processes can share; it is the caller's to close."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("board")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, mmap.PAGESIZE)
    return descriptor
