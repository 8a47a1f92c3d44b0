"""Vocabularies for tests: SentencePiece model files written from a list of pieces, and the published Llama one."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.shards.sentencepiece_model import BPE, BYTE, CONTROL, NORMAL, UNKNOWN

_GGUF_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: float | bytes) -> bytes:
    """One field of a protocol buffer message."""
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def model_bytes(
    pieces: Sequence[tuple[str, float, int]],
    trainer: Mapping[int, int] | None = None,
    normalizer: Mapping[int, int | bytes] | None = None,
) -> bytes:
    """A SentencePiece model: byte-pair encoding with byte fallback, text taken as it is."""
    settings = {3: BPE, 35: 1, 40: 0, 41: 1, 42: 2, **(trainer or {})}
    rules: dict[int, int | bytes] = {1: b"identity", 3: 1, 4: 0, 5: 1, **(normalizer or {})}
    return (
        b"".join(
            field(1, field(1, text.encode()) + field(2, float(score)) + field(3, kind)) for text, score, kind in pieces
        )
        + field(2, b"".join(field(number, value) for number, value in settings.items()))
        + field(3, b"".join(field(number, value) for number, value in rules.items()))
    )


def small_pieces(words: Sequence[str]) -> list[tuple[str, float, int]]:
    """Marks, all bytes, then `words`, the first of the longer ones being merged first, and all their characters."""
    pieces = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL)]
    pieces += [(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]
    characters = sorted({"▁", *"".join(words)})
    longer = [word for word in dict.fromkeys(words) if len(word) > 1]
    pieces += [(word, -float(rank), NORMAL) for rank, word in enumerate(longer)]
    return pieces + [(one, -1e6, NORMAL) for one in characters]


def gguf_metadata(path: Path) -> dict[str, Any]:
    """The key-value part of a GGUF file (ggml-org/ggml, docs/gguf.md)."""
    data, at = path.read_bytes(), 24

    def take(layout: str) -> Any:
        nonlocal at
        (value,) = struct.unpack_from(layout, data, at)
        at += struct.calcsize(layout)
        return value

    def value_of(kind: int) -> Any:
        nonlocal at
        if kind == 8:
            size = take("<Q")
            at += size
            return data[at - size : at]
        if kind == 9:
            inner, count = take("<I"), take("<Q")
            return [value_of(inner) for _ in range(count)]
        return take(_GGUF_FORMATS[kind])

    found = {}
    for _ in range(struct.unpack_from("<Q", data, 16)[0]):
        key = value_of(8).decode()
        found[key] = value_of(take("<I"))
    return found


def llama_model(real_data: Path) -> bytes:
    """The published Llama 2 vocabulary as a SentencePiece model."""
    metadata = gguf_metadata(real_data / "tokenizers" / "llama2" / "ggml-vocab-llama-spm.gguf")
    columns = (metadata[f"tokenizer.ggml.{name}"] for name in ("tokens", "scores", "token_type"))
    return model_bytes([(text.decode(), score, kind) for text, score, kind in zip(*columns, strict=True)])


def llama_texts(real_data: Path) -> list[tuple[str, list[int]]]:
    """The published texts and their ids (ggml-org/llama.cpp, models/ggml-vocab-llama-spm.gguf.inp and .out)."""
    folder = real_data / "tokenizers" / "llama2"
    texts = (folder / "ggml-vocab-llama-spm.gguf.inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
    ids = (folder / "ggml-vocab-llama-spm.gguf.out").read_text().split("\n")
    return [(text, [int(one) for one in line.split()]) for text, line in zip(texts, ids, strict=False)]
