"""Very many named tuples in little memory: in compressed pages, of which only the one in use is unpacked.

The plan of a million units is a gigabyte as objects, and an eighth of that so. Values are what JSON has.
"""

import heapq
import itertools
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar, overload

import zstandard

T = TypeVar("T", bound=tuple[Any, ...])
PAGE = 128
"""Items in a page. A larger one packs a little better and takes longer where items are asked for out of order."""
RUN = 1 << 12
"""Items that are sorted at once."""


class _Page(NamedTuple):
    first: int
    items: Sequence[Any]


class Paged(Sequence[T]):
    """Named tuples of one `kind`, in the order in which they came; they are made anew each time they are asked for."""

    def __init__(self, kind: Callable[..., T], items: Iterable[T] = ()) -> None:
        self.kind = kind
        self.pages: list[bytes] = []
        self.length = 0
        self._last = _Page(0, ())
        left = iter(items)
        while page := list(itertools.islice(left, PAGE)):
            self.pages.append(_packed(page))
            self.length += len(page)

    def __len__(self) -> int:
        return self.length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Paged) and (self.kind, self.pages) == (other.kind, other.pages)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[T]:
        for page in self.pages:
            yield from self._unpacked(page)

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> "Chosen[T]": ...

    def __getitem__(self, place: int | slice) -> "T | Chosen[T]":
        if isinstance(place, slice):
            return Chosen(self, range(*place.indices(self.length)))
        at = place + self.length if place < 0 else place
        if not 0 <= at < self.length:
            raise IndexError(place)
        page, first = self._last, at - at % PAGE
        if page.first != first or not page.items:
            page = self._last = _Page(first, self._unpacked(self.pages[at // PAGE]))
        item: T = page.items[at - first]
        return item

    def drained(self) -> Iterator[T]:
        """The items, each page of which is given up as it is read; nothing is left."""
        pages, self.pages, self.length, self._last = self.pages[::-1], [], 0, _Page(0, ())
        while pages:
            yield from self._unpacked(pages.pop())

    def _unpacked(self, page: bytes) -> list[T]:
        count, *columns = json.loads(zstandard.ZstdDecompressor().decompress(page))
        whole = (column * count if len(column) < count else column for column in columns)
        return [self.kind(*values) for values in zip(*whole, strict=True)]


class Chosen(Sequence[T]):
    """Some of a sequence, in an order of their own, by their places."""

    def __init__(self, base: Sequence[T], places: Iterable[int]) -> None:
        self.base, self.places = base, array("Q", places)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[T]:
        return (self.base[place] for place in self.places)

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> "Chosen[T]": ...

    def __getitem__(self, place: int | slice) -> "T | Chosen[T]":
        return Chosen(self.base, self.places[place]) if isinstance(place, slice) else self.base[self.places[place]]


def in_order(kind: Callable[..., T], items: Iterable[T], key: Callable[[T], Any] | None = None) -> Paged[T]:
    """The items sorted, by their `key` if there is one; those of equal keys stay as they came."""
    left = iter(items)
    runs: list[Paged[T]] = []
    while run := list(itertools.islice(left, RUN)):
        runs.append(Paged(kind, sorted(run, key=key)))
    if len(runs) == 1:
        return runs[0]
    return Paged(kind, heapq.merge(*(run.drained() for run in runs), key=key))


def _packed(page: Sequence[tuple[Any, ...]]) -> bytes:
    # What all have alike stands once: the settings of a source are longer than all else of its units.
    columns = (list(column) for column in zip(*page, strict=True))
    alike = [column[:1] if all(value == column[0] for value in column) else column for column in columns]
    text = json.dumps([len(page), *alike], separators=(",", ":")).encode()
    # What the library returns keeps the room that the worst case would have needed; a copy does not.
    return bytes(memoryview(zstandard.ZstdCompressor(level=3).compress(text)))
