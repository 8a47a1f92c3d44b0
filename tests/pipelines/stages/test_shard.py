"""Tokenized shards: what goes in, what the lists of earlier stages keep out, and that every token is there."""

import argparse
import hashlib
import io
import json
import re
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from manifests import ledger
from manifests.errors import Damaged, UserError
from manifests.ledger import Entry, write_entry
from manifests.recipe import parse_recipe, recipe_from
from manifests.records import DOCUMENT, DUPLICATE, HIT, REJECTED, SEQUENCE, Document, Duplicate, Hit, Rejected
from manifests.writing import PartWriter, Workspace
from pipelines.commands import shard as command
from pipelines.corpus.folder import Corpus
from pipelines.corpus.rows import read_rows
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.report import report
from pipelines.shards.choices import split_of
from pipelines.shards.tokenizer import load_tokenizer
from pipelines.stages import shard
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


@pytest.mark.parametrize("layout", ["documents", "packed"])
def test_every_token_of_every_document_is_in_the_shards(tmp_path: Path, model: Path, layout: str) -> None:
    build = corpus_of(tmp_path / "c", model, documents(50), f"layout: {layout}, sequence_length: 16", parts=3)
    shard.run(build)
    found = rows(build.root)
    whole = expected(model, documents(50))
    if layout == "packed":  # the pieces of a document that lies in two rows are shuffled apart
        assert {name: sorted(ids) for name, ids in tokens_by_document(found).items()} == {
            name: sorted(ids) for name, ids in whole.items()
        }
    else:
        assert tokens_by_document(found) == whole
    assert all(pq.read_schema(path).equals(SEQUENCE) for path in build.root.glob("shards/**/*.parquet"))
    if layout == "packed":
        assert [len(row["input_ids"]) for row in found] == [16] * len(found)
        assert sum(sum(row["lengths"]) < 16 for row in found) <= 1
    else:
        assert len(found) == 50
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.read, sums.kept, sums.failed) == (50, 50, 0)
    assert sums.numbers["tokens"] == sum(sum(row["lengths"]) for row in found)
    assert sums.numbers["bytes"] == sum(len(one.text) for one in documents(50))
    assert sums.licences == {"CC0-1.0": 50}


def test_documents_that_fit_a_row_are_whole_where_that_is_asked(tmp_path: Path, model: Path) -> None:
    chosen = [Document(f"toy:{n}", "toy", "", "the " * (n % 11 + 1) + "1" * (n % 3 * 20)) for n in range(60)]
    settings = "packing: best_fit, sequence_length: 32"
    build = corpus_of(tmp_path / "c", model, chosen, settings, parts=3)
    shard.run(build)
    found = rows(build.root)
    whole = expected(model, chosen)
    places: dict[str, list[tuple[int, list[int]]]] = {}
    for row in found:
        assert len(row["input_ids"]) == 32
        at = 0
        for name, size, position in zip(row["ids"], row["lengths"], row["positions"], strict=True):
            places.setdefault(name, []).append((position, row["input_ids"][at : at + size]))
            at += size
    for name, ids in whole.items():
        assert [one for _, part in sorted(places[name]) for one in part] == ids
        assert len(places[name]) == -(-len(ids) // 32)
    stated = json.loads((build.root / "mixture.json").read_text())
    assert (stated["cut"], stated["cut_that_fit"]) == (sum(len(ids) > 32 for ids in whole.values()), 0)
    assert stated["padding"] == 32 * len(found) - sum(map(len, whole.values()))


def test_documents_that_are_cut_are_counted(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(50), "sequence_length: 16", parts=3)
    shard.run(build)
    names = [name for row in rows(build.root) for name in row["ids"]]
    whole = expected(model, documents(50))
    several = {name for name in names if names.count(name) > 1}
    stated = json.loads((build.root / "mixture.json").read_text())
    assert stated["cut"] == len(several)
    assert stated["cut_that_fit"] == sum(len(whole[name]) <= 16 for name in several) > 0


def test_what_earlier_stages_listed_stays_out_and_is_counted(tmp_path: Path, model: Path) -> None:
    policy = "{method: exact, n: 13, fields: [problem], score: 0.5}"
    build = corpus_of(tmp_path / "c", model, documents(10), remove=policy)
    hit = Hit("toy:3", "math", "7", "problem", "exact", 13, 0, 9, 0, 9, 0.6)
    listed(build, "rejected/filter/toy/u0", REJECTED, [Rejected("toy:1", "toy", "filter", "short")])
    listed(build, "duplicates/toy/u0", DUPLICATE, [Duplicate("toy:2", "toy:9", "minhash", 0.9, "toy:9")])
    others = [
        hit._replace(document_id="toy:4", field="solution"),
        hit._replace(document_id="toy:5", n=10),
        hit._replace(document_id="toy:6", score=0.4),
        hit._replace(document_id="toy:7", method="published"),
    ]
    listed(build, "hits/toy/u0", HIT, [hit, *others], "document_id")
    shard.run(build)
    assert sorted(tokens_by_document(rows(build.root))) == [f"toy:{one}" for one in (0, 4, 5, 6, 7, 8, 9)]
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert sums.rejected == {"filter": 1, "duplicate": 1, "overlap": 1}
    assert (sums.read, sums.kept) == (10, 7)


def test_passages_are_cut_and_what_is_taken_out_is_listed(tmp_path: Path, model: Path) -> None:
    policies = (
        "{action: report, benchmarks: [other]}, {action: cut, fields: [problem], least_left: 4}, "
        "{probability: 0.9, sources: [toy]}"
    )
    build = corpus_of(tmp_path / "c", model, documents(10), "layout: documents, jsonl: true", remove=policies)
    hit = Hit("toy:6", "math", "7", "problem", "exact", 13, 0, 6, 0, 6, 0.6, counted=True, probability=0.95)
    hits = [
        hit,
        hit._replace(n=20, document_end=12),
        hit._replace(document_id="toy:5", benchmark="other"),
        hit._replace(document_id="toy:4", field="solution"),
        hit._replace(document_id="toy:7"),
        hit._replace(document_id="toy:3", counted=False),
    ]
    listed(build, "hits/toy/u0", HIT, hits, "document_id")
    shard.run(build)
    texts = {
        row["meta"]["id"]: row["text"] for path in build.root.glob("jsonl/train/**/*.jsonl*") for row in read_rows(path)
    }
    assert texts["toy:6"] == "the 6 " * 5, "two hits at one place are one cut"
    assert texts["toy:5"] == documents(10)[5].text and texts["toy:3"] == documents(10)[3].text
    assert {"toy:4", "toy:7"} & set(texts) == set(), "one goes whole, of the other too little would be left"
    (path,) = build.root.glob("removed/toy/*.parquet")
    gone = {row["document_id"]: row for row in pq.read_table(path, partitioning=None).to_pylist()}
    assert (gone["toy:6"]["action"], gone["toy:6"]["start"], gone["toy:6"]["end"]) == ("cut", 0, 12)
    assert {name: row["action"] for name, row in gone.items()} == {"toy:4": "remove", "toy:6": "cut", "toy:7": "remove"}
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.rejected, sums.kept) == ({"overlap": 2}, 8)
    assert (sums.numbers["cut_documents"], sums.numbers["cut_characters"]) == (1, 12)


def test_near_copies_never_straddle_a_split(tmp_path: Path, model: Path) -> None:
    build = corpus_of(
        tmp_path / "c", model, documents(60), "validation: 0.3, test: 0.3, duplicates: keep, layout: documents"
    )
    pairs = [Duplicate(f"toy:{one}", "toy:0", "minhash", 0.9, f"toy:{one % 5}") for one in range(5, 60)]
    listed(build, "duplicates/toy/u0", DUPLICATE, pairs)
    shard.run(build)
    where = {row["ids"][0]: split for split in ("train", "validation", "test") for row in rows(build.root, split)}
    assert len(where) == 60
    assert len(set(where.values())) > 1
    assert all(where[f"toy:{one}"] == where[f"toy:{one % 5}"] for one in range(60))
    assert all(where[f"toy:{one}"] == split_of(f"toy:{one}", 0, 0.3, 0.3) for one in range(5))


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


COUNTS = {"arxiv": 290, "web": 150, "code": 110}
WEIGHTS = {"arxiv": 2.0, "web": 4.0, "code": 1.0}


def test_weights_are_shares_of_tokens_in_every_part_of_the_stream(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, ", repeat: true")
    shard.run(build)
    found = [(row["source"], sum(row["lengths"])) for row in rows(build.root)]
    whole = sum(size for _, size in found)
    for part in (0.25, 0.5, 0.75, 1.0):
        seen = dict.fromkeys(COUNTS, 0)
        for source, size in found:
            if sum(seen.values()) >= part * whole:
                break
            seen[source] += size
        for name, weight in WEIGHTS.items():
            assert abs(seen[name] / sum(seen.values()) - weight / 7) < 0.01
    mixture = json.loads((build.root / "mixture.json").read_text())
    given = {name: one["epochs"] for name, one in mixture["sources"].items()}
    assert given["arxiv"] == pytest.approx(1, abs=0.01)
    assert given["web"] == pytest.approx(given["arxiv"] * 2 * 290 / 150, rel=0.1)
    assert not list((build.root / "shards").rglob("*.json"))


def short_rows(root: Path, split: str) -> list[dict]:
    """The rows of a split with padding, each once."""
    found = {str(row): row for row in rows(root, split) if sum(row["lengths"]) < len(row["input_ids"])}
    return list(found.values())


def test_only_the_last_row_of_a_split_is_short_whatever_the_sources(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, splits="validation: 0.1, test: 0.1")
    shard.run(build)
    for split in ("train", "validation", "test"):
        found = rows(build.root, split)
        assert {len(row["input_ids"]) for row in found} == {32}
        assert len(short_rows(build.root, split)) == 1
        for row in found:
            assert [name.split(":")[0] for name in row["ids"]] == row["sources"]
            sizes = dict.fromkeys(row["sources"], 0)
            for name, size in zip(row["sources"], row["lengths"], strict=True):
                sizes[name] += size
            assert sizes[row["source"]] == max(sizes.values())
    stated = json.loads((build.root / "mixture.json").read_text())["sources"]
    assert all(one["stream_tokens"] == one["train_tokens"] for one in stated.values())


def test_rows_are_compared_with_what_was_recorded_before_they_are_used(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS)
    with monkeypatch.context() as patch:
        patch.setattr(shard, "mix", lambda *_: None)
        shard.run(build)
    path = min(build.root.glob("tokens/train/arxiv/*.arrow"), key=lambda path: "tail" in path.name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match=r"tokens/train/arxiv"):
        shard.run(build)
    assert not list((build.root / "shards").rglob("*.parquet"))


def test_sources_that_are_repeated_share_a_short_row_if_they_are_large_enough(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, {"a": 1000, "b": 1000}, {"a": 1.0, "b": 1.25}, ", repeat: true")
    shard.run(build)
    assert len(short_rows(build.root, "train")) == 1
    stated = json.loads((build.root / "mixture.json").read_text())["sources"]
    assert stated["a"]["share"] == pytest.approx(1 / 2.25, abs=0.002)
    small = mixed(tmp_path / "d", model, {"a": 1000, "b": 3}, {"a": 1.0, "b": 1.0}, ", repeat: true")
    shard.run(small)
    assert {row["source"] for row in short_rows(small.root, "train")} == {"a", "b"}
    stated = json.loads((small.root / "mixture.json").read_text())["sources"]
    assert stated["b"]["share"] == pytest.approx(0.5, abs=0.01)


def test_every_document_is_repeated_as_often_as_its_source_and_far_apart(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, {"toy": 200}, {"toy": 1.0}, ", layout: documents", ", epochs: 3")
    shard.run(build)
    order = [row["ids"][0] for row in rows(build.root)]
    assert len(order) == 600
    for name in set(order):
        places = [place for place, one in enumerate(order) if one == name]
        assert len(places) == 3
        assert min(b - a for a, b in pairwise(places)) >= 50
    assert order[:200] != order[200:400]


def test_without_repetition_documents_are_there_once_and_the_weights_are_stated(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, ", layout: documents")
    shard.run(build)
    found = rows(build.root)
    assert len(found) == len({row["ids"][0] for row in found}) == sum(COUNTS.values())
    web = json.loads((build.root / "mixture.json").read_text())["sources"]["web"]
    assert (web["epochs"], web["asked_share"]) == (1.0, pytest.approx(4 / 7, abs=1e-6))
    assert web["asked_epochs"] == pytest.approx(2 * 290 / 150, rel=0.1)


def test_a_budget_of_tokens_bounds_the_stream(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, ", repeat: true, tokens: 3200")
    shard.run(build)
    assert json.loads((build.root / "mixture.json").read_text())["train_tokens"] == pytest.approx(3200, abs=96)


def test_more_repetition_than_allowed_is_one_line(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, ", repeat: true, max_epochs: 2")
    with pytest.raises(
        UserError, match=r"toy\.yaml: shards\.max_epochs: `web` would be repeated 4\.\d\d times, more than 2"
    ):
        shard.run(build)


def test_an_empty_text_is_no_row(tmp_path: Path, model: Path) -> None:
    texts = [Document("toy:a", "toy", "", ""), Document("toy:b", "toy", "", " \n"), Document("toy:c", "toy", "", "the")]
    build = corpus_of(tmp_path / "c", model, texts, "layout: documents")
    shard.run(build)
    assert [row["ids"] for row in rows(build.root)] == [["toy:c"]]
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert sums.rejected == {"empty": 2}


def test_a_text_of_which_the_tokenizer_leaves_nothing_is_no_row(tmp_path: Path) -> None:
    """Such as control characters, which a tokenizer may take out before it looks at anything."""
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    mark = {"id": 1, "content": "</s>", "special": True, **flags}
    before = {"type": "Replace", "pattern": {"String": "\u200b"}, "content": ""}
    words = {"type": "WordLevel", "vocab": {"the": 0, "</s>": 1, "?": 2}, "unk_token": "?"}
    data = {"version": "1.0", "normalizer": before, "pre_tokenizer": {"type": "Whitespace"}, "added_tokens": [mark]}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps({**data, "model": words}))
    texts = [Document("toy:a", "toy", "", "\u200b\u200b"), Document("toy:b", "toy", "", "the\u200b")]
    build = corpus_of(tmp_path / "c", path, texts, "layout: documents")
    shard.run(build)
    assert [(row["ids"], row["input_ids"]) for row in rows(build.root)] == [(["toy:b"], [0, 1])]
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.kept, sums.rejected) == (1, {"empty": 1})


def test_a_budget_of_less_than_a_row_is_one_line(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, ", repeat: true, tokens: 5")
    with pytest.raises(UserError, match=r"toy\.yaml: shards\.tokens: 5 is less than a row has; expected \d+ or more"):
        shard.run(build)


def test_a_source_whose_part_is_less_than_a_row_is_named(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, {**WEIGHTS, "web": 0.001}, ", repeat: true, tokens: 320")
    shard.run(build)
    remarks = json.loads((build.root / "mixture.json").read_text())["remarks"]
    assert "web: nothing in train: its part of the stream is less than half of a row" in remarks


def test_weights_and_epochs_are_not_asked_for_at_once() -> None:
    source = {"name": "a", "kind": "dataset", "inputs": ["b"]}
    data = {"name": "x", "sources": [{**source, "epochs": 2}], "assets": {"t": {"from": "t"}}}
    assert recipe_from({**data, "shards": {"tokenizer": "t"}}, "r").sources[0].epochs == 2
    with pytest.raises(
        UserError, match=r"r: sources\.0\.epochs: the mixture is made by weights, .*expected only one of"
    ):
        recipe_from({**data, "shards": {"tokenizer": "t", "repeat": True}}, "r")


def test_every_shard_tells_what_it_was_made_with(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(9), "sequence_length: 16")
    shard.run(build)
    for path in (build.root / "shards").rglob("*.parquet"):
        about = json.loads(pq.read_schema(path).metadata[b"proofpile"])
        assert about["tokenizer_sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
        assert (about["begin"], about["end"], about["sequence_length"]) == (None, EOS, 16)
        assert about["vocabulary_size"] == load_tokenizer(model).vocabulary_size


def test_the_same_bytes_whatever_the_workers_and_other_shards_when_a_list_changes(tmp_path: Path, model: Path) -> None:
    settings = "shard_mb: 0.0001, sequence_length: 8, jsonl: true, megatron: true"
    digests = []
    for name, engine in (("one", InlineEngine()), ("two", Engine(workers=2))):
        build = corpus_of(tmp_path / name, model, documents(40), settings, parts=4)
        shard.run(Build(**{**build.__dict__, "engine": engine}))
        outputs = sorted(
            path
            for folder in ("shards", "tokens", "jsonl", "megatron")
            for path in (build.root / folder).rglob("*")
            if path.is_file()
        )
        digests.append(
            [(path.relative_to(build.root), hashlib.sha256(path.read_bytes()).hexdigest()) for path in outputs]
        )
    assert digests[0] == digests[1]
    # Whole rows, short ones, jsonl, bin and idx of four units; the rest packed together; the stream; the pair.
    assert len(digests[0]) == 5 * 4 + 4
    listed(build, "rejected/filter/toy/u0", REJECTED, [Rejected("toy:4", "toy", "filter", "short")])
    shard.run(build)
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert sums.rejected == {"filter": 1}


def test_json_lines_in_the_form_of_proof_pile_2(tmp_path: Path, model: Path) -> None:
    one = Document("toy:1", "toy", "sub", "the é\n", "http://x/", "CC0-1.0", None, '{"path":"a.py"}')
    build = corpus_of(tmp_path / "c", model, [one], "jsonl: true")
    shard.run(build)
    (path,) = build.root.rglob("*.jsonl.zst")
    text = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(path.read_bytes())).read().decode()
    assert json.loads(text) == {
        "text": "the é\n",
        "meta": {
            "id": "toy:1",
            "license": "CC0-1.0",
            "path": "a.py",
            "source": "toy",
            "subset": "sub",
            "url": "http://x/",
        },
    }


def test_megatron_files_hold_the_documents(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(9), "megatron: true")
    shard.run(build)
    (index,) = build.root.glob("megatron/**/*.idx")
    data = index.read_bytes()
    assert data[:9] == b"MMIDIDX\x00\x00"
    version, code, sequences, entries = struct.unpack_from("<QBQQ", data, 9)
    assert (version, code, sequences, entries) == (1, 8, 9, 10)
    lengths = np.frombuffer(data, "<i4", 9, 34)
    offsets = np.frombuffer(data, "<i8", 9, 34 + 36)
    assert np.frombuffer(data, "<i8", 10, 34 + 36 + 72).tolist() == list(range(10))
    assert len(data) == 34 + 36 + 72 + 80
    binary = index.with_suffix(".bin").read_bytes()
    found = sorted(
        np.frombuffer(binary, "<u2", length, offset).tolist() for length, offset in zip(lengths, offsets, strict=True)
    )
    assert found == sorted(expected(model, documents(9)).values())


def test_units_are_of_so_much_text_however_well_it_packs(tmp_path: Path) -> None:
    from pipelines.corpus.texts import TextFile

    files = []
    for number in range(4):
        path = tmp_path / f"{number}.parquet"
        pq.write_table(
            pa.table({"text": ["the same line again\n" * 30_000]}), path, compression="zstd", use_dictionary=False
        )
        assert path.stat().st_size < 60_000
        files.append(
            TextFile(f"a-{number}", "a", f"a/{number}", str(path), (path.name, path.stat().st_size, "x"), True)
        )
    plain = tmp_path / "b.jsonl"
    plain.write_text("x" * 100)
    files.append(TextFile("b-0", "b", "b/0", str(plain), ("b.jsonl", 100, "y"), False))
    assert [len(group) for group in shard.groups(files, 9.6)] == [2, 2, 1]  # an eighth of it is 1.2
    assert [len(group) for group in shard.groups(files, 32)] == [4, 1]


def test_a_text_that_cannot_be_encoded_is_one_failed_record(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.shards.tokenizer import SentencePieceTokenizer, shared_tokenizer
    from pipelines.shards.writing import work

    build = corpus_of(tmp_path / "c", model, documents(5))
    assert build.recipe.shards is not None
    marks = shard.marks_of(build, build.recipe.shards)
    from pipelines.corpus.texts import of_corpus

    (unit,) = [
        shard.unit_of(build, g, build.recipe.shards, marks, {}) for g in shard.groups(of_corpus(build.corpus), 1)
    ]
    tokenizer = shared_tokenizer(model, marks.sha256, marks.probed)
    assert isinstance(tokenizer, SentencePieceTokenizer)
    sound = tokenizer.encode

    def planted(texts):
        if "3" in texts[0]:
            raise ValueError("planted")
        return sound(texts)

    monkeypatch.setattr(tokenizer, "encode", planted)
    work(unit)
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.read, sums.kept, sums.failed) == (5, 4, 1)
    (failure,) = pq.read_table(next((build.root / "failed").rglob("*.parquet"))).to_pylist()
    assert (failure["id"], failure["error"]) == ("toy:3", "ValueError: planted")


def test_a_text_that_holds_the_end_mark_is_one_failed_record(tmp_path: Path, model: Path) -> None:
    texts = [Document("toy:a", "toy", "", "the the"), Document("toy:b", "toy", "", "x y")]
    build = corpus_of(tmp_path / "c", model, texts, 'end_token: "▁the"')
    shard.run(build)
    sums = ledger.totals(ledger.read_entries(build.root, "shard"))["shard"]["toy"]
    assert (sums.kept, sums.failed) == (1, 1)
    (failure,) = pq.read_table(next((build.root / "failed").rglob("*.parquet"))).to_pylist()
    assert failure["id"] == "toy:a"
    assert "the text holds the end mark, id" in failure["error"]


def test_an_end_mark_that_the_tokenizer_lacks_is_one_line(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(2), "end_token: <|none|>")
    with pytest.raises(UserError, match=re.escape("toy.yaml: shards.end_token: small.model has no token `<|none|>`")):
        shard.run(build)


def test_the_command_takes_any_json_lines(tmp_path: Path, model: Path) -> None:
    lines = [{"content": f"the {one}", "meta": {"n": one}} for one in range(20)]
    path = tmp_path / "x.jsonl.zst"
    path.write_bytes(zstandard.compress("".join(json.dumps(line) + "\n" for line in lines).encode() + b"broken\n"))
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    arguments = ["shard", "--input", str(path), "--tokenizer", str(model), "--output", str(tmp_path / "out"), "--quiet"]
    parsed = parser.parse_args([*arguments, "--text-key", "content", "--id-key", "meta.n", "--test", "0.2"])
    parsed.beam_args = ()
    assert parsed.run(parsed) == 0
    found = [*tokens_by_document(rows(tmp_path / "out")), *tokens_by_document(rows(tmp_path / "out", "test"))]
    assert sorted(found, key=int) == [str(one) for one in range(20)]
    sums = ledger.totals(ledger.read_entries(tmp_path / "out", "shard"))["shard"]["input"]
    assert (sums.read, sums.kept, sums.failed) == (21, 20, 1)


def test_a_split_without_rows_is_explained(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, documents(5), "validation: 0.001, test: 0")
    shard.run(build)
    (remark,) = json.loads((build.root / "mixture.json").read_text())["remarks"]
    assert remark == "toy: nothing in validation: 0.001 of 5 documents is 0.0, and none was drawn"
    assert f"<li>{remark}</li>" in report.page(build.corpus)


@pytest.mark.parametrize("moment", ["manifests.output.write_entry", "manifests.writing.os.fsync"])
def test_after_a_crash_the_same_command_ends_with_the_same_bytes(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def outputs(root: Path) -> dict[str, bytes]:
        files = (path for path in root.rglob("*") if path.is_file() and ".work" not in path.parts)
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    settings = "shard_mb: 0.0001, sequence_length: 8, jsonl: true, test: 0.2"
    undisturbed, build = (corpus_of(tmp_path / name, model, documents(30), settings, parts=3) for name in ("a", "b"))
    shard.run(undisturbed)
    left = 4

    def crash(*_: object) -> None:
        nonlocal left
        left -= 1
        if left % 2 == 0:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moment, crash)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                shard.run(build)
    shard.run(build)
    assert outputs(build.root) == outputs(undisturbed.root)
