"""Small corpora as the stages before the shards leave them, and what is found in their shards."""

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.ledger import Entry, write_entry
from manifests.recipe import parse_recipe
from manifests.records import DOCUMENT, Document
from manifests.writing import PartWriter, Workspace
from pipelines.corpus.folder import Corpus
from pipelines.engine.progress import Progress
from pipelines.shards.tokenizer import load_tokenizer
from pipelines.stages.build import Build
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces

EOS = 2


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "small.model").write_bytes(model_bytes(small_pieces(["▁the", "▁the", "▁th", "▁t", "he", "th"])))
    return tmp_path / "small.model"


def corpus_of(
    folder: Path,
    model: Path,
    documents: list[Document],
    settings: str = "",
    weight: float = 1.0,
    remove: str = "",
    parts: int = 1,
) -> Build:
    """A corpus folder as the earlier stages leave it."""
    for split in ("validation", "test"):
        if f"{split}:" not in settings:
            settings = f"{split}: 0, {settings}"
    recipe = parse_recipe(
        f"""
name: toy
assets: {{tokenizer: {{from: {model}}}, test: {{from: {model}}}}}
sources: [{{name: toy, kind: dataset, inputs: [nowhere], weight: {weight}}}]
overlap: {{benchmarks: {{math: {{asset: test}}, other: {{asset: test}}}}, remove: [{remove}]}}
shards: {{tokenizer: tokenizer, {settings}}}
""",
        "toy.yaml",
    )
    corpus = Corpus(folder)
    corpus.adopt(recipe)
    for part in range(parts):
        workspace = Workspace(folder, "extract", f"u{part}")
        writer = PartWriter(workspace, f"documents/toy/u{part}", DOCUMENT)
        mine = documents[part::parts]
        for document in mine:
            writer.add(document)
        facts = writer.close()
        workspace.publish(facts)
        entry = Entry("extract", f"u{part}", "toy", "f", len(mine), len(mine), outputs=tuple(facts))
        write_entry(folder, entry)
    digests = dict.fromkeys(("tokenizer", "test"), hashlib.sha256(model.read_bytes()).hexdigest())
    assets = dict.fromkeys(("tokenizer", "test"), model)
    return Build(recipe, corpus, InlineEngine(), Progress(quiet=True), "toy.yaml", assets=assets, digests=digests)


def listed(build: Build, path: str, schema: pa.Schema, rows: list[tuple], identifier: str = "id") -> None:
    workspace = Workspace(build.root, "test", "x")
    writer = PartWriter(workspace, path.removesuffix(".parquet"), schema, identifier=identifier)
    for row in rows:
        writer.add(row)
    workspace.publish(writer.close())


def documents(count: int) -> list[Document]:
    return [Document(f"toy:{one}", "toy", "", f"the {one} " * (one % 7 + 1), license="CC0-1.0") for one in range(count)]


def rows(root: Path, split: str = "train") -> list[dict]:
    return [
        row for path in sorted(root.glob(f"shards/{split}/**/*.parquet")) for row in pq.read_table(path).to_pylist()
    ]


def tokens_by_document(found: list[dict]) -> dict[str, list[int]]:
    whole: dict[str, list[int]] = {}
    for row in found:
        at = 0
        for size, name in zip(row["lengths"], row["ids"], strict=True):
            whole.setdefault(name, []).extend(row["input_ids"][at : at + size])
            at += size
        assert set(row["input_ids"][at:]) <= {EOS}
    return whole


def expected(model: Path, chosen: list[Document]) -> dict[str, list[int]]:
    tokenizer = load_tokenizer(model)
    return {one.id: [*tokenizer.encode([one.text])[0].tolist(), EOS] for one in chosen}


def mixed(
    folder: Path,
    model: Path,
    counts: dict[str, int],
    weights: dict[str, float],
    settings: str = "",
    epochs: str = "",
    splits: str = "validation: 0, test: 0",
) -> Build:
    """A corpus of several sources, one documents file each; every document has about 30 tokens."""
    sources = ", ".join(
        f"{{name: {name}, kind: dataset, inputs: [nowhere], weight: {weights[name]}{epochs}}}" for name in counts
    )
    recipe = parse_recipe(
        f"""
name: toy
assets: {{tokenizer: {{from: {model}}}}}
sources: [{sources}]
shards: {{tokenizer: tokenizer, sequence_length: 32, {splits}{settings}}}
""",
        "toy.yaml",
    )
    corpus = Corpus(folder)
    corpus.adopt(recipe)
    for name, count in counts.items():
        workspace = Workspace(folder, "extract", name)
        writer = PartWriter(workspace, f"documents/{name}/u", DOCUMENT)
        for number in range(count):
            writer.add(Document(f"{name}:{number}", name, "", f"the {number} then " * 3))
        facts = writer.close()
        workspace.publish(facts)
        write_entry(folder, Entry("extract", name, name, "f", count, count, outputs=tuple(facts)))
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    return Build(
        recipe,
        corpus,
        InlineEngine(),
        Progress(quiet=True),
        "toy.yaml",
        assets={"tokenizer": model},
        digests={"tokenizer": digest},
    )
