"""What the library says of a vocabulary's probe is asked for once, and again where the answer is not as it was kept."""

import json
from pathlib import Path

import pytest

from manifests.writing import sha256_of
from pipelines.shards import proofs
from pipelines.shards.byte_pairs import JsonTokenizer
from pipelines.shards.proofs import place_of, proven
from pipelines.shards.rank_files import GPT2_SPLIT, as_json
from pipelines.shards.tokenizer import SentencePieceTokenizer, Tokenizer, load_tokenizer
from tests.pipelines.shards.test_byte_pairs import RANKS
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "tokenizer.json"
    path.write_text(as_json(RANKS, GPT2_SPLIT, {"</s>": 255 + len(RANKS)}), encoding="utf-8")
    return path


def asked(path: Path) -> tuple[Tokenizer, tuple[int, ...] | None, bool]:
    """The tokenizer, what is known of it, and whether its library was loaded."""
    tokenizer, ids = proven(sha256_of(path), lambda whole: load_tokenizer(path, compiled=False, proven=whole))
    return tokenizer, ids, "_library" in vars(tokenizer)


def test_the_second_time_the_library_is_not_loaded(path: Path) -> None:
    first, ids, loaded = asked(path)
    assert isinstance(first, JsonTokenizer)
    assert loaded and ids == tuple(first.probe_ids())
    second, again, loaded = asked(path)
    assert again == ids and not loaded
    assert (second.eos, second.vocabulary_size, second.special) == (first.eos, first.vocabulary_size, first.special)
    assert second.token_id("</s>") == first.token_id("</s>") is not None
    assert "_library" not in vars(second)
    assert second.token_id("no such token") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", "3", '["x", 1]', "[[1]]"])
def test_an_answer_that_is_not_as_it_was_kept_is_asked_again(path: Path, content: str) -> None:
    _, ids, _ = asked(path)
    place = place_of(sha256_of(path))
    kept = json.loads(place.read_text())
    for damaged in (content, json.dumps([kept[0], *kept[1:-1]])):
        place.write_text(damaged)
        _, again, loaded = asked(path)
        assert loaded and again == ids
        assert json.loads(place.read_text()) == kept


def test_another_file_another_version_or_another_probe_is_asked_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(path)
    with monkeypatch.context() as changed:
        changed.setattr(proofs, "version", lambda _: "another")
        assert asked(path)[2]
    assert not asked(path)[2]
    monkeypatch.setattr(proofs, "PROBE", "another")
    assert asked(path)[2]
    path.write_text(path.read_text() + "\n")
    assert asked(path)[2]


def test_a_home_that_cannot_be_written_keeps_nobody_from_working(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(path))  # a file
    _, ids, loaded = asked(path)
    assert loaded and ids


def test_a_model_of_sentencepiece_has_no_such_library(path: Path) -> None:
    model = path.with_name("small.model")
    model.write_bytes(model_bytes(small_pieces([])))
    tokenizer, ids = proven(sha256_of(model), lambda whole: load_tokenizer(model, compiled=False, proven=whole))
    assert isinstance(tokenizer, SentencePieceTokenizer)
    assert ids is None
