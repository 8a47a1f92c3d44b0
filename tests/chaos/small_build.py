"""A small whole build with every stage, to be disturbed: texts in several units, with duplicates and hits."""

import hashlib
import json
import random
from pathlib import Path

from manifests.ledger import JOURNAL_NAME
from manifests.recipe import parse_recipe
from manifests.writing import WORK_FOLDER
from pipelines.corpus.folder import Corpus
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.stages import order
from pipelines.stages.build import Build
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces

WORDS = [f"word{number}" for number in range(60)]
RECIPE = """\
name: disturbed
limits: {unit_mb: 0.001, failures_allowed: 1000}
assets:
  test: {from: test.jsonl}
  tok: {from: tok.model}
sources:
  - {name: rows, kind: dataset, keep_raw: false, inputs: ['rows/*.jsonl']}
dedup: {threshold: 0.8}
overlap: {benchmarks: {apples: {asset: test}}}
shards: {tokenizer: tok, sequence_length: 64, shard_mb: 0.001, validation: 0.1, test: 0.1, formats: [texts, jsonl]}
"""


def from_server(folder: Path, address: str) -> None:
    """Have the raw files come from a list on a server."""
    (folder / "r.yaml").write_text(RECIPE.replace("rows/*.jsonl", address))


def make_input(folder: Path, files: int = 6, rows: int = 25) -> None:
    """Write the recipe, its assets and its raw files."""
    choose = random.Random(7)
    texts: list[str] = []
    (folder / "rows").mkdir(parents=True)
    for number in range(files):
        lines = []
        for _ in range(rows):
            text = " ".join(choose.choices(WORDS, k=40)) if not texts or choose.random() < 0.8 else choose.choice(texts)
            texts.append(text)
            lines.append(json.dumps({"text": text}) + "\n")
        lines.append("no JSON\n")
        (folder / "rows" / f"{number}.jsonl").write_text("".join(lines))
    problem = " ".join(texts[3].split()[:30])
    (folder / "test.jsonl").write_text(json.dumps({"problem": problem, "solution": "none"}) + "\n")
    (folder / "tok.model").write_bytes(model_bytes(small_pieces(WORDS)))
    (folder / "r.yaml").write_text(RECIPE)


def build(folder: Path, output: str, engine: Engine, said: Progress | None = None) -> Path:
    """Build `folder/output` from `folder/r.yaml`, or go on with it."""
    recipe = parse_recipe((folder / "r.yaml").read_text(), "r.yaml")
    corpus = Corpus(folder / output)
    corpus.adopt(recipe, accept_changes=True)  # recipe and manifest may both be hit
    order.run(Build(recipe, corpus, engine, said or Progress(quiet=True), "r.yaml", folder))
    return folder / output


def digests(root: Path) -> dict[str, str]:
    """The sha256 of every file of a corpus but for the journal and the work folder."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and WORK_FOLDER not in path.relative_to(root).parts and path.name != JOURNAL_NAME
    }
