"""A mark is what a tokenizer's files declare, never a word that looks like one."""

import json
from pathlib import Path

import pytest
import tokenizers

from manifests.errors import UserError
from pipelines.shards.tokenizer import load_tokenizer


def saved(folder: Path, words: list[str], special: list[str], **beside: dict) -> Path:
    """A `tokenizer.json` of whole words, with the files that stand beside it."""
    library = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: n for n, word in enumerate(words)}, words[0]))
    library.add_special_tokens(special)
    folder.mkdir(exist_ok=True)
    library.save(str(folder / "tokenizer.json"))
    for name, content in beside.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder / "tokenizer.json"


@pytest.mark.parametrize(
    ("words", "special", "begin", "end"),
    [
        (["a", "<s>", "</s>"], ["<bos>", "<eos>"], "<bos>", "<eos>"),
        (["a", "</s>"], [], None, None),
        (["a"], ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"], "<|begin_of_text|>", "<|end_of_text|>"),
        (
            ["a"],
            ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"],
            "<｜begin▁of▁sentence｜>",
            "<｜end▁of▁sentence｜>",
        ),
        (["a"], ["<|im_end|>", "<|endoftext|>"], None, "<|endoftext|>"),
        (["a"], ["<stop>"], None, None),
    ],
)
def test_only_special_tokens_are_marks(tmp_path: Path, words, special, begin, end) -> None:
    ids = {name: n for n, name in enumerate([*words, *special])}
    tokenizer = load_tokenizer(saved(tmp_path, words, special))
    assert (tokenizer.bos, tokenizer.eos) == (ids.get(begin), ids.get(end))


def test_what_stands_beside_the_file_decides(tmp_path: Path) -> None:
    config = {"bos_token": None, "eos_token": {"content": "<stop>"}}
    path = saved(tmp_path / "a", ["a"], ["<|endoftext|>", "<stop>"], tokenizer_config=config)
    assert load_tokenizer(path).eos == 2
    path = saved(tmp_path / "b", ["a"], ["<x>", "<y>"], generation_config={"bos_token_id": 1, "eos_token_id": [2, 1]})
    assert (load_tokenizer(path).bos, load_tokenizer(path).eos) == (1, 2)
    path = saved(tmp_path / "c", ["a"], ["<x>"], tokenizer_config={"eos_token": "<none>"})
    with pytest.raises(UserError, match=r"tokenizer_config\.json: eos_token: tokenizer\.json has no token `<none>`"):
        load_tokenizer(path)
    path = saved(tmp_path / "d", ["a"], ["<x>"])
    (tmp_path / "d" / "tokenizer_config.json").write_text("{")
    with pytest.raises(UserError, match=r"tokenizer_config\.json: not valid JSON"):
        load_tokenizer(path)


@pytest.mark.parametrize(
    ("special", "beside", "end"),
    [
        (["<eos>", "<bos>", "<end_of_turn>"], {"tokenizer_config": {"eos_token": "<end_of_turn>"}}, "<eos>"),
        (["<|endoftext|>", "<|im_end|>"], {"tokenizer_config": {"eos_token": "<|im_end|>"}}, "<|endoftext|>"),
        (["<|endoftext|>", "<|return|>"], {"generation_config": {"eos_token_id": [2, 1]}}, "<|endoftext|>"),
        (["<|eot_id|>", "<|end_of_text|>"], {"generation_config": {"eos_token_id": [1, 2]}}, "<|end_of_text|>"),
        (["<|im_end|>", "<other>"], {"tokenizer_config": {"eos_token": "<|im_end|>"}}, "<|im_end|>"),
    ],
)
def test_the_end_of_a_turn_is_not_the_end_of_a_document(tmp_path: Path, special, beside, end) -> None:
    tokenizer = load_tokenizer(saved(tmp_path, ["a"], special, **beside))
    assert tokenizer.eos == 1 + special.index(end)


def test_the_size_of_a_vocabulary_follows_its_largest_id(tmp_path: Path) -> None:
    path = saved(tmp_path, ["a"], [])
    data = json.loads(path.read_text())
    data["model"]["vocab"] = {"a": 0, "b": 70_000}
    path.write_text(json.dumps(data))
    assert load_tokenizer(path).vocabulary_size == 70_001
