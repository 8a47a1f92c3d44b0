"""Sets of very many names in little memory: eight bytes of a hash stand for each.

Names are keys of units, paths, or several facts in a row. That of a set of a million names another one is taken for one
of them happens once in 10^13; units themselves are called by hashes of this length.
"""

import hashlib
from array import array
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt


class Names:
    """A set of names that grows, and tells of others whether they are among them; which they are it no longer knows."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._added = array("Q")
        self._sorted: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self.update(names)

    def add(self, name: str) -> None:
        """Take a name into the set."""
        self._added.append(_hash(name))

    def update(self, names: Iterable[str]) -> None:
        """Take names into the set."""
        self._added.extend(map(_hash, names))

    def __len__(self) -> int:
        return len(self._settled())

    def __contains__(self, name: str) -> bool:
        return self.among([name])[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Names) and np.array_equal(self._settled(), other._settled())

    __hash__ = None  # type: ignore[assignment]

    def among(self, names: Sequence[str]) -> list[bool]:
        """Whether each of some names is in the set; best asked for many at once."""
        known = self._settled()
        if not len(known):
            return [False] * len(names)
        wanted = np.fromiter(map(_hash, names), np.uint64, len(names))
        found: list[bool] = (known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)] == wanted).tolist()
        return found

    def as_bytes(self) -> bytes:
        """The set, eight bytes a name; the same for the same names."""
        return self._settled().astype("<u8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Names":
        """A set from what `as_bytes` gave. Raises ValueError where it did not."""
        made = cls()
        made._sorted = np.unique(np.frombuffer(data, "<u8").astype(np.uint64))
        return made

    def _settled(self) -> npt.NDArray[np.uint64]:
        if self._added:
            new = np.frombuffer(self._added, np.uint64)
            self._sorted = np.union1d(self._sorted, new)
            self._added = array("Q")
        return self._sorted


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
