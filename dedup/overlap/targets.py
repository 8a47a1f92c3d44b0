"""The texts that are looked for, as an index knows them: names and words of each, without a Python object for every
one.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dedup.benchmarks import Item
from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.evidence import evidence_of
from dedup.overlap.grams import Grams
from dedup.overlap.index import Index
from dedup.overlap.splitting import encode
from manifests.kernels import njit


class Target(NamedTuple):
    """One text that is looked for: a field of a benchmark item. `words` is its length by the method's words."""

    benchmark: str
    item_id: str
    field: str
    text: str
    words: int


class Names(NamedTuple):
    """Whose the texts of an index are. Text t is of `kinds[kind[t]]` (benchmark and field), and the bytes `bounds[t]`
    to
    `bounds[t + 1]` of `ids` are its item's id.
    """

    kinds: tuple[tuple[str, str], ...]
    kind: NDArray[np.uint16]
    ids: NDArray[np.uint8]
    bounds: NDArray[np.int64]


def names_of(texts: Sequence[tuple[Item, str]]) -> Names:
    """The names of texts, given as items and fields."""
    kinds = {kind: place for place, kind in enumerate(dict.fromkeys((item.benchmark, field) for item, field in texts))}
    ids = [encode(item.id) for item, _ in texts]
    return Names(
        tuple(kinds),
        np.array([kinds[item.benchmark, field] for item, field in texts], dtype=np.uint16),
        np.frombuffer(b"".join(ids), dtype=np.uint8),
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum([len(one) for one in ids], dtype=np.int64)]),
    )


class Targets:
    """The texts of an index by number."""

    def __init__(self, names: Names, index: Index) -> None:
        self.names = names
        self._index = index

    def __len__(self) -> int:
        return len(self.names.kind)

    def __getitem__(self, number: int) -> Target:
        if not 0 <= number < len(self):
            raise IndexError(number)
        benchmark, field = self.names.kinds[self.names.kind[number]]
        index = self._index
        return Target(
            benchmark,
            _text(self.names.ids, self.names.bounds, number),
            field,
            _text(index.text, index.text_bounds, number),
            int(index.bounds[number + 1] - index.bounds[number]),
        )

    def __iter__(self) -> Iterator[Target]:
        return (self[number] for number in range(len(self)))

    def options(self, number: int) -> str:
        """The options of a question, which stand behind it in the index; empty where it has none or is one itself."""
        own = self[number]
        for other in range(number + 1, len(self)):
            target = self[other]
            if (target.benchmark, target.item_id) != (own.benchmark, own.item_id):
                break
            if target.field == OPTIONS:
                return target.text
        return ""

    def words(self) -> NDArray[np.int64]:
        """The lengths of all, in words."""
        return np.diff(self._index.bounds)

    def evidence(self) -> NDArray[np.int64]:
        """What the words of each say, in quarters of a bit."""
        said: NDArray[np.int64] = _evidence(self._index.bounds, self._index.hashes, self._index.weights)
        return said


def _text(raw: NDArray[np.uint8], bounds: NDArray[np.int64], number: int) -> str:
    return raw[bounds[number] : bounds[number + 1]].tobytes().decode("utf-8", "surrogatepass")


@njit(nogil=True)
def _evidence(bounds: Any, hashes: Any, weights: Any) -> Any:
    said = np.zeros(len(bounds) - 1, dtype=np.int64)
    for text in range(len(said)):
        low, high = bounds[text], bounds[text + 1]
        said[text], _ = evidence_of(hashes[low:high], weights[low:high], np.arange(high - low))
    return said


def as_arrays(index: Index, names: Names) -> dict[str, NDArray[Any]]:
    """All arrays of an index and its names, by name; `from_arrays` makes the same of them again."""
    arrays: dict[str, NDArray[Any]] = {}
    for field, value in index._asdict().items():
        if isinstance(value, Grams):
            arrays[f"{field}.plan"] = np.array([value.length, value.shift], dtype=np.int64)
            arrays |= {f"{field}.{name}": part for name, part in value._asdict().items() if name not in _NUMBERS}
        else:
            arrays[field] = value
    return arrays | {f"names.{name}": part for name, part in names._asdict().items() if name != "kinds"}


def from_arrays(arrays: dict[str, NDArray[Any]], kinds: Iterable[Sequence[str]]) -> tuple[Index, Names]:
    """An index and its names; see `as_arrays`."""

    def grams(field: str) -> Grams:
        length, shift = (int(number) for number in arrays[f"{field}.plan"])
        parts = {name: arrays[f"{field}.{name}"] for name in Grams._fields if name not in _NUMBERS}
        return Grams(length=length, shift=shift, **parts)

    parts: dict[str, Any] = {field: arrays[field] if field in arrays else grams(field) for field in Index._fields}
    named: dict[str, Any] = {name: arrays[f"names.{name}"] for name in Names._fields if name != "kinds"}
    return Index(**parts), Names(kinds=tuple((one[0], one[1]) for one in kinds), **named)


_NUMBERS = ("length", "shift")
