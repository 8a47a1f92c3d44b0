"""The dataset card says what is in a corpus, what is not, and what it was checked against."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from manifests.recipe import recipe_from
from manifests.records import REJECTED, Document, Rejected
from manifests.settings.overlap import RemovalPolicy
from pipelines.corpus import manifest, verify
from pipelines.corpus.folder import public
from pipelines.corpus.texts import of_corpus
from pipelines.report import card
from pipelines.report.card_words import acted, code, escaped, in_words
from pipelines.stages import shard
from pipelines.stages.audit import audit
from tests.pipelines.stages.shard_corpora import corpus_of, documents, listed, model

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
    assert "| math | problem | published |" not in text and "rows are zeros and left out" in text
    assert "Nothing was removed for it." in text
    assert public(built.recipe).sha256 in text
    assert str(built.root) not in text


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ({}, "A counted hit removed its document."),
        ({"method": "exact", "n": 13, "score": 0.5},
         "A hit of the method `exact` at n = 13 that covers 0.5 of the item's words or more removed its document."),
        ({"action": "report", "kinds": ["template", "boilerplate"], "benchmarks": ["gsm8k"]},
         "A counted hit of kind template or boilerplate of `gsm8k` was reported only."),
        ({"action": "cut", "method": "fuzzy", "fields": ["solution"], "sources": ["web"], "probability": 0.9,
          "margin": 2000, "extend": "paragraph", "least_left": 500},
         ("A hit of the method `fuzzy` in `solution` in a document of `web` whose probability is 0.9 or more cut its "
         "paragraphs out of its document, 2,000 characters on both sides included, and removed a document of which "
         "fewer than 500 characters would be left.")),
    ],
)  # fmt: skip
def test_the_card_tells_what_hits_led_to(policy: dict[str, Any], sentence: str) -> None:
    assert acted([RemovalPolicy(**policy)]) == sentence


@pytest.mark.parametrize(("count", "more"), [(3, False), (4, True)])
def test_the_card_names_three_inputs_of_a_source(count: int, more: bool) -> None:
    inputs = [f"/data/{number}.jsonl" for number in range(count)]
    source = {"name": "toy", "kind": "dataset", "inputs": inputs}
    text = card._sources(recipe_from({"name": "c", "sources": [source]}, "x"), {})
    assert ("`/data/2.jsonl`, …" in text) is more
    assert "`/data/2.jsonl`" in text and "/data/3.jsonl" not in text


def test_the_front_matter_tells_columns_rows_and_bytes(built) -> None:
    front = yaml.safe_load(card.render(built.corpus).split("---\n")[1])
    shards, texts = front["dataset_info"]
    assert [shards["config_name"], texts["config_name"]] == ["default", "texts"]
    assert {"name": "input_ids", "sequence": "int32"} in shards["features"]
    assert {"name": "text", "dtype": "large_string"} in texts["features"]
    for info, folder in ((shards, "shards"), (texts, "texts")):
        counted = {split["name"]: split["num_examples"] for split in info["splits"]}
        there = {}
        for path in (built.root / folder).rglob("*.parquet"):
            split = path.relative_to(built.root / folder).parts[0]
            there[split] = there.get(split, 0) + pq.read_metadata(path).num_rows
        assert counted == there
        files = (built.root / folder).rglob("*.parquet")
        assert info["download_size"] == sum(path.stat().st_size for path in files)


def test_the_hubs_own_library_reads_the_front_matter(built) -> None:
    hub = pytest.importorskip("huggingface_hub")
    text = card.render(built.corpus)
    read = hub.DatasetCard(text)
    assert read.data.to_dict() == yaml.safe_load(text.split("---\n")[1])
    assert read.text.lstrip().startswith("# toy")
    assert (read.data.license, read.data.language, read.data.pretty_name) == ("other", ["en"], "toy")
    assert [one["config_name"] for one in read.data.configs] == ["default", "texts"]


def test_the_snippets_run(built, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"```python\n(.*?)```", card.render(built.corpus), re.DOTALL)
    assert len(blocks) == 3
    monkeypatch.chdir(built.root)
    card.write(built.corpus)
    for block in blocks:
        needed = next((name for name in ("datasets", "torch") if f"import {name}" in block), None)
        if needed is None or importlib.util.find_spec(needed):
            exec(compile(block, "README.md", "exec"), {})


def test_datasets_opens_the_folder_without_a_name_and_its_texts(built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(built.root.parent / "cache"))
    datasets = pytest.importorskip(
        "datasets", reason="`datasets`, one of the readers that shards are for, is no dependency"
    )
    card.write(built.corpus)
    cache = str(built.root.parent / "cache")
    rows = datasets.load_dataset(str(built.root), cache_dir=cache)
    assert {"train", "test"} == set(rows)
    texts = datasets.load_dataset(str(built.root), "texts", cache_dir=cache)
    assert texts["train"].num_rows + texts["test"].num_rows == 20
    stream = datasets.load_dataset(str(built.root), split="train", streaming=True)
    assert next(iter(stream))["input_ids"] == rows["train"][0]["input_ids"]


def test_what_documents_say_of_themselves_is_plain_text(tmp_path: Path, model: Path) -> None:
    hostile = "<script>alert(1)</script> [x](http://a.b) `c` ![i](j) $x$\n# h | *b*"
    build = corpus_of(tmp_path / "c", model, [Document("toy:x", "toy", "", "the", license=hostile)])
    shard.run(build)
    manifest.write(build.root, build.recipe)
    (line,) = [line for line in card.render(build.corpus).splitlines() if "script" in line]
    assert "<script" not in line
    assert "[x](" not in line
    assert "\\`c\\`" in line
    assert "\\# h \\| \\*b\\* (1)" in line


def test_the_rules_are_sentences() -> None:
    data = {
        "name": "x",
        "rules": "corrected",
        "sources": [
            {
                "name": "a",
                "kind": "dataset",
                "inputs": ["b"],
                "filters": [{"score": "math", "above": 0.17, "when": [{"score": "formulas", "at_least": 1}]}],
            }
        ],
        "dedup": {"threshold": 0.7},
        "assets": {"t": {"from": "t"}},
        "shards": {"tokenizer": "t", "packing": "best_fit"},
    }
    sentences = list(in_words(recipe_from(data, "x")))
    assert "Of a, a document stays, where `formulas` is at least 1, if its `math` is above 0.17." in sentences
    assert any(one.startswith("Of documents that share 0.7 or more of their runs of 5 words") for one in sentences)
    assert any("arXiv 2404.10830" in one for one in sentences)
    assert not any("{" in one for one in sentences)


@given(st.text())
def test_any_string_is_one_line_without_markup(text: str) -> None:
    plain = escaped(text)
    assert "\n" not in plain
    assert not re.search(r"(?<!\\)[`*_\[\]|~!#$<>]", plain.replace("\\\\", ""))
    assert "\n" not in code(text)


def test_the_composition_stands_beside_the_published_one(built) -> None:
    assert "Beside Proof-Pile-2" not in card.render(built.corpus)
    beside = card._beside(
        recipe_from({"name": "x", "sources": [{"name": n, "kind": n, "inputs": ["b"]} for n in ("arxiv", "web")]}, "x"),
        {"shard": {"arxiv": {"numbers": {"tokens": 300}}, "web": {"numbers": {"tokens": 100}}}},
    )
    assert "| arXiv papers | 300 | 75.0 % | 29 B | 52.7 % | 28.6 % |" in beside
    assert "| AlgebraicStack | 0 | 0.0 % | 11 B | 20.0 % | 14.3 % |" in beside


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
