"""What becomes of documents with hits: the policies of a recipe, applied to the hits that are listed for a file.

The first policy that a hit falls under decides about it. A document goes out as a whole if a hit of its says so; else
the passages that policies cut are taken out of its text. `documents/` keeps every text as it was, and what was taken
out is listed with its places there, so a policy is undone by leaving it out of the recipe.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from filters.code.theorems import PARSERS
from manifests.settings.overlap import RemovalPolicy
from pipelines.corpus.folder import HITS, read_list
from pipelines.corpus.texts import TextFile

_COLUMNS = (
    "document_id",
    "benchmark",
    "item_id",
    "field",
    "method",
    "n",
    "document_start",
    "document_end",
    "score",
    "kind",
    "probability",
    "counted",
)


class Passage(NamedTuple):
    """A passage that a policy takes out, and the item that stands in it; places count characters of the text."""

    start: int
    end: int
    benchmark: str
    item_id: str
    field: str
    policy: RemovalPolicy


class Removed(NamedTuple):
    """A line of the list of what was taken out: `action` is `remove` (the whole document) or `cut`."""

    document_id: str
    source: str
    action: str
    start: int
    end: int
    benchmark: str
    item_id: str
    field: str


class Decided(NamedTuple):
    """By document: the hits for which it goes out, and the passages that are cut out of it."""

    out: Mapping[str, list[Passage]]
    cut: Mapping[str, list[Passage]]


class Left(NamedTuple):
    """What is left of a text, and the places that were taken out of it, in order and apart from each other."""

    text: str
    places: list[tuple[int, int]]


def decided(root: Path, file: TextFile, policies: Sequence[RemovalPolicy]) -> Decided:
    """What the policies decide about the documents of a file."""
    table = read_list(root, HITS, file.stem, list(_COLUMNS)) if policies else None
    out: dict[str, list[Passage]] = {}
    cut: dict[str, list[Passage]] = {}
    for row in table.to_pylist() if table is not None else ():
        policy = next((one for one in policies if applies(one, row, file.source)), None)
        if policy is None or policy.action == "report":
            continue
        place = (row["document_start"], row["document_end"])
        passage = Passage(*place, row["benchmark"], row["item_id"], row["field"], policy)
        (out if policy.action == "remove" else cut).setdefault(row["document_id"], []).append(passage)
    return Decided(out, {name: passages for name, passages in cut.items() if name not in out})


def applies(policy: RemovalPolicy, hit: Mapping[str, object], source: str) -> bool:
    """Whether a hit, by its columns, falls under a policy."""
    named = (
        (policy.benchmarks, hit["benchmark"]),
        (policy.fields, hit["field"]),
        (policy.kinds, hit["kind"]),
        (policy.sources, source),
    )
    of_method = hit["counted"] if policy.method == "counted" else (policy.method, policy.n) == (hit["method"], hit["n"])
    least = ((policy.score, hit["score"]), (policy.probability, hit["probability"]))
    return bool(
        of_method
        and all(not wanted or found in wanted for wanted, found in named)
        and all(float(str(found)) >= bound for bound, found in least)
    )


def without(text: str, subset: str, passages: Iterable[Passage]) -> Left:
    """A text without its passages, each with its policy's margin and as far as that says. `subset`: its language."""
    places: list[tuple[int, int]] = []
    for start, end in sorted(_widened(text, subset, passage) for passage in passages):
        if places and start <= places[-1][1]:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((start, end))
    kept = []
    position = 0
    for start, end in places:
        kept.append(text[position:start])
        position = end
    return Left("".join([*kept, text[position:]]), places)


def _widened(text: str, subset: str, passage: Passage) -> tuple[int, int]:
    policy = passage.policy
    start, end = max(0, passage.start - policy.margin), min(len(text), passage.end + policy.margin)
    if policy.extend == "theorem" and subset in PARSERS:
        for one in PARSERS[subset](text):
            if one.start < passage.end and passage.start < one.end:
                start, end = min(start, one.start), max(end, one.end)
    if policy.extend in ("line", "paragraph"):
        mark = "\n" if policy.extend == "line" else "\n\n"
        start = text.rfind(mark, 0, start) + len(mark) if mark in text[:start] else 0
        behind = text.find(mark, end)
        end = len(text) if behind < 0 else behind + len(mark)
    return start, end
