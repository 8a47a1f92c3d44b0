"""A SentencePiece model of byte-pair encoding written as a `tokenizer.json`, for programs that open no other form.

Hugging Face's transformers turn a `.model` into this themselves, by protocol buffer modules that many installations
lack or have in another version than the library asks for (Beam's bounds exclude the newest). The form is that of their
conversion of Llama's vocabulary (huggingface/transformers, `convert_slow_tokenizer.py`, LlamaConverter): every cut of a
piece into two pieces is a merge, the piece of the highest score first, and spaces become marks before all merging.
"""

import json
from typing import Any

from pipelines.shards.merges import frozen_pieces, supported
from pipelines.shards.sentencepiece_model import CONTROL, NORMAL, SPACE_MARK, UNKNOWN, SentencePieceModel


def as_json(model: SentencePieceModel) -> str | None:
    """The text of a `tokenizer.json` with the model's ids; None for a model that has no such form."""
    unknown = [piece.text for piece in model.pieces if piece.type == UNKNOWN]
    if supported(model) is not None or frozen_pieces(model) or len(unknown) != 1:
        return None
    normal = {piece.text: number for number, piece in enumerate(model.pieces) if piece.type == NORMAL}
    merges: list[tuple[str, str]] = []
    for text in sorted(normal, key=lambda text: (-model.pieces[normal[text]].score, normal[text])):
        cuts = [(text[:at], text[at:]) for at in range(1, len(text))]
        there = [(left, right) for left, right in cuts if left in normal and right in normal]
        merges += sorted(there, key=lambda pair: (normal[pair[0]], normal[pair[1]]))
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    space = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE_MARK}
    before: list[dict[str, Any]] = [{"type": "Prepend", "prepend": SPACE_MARK}] if model.add_dummy_prefix else []
    after: list[dict[str, Any]] = [{"type": "Strip", "content": " ", "start": 1, "stop": 0}] if before else []
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [
                {"id": number, "content": piece.text, **flags, "special": True}
                for number, piece in enumerate(model.pieces)
                if piece.type in (CONTROL, UNKNOWN)
            ],
            "normalizer": {"type": "Sequence", "normalizers": [*before, space]},
            "pre_tokenizer": None,
            "post_processor": None,
            "decoder": {
                "type": "Sequence",
                "decoders": [
                    {"type": "Replace", "pattern": {"String": SPACE_MARK}, "content": " "},
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                    *after,
                ],
            },
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": unknown[0],
                "continuing_subword_prefix": None,
                "end_of_word_suffix": None,
                "fuse_unk": True,
                "byte_fallback": True,
                "ignore_merges": False,
                "vocab": {piece.text: number for number, piece in enumerate(model.pieces)},
                "merges": merges,
            },
        },
        ensure_ascii=False,
    )
