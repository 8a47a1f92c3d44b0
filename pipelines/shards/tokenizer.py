"""Tokenizers behind one protocol: a SentencePiece `.model`, a `tokenizer.json`, a `tekken.json` or a `.tiktoken` file.

The ids are those of the reference library in every case. Where a vocabulary allows it (see `pipelines.shards.merges`
and `pipelines.shards.byte_pairs`) a compiled encoder produces them; what it cannot take, the library encodes. Words in
the text that look like control tokens (`</s>`) are encoded as text, because a page must not be able to end a document.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from manifests.errors import UserError
from pipelines.shards.byte_pairs import Ids, JsonTokenizer
from pipelines.shards.rank_files import Ranks, looks_like_ranks, tekken_ranks, tiktoken_ranks
from pipelines.shards.sentencepiece_model import CONTROL, SPACE_MARK, SentencePieceModel, parse_model

if TYPE_CHECKING:
    from pipelines.shards.merges import MergeTables


class Tokenizer(Protocol):
    """Turns texts into token ids, without marks of beginning or end.

    `bos` and `eos` are the ids of those marks, None where nothing declares them; `special` names the special tokens.
    `vocabulary_size` is one more than the largest id: a vocabulary may leave ids out.
    """

    name: str
    special: Mapping[str, int]
    vocabulary_size: int
    bos: int | None
    eos: int | None

    def token_id(self, token: str) -> int | None:
        """The id of a token by its text, for a mark that the files do not declare; None if there is none."""
        ...

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text. Texts hold no lone surrogates."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, as the reference library has it; special tokens are left out."""
        ...


class SentencePieceTokenizer:
    """A SentencePiece model. `reason` says why the compiled encoder is not used; None when it is."""

    def __init__(self, path: Path, name: str, *, compiled: bool = True) -> None:
        import sentencepiece

        data = path.read_bytes()
        try:
            self.model: SentencePieceModel = parse_model(data)
            self._library: Any = sentencepiece.SentencePieceProcessor(model_proto=data)
        except (ValueError, RuntimeError, OSError) as error:
            raise UserError(f"{path}: not a SentencePiece model ({error})") from error
        self.name = name
        self.vocabulary_size = len(self.model.pieces)
        self.bos = _defined(self._library.bos_id())
        self.eos = _defined(self._library.eos_id())
        self.special: Mapping[str, int] = {
            piece.text: number for number, piece in enumerate(self.model.pieces) if piece.type == CONTROL
        }
        self.reason: str | None = "not asked for"
        if compiled:
            from pipelines.shards import merges  # what compiles it takes as long to load as all else

            self._merges = merges
            self.reason = merges.supported(self.model)
        if self.reason is None and not self.model.add_dummy_prefix:
            self.reason = "the model puts no space before a text"

    @cached_property
    def _kernel(self) -> "tuple[MergeTables, Any, tuple[str, ...]]":
        """What the compiled encoder works with, made for the first text: who asks for marks alone does without."""
        return self._merges.merge_tables(self.model), self._merges.new_cache(), self._merges.frozen_pieces(self.model)

    def token_id(self, token: str) -> int | None:
        """The id of a piece by its text."""
        return next((number for number, piece in enumerate(self.model.pieces) if piece.text == token), None)

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text."""
        if self.reason is not None:
            return self._library_ids(texts)
        return [self._ids(text) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        text: str = self._library.decode(list(ids))
        return text

    def _ids(self, text: str) -> Ids:
        if not text:
            return np.empty(0, dtype=np.int32)
        tables, cache, frozen = self._kernel
        if frozen:
            spaced = SPACE_MARK + text.replace(" ", SPACE_MARK)
            if any(piece in spaced for piece in frozen):
                return self._library_ids([text])[0]
        data = np.frombuffer(b" " + text.encode(), dtype=np.uint8)
        out = np.empty(len(data), dtype=np.int32)
        count = int(self._merges.encode_bytes(data, tables, cache, out))
        if count == self._merges.TOO_LONG:
            return self._library_ids([text])[0]
        return out[:count].copy()

    def _library_ids(self, texts: Sequence[str]) -> list[Ids]:
        return [np.array(ids, dtype=np.int32) for ids in self._library.encode(list(texts), num_threads=1)]


def _defined(identifier: int) -> int | None:
    return identifier if identifier >= 0 else None


def load_tokenizer(
    path: Path, name: str | None = None, *, compiled: bool = True, probed: Sequence[int] | None = None
) -> Tokenizer:
    """Load a tokenizer; which kind is told from what the file holds. Raises UserError naming the file.

    Without `compiled` it is there sooner, gives the same ids, and is slow: for whoever asks for its marks only. With
    `probed`, which such a one has found (`JsonTokenizer.probe_ids`), the reference library is not loaded again.
    """
    name = name or path.name
    try:
        with path.open("rb") as stream:
            head = stream.read(1024).lstrip()
        if head.startswith(b"{"):
            return _json_tokenizer(path, name, compiled, probed)
        if looks_like_ranks(head):
            return _of_ranks(path, name, tiktoken_ranks(path), compiled, probed)
    except OSError as error:
        raise UserError(f"{path}: cannot read the tokenizer: {error.strerror}") from error
    if head.startswith(b"GGUF"):
        raise UserError(f"{path}: a GGUF file; expected a SentencePiece .model or a tokenizer.json")
    return SentencePieceTokenizer(path, name, compiled=compiled)


def _json_tokenizer(path: Path, name: str, compiled: bool, probed: Sequence[int] | None) -> Tokenizer:
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text)
    except ValueError as error:
        raise UserError(f"{path}: not a tokenizer.json, or cut short ({error})") from error
    if "model" not in data and "vocab" in data and "config" in data:
        return _of_ranks(path, name, tekken_ranks(path, data), compiled, probed)
    return JsonTokenizer(path, name, text, compiled=compiled, probed=probed)


def _of_ranks(path: Path, name: str, ranks: Ranks, compiled: bool, probed: Sequence[int] | None) -> Tokenizer:
    tokenizer = JsonTokenizer(path, name, ranks.text, compiled=compiled, probed=probed)
    tokenizer.vocabulary_size = max(tokenizer.vocabulary_size, ranks.size)
    return tokenizer


@lru_cache(maxsize=2)
def shared_tokenizer(path: Path, sha256: str, probed: tuple[int, ...] | None = None) -> Tokenizer:
    """The tokenizer of a file, loaded once a process; by `sha256` a changed file is not taken for the old one."""
    del sha256
    return load_tokenizer(path, probed=probed)
