"""Reads what a SentencePiece model file says about itself: pieces, scores, types and the settings that matter here.

The file is one protocol buffer (`sentencepiece_model.proto`, message ModelProto, in google/sentencepiece). The
package's own Python message module registers names that clash with Beam's, so the few fields needed are read from the
wire format (protobuf.dev, "Encoding") directly.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
"""Types of pieces (ModelProto.SentencePiece.Type)."""
BPE = 2
"""TrainerSpec.ModelType of byte-pair encoding."""
SPACE_MARK = "▁"
"""What stands for a space in pieces."""

SCORE_BYTES = 4
"""A score is one number of single precision."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Piece(NamedTuple):
    """One entry of the vocabulary; its id is its place."""

    text: str
    score: float
    type: int


class SentencePieceModel(NamedTuple):
    """A model's vocabulary and settings, with the defaults of the message definition."""

    pieces: tuple[Piece, ...]
    model_type: int
    byte_fallback: bool
    whitespace_as_suffix: bool
    rules: bytes
    """The compiled normalisation rules; empty: the text is taken as it is."""
    add_dummy_prefix: bool
    remove_extra_whitespaces: bool
    escape_whitespaces: bool
    unknown_id: int
    bos_id: int
    eos_id: int


def parse_model(data: bytes) -> SentencePieceModel:
    """Read a model file's bytes. Raises ValueError when they are no SentencePiece model."""
    pieces: list[Piece] = []
    trainer: dict[int, int | bytes] = {}
    normalizer: dict[int, int | bytes] = {}
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            part = dict(_fields(value))
            text, score, kind = part.get(1, b""), part.get(2, b"\0\0\0\0"), part.get(3, NORMAL)
            if not isinstance(text, bytes) or not isinstance(score, bytes) or not isinstance(kind, int):
                raise ValueError("a piece has a field of the wrong type")
            if len(score) != SCORE_BYTES:
                raise ValueError(f"a piece has a score of {len(score)} bytes")
            pieces.append(Piece(text.decode("utf-8"), struct.unpack("<f", score)[0], kind))
        elif number == 2 and isinstance(value, bytes):
            trainer = dict(_fields(value))
        elif number == 3 and isinstance(value, bytes):
            normalizer = dict(_fields(value))
    if not pieces:
        raise ValueError("no pieces")
    rules = normalizer.get(2, b"")
    return SentencePieceModel(
        pieces=tuple(pieces),
        model_type=_integer(trainer, 3, 1),
        byte_fallback=bool(_integer(trainer, 35, 0)),
        whitespace_as_suffix=bool(_integer(trainer, 24, 0)),
        rules=rules if isinstance(rules, bytes) else b"",
        add_dummy_prefix=bool(_integer(normalizer, 3, 1)),
        remove_extra_whitespaces=bool(_integer(normalizer, 4, 1)),
        escape_whitespaces=bool(_integer(normalizer, 5, 1)),
        unknown_id=_integer(trainer, 40, 0),
        bos_id=_integer(trainer, 41, 1),
        eos_id=_integer(trainer, 42, 2),
    )


def _integer(fields: dict[int, int | bytes], number: int, default: int) -> int:
    value = fields.get(number, default)
    if not isinstance(value, int):
        raise ValueError(f"field {number} is no number")
    # Negative numbers (an id of -1: not defined) are ten-byte varints of their two's complement.
    return value - (1 << 64) if value >> 63 else value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of one message: number and value (varints as integers, all else as bytes)."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire} at byte {at}")
        if number == 0 or at + size > len(data):
            raise ValueError(f"the message is cut off at byte {at}")
        yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError(f"no number at byte {at}")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
