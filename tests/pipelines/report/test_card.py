"""The dataset card says what is in a corpus, what is not, and what it was checked against."""

import json
from pathlib import Path

import pytest
import yaml

from manifests.errors import UserError
from manifests.records import REJECTED, Document, Rejected
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import public
from pipelines.corpus.texts import of_corpus
from pipelines.report import card
from pipelines.stages import shard
from pipelines.stages.audit import audit
from tests.pipelines.stages.test_shard import corpus_of, documents, listed, model

__all__ = ["model"]


@pytest.fixture
def built(tmp_path: Path, model: Path):
    text = "In how many ways can three red tiles be laid side by side on a board of nine squares?"
    found = Document("toy:x", "toy", "", f"Say: {text}", license="a | b")
    build = corpus_of(tmp_path / "c", model, [*documents(20), found], "test: 0.2")
    (tmp_path / "test.jsonl").write_text(json.dumps({"problem": text}) + "\n")
    build.assets["test"] = tmp_path / "test.jsonl"  # type: ignore[index] # a dict in this test
    listed(build, "rejected/filter/toy/u0", REJECTED, [Rejected("toy:1", "toy", "filter", "short")])
    assert build.recipe.overlap is not None
    audit(build, of_corpus(build.corpus), build.recipe.overlap)
    shard.run(build)
    manifest.write(build.root, build.recipe)
    return build


def test_the_card_tells_contents_licences_rules_and_benchmarks(built) -> None:
    text = card.render(built.corpus)
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["configs"][0]["data_files"][0] == {"split": "train", "path": "shards/train/*.parquet"}
    assert [one["config_name"] for one in front["configs"] if one.get("default")] == ["default"]
    assert {"split": "train", "path": "texts/train/**/*.parquet"} in front["configs"][1]["data_files"]
    assert (front["language"], front["size_categories"]) == (["en"], ["n<1K"])
    assert front["license_link"] == "README.md#sources-and-licences"
    assert "| toy | 20 |" in text
    assert "CC0-1.0 (19), a \\| b (1)" in text
    assert "| math | problem | exact | 13 | 1 | 0 | 0 | 1 | 1 |" in text
    assert "| math | problem | published | 20 | 1 | 1 | 1 | 0 | 0 |" in text
    assert "Nothing was removed for it." in text
    assert public(built.recipe).sha256 in text
    assert str(built.root) not in text


def test_the_card_is_written_once_the_manifest_is_there(built) -> None:
    card.write(built.corpus)
    assert (built.root / "README.md").read_text() == card.render(built.corpus)
    (built.root / "manifest.json").unlink()
    with pytest.raises(UserError, match="no manifest"):
        card.write(built.corpus)


def test_a_finished_corpus_passes_its_verification(built) -> None:
    card.write(built.corpus)
    findings = [f for f in verify.verify(built.root) if f.path.startswith(("shards", "hits", "overlap", "README"))]
    assert findings == []
    path = next((built.root / "shards").rglob("*.parquet"))
    path.write_bytes(path.read_bytes() + b"x")
    assert [finding.kind for finding in verify.verify(built.root) if finding.path.startswith("shards")] == ["changed"]
