"""The planted set: documents that hold a benchmark item in one of many ways, and documents that hold none.

Half of the items of some benchmarks are looked for, and some of them planted in turn, once in each way of
`overlap_changes`; the other half, which stem from the same sources and templates, are the hard negatives (neighbours),
and so are the planted items with other numbers. Paragraphs of given texts are the company of the plants and, alone,
the clean documents; none of those texts may be in the table of common words. Everything is drawn from a fixed seed.
Probabilities are fitted to half of the sets `FITTED` and `OTHERS`; any other benchmarks can be given.
"""

import random
import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from dedup.benchmarks import Item, read_benchmark
from dedup.benchmarks.choices import OPTIONS
from dedup.overlap.words import words_of_text
from tests.benchmarks.overlap_changes import CHANGES, OTHER_NUMBERS, Change
from tests.benchmarks.overlap_further import FURTHER, OTHER_PROBLEMS, Other

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
CONTINUED = "further questions on an item"
FRAGMENTS = "fragments of an item"
ANOTHER = "other problems on an item's"
FRAGMENT_WORDS, FRAGMENT_SHARE = 10, 0.5
"""A fragment has so many words, and no more than this share of the item's."""
CONTAINED_WORDS, SHARED_WORDS = 8, 30
"""A text that holds an item of so many words is a further question on it, and so is one that has so many of its words
in a row, which the published check calls a hit.
"""
AGAIN = "the same problem again"
_SLIGHT = frozenset(
    "a an the of in at on to by for and is are was were now more left then there it he she his her".split()
)
"""Two items without formulas whose other words are the same, in the same order, are one problem twice: MAWPS has many.
"""
GROUPS = tuple(CHANGES)
"""The groups of plants that make up `all`."""
CLEAN_PARAGRAPHS = 20_000
"""More paragraphs than so many are drawn from."""


class Source(NamedTuple):
    """Where a planted set comes from: the seed, the benchmarks as names and files, and the ways."""

    seed: int
    files: tuple[tuple[str, str], ...]
    changes: dict[str, dict[str, Change]]


FITTED = Source(20, (("math", "math_test.jsonl"), ("gsm8k", "gsm8k_test.jsonl")), CHANGES)
ALL_CHANGES = {group: changes | FURTHER.get(group, {}) for group, changes in CHANGES.items()}
OTHERS = Source(
    77,
    (
        ("mmlu_stem", "mmlu_stem_test.jsonl"),
        ("ocw_courses", "ocw_courses_test.jsonl"),
        ("proofnet", "proofnet_test.jsonl"),
        ("proofnet_valid", "proofnet_valid.jsonl"),
        ("minif2f_isabelle", "minif2f_isabelle_test.jsonl"),
        ("sat_math", "sat_math_test.jsonl"),
    ),
    ALL_CHANGES,
)


def source_of(name: str, given: Sequence[str]) -> Source:
    """The source of a name, or that of benchmarks given as `NAME=FILE`, which has all ways."""
    if given:
        files = (one.partition("=")[::2] for one in given)
        return Source(OTHERS.seed, tuple((known, str(Path(file).resolve())) for known, file in files), ALL_CHANGES)
    return {"fitted": FITTED, "others": OTHERS}[name]


class Plants(NamedTuple):
    """Documents of one kind, as (id, text). The id of one with a plant is the name of its item."""

    group: str
    kind: str
    documents: list[tuple[str, str]]


class PlantedSet(NamedTuple):
    """The items that are looked for, the documents with plants, and those without: clean, neighbours, neighbours with
    their solutions, fragments of items (a formula, a first sentence), and further questions on what an item is about,
    which are no false hits.
    """

    sought: list[Item]
    plants: list[Plants]
    company: list[Plants]
    left_out: int


def planted_set(
    benchmarks: Path, texts: Sequence[Path], items: int, part: str, swapped: bool = False, source: Source = FITTED
) -> PlantedSet:
    """The planted set of `items` items of the even or odd `part` of those that are looked for, or of all; so are the
    neighbours. `swapped`: the other half is looked for, and this one the neighbours.
    """
    draw = random.Random(source.seed)
    sought, rest = two_halves(benchmarks, draw, source)
    sought, rest = (rest, sought) if swapped else (sought, rest)
    own = {known for item in sought for _, text in item.fields for known in sayings(text)}
    step = PARTS[part]
    others = [item for item in rest[step] if own.isdisjoint(sayings(problem(item)))]
    chosen = [item for item in sought if dict(item.fields).get("problem")][step][:items]
    short = [item for item in sought[step] if len(problem(item).split()) < SHORT_WORDS][:items]
    left_out = len(rest[step]) - len(others)
    further = further_questions(sought, others)
    again = repeated(sought, [item for item in others if name(item) not in further])
    others = [item for item in others if name(item) not in further | again]
    paragraphs = list(read_paragraphs(texts))
    if len(paragraphs) > CLEAN_PARAGRAPHS:
        paragraphs = random.Random(source.seed).sample(paragraphs, CLEAN_PARAGRAPHS)

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
        plant(group, kind, chosen, change)
        for group, changes in source.changes.items()
        for kind, change in changes.items()
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
        Plants(
            FRAGMENTS,
            FRAGMENTS,
            [
                (name(item), f"{draw.choice(paragraphs)}\n\n{part}\n\n{draw.choice(paragraphs)}")
                for item in chosen
                for part in fragments(item)
            ],
        ),
        *(
            Plants(
                ANOTHER,
                kind,
                [
                    (name(item), f"{draw.choice(paragraphs)}\n\n{text}\n\n{draw.choice(paragraphs)}")
                    for item, text in other_problems(chosen, change, draw)
                ],
            )
            for kind, change in OTHER_PROBLEMS.items()
        ),
        Plants(CONTINUED, CONTINUED, [(name(item), problem(item)) for item in rest if name(item) in further]),
        Plants(AGAIN, AGAIN, [(name(item), problem(item)) for item in rest if name(item) in again]),
    ]
    return PlantedSet(sought, plants, company, left_out)


def plant_weight(plants: int, neighbours: float) -> float:
    """What a plant counts beside a document without one."""
    return PLANTS_A_NEIGHBOUR * neighbours / plants


def two_halves(benchmarks: Path, draw: random.Random, source: Source = FITTED) -> tuple[list[Item], list[Item]]:
    """All items of the benchmarks in two halves, by chance."""
    everything = [item for name, file in source.files for item in read_benchmark(name, benchmarks / file)]
    draw.shuffle(everything)
    half = len(everything) // 2
    return everything[:half], everything[half:]


def fragments(item: Item) -> list[str]:
    """The longest formula of an item and its first sentence, if either is a fragment."""
    text = _DRAWING.sub("", dict(item.fields)["problem"])
    most = FRAGMENT_SHARE * len(words_of_text(text))
    formulas = sorted(re.findall(r"\$[^$]+\$|\\\[.*?\\\]", text, re.DOTALL), key=len)
    parts = [*formulas[-1:], *re.split(r"(?<=[.?!])\s+(?=[A-Z])", text)[:1]]
    return [part for part in parts if FRAGMENT_WORDS <= len(words_of_text(part)) <= most]


def other_problems(items: Sequence[Item], change: Other, draw: random.Random) -> Iterable[tuple[Item, str]]:
    """Items and other problems made of them, with what the next item of the same benchmark has; without those that
    share `SHARED_WORDS` in a row.
    """
    for item, following in pairwise(sorted(items, key=lambda one: one.benchmark)):
        own, other = dict(item.fields)["problem"], dict(following.fields)["problem"]
        text = change(own, other, draw) if item.benchmark == following.benchmark else ""
        if text and longest_run(words_of_text(own), words_of_text(text)) < SHARED_WORDS:
            yield item, text


def longest_run(first: Sequence[str], second: Sequence[str]) -> int:
    """How many words two texts have in common in a row, at most."""
    return SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size


def further_questions(sought: Sequence[Item], rest: Sequence[Item]) -> set[str]:
    """The names of those that hold the question of an item, or much of it, or are held by it."""
    questions = [tuple(words_of_text(_DRAWING.sub("", dict(item.fields)["problem"]))) for item in sought]
    shared = {words[at : at + SHARED_WORDS] for words in questions for at in range(len(words) - SHARED_WORDS + 1)}
    lines = [f" {' '.join(words)} " for words in questions if len(words) >= CONTAINED_WORDS]
    found = set()
    for item in rest:
        words = tuple(words_of_text(_DRAWING.sub("", dict(item.fields)["problem"])))
        line = f" {' '.join(words)} "
        if any(words[at : at + SHARED_WORDS] in shared for at in range(len(words) - SHARED_WORDS + 1)) or any(
            one in line or (line in one and len(words) >= CONTAINED_WORDS) for one in lines
        ):
            found.add(name(item))
    return found


def repeated(sought: Sequence[Item], rest: Sequence[Item]) -> set[str]:
    """The names of those that are a sought one again, but for slight words."""
    known = {telling_words(item) for item in sought} - {()}
    return {name(item) for item in rest if telling_words(item) in known}


def telling_words(item: Item) -> tuple[str, ...]:
    """The words of a problem without formulas, but for slight ones; of one with formulas none."""
    text = problem(item)
    return () if "$" in text else tuple(word for word in words_of_text(text) if word not in _SLIGHT)


def relatives(items: Sequence[Item]) -> dict[str, set[str]]:
    """Of each item the others that it is a further question on, or that are one on it: by `further_questions`, pair by
    pair.
    """
    words = {name(item): tuple(words_of_text(_DRAWING.sub("", dict(item.fields)["problem"]))) for item in items}
    shared: dict[tuple[str, ...], set[str]] = {}
    for known, own in words.items():
        for at in range(len(own) - SHARED_WORDS + 1):
            shared.setdefault(own[at : at + SHARED_WORDS], set()).add(known)
    found: dict[str, set[str]] = {known: set() for known in words}
    for group in shared.values():
        for known in group:
            found[known] |= group
    lines = {known: f" {' '.join(own)} " for known, own in words.items()}
    long = [(known, lines[known]) for known, own in words.items() if len(own) >= CONTAINED_WORDS]
    for known, line in lines.items():
        for other, own_line in long:
            if own_line in line:
                found[known].add(other)
                found[other].add(known)
    return found


def sayings(text: str) -> set[tuple[str, ...]]:
    """The words of a text, and those outside its drawings if they are many: whose are the same is the same item."""
    without = tuple(words_of_text(_DRAWING.sub("", text)))
    return {tuple(words_of_text(text))} | ({without} if len(without) >= SAYING_WORDS else set())


def name(item: Item) -> str:
    """An item's name among all benchmarks."""
    return f"{item.benchmark}:{item.id}"


def problem(item: Item) -> str:
    """An item's problem, with its options if it has any: questions of multiple choice are an item only together."""
    fields = dict(item.fields)
    return f"{fields['problem']}\n{fields[OPTIONS]}" if OPTIONS in fields else fields["problem"]


def read_paragraphs(folders: Iterable[Path]) -> Iterable[str]:
    """Paragraphs of more than 200 characters of all texts below the folders, in a fixed order."""
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        for part in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
            if len(part) > 200:
                yield part
