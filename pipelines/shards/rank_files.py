"""Vocabularies that are lists of byte strings by rank: OpenAI's `.tiktoken` files and Mistral's `tekken.json`.

Both are byte-level byte-pair encoding in which two neighbours merge if their joined bytes are in the list, the lowest
rank first (openai/tiktoken, `_educational.py`). They become the text of a `tokenizer.json`, as transformers' own
conversion does it (huggingface/transformers, `convert_slow_tokenizer.py`, TikTokenConverter): every cut of an entry
into two entries is a merge, in the order of the joined entry's rank. One encoder then serves all of them.

A `.tiktoken` file says neither how a text is split nor what its special tokens are; both stand in the programs that
read it. So a file is known by its sha256, or not at all.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from manifests.errors import UserError

GPT2_SPLIT = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
QWEN_SPLIT = CL100K_SPLIT.replace(r"\p{N}{1,3}", r"\p{N}")
_LOWER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_UPPER = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K_SPLIT = rf"{_LOWER}|{_UPPER}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
"""How the published programs split a text: openai/tiktoken `openai_public.py`, QwenLM/Qwen `tokenization_qwen.py` and
meta-llama/llama-models `tokenizer.py` (Llama 3: CL100K_SPLIT, Llama 4: O200K_SPLIT)."""


class RankFile(NamedTuple):
    """What the programs that read a `.tiktoken` file know of it: how a text is split, special tokens, number of ids."""

    name: str
    split: str
    special: Mapping[str, int]
    size: int


_FIM = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>")


def _from(first: int, *names: str) -> dict[str, int]:
    return {name: first + number for number, name in enumerate(names)}


KNOWN: Mapping[str, RankFile] = {
    "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930": RankFile(
        "r50k_base", GPT2_SPLIT, {"<|endoftext|>": 50256}, 50257
    ),
    "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069": RankFile(
        "p50k_base", GPT2_SPLIT, {"<|endoftext|>": 50256}, 50281
    ),
    "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7": RankFile(
        "cl100k_base", CL100K_SPLIT, {**_from(100257, "<|endoftext|>", *_FIM), "<|endofprompt|>": 100276}, 100277
    ),
    "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d": RankFile(
        "o200k_base", O200K_SPLIT, {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}, 200019
    ),
    "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186": RankFile(
        "qwen", QWEN_SPLIT, _from(151643, "<|endoftext|>", "<|im_start|>", "<|im_end|>"), 151851
    ),
    "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55": RankFile(
        "llama3", CL100K_SPLIT, _from(128000, "<|begin_of_text|>", "<|end_of_text|>"), 128256
    ),
    "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed": RankFile(
        "llama4", O200K_SPLIT, _from(200000, "<|begin_of_text|>", "<|end_of_text|>", *_FIM), 202048
    ),
}
"""Files by their sha256, as they are published. Special tokens that mark neither a document nor a hole in one only
count in `size`."""

TEKKEN_SPECIAL = ("<unk>", "<s>", "</s>")
"""The first special tokens of a `tekken.json` that lists none (mistralai/mistral-common, `tekken.py`)."""


class Ranks(NamedTuple):
    """A list of byte strings as the text of a `tokenizer.json`, and the number of its ids."""

    text: str
    size: int


def looks_like_ranks(head: bytes) -> bool:
    """Whether a file begins as a `.tiktoken` file does: a byte string in base64, a space, a number."""
    return re.match(rb"[A-Za-z0-9+/]{2,}={0,2} \d+\r?\n", head) is not None


def tiktoken_ranks(path: Path) -> Ranks:
    """Read a `.tiktoken` file. Raises UserError for one that is none of the published ones."""
    data = path.read_bytes()
    about = KNOWN.get(hashlib.sha256(data).hexdigest())
    if about is None:
        names = ", ".join(one.name for one in KNOWN.values())
        raise UserError(
            f"{path}: not a published .tiktoken file, or cut short, so how it splits a text is not known; "
            f"known: {names}; expected one of these or the vocabulary as a tokenizer.json"
        )
    ranks = {}
    for line in data.splitlines():
        text, _, rank = line.partition(b" ")
        ranks[base64.b64decode(text)] = int(rank)
    return Ranks(as_json(ranks, about.split, about.special), about.size)


def tekken_ranks(path: Path, data: Mapping[str, Any]) -> Ranks:
    """The vocabulary of a `tekken.json` with these values. Raises UserError naming the key that is missing or wrong."""
    key = "config"
    try:
        config = data[key]
        key = "config.pattern"
        split = str(config["pattern"])
        key = "config.default_num_special_tokens"
        reserved = int(config["default_num_special_tokens"])
        key = "config.default_vocab_size"
        size = int(config["default_vocab_size"])
        key = "vocab"
        entries = data["vocab"][: size - reserved]
        ranks = {base64.b64decode(one["token_bytes"], validate=True): int(one["rank"]) + reserved for one in entries}
        key = "special_tokens"
        listed = data.get("special_tokens") or ()
        special = {str(one["token_str"]): int(one["rank"]) for one in listed} or _from(0, *TEKKEN_SPECIAL)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: {key}: not as a tekken.json has it ({error})") from error
    if len(ranks) != size - reserved:
        raise UserError(
            f"{path}: vocab: {len(ranks)} entries, expected {size - reserved} (default_vocab_size less special tokens)"
        )
    return Ranks(as_json(ranks, split, special), size)


def as_json(ranks: Mapping[bytes, int], split: str, special: Mapping[str, int]) -> str:
    """The text of a `tokenizer.json` that gives every byte string its id and merges by the rank of what is joined."""
    letters = _letters()
    written = {entry: entry.decode("latin-1").translate(letters) for entry in ranks}
    merges: list[tuple[str, str]] = []
    for entry in sorted(ranks, key=ranks.__getitem__):
        cuts = [(entry[:at], entry[at:]) for at in range(1, len(entry))]
        there = [(left, right) for left, right in cuts if left in ranks and right in ranks]
        there.sort(key=lambda pair: (ranks[pair[0]], ranks[pair[1]]))
        merges.extend((written[left], written[right]) for left, right in there)
    splitting = {"type": "Split", "pattern": {"Regex": split}, "behavior": "Isolated", "invert": False}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [
                {"id": number, "content": name, **flags, "special": True} for name, number in special.items()
            ],
            "normalizer": None,
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    splitting,
                    {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
                ],
            },
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": True,
                "vocab": {written[entry]: rank for entry, rank in ranks.items()},
                "merges": merges,
            },
        },
        ensure_ascii=False,
    )


def _letters() -> dict[int, int]:
    """How GPT-2 writes bytes as letters (openai/gpt-2, `encoder.py`): the printable ones of Latin-1 as themselves, the
    others in order from U+0100 on.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {**{byte: byte for byte in printable}, **{byte: 0x100 + place for place, byte in enumerate(others)}}
