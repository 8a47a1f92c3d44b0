"""The last step: for each documents file, the list of its dropped documents with verified similarity.

A unit of the stage `dedup`. It reads what the choice of survivors left for it, measures each dropped document against
the one it is listed with, adds those that went before anything was signed, and writes `duplicates/SOURCE/NAME.parquet`
and the ledger entry that balances.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from dedup.methods import make_method
from manifests.ledger import InputFact
from manifests.output import WHOLE, output
from manifests.records import DUPLICATE, Duplicate
from manifests.settings.dedup import DedupSettings
from pipelines.engine.worker import Unit
from pipelines.stages.matching.records_file import ROW_MASK, Verifier
from pipelines.stages.matching.shuffle import read_columns

STAGE = "dedup"
FOLDER = "duplicates"


def work(unit: Unit) -> None:
    """Do one unit."""
    settings = unit.settings()
    root, stem = Path(unit.root), settings["stem"]
    chosen = pq.read_table(settings["chosen"], partitioning=None)
    paths = json.loads(Path(settings["records"]).read_text(encoding="utf-8"))
    method = make_method(DedupSettings.model_validate(settings["settings"]))
    numbers, kept = (chosen.column(name).to_numpy() for name in ("number", "kept_number"))
    methods = np.array(chosen.column("method").to_pylist(), dtype=object)
    similarity = Verifier(paths, method.measure).similarities(kept, numbers)
    # Equal texts are equal whatever a record can show: texts without words have no shingles.
    similarity[(methods == "exact") | (methods == "normalised")] = 1.0
    ids = read_columns(settings["signatures"], ["id"]).column("id")
    reasons: Counter[str] = Counter()
    with output(root, STAGE, unit.key) as out:
        writer = out.rows(f"{FOLDER}/{stem}", DUPLICATE, part_bytes=WHOLE)
        columns = (chosen.column(name).to_pylist() for name in ("kept_id", "cluster", "method"))
        for one in _listed(Path(settings["listed"])):
            reasons[f"duplicate_{one.method}"] += 1
            writer.add(one)
        shared = reasons.total()
        rows = (numbers & ROW_MASK).tolist()
        for row, kept_id, cluster, how, value in zip(rows, *columns, similarity.tolist(), strict=True):
            reasons[f"duplicate_{how}"] += 1
            writer.add(Duplicate(ids[row].as_py(), kept_id, how, value, cluster))
        out.account(
            unit.source,
            unit.fingerprint,
            len(ids) + shared,
            len(ids) + shared - reasons.total(),
            rejected=dict(reasons),
            inputs=tuple(InputFact(**fact) for fact in settings["inputs"]),
            numbers={"below_threshold": int((similarity < method.threshold).sum())},
        )


def _listed(path: Path) -> Iterator[Duplicate]:
    """What an early method listed for this file before it was signed."""
    if path.is_file():
        for row in pq.read_table(path, partitioning=None).to_pylist():
            yield Duplicate(**row)
