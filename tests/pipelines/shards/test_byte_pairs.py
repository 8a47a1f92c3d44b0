"""Byte-level vocabularies: the ids of the library that each belongs to, and marks that are read, not guessed."""

import base64
import hashlib
import json
from itertools import pairwise
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.errors import UserError
from manifests.writing import sha256_of
from pipelines.shards import byte_pairs, rank_files
from pipelines.shards import tokenizer as tokenizer_module
from pipelines.shards.byte_pairs import PROBE, JsonTokenizer
from pipelines.shards.rank_files import CL100K_SPLIT, GPT2_SPLIT, O200K_SPLIT, QWEN_SPLIT, RankFile, as_json
from pipelines.shards.tokenizer import load_tokenizer, ready, shared_tokenizer
from tests.pipelines.shards.vocabularies import model_bytes, small_pieces

pytestmark = pytest.mark.kernel

WORDS = (
    b"th the ing an er \xd0\xbc \xd0\xbe \xd0\xbc\xd0\xbe \xe4\xb8 \xe4\xb8\xad ab aba ll 've "
    b"12 123 == ==== {\\ \n\n re"
).split(b" ")
RANKS = {bytes([byte]): byte for byte in range(256)} | {
    word: 256 + place for place, word in enumerate([b"  ", b" t", b" a", *WORDS])
}
SPLITS = {"gpt2": GPT2_SPLIT, "cl100k": CL100K_SPLIT, "qwen": QWEN_SPLIT, "o200k": O200K_SPLIT}
ODD = st.text(
    alphabet=st.one_of(
        st.sampled_from("the 's'Ll ab12\n\r\t═ {\\éМо中½ſǅ\u0301🦙\u00a0"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=60,
)


def by_the_book(text: str, split: str) -> list[int]:
    """Byte-pair encoding as it is defined, part by part, with the library's splitting and nothing else of it."""
    splitter = tokenizers.pre_tokenizers.Split(tokenizers.Regex(split), "isolated")
    found: list[int] = []
    for part, _ in splitter.pre_tokenize_str(text):
        whole = part.encode()
        pieces = [whole] if whole in RANKS else [bytes([byte]) for byte in whole]
        while True:
            ranked = [(RANKS[a + b], at) for at, (a, b) in enumerate(pairwise(pieces)) if a + b in RANKS]
            if not ranked:
                break
            at = min(ranked)[1]
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
        found += [RANKS[piece] for piece in pieces]
    return found


@pytest.fixture(scope="module")
def of_ranks(tmp_path_factory):
    special = {"<|endoftext|>": 400}
    return {
        name: JsonTokenizer(tmp_path_factory.mktemp("ranks") / name, name, as_json(RANKS, split, special))
        for name, split in SPLITS.items()
    }


@pytest.mark.parametrize("name", SPLITS)
def test_ranks_are_merged_by_the_book_and_by_the_compiled_encoder(of_ranks, name) -> None:
    assert of_ranks[name].reason is None
    for text in (PROBE, "", " ", "abab the moМо 123456 ====={\\\n\n\n", "<|endoftext|>"):
        assert of_ranks[name].encode([text])[0].tolist() == by_the_book(text, SPLITS[name])


@settings(max_examples=200, deadline=None)
@given(text=ODD, name=st.sampled_from(sorted(SPLITS)))
def test_any_text_gets_the_ids_of_the_library(of_ranks, text, name) -> None:
    tokenizer = of_ranks[name]
    library = JsonTokenizer(Path(name), name, as_json(RANKS, SPLITS[name], {}), compiled=False)
    assert tokenizer.encode([text])[0].tolist() == library.encode([text])[0].tolist()


def test_a_character_newer_than_the_tables_goes_to_the_library(of_ranks, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(of_ranks["o200k"], "_library_ids", asked.append)
    of_ranks["o200k"].encode(["a plain text", "中文 é", "the \U000323b0's"])
    assert asked == ["the \U000323b0's"]


def test_it_is_found_wherever_it_stands_in_a_long_text(of_ranks, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(of_ranks["o200k"], "_library_ids", asked.append)
    monkeypatch.setattr(byte_pairs, "PART", 4)
    for place in range(1, 20):
        text = "é" * place + "\U000323b0" + "é" * 9
        of_ranks["o200k"].encode([text, "é" * 19])
        assert asked.pop() == text
    assert asked == []


def test_the_compiled_encoders_memory_is_begun_anew(of_ranks, monkeypatch) -> None:
    tokenizer = of_ranks["gpt2"]
    monkeypatch.setattr(byte_pairs, "BYTES_REMEMBERED", 100)
    before = tokenizer._compiled
    text = "the abab " * 30
    assert tokenizer.encode([text, text])[1].tolist() == by_the_book(text, GPT2_SPLIT)
    assert tokenizer._compiled is not before


def test_a_vocabulary_the_compiled_encoder_gets_wrong_is_left_to_the_library(tmp_path, monkeypatch) -> None:
    import gigatoken

    class Wrong:
        backend = type("Backend", (), {"encode": staticmethod(lambda text: __import__("numpy").zeros(1, dtype="u4"))})

    monkeypatch.setattr(gigatoken.Tokenizer, "from_json", classmethod(lambda cls, data: Wrong))
    tokenizer = JsonTokenizer(tmp_path / "x", "x", as_json(RANKS, GPT2_SPLIT, {}))
    assert tokenizer.reason == "the compiled encoder's ids differ on a probe"
    assert tokenizer.encode(["the ab"])[0].tolist() == by_the_book("the ab", GPT2_SPLIT)


def test_what_was_probed_elsewhere_spares_the_library_and_is_believed(tmp_path) -> None:
    text = as_json(RANKS, GPT2_SPLIT, {})
    probed = JsonTokenizer(tmp_path / "x", "x", text, compiled=False).probe_ids()
    tokenizer = JsonTokenizer(tmp_path / "x", "x", text, proven=False)
    tokenizer.prove(probed)
    assert tokenizer.encode(["the ab"])[0].tolist() == by_the_book("the ab", GPT2_SPLIT)
    assert "_library" not in vars(tokenizer)
    tokenizer.prove([*probed, 0])
    assert tokenizer.reason == "the compiled encoder's ids differ on a probe"
    assert tokenizer.encode(["the ab"])[0].tolist() == by_the_book("the ab", GPT2_SPLIT)


@pytest.mark.parametrize("kind", ["tokenizer.json", "small.model"])
def test_workers_are_given_what_was_loaded_before_they_were_forked(tmp_path, kind) -> None:
    path = tmp_path / kind
    if kind == "tokenizer.json":
        path.write_text(as_json(RANKS, GPT2_SPLIT, {}), encoding="utf-8")
    else:
        path.write_bytes(model_bytes(small_pieces(["▁the"])))
    ready(str(tmp_path / "none"))
    ready(str(path))
    loaded = tokenizer_module._LOADED[sha256_of(path)]
    assert shared_tokenizer(path, sha256_of(path), None) is loaded
    assert loaded.encode(["the"])[0].tolist() == load_tokenizer(path).encode(["the"])[0].tolist()


def test_a_character_beyond_the_first_plane_is_looked_at_as_a_whole(of_ranks, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(of_ranks["gpt2"], "_library_ids", asked.append)
    of_ranks["gpt2"].encode(["𝔽 🦙", "𝔽 \U000323b0", "𝔽 🦙"])
    assert asked == ["𝔽 \U000323b0"]


def test_a_vocabulary_the_compiled_encoder_does_not_know_is_left_to_the_library(tmp_path) -> None:
    data = json.loads(as_json(RANKS, GPT2_SPLIT, {}))
    data["normalizer"] = {"type": "NFKC"}
    tokenizer = JsonTokenizer(tmp_path / "x", "x", json.dumps(data))
    assert tokenizer.reason is not None
    assert "refuses" in tokenizer.reason
    assert tokenizer.encode(["ﬁ"])[0].tolist() == by_the_book("fi", GPT2_SPLIT)


def test_words_that_are_added_are_cut_out_and_special_ones_are_text(tmp_path) -> None:
    first = len(RANKS)
    data = json.loads(as_json(RANKS, GPT2_SPLIT, {"<|endoftext|>": first}))
    data["added_tokens"].append({**data["added_tokens"][0], "id": first + 1, "content": "    ", "special": False})
    tokenizer = JsonTokenizer(tmp_path / "x", "x", json.dumps(data))
    assert tokenizer.reason is None
    (ids,) = tokenizer.encode(["a    b<|endoftext|>"])
    assert ids.tolist() == [97, first + 1, 98, *by_the_book("<|endoftext|>", GPT2_SPLIT)]


def with_added(path: Path, *added: tuple[int, str]) -> Path:
    """A vocabulary whose added words have ids that leave a hole behind its last one."""
    data = json.loads(as_json(RANKS, GPT2_SPLIT, {"<|endoftext|>": 70_000}))
    flags = {**data["added_tokens"][0], "special": False}
    data["added_tokens"] += [{**flags, "id": number, "content": word} for number, word in added]
    path.write_text(json.dumps(data))
    return path


def test_a_word_that_is_added_has_the_id_that_the_file_says(tmp_path) -> None:
    """The library would count on from the vocabulary's end, to ids of which the model knows nothing."""
    tokenizer = load_tokenizer(with_added(tmp_path / "tokenizer.json", (900, "<think>"), (901, "<x>")))
    assert tokenizer.encode(["a<x>b<think>"])[0].tolist() == [97, 901, 98, 900]
    assert (tokenizer.token_id("<think>"), tokenizer.token_id("<|endoftext|>")) == (900, 70_000)
    assert tokenizer.vocabulary_size == 70_001


def test_a_word_that_the_library_would_give_the_id_of_another_is_refused(tmp_path) -> None:
    path = with_added(tmp_path / "tokenizer.json", (900, "<think>"))
    data = json.loads(path.read_text())
    vocab = data["model"]["vocab"]
    data["model"]["vocab"] = {word: number + (number == len(vocab) - 1) for word, number in vocab.items()}
    data["added_tokens"] = data["added_tokens"][1:]
    path.write_text(json.dumps(data))
    with pytest.raises(UserError, match=r"tokenizer\.json \(id \d+ is `.*` and also what the library gives the added"):
        load_tokenizer(path)


LOOKED_UP = {
    "Unigram": {"unk_id": 0, "vocab": [["<unk>", 0.0], ["</s>", 0.0], ["▁", -2.0], ["a", -3.0], ["▁a", -1.0]]},
    "WordLevel": {"unk_token": "<unk>", "vocab": {"<unk>": 0, "</s>": 1, "▁a": 2}},
}


@pytest.mark.parametrize("kind", LOOKED_UP)
def test_a_mark_in_a_text_is_text_where_words_are_looked_up(tmp_path, kind) -> None:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    marks = [{"id": number, "content": word, "special": True, **flags} for number, word in enumerate(("<unk>", "</s>"))]
    before = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    data = {"version": "1.0", "added_tokens": marks, "pre_tokenizer": before}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps({**data, "model": {"type": kind, **LOOKED_UP[kind]}}))
    tokenizer = load_tokenizer(path)
    ids = tokenizer.encode(["a </s> a"])[0].tolist()
    assert (tokenizer.eos, tokenizer.token_id("</s>")) == (1, 1)
    assert ids[0] == ids[-1] == tokenizer.encode(["a"])[0].tolist()[0]
    assert 1 not in ids
    assert 0 in ids


@pytest.mark.parametrize("merged", [False, True])
def test_a_mark_that_is_a_word_of_its_own_is_text_where_words_are_looked_up_before_merges(tmp_path, merged) -> None:
    data = json.loads(as_json(RANKS, GPT2_SPLIT, {}))
    model = data["model"] | {"ignore_merges": True}
    words = ["</", "</s", "</s>"] if merged else ["</s>"]
    model["vocab"] |= {word: 900 + number for number, word in enumerate(words)}
    model["merges"] += [["<", "/"], ["</", "s"], ["</s", ">"]] if merged else []
    mark = {"id": model["vocab"]["</s>"], "content": "</s>", "special": True, "normalized": False}
    mark |= dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
    before = [{"type": "WhitespaceSplit"}, data["pre_tokenizer"]["pretokenizers"][1]]
    path = tmp_path / "tokenizer.json"
    changed = {"model": model, "added_tokens": [mark], "pre_tokenizer": {"type": "Sequence", "pretokenizers": before}}
    path.write_text(json.dumps(data | changed))
    tokenizer = load_tokenizer(path)
    ids = tokenizer.encode(["a </s> a"])[0].tolist()
    assert (tokenizer.eos in ids) is merged  # what merges make cannot be told from the mark: such a text is no row
    assert merged or tokenizer.decode(ids) == "a</s>a"


def test_chance_in_the_ids_is_refused(tmp_path) -> None:
    data = json.loads(as_json(RANKS, GPT2_SPLIT, {}))
    data["model"]["dropout"] = 0.1
    (tmp_path / "tokenizer.json").write_text(json.dumps(data))
    with pytest.raises(UserError, match=r"tokenizer\.json: model\.dropout is 0\.1"):
        load_tokenizer(tmp_path / "tokenizer.json")


def tiktoken_file(path: Path) -> Path:
    path.write_bytes(b"".join(base64.b64encode(entry) + b" %d\n" % rank for entry, rank in RANKS.items()))
    return path


def test_a_published_tiktoken_file_is_known_by_its_content(tmp_path, monkeypatch) -> None:
    path = tiktoken_file(tmp_path / "any name")
    known = RankFile("mine", CL100K_SPLIT, {"<|endoftext|>": 290}, 300)
    monkeypatch.setattr(rank_files, "KNOWN", {hashlib.sha256(path.read_bytes()).hexdigest(): known})
    tokenizer = load_tokenizer(path)
    assert (tokenizer.bos, tokenizer.eos, tokenizer.vocabulary_size) == (None, 290, 300)
    assert tokenizer.encode(["the ab12's"])[0].tolist() == by_the_book("the ab12's", CL100K_SPLIT)


def test_a_tiktoken_file_that_is_cut_short_or_unknown_is_refused_in_one_line(tmp_path) -> None:
    with pytest.raises(UserError, match=r"mine\.tiktoken: not a published .tiktoken file.*o200k_base.*tokenizer\.json"):
        load_tokenizer(tiktoken_file(tmp_path / "mine.tiktoken"))


def tekken(**changes: object) -> dict[str, object]:
    entries = [{"rank": rank, "token_bytes": base64.b64encode(entry).decode()} for entry, rank in RANKS.items()]
    config = {
        "pattern": O200K_SPLIT,
        "default_num_special_tokens": 10,
        "default_vocab_size": len(RANKS) + 10,
        "num_vocab_tokens": len(RANKS),
        "version": "v3",
    }
    return {"config": config, "vocab": entries, **changes}


def test_tekken_ids_stand_behind_its_special_tokens(tmp_path) -> None:
    (tmp_path / "tekken.json").write_text(json.dumps(tekken()))
    tokenizer = load_tokenizer(tmp_path / "tekken.json")
    assert (tokenizer.bos, tokenizer.eos, tokenizer.vocabulary_size) == (1, 2, len(RANKS) + 10)
    assert tokenizer.encode(["the Ab"])[0].tolist() == [one + 10 for one in by_the_book("the Ab", O200K_SPLIT)]
    special = [{"rank": 4, "token_str": "</s>", "is_control": True}, {"rank": 5, "token_str": "<s>"}]
    (tmp_path / "tekken.json").write_text(json.dumps(tekken(special_tokens=special)))
    assert (load_tokenizer(tmp_path / "tekken.json").bos, load_tokenizer(tmp_path / "tekken.json").eos) == (5, 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vocab": []}, "vocab: 0 entries, expected"),
        ({"vocab": [{"rank": 0}]}, "vocab: not as a tekken.json has it"),
        ({"config": {}}, "config.pattern: not as"),
    ],
)
def test_a_tekken_file_that_is_wrong_is_refused_by_its_key(tmp_path, changes, message) -> None:
    (tmp_path / "tekken.json").write_text(json.dumps(tekken(**changes)))
    with pytest.raises(UserError, match=rf"tekken\.json: {message}"):
        load_tokenizer(tmp_path / "tekken.json")
