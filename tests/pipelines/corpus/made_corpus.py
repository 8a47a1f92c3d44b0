"""Corpora made of given documents, as the extract stage would have left them, for tests of later stages."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from manifests.ledger import Entry, write_entry
from manifests.recipe import Recipe, recipe_from
from manifests.records import DOCUMENT, Document
from manifests.writing import PartWriter, Workspace
from pipelines.corpus.folder import Corpus
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.stages.build import Build


def document(identifier: str, text: str, source: str = "a", **scores: float) -> Document:
    """A document with the columns that matter here."""
    return Document(identifier, source, "", text, scores=scores)


def recipe_for(sources: Sequence[str], settings: Mapping[str, object]) -> Recipe:
    """A recipe with these sources and dedup settings."""
    entries = [{"name": name, "kind": "dataset", "inputs": ["nothing"]} for name in sources]
    return recipe_from({"name": "made", "sources": entries, "dedup": dict(settings)}, "made")


def make(
    root: Path,
    files: Mapping[str, Sequence[Document]],
    settings: Mapping[str, object] | None = None,
    engine: Engine | None = None,
    sources: Sequence[str] = ("a", "b", "c"),
) -> Build:
    """A corpus whose documents files are `files` (SOURCE/NAME to documents), ready for the dedup stage."""
    recipe = recipe_for(sources, settings or {})
    corpus = Corpus(root)
    corpus.adopt(recipe, accept_changes=True)
    for name, documents in files.items():
        source, stem = name.split("/")
        workspace = Workspace(root, "extract", stem)
        writer = PartWriter(workspace, f"documents/{name}", DOCUMENT, part_bytes=1 << 40)
        for one in documents:
            writer.add(one)
        facts = tuple(writer.close())
        workspace.publish(facts)
        mark = hashlib.sha256(repr(facts).encode()).hexdigest()
        write_entry(
            root, Entry("extract", f"{source}-{stem}", source, mark, len(documents), len(documents), outputs=facts)
        )
    return Build(recipe, corpus, engine or Engine(), Progress(quiet=True), "made", root)
