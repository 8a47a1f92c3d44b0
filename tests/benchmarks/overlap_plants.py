"""The planted set: documents that hold a benchmark item in one of many ways, and documents that hold none.

Half of the items of MATH and GSM8K are looked for, and some of them planted in turn, once in each way of
`overlap_changes`; the other half, which stem from the same sources and templates, are the hard negatives (neighbours),
and so are the planted items with other numbers. Paragraphs of given texts are the company of the plants and, alone,
the clean documents; none of those texts may be in the table of common words. Everything is drawn from a fixed seed.
"""

import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from dedup.benchmarks import Item, read_benchmark
from dedup.overlap.words import words_of_text
from tests.benchmarks.overlap_changes import CHANGES, OTHER_NUMBERS, Change

SEED = 20
SHORT_WORDS = 10
SAYING_WORDS = 20
"""An item of so many words outside its drawing is known by them."""
_DRAWING = re.compile(r"\[asy\](?:(?!\[asy\]).)*?\[/asy\]", re.DOTALL)
PARTS = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}
PLANTS_A_NEIGHBOUR = 0.9
"""What all plants weigh together, for each document with a neighbour, where probabilities are fitted and compared with
what came true: each item is planted in thirty ways, and a corpus holds more neighbours than copies.
"""
SHORT, TEMPLATES, PAIRS = "short", "other numbers", "with solution"
CLEAN, NEIGHBOURS, SOLUTIONS = "clean", "neighbours", "neighbours with solutions"
GROUPS = tuple(CHANGES)
"""The groups of plants that make up `all`."""


class Plants(NamedTuple):
    """Documents of one kind, as (id, text). The id of one with a plant is the name of its item."""

    group: str
    kind: str
    documents: list[tuple[str, str]]


class PlantedSet(NamedTuple):
    """The items that are looked for, the documents with plants, and those without: clean and neighbours."""

    sought: list[Item]
    plants: list[Plants]
    company: list[Plants]
    left_out: int


def planted_set(benchmarks: Path, texts: Sequence[Path], items: int, part: str, swapped: bool = False) -> PlantedSet:
    """The planted set of `items` items of the even or odd `part` of those that are looked for, or of all; so are the
    neighbours. `swapped`: the other half is looked for, and this one the neighbours.
    """
    draw = random.Random(SEED)
    sought, rest = two_halves(benchmarks, draw)
    sought, rest = (rest, sought) if swapped else (sought, rest)
    own = {known for item in sought for _, text in item.fields for known in sayings(text)}
    step = PARTS[part]
    others = [item for item in rest[step] if own.isdisjoint(sayings(problem(item)))]
    chosen = [item for item in sought if dict(item.fields).get("problem")][step][:items]
    short = [item for item in sought[step] if len(problem(item).split()) < SHORT_WORDS][:items]
    left_out = len(rest[step]) - len(others)
    paragraphs = list(read_paragraphs(texts))

    def plant(group: str, kind: str, some: list[Item], change: Change, solution: bool = False) -> Plants:
        made = [(name(item), change(problem(item), draw)) for item in some]
        if solution:
            made = [
                (at, f"{text}\n\n{change(dict(item.fields)['solution'], draw)}")
                for (at, text), item in zip(made, some, strict=True)
            ]
        return Plants(
            group,
            kind,
            [(at, f"{draw.choice(paragraphs)}\n\n{text}\n\n{draw.choice(paragraphs)}") for at, text in made],
        )

    plants = [
        plant(group, kind, chosen, change) for group, changes in CHANGES.items() for kind, change in changes.items()
    ]
    plants.append(plant(SHORT, "verbatim below 10 words", short, CHANGES["verbatim"]["verbatim"]))
    numbered = [item for item in chosen if re.search(r"\d", problem(item))]
    plants.append(plant(TEMPLATES, "other numbers", numbered, OTHER_NUMBERS))
    solved = [item for item in chosen if dict(item.fields).get("solution")]
    plants += [
        plant(PAIRS, kind, solved, change, solution=True)
        for kind, change in (CHANGES["edited"] | CHANGES["reworded"]).items()
        if kind.startswith("words") or kind in CHANGES["reworded"]
    ]
    company = [
        Plants(CLEAN, CLEAN, [(str(number), part) for number, part in enumerate(paragraphs)]),
        Plants(NEIGHBOURS, NEIGHBOURS, [(name(item), problem(item)) for item in others]),
        Plants(
            SOLUTIONS,
            SOLUTIONS,
            [(name(item), f"{problem(item)}\n\n{dict(item.fields).get('solution', '')}") for item in others],
        ),
    ]
    return PlantedSet(sought, plants, company, left_out)


def plant_weight(plants: int, neighbours: float) -> float:
    """What a plant counts beside a document without one."""
    return PLANTS_A_NEIGHBOUR * neighbours / plants


def two_halves(benchmarks: Path, draw: random.Random) -> tuple[list[Item], list[Item]]:
    """All items of MATH and GSM8K in two halves, by chance."""
    everything = [
        item for name in ("math", "gsm8k") for item in read_benchmark(name, benchmarks / f"{name}_test.jsonl")
    ]
    draw.shuffle(everything)
    half = len(everything) // 2
    return everything[:half], everything[half:]


def sayings(text: str) -> set[tuple[str, ...]]:
    """The words of a text, and those outside its drawings if they are many: whose are the same is the same item."""
    without = tuple(words_of_text(_DRAWING.sub("", text)))
    return {tuple(words_of_text(text))} | ({without} if len(without) >= SAYING_WORDS else set())


def name(item: Item) -> str:
    """An item's name among all benchmarks."""
    return f"{item.benchmark}:{item.id}"


def problem(item: Item) -> str:
    """An item's problem."""
    return dict(item.fields)["problem"]


def read_paragraphs(folders: Iterable[Path]) -> Iterable[str]:
    """Paragraphs of more than 200 characters of all texts below the folders, in a fixed order."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        for part in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
            if len(part) > 200:
                yield part
