"""What the report counts beyond the ledger: distributions of scores and lengths, formulas found and kept.

Only score and meta columns are read, never texts, in a fixed order and up to a bound, so that a report of a huge corpus
stays cheap; `Measures.rows` says how many documents were looked at.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.corpus import Corpus

MOST_ROWS = 2_000_000
"""Documents looked at for distributions."""
MOST_META = 200_000
"""Documents whose `meta` is parsed."""

Values = npt.NDArray[np.float64]


@dataclass
class Measures:
    """Distributions, by source. `scores[name][source]` and `characters[source]` are plain arrays of numbers."""

    rows: int = 0
    scores: dict[str, dict[str, Values]] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    subsets: dict[str, Counter[str]] = field(default_factory=dict)
    similarities: list[float] = field(default_factory=list)
    clusters: Counter[int] = field(default_factory=Counter)


def measure(corpus: Corpus) -> Measures:
    """Read the columns of a corpus that the report needs."""
    result = Measures()
    gathered: dict[str, dict[str, list[Values]]] = {}
    for file in corpus.documents():
        if result.rows >= MOST_ROWS:
            break
        with pq.ParquetFile(corpus.root / file.path) as parquet:
            for batch in parquet.iter_batches(columns=["subset", "meta", "scores"], batch_size=1 << 15):
                result.rows += batch.num_rows
                subsets = result.subsets.setdefault(file.source, Counter())
                for pair in pc.value_counts(batch.column("subset")).to_pylist():
                    subsets[pair["values"]] += pair["counts"]
                keys, items = batch.column("scores").keys, batch.column("scores").items
                names = np.asarray(keys.to_pylist(), dtype=object)
                values = items.to_numpy(zero_copy_only=False)
                for name in sorted(set(names)):
                    series = gathered.setdefault(str(name), {}).setdefault(file.source, [])
                    series.append(np.asarray(values[names == name], dtype=np.float64))
                if result.rows <= MOST_META:
                    count_formulas(batch.column("meta").to_pylist(), result)
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
    """Add the similarities of duplicates and the sizes of their clusters."""
    sizes: Counter[str] = Counter()
    for path in sorted((root / "duplicates").rglob("*.parquet")):
        table = pq.read_table(path, columns=["similarity", "cluster"], partitioning=None)
        result.similarities += table.column("similarity").to_pylist()
        sizes.update(table.column("cluster").to_pylist())
    result.clusters = Counter(size + 1 for size in sizes.values())
