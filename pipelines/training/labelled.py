"""The labelled set that the math classifier learns from, and the pages held back to judge it by.

A page is positive if it holds one of the commonest LaTeX commands. What is kept of it is the line that the classifier
will see, without LaTeX. Equal lines count once. Order, balance and split follow a hash of the line, so the same pages
make the same set whatever their order, their files or their names.

Source of the method: OpenWebMath, section 3 of the paper (label: LaTeX commands; LaTeX removed; the two classes).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, Self

from filters.latex_commands import holds_command
from filters.mathscore import features
from manifests.records import Rules
from pipelines.training.pages import Page

LEAST_WORDS = 40
"""A page with fewer words left says too little to learn from."""
_DRAWS = 1 << 16


class Example(NamedTuple):
    """One page as the classifier sees it: its line of words and whether it held LaTeX."""

    line: str
    positive: bool


class _Place(NamedTuple):
    key: bytes
    group: str
    positive: bool
    offset: int
    length: int


class LabelledSet:
    """Labelled pages, held in a file; memory holds 100 bytes for each."""

    def __init__(self, path: Path, rules: Rules = "corrected") -> None:
        self._file: IO[bytes] = path.open("w+b")
        self._rules = rules
        self._places: dict[bytes, _Place] = {}
        self.read = self.too_short = self.repeated = self.left_out = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, pages: Iterable[Page], group: str = "", negatives: bool = True) -> None:
        """Label pages and keep their lines. Without `negatives` a page without LaTeX is left out.

        `group` names where the pages come from. A line that several groups hold belongs to the first in their order.
        """
        for page in pages:
            self.read += 1
            positive = holds_command(page.text, self._rules)
            if not positive and not negatives:
                self.left_out += 1
                continue
            line = features(page.text, self._rules)
            if line.count(" ") + 1 < LEAST_WORDS:
                self.too_short += 1
                continue
            raw = line.encode("utf-8", "replace")
            key = hashlib.blake2b(raw, digest_size=16).digest()
            known = self._places.get(key)
            if known is not None:
                self.repeated += 1
                positive = positive or known.positive
                self._places[key] = known._replace(positive=positive, group=min(group, known.group))
                continue
            offset = self._file.seek(0, 2)
            self._file.write(raw)
            self._places[key] = _Place(key, group, positive, offset, len(raw))

    def count(self, positive: bool) -> int:
        """How many distinct pages carry the label."""
        return sum(place.positive is positive for place in self._places.values())

    def split(self, held_back: float, most: int, balance: float) -> tuple[list[_Place], list[_Place]]:
        """Places to learn from and places held back (a share of all), each in the order of their hashes.

        At most `most` pages of one label are taken from one group. Of those to learn from, the larger class is then
        cut to `balance` times the smaller one.
        """
        taken: Counter[tuple[str, bool]] = Counter()
        learn: list[_Place] = []
        back: list[_Place] = []
        for place in sorted(self._places.values()):
            taken[place.group, place.positive] += 1
            if taken[place.group, place.positive] <= most:
                (back if _draw(place.key) < held_back * _DRAWS else learn).append(place)
        counts = Counter(place.positive for place in learn)
        bound = int(min(counts[True], counts[False]) * balance)
        used: Counter[bool] = Counter()
        cut = []
        for place in learn:
            used[place.positive] += 1
            if used[place.positive] <= bound:
                cut.append(place)
        return cut, back

    def examples(self, places: Iterable[_Place]) -> Iterator[Example]:
        """The examples at these places."""
        for place in places:
            self._file.seek(place.offset)
            yield Example(self._file.read(place.length).decode(), place.positive)


def _draw(key: bytes) -> int:
    return int.from_bytes(key[-2:], "big")
