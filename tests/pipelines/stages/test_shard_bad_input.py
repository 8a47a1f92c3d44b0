"""What the shard stage makes of input that it was not meant for: one clear line, or one failed record, or all of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from manifests.errors import UserError
from manifests.records import Document
from pipelines.shards.tokenizer import load_tokenizer
from pipelines.stages import shard
from tests.pipelines.stages.shard_corpora import EOS, corpus_of, documents, model, rows

__all__ = ["model"]

END = "<|endoftext|>"


def words(path: Path, vocabulary: dict[str, int], end: int) -> Path:
    """A tokenizer.json of whole words, with its end mark."""
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    mark = {"id": end, "content": END, "special": True, **flags}
    found = {"type": "WordLevel", "vocab": vocabulary, "unk_token": "a"}
    data = {"version": "1.0", "pre_tokenizer": {"type": "Whitespace"}, "added_tokens": [mark], "model": found}
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize(("vocabulary", "end"), [({"a": 0}, 3_000_000_000), ({"a": 0, "b": 3_000_000_000, END: 2}, 2)])
def test_ids_beyond_32_bits_are_refused_in_one_line(tmp_path: Path, vocabulary: dict[str, int], end: int) -> None:
    path = words(tmp_path / "tokenizer.json", vocabulary, end)
    build = corpus_of(tmp_path / "c", path, documents(2))
    with pytest.raises(
        UserError, match=r"^toy\.yaml: shards\.tokenizer: tokenizer\.json: its largest id is 3000000000; expected less"
    ):
        shard.run(build)


def test_ids_beyond_16_bits_are_written_as_they_are(tmp_path: Path) -> None:
    path = words(tmp_path / "tokenizer.json", {"a": 0, "b": 70_000, END: 2}, 2)
    build = corpus_of(
        tmp_path / "c", path, [Document("toy:1", "toy", "", "a b a")], "layout: documents, megatron: true"
    )
    shard.run(build)
    assert [row["input_ids"] for row in rows(build.root)] == [[0, 70_000, 0, 2]]
    (binary,) = build.root.glob("megatron/**/*.bin")
    assert np.fromfile(binary, dtype="<i4").tolist() == [0, 70_000, 0, 2]


@pytest.mark.parametrize("kept", [0, 100, 1000])
def test_a_tokenizer_that_is_cut_short_is_refused_in_one_line(tmp_path: Path, model: Path, kept: int) -> None:
    whole = words(tmp_path / "whole.json", {f"word{n}": n for n in range(99)}, 99).read_bytes()
    for name, data in (("tokenizer.json", whole), ("small.model", model.read_bytes())):
        path = tmp_path / name
        path.write_bytes(data[: min(kept, len(data) - 5)])
        with pytest.raises(UserError, match=rf"^toy\.yaml: shards\.tokenizer: .*{name}: not a ") as caught:
            shard.ready(corpus_of(tmp_path / f"{name}.c", path, documents(2)))
        assert "\n" not in str(caught.value)


def test_a_document_of_many_megabytes_is_whole_and_so_is_the_next(tmp_path: Path, model: Path) -> None:
    large = "the theory of the " * 500_000
    chosen = [Document("toy:large", "toy", "", large), Document("toy:small", "toy", "", "the")]
    build = corpus_of(tmp_path / "c", model, chosen, "sequence_length: 4096")
    shard.run(build)
    pieces = {}
    for row in rows(build.root):
        at = 0
        for name, size, position in zip(row["ids"], row["lengths"], row["positions"], strict=True):
            pieces[name, position] = row["input_ids"][at : at + size]
            at += size
    tokenizer = load_tokenizer(model)
    for document in chosen:
        ids = [one for (name, _), part in sorted(pieces.items()) if name == document.id for one in part]
        assert ids == [*tokenizer.encode([document.text])[0].tolist(), EOS]


def test_a_source_without_documents_is_named_and_the_others_are_whole(tmp_path: Path, model: Path) -> None:
    build = corpus_of(tmp_path / "c", model, [Document("toy:1", "toy", "", " ")])
    shard.run(build)
    stated = json.loads((build.root / "mixture.json").read_text())
    assert stated["remarks"] == ["toy: not one document is left (1 empty); the stream is empty"]
    assert not list(build.root.glob("shards/**/*.parquet"))
