"""The stream of several sources: shares of tokens, repetition, budgets, short rows and what gives no row."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from manifests import ledger
from manifests.errors import Damaged, UserError
from manifests.recipe import recipe_from
from manifests.records import Document
from pipelines.stages import shard
from tests.pipelines.stages.shard_corpora import corpus_of, mixed, model, rows

__all__ = ["model"]

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


def test_a_budget_does_not_repeat_a_source_more_often_than_its_epochs_say(tmp_path: Path, model: Path) -> None:
    build = mixed(tmp_path / "c", model, COUNTS, WEIGHTS, ", tokens: 3200", ", epochs: 2")
    shard.run(build)
    stated = json.loads((build.root / "mixture.json").read_text())["sources"].values()
    times = 3200 / sum(one["tokens"] for one in stated)
    assert [one["asked_epochs"] for one in stated] == pytest.approx([times] * 3, rel=1e-4)
    more = mixed(tmp_path / "d", model, COUNTS, WEIGHTS, ", tokens: 99999", ", epochs: 2")
    with pytest.raises(UserError, match=r"tokens: 99999 would repeat `arxiv` .* times, and its epochs say 2"):
        shard.run(more)
    shard.run(mixed(tmp_path / "e", model, COUNTS, WEIGHTS, ", tokens: 99999, max_epochs: 20", ", epochs: 2"))


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
