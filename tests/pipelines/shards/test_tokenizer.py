"""Token ids are those of the reference library, whoever computes them."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import tokenizers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.errors import UserError
from pipelines.shards.merges import MOST_SYMBOLS, merge_tables, supported
from pipelines.shards.sentencepiece_model import NORMAL, UNUSED, USER_DEFINED, parse_model
from pipelines.shards.tokenizer import JsonTokenizer, SentencePieceTokenizer, load_tokenizer
from tests.pipelines.shards.vocabularies import field, llama_model, llama_texts, model_bytes, small_pieces

pytestmark = pytest.mark.kernel

REAL = os.environ.get("PROOFPILE_REAL_DATA")
needs_real_data = pytest.mark.skipif(not REAL, reason="PROOFPILE_REAL_DATA is not set")
WORDS = (
    "▁the",
    "▁th",
    "he",
    "▁t",
    "th",
    "ab",
    "abab",
    "ba",
    "▁▁",
    "▁▁▁▁",
    "a▁b",
    "▁a",
    "é",
    "中文",
    "x²",
    "\n\n",
    "12",
)
ODD = st.text(
    alphabet=st.one_of(st.sampled_from("the ab▁\n12é中文x²\0\u200b🦙"), st.characters(exclude_categories=["Cs"]))
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "small.model"
    path.write_bytes(model_bytes(small_pieces(WORDS)))
    return path


@pytest.fixture(scope="module")
def llama(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "llama.model"
    path.write_bytes(llama_model(Path(str(REAL))))
    return path


def reference(path: Path, text: str) -> list[int]:
    found: list[int] = sentencepiece.SentencePieceProcessor(model_file=str(path)).encode(text)
    return found


@needs_real_data
def test_the_published_ids_of_the_llama_vocabulary(llama):
    tokenizer = SentencePieceTokenizer(llama, "llama")
    assert tokenizer.reason is None
    assert (tokenizer.vocabulary_size, tokenizer.bos, tokenizer.eos) == (32000, 1, 2)
    published = llama_texts(Path(str(REAL)))
    assert len(published) == 47
    assert [ids.tolist() for ids in tokenizer.encode([text for text, _ in published])] == [ids for _, ids in published]


@needs_real_data
def test_papers_get_the_ids_of_the_library(llama):
    compiled, library = (SentencePieceTokenizer(llama, "llama", compiled=one) for one in (True, False))
    papers = [
        path.read_text(errors="replace")
        for path in sorted((Path(str(REAL)) / "latex").rglob("*"))
        if path.is_file() and path.stat().st_size < 20_000
    ][:60]
    assert sum(map(len, papers)) > 100_000
    for one, two in zip(compiled.encode(papers), library.encode(papers), strict=True):
        np.testing.assert_array_equal(one, two)


@needs_real_data
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ODD)
def test_any_text_gets_the_ids_of_the_library_under_llama(llama_pair, text):
    assert llama_pair[0].encode([text])[0].tolist() == llama_pair[1].encode([text])[0].tolist()


@pytest.fixture(scope="module")
def llama_pair(llama):
    return [SentencePieceTokenizer(llama, "llama", compiled=one) for one in (True, False)]


@settings(max_examples=300, deadline=None)
@given(text=ODD)
def test_any_text_gets_the_ids_of_the_library(small_pair, text):
    assert small_pair[0].reason is None
    assert small_pair[0].encode([text])[0].tolist() == small_pair[1].encode([text])[0].tolist()


@pytest.fixture(scope="module")
def small_pair(small):
    return [SentencePieceTokenizer(small, "small", compiled=one) for one in (True, False)]


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.text(alphabet="ab▁é", min_size=1, max_size=6), max_size=12), data=st.data())
def test_any_vocabulary_gives_the_ids_of_the_library(tmp_path_factory, words, data):
    path = tmp_path_factory.mktemp("any") / "any.model"
    path.write_bytes(model_bytes(small_pieces(words)))
    tokenizer = SentencePieceTokenizer(path, "any")
    assert tokenizer.reason is None
    for _ in range(5):
        text = data.draw(st.text(alphabet="ab é▁c", max_size=40))
        assert tokenizer.encode([text])[0].tolist() == reference(path, text)


def test_equal_scores_are_merged_from_the_left(tmp_path):
    pieces = [(text, 0.0 if len(text) > 1 else score, kind) for text, score, kind in small_pieces(["aa", "aaa"])]
    (tmp_path / "m").write_bytes(model_bytes(pieces))
    tokenizer = SentencePieceTokenizer(tmp_path / "m", "m")
    for text in ("aaa", "aaaa", "aaaaa", "aa aaaa"):
        assert tokenizer.encode([text])[0].tolist() == reference(tmp_path / "m", text)


def test_a_long_unbroken_part_goes_to_the_library(small):
    text = "ab" * MOST_SYMBOLS
    assert SentencePieceTokenizer(small, "small").encode([text])[0].tolist() == reference(small, text)


@pytest.mark.compiled
def test_megabytes_without_a_space_take_seconds_at_most(small):
    tokenizer = SentencePieceTokenizer(small, "small")
    started = time.process_time()
    for text in ("ab" * 500_000, "é" * 500_000, "x" * 1_000_000):
        assert len(tokenizer.encode([text])[0]) > 0
    assert time.process_time() - started < 20


def test_a_control_token_in_a_text_is_text(small, tmp_path):
    (ids,) = SentencePieceTokenizer(small, "small").encode(["</s>"])
    assert 2 not in ids.tolist()
    library = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "<unk>": 1}, unk_token="<unk>"))
    library.add_special_tokens(["</s>"])
    library.save(str(tmp_path / "tokenizer.json"))
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json")
    assert tokenizer.eos == 2
    assert 2 not in tokenizer.encode(["</s>"])[0].tolist()


def test_a_tokenizer_json_gives_the_librarys_ids(tmp_path):
    library = tokenizers.Tokenizer(tokenizers.models.BPE({"a": 0, "b": 1, "ab": 2, "x": 3}, [("a", "b")]))
    library.add_special_tokens(["<|endoftext|>"])
    library.enable_truncation(2)
    library.save(str(tmp_path / "tokenizer.json"))
    tokenizer = load_tokenizer(tmp_path / "tokenizer.json", "mine")
    assert isinstance(tokenizer, JsonTokenizer)
    assert [ids.tolist() for ids in tokenizer.encode(["abba" * 2, ""])] == [[2, 1, 0, 2, 1, 0], []]
    assert (tokenizer.name, tokenizer.vocabulary_size, tokenizer.bos, tokenizer.eos) == ("mine", 5, None, 4)
    assert tokenizer.token_id("ab") == 2
    assert tokenizer.token_id("none") is None


@pytest.mark.parametrize(
    ("pieces", "trainer", "normalizer", "reason"),
    [
        (small_pieces(WORDS), {3: 1}, {}, "not byte-pair"),
        (small_pieces(WORDS), {35: 0}, {}, "byte fallback"),
        (small_pieces(WORDS), {}, {4: 1}, "changes the text"),
        (small_pieces(WORDS), {24: 1}, {}, "changes the text"),
        ([*small_pieces(WORDS), ("zz", 0.0, UNUSED)], {}, {}, "unused"),
        ([*small_pieces(WORDS), ("zz", 0.0, NORMAL)], {}, {}, "no piece"),
        ([*small_pieces([]), ("▁", 0.0, NORMAL)], {}, {}, "equal"),
    ],
)
def test_a_vocabulary_it_cannot_prove_is_left_to_the_library(pieces, trainer, normalizer, reason):
    found = supported(parse_model(model_bytes(pieces, trainer, normalizer)))
    assert found is not None
    assert reason in found


def test_the_tables_know_every_cut_of_a_piece_into_two_and_every_two_neighbours():
    model = parse_model(model_bytes(small_pieces(["ab", "abab", "▁é", "中文"])))
    ids = {piece.text: number for number, piece in enumerate(model.pieces)}
    tables = merge_tables(model)
    used = tables.pair_keys != 0
    pairs = {
        (int(key - 1) >> 32, int(key - 1) & 0xFFFFFFFF): int(whole)
        for key, whole in zip(tables.pair_keys[used].tolist(), tables.pair_ids[used].tolist(), strict=True)
    }
    halves = {"ab": [("a", "b")], "abab": [("ab", "ab")], "▁é": [("▁", "é")], "中文": [("中", "文")]}
    assert pairs == {(ids[one], ids[two]): ids[whole] for whole, cuts in halves.items() for one, two in cuts}
    beside = {divmod(int(place), 128) for place in np.flatnonzero(tables.ascii_neighbours)}
    assert beside == {(ord("a"), ord("b")), (ord("b"), ord("a"))}
    assert sum(int(word).bit_count() for word in tables.neighbours) == 2  # a space and é, 中 and 文


def test_a_score_of_another_size_is_no_model():
    with pytest.raises(ValueError, match="a score of 3 bytes"):
        parse_model(field(1, field(1, b"a") + field(2, b"\0\0\0")))


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(st.sampled_from(["[IN", "ST]", "[INST]", "▁x y", " x", " y", "the ", "ab", "▁", "["])))
def test_user_defined_pieces_are_cut_out_as_the_library_does(defined_pair, parts):
    text = "".join(parts)
    assert defined_pair[0].reason is None
    assert defined_pair[0].encode([text])[0].tolist() == defined_pair[1].encode([text])[0].tolist()


@pytest.fixture(scope="module")
def defined_pair(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "defined.model"
    pieces = small_pieces([*WORDS, "[IN", "ST]", "[I", "IN", "ST", "T]", "▁x"])
    path.write_bytes(model_bytes([*pieces, ("[INST]", 0.0, USER_DEFINED), ("▁x▁y", 0.0, USER_DEFINED)]))
    return [SentencePieceTokenizer(path, "defined", compiled=one) for one in (True, False)]


def test_without_a_space_before_the_text_the_library_encodes(tmp_path):
    (tmp_path / "m").write_bytes(model_bytes(small_pieces(WORDS), {}, {3: 0}))
    tokenizer = SentencePieceTokenizer(tmp_path / "m", "m")
    assert tokenizer.reason is not None
    assert tokenizer.encode(["the abab"])[0].tolist() == reference(tmp_path / "m", "the abab")


@pytest.mark.parametrize("content", [b"", b"no model", b"\x0a\xff\xff", b"{]", b"GGUF\3\0\0\0", b"[]"])
def test_a_file_that_is_no_tokenizer_is_named_in_one_line(tmp_path, content):
    path = tmp_path / "broken.model"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.model") as caught:
        load_tokenizer(path)
    assert "\n" not in str(caught.value)


def test_a_json_list_is_not_spoken_of_as_a_model(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text('[{"id": 0, "content": "</s>"}]', encoding="utf-8")
    with pytest.raises(UserError, match=r"tokenizer\.json: begins a JSON list; expected .* an object$"):
        load_tokenizer(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match="gone"):
        load_tokenizer(tmp_path / "gone")
