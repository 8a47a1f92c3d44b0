"""The splits of Proof-Pile-2 as its programs drew them, for sources under `rules: published`.

Each part had its own way, over the documents that were left after filtering, in the order of their files
(EleutherAI/math-lm, `proof_pile_2/algebraic_stack/process_stack.py`, `process_github.py`, `process_lean_proofsteps.py`
and `proof_pile_2/arXiv_redpajama`). The seeds and sizes are theirs; the order is that of this corpus's files, so the
documents drawn are others than theirs. A near copy of a training document may be in the test set; splits by cluster
(`pipelines.shards.choices`) do not allow it.
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.output import output
from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from pipelines.corpus.overlap_policy import decided
from pipelines.corpus.texts import TextFile
from pipelines.engine.worker import Unit
from pipelines.shards.choices import Split
from pipelines.shards.left_out import reasons

STAGE = "splits"
STACK_SEED, GITHUB_SEED, STEPS_SEED = 74, 72, 7
EVALUATED = 0.005
"""Share of a language for validation, and again for test."""
PAPERS_EVALUATED = 0.01
"""Share of a file of papers for both."""
GITHUB = frozenset(("coq", "isabelle", "lean", "matlab"))
"""Languages that came from GitHub itself; the others are The Stack's."""
STEPS = frozenset(("lean_proofsteps",))
SCHEMA = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("split", pa.string(), nullable=False)])

Drawn = Mapping[int, Split]


def has_published_splits(kind: str) -> bool:
    """Whether sources of a kind were split in a published way; OpenWebMath was not."""
    return kind in ("arxiv", "code")


def at_the_tail(order: Sequence[int], size: int) -> Drawn:
    """The last `size` of an order are for test, as many before them for validation."""
    start = max(0, len(order) - size)
    found: dict[int, Split] = dict.fromkeys(order[max(0, start - size) : start], "validation")
    return {**found, **dict.fromkeys(order[start:], "test")}


def stack_splits(count: int) -> Drawn:
    """A language of The Stack: shuffled as `datasets.Dataset.shuffle(seed=74)` does, at least one document each."""
    order = np.random.default_rng(STACK_SEED).permutation(count).tolist()
    return at_the_tail(order, max(int(EVALUATED * count), 1))


def github_splits(count: int) -> Drawn:
    """A language from GitHub: numpy's older generator, seed 72, at least one document each."""
    order = np.random.RandomState(GITHUB_SEED).permutation(count).tolist()
    return at_the_tail(order, max(int(EVALUATED * count), 1))


def step_splits(count: int) -> Drawn:
    """Lean's proof steps: a draw for each row."""
    generator = random.Random(STEPS_SEED)  # noqa: S311  the published generator
    draws = [generator.random() for _ in range(count)]
    found: dict[int, Split] = {place: "test" for place, draw in enumerate(draws) if draw < 2 * EVALUATED}
    return {**found, **{place: "validation" for place, draw in enumerate(draws) if draw < EVALUATED}}


def paper_splits(count: int) -> Drawn:
    """A file of papers: its last hundredth, the first half for validation."""
    size = int(PAPERS_EVALUATED * count)
    start = count - size
    found: dict[int, Split] = dict.fromkeys(range(start, start + size // 2), "validation")
    return {**found, **dict.fromkeys(range(start + size // 2, count), "test")}


def work(unit: Unit) -> None:
    """Draw the splits of one source and list the documents that are not for training."""
    given = unit.settings()
    root = Path(unit.root)
    settings = ShardSettings.model_validate(given["settings"])
    policies = [RemovalPolicy.model_validate(policy) for policy in given["policies"]]
    groups: dict[str, list[str]] = {}
    read = 0
    files = [TextFile(**file) for file in given["files"]]
    for number, file in enumerate(files):
        reason, out = reasons(root, file, settings), decided(root, file, policies).out
        table = pq.read_table(file.path, columns=["id", "subset"])
        read += table.num_rows
        for name, subset in zip(table["id"].to_pylist(), table["subset"].to_pylist(), strict=True):
            if reason(name) is None and name not in out:
                groups.setdefault(str(number) if given["kind"] == "arxiv" else subset or "", []).append(name)
    found = [(name, split) for group, names in groups.items() for name, split in _drawn(given["kind"], group, names)]
    kept = sum(len(names) for names in groups.values())
    with output(root, STAGE, unit.key) as out_files:
        columns = [[name for name, _ in found], [split for _, split in found]]
        pq.write_table(pa.table(columns, schema=SCHEMA), out_files.path(given["output"]))
        out_files.wrote(given["output"], len(found))
        out_files.account(
            unit.source,
            unit.fingerprint,
            read,
            kept,
            rejected={"left_out": read - kept} if read > kept else {},
            inputs=[file.input() for file in files],
        )


def _drawn(kind: str, group: str, names: Sequence[str]) -> list[tuple[str, Split]]:
    if kind == "arxiv":
        drawn = paper_splits(len(names))
    elif group in STEPS:
        drawn = step_splits(len(names))
    else:
        drawn = github_splits(len(names)) if group in GITHUB else stack_splits(len(names))
    return [(names[place], drawn[place]) for place in sorted(drawn)]


def read_splits(path: Path) -> dict[str, Split]:
    """The documents of a list that are not for training."""
    table = pq.read_table(path)
    return dict(zip(table["id"].to_pylist(), table["split"].to_pylist(), strict=True))
