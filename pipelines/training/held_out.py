"""The rows on which the probe measures a corpus: some of each source that it does not learn from.

They are validation rows; of a source that has none, test rows; of one that has neither, its last training rows, before
which the learning then ends. The last of them are taken, so that a corpus of any size is read from its end only. Of a
row in which several sources meet, each is measured on its own tokens.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.corpus.folder import MIXTURE_PATH, SHARDS
from pipelines.training.batches import NOT_LEARNT

Ids = NDArray[np.int64]

TOKENS = 1 << 13
"""Tokens of each source, about, at least one row."""


class Row(NamedTuple):
    """One row: its ids, and as labels those of one source, else -100; both of shape (length,)."""

    ids: Ids
    labels: Ids


class HeldOut(NamedTuple):
    """The rows by source, the split that they are of, and the first training row among them (None if there is none)."""

    rows: dict[str, list[Row]]
    splits: dict[str, str]
    first: int | None


def held_out(folder: Path, sequence_length: int) -> HeldOut:
    """The rows of every source of a corpus with packed shards."""
    wanted = max(sequence_length, TOKENS)
    missing = _sources(folder)
    found: dict[str, list[Row]] = {}
    splits: dict[str, str] = {}
    first: int | None = None
    for split in ("validation", "test", "train"):
        for number, source, row in _from_the_end(folder / SHARDS / split, missing, wanted):
            found.setdefault(source, []).append(row)
            splits[source] = split
            if split == "train":
                first = number
        missing -= found.keys()
    return HeldOut(dict(sorted(found.items())), dict(sorted(splits.items())), first)


def _sources(folder: Path) -> set[str]:
    """The sources that have rows."""
    path = folder / MIXTURE_PATH
    if path.is_file():
        sources: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["sources"]
        return {name for name, one in sources.items() if one["tokens"]}
    tables = [pq.read_table(one, columns=["sources"]) for one in sorted((folder / SHARDS).rglob("*.parquet"))]
    return {name for table in tables for name in pc.unique(pc.list_flatten(table["sources"])).to_pylist()}


def _from_the_end(folder: Path, sources: set[str], wanted: int) -> Iterator[tuple[int, str, Row]]:
    """The last rows with so many tokens of each of the sources, from the last on: each row's number, a source, itself.

    A row of several sources is there once for each of them that is wanted.
    """
    paths = sorted(folder.glob("*.parquet"))
    left = dict.fromkeys(sources, wanted)
    first = sum(pq.read_metadata(path).num_rows for path in paths)
    for path in reversed(paths):
        if not left:
            return
        pieces = pq.read_table(path, columns=["sources", "lengths"]).to_pylist()
        first -= len(pieces)
        places: list[tuple[int, str]] = []
        for place in range(len(pieces) - 1, -1, -1):
            for source, count in _tokens_of(pieces[place]).items():
                if source in left:
                    places.append((place, source))
                    left[source] -= count
                    if left[source] <= 0:
                        del left[source]
        if places:
            rows = pq.read_table(path, columns=["input_ids"]).take([place for place, _ in places]).to_pylist()
            for (place, source), row in zip(places, rows, strict=True):
                ids = np.array(row["input_ids"], dtype=np.int64)
                owners = np.repeat(pieces[place]["sources"], pieces[place]["lengths"])
                labels = np.full(len(ids), NOT_LEARNT, dtype=np.int64)
                mine = np.flatnonzero(owners == source)
                labels[mine] = ids[mine]
                yield first + place, source, Row(ids, labels)


def _tokens_of(pieces: Mapping[str, Any]) -> dict[str, int]:
    """How many tokens of a row each source has."""
    found: dict[str, int] = {}
    for source, length in zip(pieces["sources"], pieces["lengths"], strict=True):
        found[source] = found.get(source, 0) + length
    return found
