"""The labelled set that the math classifier learns from, and the pages held back to judge it by.

A page is positive if it holds one of the commonest LaTeX commands. What is kept of it is the line that the classifier
will see, without LaTeX. Equal lines count once. Order, balance and split follow hashes, so the same pages make the same
set whatever their order or their files.

Pages of one work (a site, a package) share words that no other page has, and a classifier that is judged on the works
it learned from looks better than it is. So whole works are held back, as far as there are enough of them.

Source of the method: OpenWebMath, section 3 of the paper (label: LaTeX commands; LaTeX removed; the two classes).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Literal, NamedTuple, Self

from filters.latex_commands import holds_command
from filters.mathscore import features
from manifests.records import Rules
from pipelines.training.pages import Page

LEAST_WORDS = 40
"""A page with fewer words left says too little to learn from."""
SNIPPET_WORDS = (12, 80)
"""The shortest and the longest run of words that stands for a short text."""
WORDS_A_SNIPPET = 40
"""A page gives one run for so many of its words, so that short pages are not learned by heart."""
MATHEMATICAL, FEWEST_OF_WORK, FEWEST_OTHERS = 0.25, 10, 50
"""A work of so many pages with that share of LaTeX is about mathematics, and its pages without LaTeX are so too: they
are no negatives, as long as other works have so many."""
MOST_SHARES = 3
"""Works held back have at most so many times the share of pages that was asked for."""
_DRAWS = 1 << 16

Unit = Literal["work", "page"]
"""What is held back at once."""


class Example(NamedTuple):
    """One page as the classifier sees it: its line of words, whether it held LaTeX, and the kind of file it was in."""

    line: str
    positive: bool
    kind: str = ""


class _Place(NamedTuple):
    key: bytes
    group: str
    positive: bool
    offset: int
    length: int
    kind: str


class Split(NamedTuple):
    """Places to learn from and places to judge by; `works` are the groups held back, none if pages were."""

    learn: list[_Place]
    back: list[_Place]
    works: frozenset[str]


class LabelledSet:
    """Labelled pages, held in a file; memory holds 100 bytes for each."""

    def __init__(self, path: Path, rules: Rules = "corrected") -> None:
        self._file: IO[bytes] = path.open("w+b")
        self._rules = rules
        self._places: dict[bytes, _Place] = {}
        self.read = self.too_short = self.repeated = self.left_out = self.doubtful = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, pages: Iterable[Page], group: str = "", negatives: bool = True) -> None:
        """Label pages and keep their lines. Without `negatives` a page without LaTeX is left out.

        `group` names the work that pages belong to which name none themselves. A line that several groups hold belongs
        to the first in their order.
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
            work = page.work or group
            known = self._places.get(key)
            if known is not None:
                self.repeated += 1
                positive = positive or known.positive
                self._places[key] = known._replace(positive=positive, group=min(work, known.group))
                continue
            offset = self._file.seek(0, 2)
            self._file.write(raw)
            self._places[key] = _Place(key, work, positive, offset, len(raw), page.kind)

    def count(self, positive: bool) -> int:
        """How many distinct pages carry the label."""
        return sum(place.positive is positive for place in self._places.values())

    def split(self, held_back: float, most: int, balance: float, unit: Unit = "work") -> Split:
        """Places to learn from and places held back (a share of all), each in the order of their hashes.

        Works of mathematics give no pages without LaTeX. At most `most` pages of one label are taken from one group.
        Of those to learn from, the larger class is then cut to `balance` times the smaller one. With the unit `work`
        whole groups are held back, those first whose name has the lowest hash, until each label has its share; single
        pages are, where groups are too few or too large.
        """
        taken: Counter[tuple[str, bool]] = Counter()
        places = []
        doubtful = _mathematical(self._places.values())
        for place in sorted(self._places.values()):
            if place.group in doubtful and not place.positive:
                self.doubtful += 1
                continue
            taken[place.group, place.positive] += 1
            if taken[place.group, place.positive] <= most:
                places.append(place)
        works = _works_held_back(places, held_back) if unit == "work" else frozenset()
        learn: list[_Place] = []
        back: list[_Place] = []
        for place in places:
            away = place.group in works if works else _draw(place.key) < held_back * _DRAWS
            (back if away else learn).append(place)
        counts = Counter(place.positive for place in learn)
        bound = int(min(counts[True], counts[False]) * balance)
        used: Counter[bool] = Counter()
        cut = []
        for place in learn:
            used[place.positive] += 1
            if used[place.positive] <= bound:
                cut.append(place)
        return Split(cut, back, works)

    def examples(self, places: Iterable[_Place], snippets: int = 0) -> Iterator[Example]:
        """The examples at these places, each page followed by up to `snippets` short runs of its words."""
        for place in places:
            self._file.seek(place.offset)
            line = self._file.read(place.length).decode()
            yield Example(line, place.positive, place.kind)
            for words in _snippets(line, place.key, snippets):
                yield Example(words, place.positive, place.kind)


def _mathematical(places: Iterable[_Place]) -> frozenset[str]:
    """The named works whose pages without LaTeX are about mathematics all the same."""
    sizes = Counter((place.group, place.positive) for place in places)
    works = frozenset(
        work
        for work in {work for work, _ in sizes if work}
        if (whole := sizes[work, True] + sizes[work, False]) >= FEWEST_OF_WORK
        and sizes[work, True] >= MATHEMATICAL * whole
    )
    others = sum(size for (work, positive), size in sizes.items() if not positive and work not in works)
    return works if others >= FEWEST_OTHERS else frozenset()


def _works_held_back(places: Sequence[_Place], share: float) -> frozenset[str]:
    """The groups to hold back, passing over those that are too large a share of all.

    None where a label would be left without pages on one of the two sides.
    """
    sizes = Counter((place.group, place.positive) for place in places)
    wanted = {label: share * sum(size for (_, own), size in sizes.items() if own is label) for label in (True, False)}
    groups = sorted({place.group for place in places}, key=lambda name: (_digest(name.encode()), name))
    works: set[str] = set()
    held = {True: 0, False: 0}
    for group in groups:
        fits = all(held[label] + sizes[group, label] <= MOST_SHARES * wanted[label] for label in held)
        if fits and any(sizes[group, label] and held[label] < wanted[label] for label in held):
            works.add(group)
            held = {label: count + sizes[group, label] for label, count in held.items()}
    left = {place.positive for place in places if place.group not in works}
    return frozenset(works) if len(left) == 2 and all(held.values()) else frozenset()


def _snippets(line: str, key: bytes, count: int) -> Iterator[str]:
    """Up to `count` runs of `SNIPPET_WORDS` words, short ones oftener, at places that only the page decides."""
    words = line.split(" ")
    least, most = SNIPPET_WORDS
    for number in range(min(count, len(words) // WORDS_A_SNIPPET)):
        chance = int.from_bytes(_digest(key + number.to_bytes(2, "big")), "big")
        length = round(least * (most / least) ** (chance % _DRAWS / _DRAWS))
        if length < len(words):
            start = chance // _DRAWS % (len(words) - length + 1)
            yield " ".join(words[start : start + length])


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()


def _draw(key: bytes) -> int:
    return int.from_bytes(key[-2:], "big")
