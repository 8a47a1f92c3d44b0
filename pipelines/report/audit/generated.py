"""What a model wrote, looked for in the corpus it was trained on: does it repeat what it read?

The Llemma paper (section 3.5) asks this of generated solutions with n-grams of 30 words. Here each solution is an item,
found in the same ways as those of benchmarks; by level stands how many are found, and whether these are right more
often than the others.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from dedup.benchmarks import Item
from dedup.overlap import Overlap
from dedup.overlap.splitting import Method
from manifests.errors import UserError
from pipelines.report.audit.memorisation import Chosen, Joined, wanted
from pipelines.report.intervals import Share, fisher, share

GENERATED = "generated"
"""The name of the field that a solution is looked for as."""


class Line(NamedTuple):
    """Of the solutions of a level: how many are found in the corpus, the share of them that is right, the share of the
    others, and the probability of such a difference by chance.
    """

    level: str
    found: Share
    right: Share
    other: Share
    chance: float


class Written(NamedTuple):
    """The table by level (the last line is of all), the documents that were read, and those of them with a solution."""

    lines: list[Line]
    documents: int
    documents_hit: int


def written(results: Joined, texts: Iterable[str], chosen: Chosen) -> Written:
    """Look for the solutions in the texts of a corpus. Raises UserError if the results hold none."""
    items = [Item("", name, ((GENERATED, one.generated),)) for name, one in results.of.items() if one.generated.strip()]
    if not items:
        raise UserError("the results hold nothing that the model wrote: no column such as resps, completion or output")
    method: Method = "published" if chosen.method == "published" else "exact"
    overlap = Overlap(items, method, (chosen.n,) if chosen.n else ())
    found: set[str] = set()
    hit: set[str] = set()
    documents = 0

    def numbered() -> Iterator[tuple[str, str]]:
        nonlocal documents
        for text in texts:
            documents += 1
            yield str(documents), text

    for one in overlap.find(numbered()):
        if wanted(one.method, one.n, GENERATED, one.counted, chosen):
            found.add(one.item_id)
            hit.add(one.document_id)
    return Written(by_level(results, [item.id for item in items], found), documents, len(hit))


def by_level(results: Joined, names: Sequence[str], found: set[str]) -> list[Line]:
    """The lines of each level, and of all."""
    lines = []
    for level in (*sorted({results.levels[name] for name in names} - {""}), "all"):
        mine = [name for name in names if level in (results.levels[name], "all")]
        right, other = (
            share(sum(results.of[name].is_right for name in side), len(side))
            for side in ([name for name in mine if name in found], [name for name in mine if name not in found])
        )
        chance = fisher(right, other) if right.trials and other.trials else 1.0
        lines.append(Line(level, share(right.trials, len(mine)), right, other, chance))
    return lines


def render(seen: Written) -> str:
    """The table as text for a terminal."""
    lines = [
        f"What the model wrote, in {seen.documents:,} documents: {seen.documents_hit:,} of them hold a solution",
        f"{'level':<12}{'solutions':>10}{'found':>28}   {'right of these':>28}   {'of the others':>28}   {'p':>6}",
    ]
    for line in seen.lines:
        sides = f"{line.found.said():>28}   {line.right.said():>28}   {line.other.said():>28}"
        lines.append(f"{line.level:<12}{line.found.trials:>10,}{sides}   {line.chance:>6.3f}")
    return "\n".join(lines)
