"""The hits of an audit as cards: one for a document and an item, with the best hit of each field, worst first.

Hits are read twice: first without their texts, to choose; then the texts of the chosen ones. So an audit with
millions of hits takes memory for its cards only.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from manifests import ledger
from manifests.records import Hit
from pipelines.corpus.folder import HITS
from pipelines.report.audit.passages import Passage, passages

KINDS = ("whole", "part", "template", "boilerplate")
"""From the worst to the least."""
UNCOUNTED_TURN = 4
_LIGHT = [name for name in Hit._fields if name not in ("document_text", "item_text")]

Key = tuple[str, str, str, str]
"""Of a card: the hits file, the document's id, the benchmark, the item's id."""


class Found(NamedTuple):
    """The best hit of one field: `methods` are all that found it, each with its n (`exact 10, 13`)."""

    hit: Hit
    methods: str


class Card(NamedTuple):
    """A document and an item that stands in it. `fields` begins with the field of the best hit."""

    source: str
    document_id: str
    benchmark: str
    item_id: str
    fields: tuple[Found, ...]

    @property
    def best(self) -> Hit:
        """Its worst evidence, from the corpus's point of view."""
        return self.fields[0].hit

    def sides(self) -> tuple[Passage, Passage]:
        """Both passages of its best hit."""
        return sides(self.best)

    def name(self) -> str:
        """What it is known by, also in another run: benchmark, item and document."""
        return f"{self.benchmark}/{self.item_id} in {self.document_id}"


def sides(hit: Hit) -> tuple[Passage, Passage]:
    """Both passages of a hit."""
    return passages(
        hit.document_text,
        (hit.document_start, hit.document_end),
        hit.item_text,
        (hit.item_start, hit.item_end),
    )


def rank(hit: Hit) -> tuple[object, ...]:
    """Sorts hits from the worst to the least."""
    length = hit.item_end - hit.item_start
    kind = KINDS.index(hit.kind) if hit.kind in KINDS else len(KINDS)
    return (not hit.counted, kind, -hit.probability, -hit.score, -length, hit.method, -hit.n)


def cards(root: Path, most: int | None = None) -> tuple[list[Card], int]:
    """The worst `most` cards (None: all), and how many there are.

    Of more, each benchmark and kind has its turn, so that a small test set is not crowded out by a large one; what the
    headline does not count has a turn in `UNCOUNTED_TURN`.
    """
    methods: dict[Key, dict[str, dict[str, set[int]]]] = {}
    best: dict[Key, dict[str, Hit]] = {}
    sources: dict[str, str] = {}
    for source, path, hit in _hits(root, texts=False):
        sources[path] = source
        key = (path, hit.document_id, hit.benchmark, hit.item_id)
        fields = best.setdefault(key, {})
        if hit.field not in fields or rank(hit) < rank(fields[hit.field]):
            fields[hit.field] = hit
        methods.setdefault(key, {}).setdefault(hit.field, {}).setdefault(hit.method, set()).add(hit.n)
    ranked = sorted(best, key=lambda key: (min(map(rank, best[key].values())), key))
    chosen = ranked if most is None else _in_turns(ranked, best, most)
    texts = _texts(root, {(key, hit) for key in chosen for hit in best[key].values()})
    found = []
    for key in chosen:
        hits = sorted((texts[key, hit] for hit in best[key].values()), key=rank)
        fields_of = tuple(Found(hit, _said(methods[key][hit.field])) for hit in hits)
        found.append(Card(sources[key[0]], key[1], key[2], key[3], fields_of))
    return found, len(ranked)


def _in_turns(ranked: list[Key], best: Mapping[Key, Mapping[str, Hit]], most: int) -> list[Key]:
    turns: Counter[tuple[str, str, bool]] = Counter()
    order: dict[Key, int] = {}
    for key in ranked:
        hit = min(best[key].values(), key=rank)
        group = (key[2], hit.kind, hit.counted)
        order[key] = turns[group] * (1 if hit.counted else UNCOUNTED_TURN)
        turns[group] += 1
    chosen = set(sorted(ranked, key=order.__getitem__)[:most])
    return [key for key in ranked if key in chosen]


def _said(methods: Mapping[str, Iterable[int]]) -> str:
    return "; ".join(
        " ".join([method, ", ".join(str(n) for n in sorted(lengths) if n)]).strip()
        for method, lengths in sorted(methods.items())
    )


def _texts(root: Path, wanted: set[tuple[Key, Hit]]) -> dict[tuple[Key, Hit], Hit]:
    found = {}
    for _, path, hit in _hits(root, texts=True):
        light = hit._replace(document_text="", item_text="")
        key = ((path, hit.document_id, hit.benchmark, hit.item_id), light)
        if key in wanted:
            found[key] = hit
    return found


def hits_of(root: Path) -> Iterator[Hit]:
    """All hits of an audit, without their texts."""
    return (hit for _, _, hit in _hits(root, texts=False))


def _hits(root: Path, *, texts: bool) -> Iterator[tuple[str, str, Hit]]:
    """Source, file and hit; without `texts` these are empty."""
    for entry in ledger.read_entries(root, "audit"):
        for fact in entry.outputs:
            if fact.path.startswith(f"{HITS}/"):
                with pq.ParquetFile(root / fact.path) as parquet:
                    for batch in parquet.iter_batches(columns=None if texts else _LIGHT):
                        for row in batch.to_pylist():
                            yield entry.source, fact.path, Hit(**row)
