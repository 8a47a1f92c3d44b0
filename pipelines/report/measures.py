"""What the report counts beyond the ledger: distributions of scores and lengths, formulas found and kept.

Only score and meta columns are read, never texts, in a fixed order and up to a bound for each source, so that a report
of a huge corpus stays cheap; `Measures.rows` says how many documents were looked at, `Measures.whole` whether all were.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.corpus.folder import Corpus

MOST_ROWS = 2_000_000
"""Documents looked at for distributions, an equal share of them for each source."""
MOST_META = 200_000
"""Documents whose `meta` is parsed, likewise."""
SIMILARITY_BINS = 200
"""Bins of similarities from 0 to 1: a corpus may have more duplicates than memory has room for."""

Values = npt.NDArray[np.float64]


@dataclass
class Measures:
    """Distributions, by source. `scores[name][source]` and `characters[source]` are plain arrays of numbers."""

    rows: int = 0
    whole: bool = True
    formulas_whole: bool = True
    scores: dict[str, dict[str, Values]] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    subsets: dict[str, Counter[str]] = field(default_factory=dict)
    similarities: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(SIMILARITY_BINS, dtype=np.int64))
    clusters: Counter[int] = field(default_factory=Counter)


def measure(corpus: Corpus) -> Measures:
    """Read the columns of a corpus that the report needs."""
    result = Measures()
    gathered: dict[str, dict[str, list[Values]]] = {}
    files = corpus.documents()
    sources = max(1, len({file.source for file in files}))
    rows_of: Counter[str] = Counter()
    for file in files:
        if rows_of[file.source] >= MOST_ROWS // sources:
            result.whole = False
            continue
        with pq.ParquetFile(corpus.root / file.path) as parquet:
            for batch in parquet.iter_batches(columns=["subset", "meta", "scores"], batch_size=1 << 15):
                rows_of[file.source] += batch.num_rows
                subsets = result.subsets.setdefault(file.source, Counter())
                for pair in pc.value_counts(batch.column("subset")).to_pylist():
                    subsets[pair["values"]] += pair["counts"]
                keys, items = batch.column("scores").keys, batch.column("scores").items
                names = np.asarray(keys.to_pylist(), dtype=object)
                values = items.to_numpy(zero_copy_only=False)
                for name in sorted(set(names)):
                    series = gathered.setdefault(str(name), {}).setdefault(file.source, [])
                    series.append(np.asarray(values[names == name], dtype=np.float64))
                if rows_of[file.source] <= MOST_META // sources:
                    count_formulas(batch.column("meta").to_pylist(), result)
                else:
                    result.formulas_whole = False
    result.rows = rows_of.total()
    for name, by_source in gathered.items():
        result.scores[name] = {source: np.concatenate(parts) for source, parts in by_source.items()}
    measure_duplicates(corpus.root, result)
    return result


def count_formulas(metas: list[str], result: Measures) -> None:
    """Add the formulas that pages counted, by kind."""
    for meta in metas:
        if '"math_found"' not in meta:
            continue
        data = json.loads(meta)
        result.found.update(data.get("math_found") or {})
        result.kept.update(data.get("math_kept") or {})


def measure_duplicates(root: Path, result: Measures) -> None:
    """Add the similarities of duplicates and the sizes of their clusters (all of them, kept documents included)."""
    for path in sorted((root / "duplicates").rglob("*.parquet")):
        column = pq.read_table(path, columns=["similarity"], partitioning=None).column("similarity")
        result.similarities += np.histogram(column.to_numpy(), bins=SIMILARITY_BINS, range=(0.0, 1.0))[0]
    clusters = root / "clusters" / "clusters.parquet"
    if clusters.is_file():
        sizes = pq.read_table(clusters, columns=["size"], partitioning=None).column("size")
        result.clusters = Counter({pair["values"]: pair["counts"] for pair in pc.value_counts(sizes).to_pylist()})
