"""Which ids begin and end a document: only what a tokenizer's files declare, never a word that looks like a mark.

A `tokenizer.json` lists its special tokens but does not say which of them is which. `tokenizer_config.json` and
`generation_config.json` beside it do (both are written by Hugging Face's transformers); without them, a special token
with one of the names that published models give their marks is taken. An ordinary word is never a mark: Gemma 3's
vocabulary, for one, holds the HTML tags `<s>` and `</s>` as words, and its end mark is `<eos>`.

The files of a model that chats name the token that ends a turn, because that is where it stops to speak: Gemma 3's
`<end_of_turn>`, Qwen 3's `<|im_end|>`, gpt-oss's `<|return|>`. A document is no turn: where such a vocabulary has the
mark that its base model was trained with, that one is taken.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from manifests.errors import UserError

END_TOKENS = (
    "<|endoftext|>",
    "<|end_of_text|>",
    "<eos>",
    "<｜end▁of▁sentence｜>",
    "</s>",
    "<|endofprompt|>",
    "[SEP]",
)
BEGIN_TOKENS = ("<|begin_of_text|>", "<bos>", "<｜begin▁of▁sentence｜>", "<s>", "[CLS]")
"""Names of special tokens in the published vocabularies of GPT-NeoX, Qwen and OLMo, Llama 3, Gemma, DeepSeek, Llama 2
and Mistral, and BERT, in this order: a vocabulary with several ends a document with the first."""
TURN_ENDS = frozenset(
    (
        "<end_of_turn>",
        "<turn|>",
        "<|im_end|>",
        "<|eot_id|>",
        "<|eom_id|>",
        "<|eot|>",
        "<|eom|>",
        "<|return|>",
        "<|end|>",
    )
)
"""Special tokens that end a turn of a conversation: Gemma 2 to 4, Qwen and OLMo 2, Llama 3 and 4, gpt-oss, Phi 3."""

Role = Literal["bos", "eos"]


class DeclaredMarks(NamedTuple):
    """The ids of the marks, None where nothing declares them, and the special tokens by name."""

    bos: int | None
    eos: int | None
    special: Mapping[str, int]


def special_tokens(data: Mapping[str, Any]) -> dict[str, int]:
    """The special tokens of a `tokenizer.json`'s values: entries of `added_tokens` that say so."""
    return {entry["content"]: int(entry["id"]) for entry in data.get("added_tokens") or () if entry.get("special")}


def declared_marks(path: Path, special: Mapping[str, int], known: Mapping[str, int]) -> DeclaredMarks:
    """The marks of the tokenizer at `path`; `known` maps every token of the vocabulary to its id.

    Raises UserError for a file beside it that is no JSON object or names a token that the vocabulary lacks.
    """
    config = _beside(path, "tokenizer_config.json")
    generation = _beside(path, "generation_config.json")
    turns = {special[name] for name in TURN_ENDS if name in special}
    found: dict[Role, int | None] = {}
    names: tuple[tuple[Role, tuple[str, ...]], ...] = (("bos", BEGIN_TOKENS), ("eos", END_TOKENS))
    for role, usual in names:
        mark = _configured(path, config, f"{role}_token", known)
        if mark is None:
            mark = _generated(generation.get(f"{role}_token_id"), known, turns)
        if mark is None or (role == "eos" and mark in turns):
            mark = next((special[name] for name in usual if name in special), mark)
        found[role] = mark
    return DeclaredMarks(found["bos"], found["eos"], special)


def _beside(path: Path, name: str) -> Mapping[str, Any]:
    place = path.parent / name
    if not place.is_file():
        return {}
    try:
        data = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{place}: not valid JSON ({error}); expected what stands beside {path.name}") from error
    if not isinstance(data, dict):
        raise UserError(f"{place}: expected a JSON object beside {path.name}")
    return data


def _configured(path: Path, config: Mapping[str, Any], key: str, known: Mapping[str, int]) -> int | None:
    value = config.get(key)
    name = value.get("content") if isinstance(value, dict) else value
    if not isinstance(name, str) or not name:
        return None
    if name not in known:
        raise UserError(f"{path.parent / 'tokenizer_config.json'}: {key}: {path.name} has no token `{name}`")
    return known[name]


def _generated(value: Any, known: Mapping[str, int], turns: set[int]) -> int | None:
    # A chat model lists several ends: the one that ends no turn is the text's own.
    listed = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, int)]
    there = [one for one in listed if one in set(known.values())]
    return next((one for one in there if one not in turns), there[0] if there else None)
