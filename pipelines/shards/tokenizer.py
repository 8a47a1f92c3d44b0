"""Tokenizers behind one protocol: a SentencePiece `.model`, a `tokenizer.json`, a `tekken.json` or a `.tiktoken` file.

The ids are those of the reference library in every case. Where a vocabulary allows it (see `pipelines.shards.merges`
and `pipelines.shards.byte_pairs`) a compiled encoder produces them; what it cannot take, the library encodes. Words in
the text that look like control tokens (`</s>`) are encoded as text, because a page must not be able to end a document.
"""

import codecs
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from manifests.errors import UserError
from manifests.writing import sha256_of
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
            raise UserError(
                f"{path}: not a SentencePiece model ({error}); expected one, or a tokenizer.json, a tekken.json or a "
                "published .tiktoken file"
            ) from error
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


def load_tokenizer(path: Path, name: str | None = None, *, compiled: bool = True, proven: bool = True) -> Tokenizer:
    """Load a tokenizer; which kind is told from what the file holds. Raises UserError naming the file.

    Without `compiled` it is there sooner, gives the same ids, and is slow: for whoever asks for its marks only. One
    that is not `proven` is to be asked for nothing before `JsonTokenizer.prove` was called.
    """
    name = name or path.name
    try:
        with path.open("rb") as stream:
            head = stream.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()
        if head.startswith(b"{"):
            return _json_tokenizer(path, name, compiled, proven)
        if looks_like_ranks(head):
            return _of_ranks(path, name, tiktoken_ranks(path), compiled, proven)
    except OSError as error:
        raise UserError(f"{path}: cannot read the tokenizer: {error.strerror}") from error
    if head.startswith(b"GGUF"):
        raise UserError(f"{path}: a GGUF file; expected a SentencePiece .model or a tokenizer.json")
    if head.startswith(b"["):  # as a protocol buffer a group, which no model has
        raise UserError(f"{path}: begins a JSON list; expected a SentencePiece .model or a tokenizer.json, an object")
    return SentencePieceTokenizer(path, name, compiled=compiled)


def _json_tokenizer(path: Path, name: str, compiled: bool, proven: bool) -> Tokenizer:
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text)
    except ValueError as error:
        raise UserError(f"{path}: not a tokenizer.json, or cut short ({error})") from error
    if "model" not in data and "vocab" in data and "config" in data:
        return _of_ranks(path, name, tekken_ranks(path, data), compiled, proven)
    return JsonTokenizer(path, name, text, compiled=compiled, proven=proven)


def _of_ranks(path: Path, name: str, ranks: Ranks, compiled: bool, proven: bool) -> Tokenizer:
    tokenizer = JsonTokenizer(path, name, ranks.text, compiled=compiled, proven=proven)
    tokenizer.vocabulary_size = max(tokenizer.vocabulary_size, ranks.size)
    return tokenizer


_LOADED: dict[str, Tokenizer] = {}
"""The tokenizer of this process by the sha256 of its file, so that a changed file is not taken for the old one."""


def ready(address: str) -> None:
    """Load the tokenizer of a file for the workers that this process will be forked into; others are not there yet.

    Nothing is encoded with a `tokenizer.json`, as that would start a thread, which no fork can take along.
    """
    path = Path(address)
    if path.is_file():
        tokenizer = _LOADED[sha256_of(path)] = load_tokenizer(path, proven=False)
        if isinstance(tokenizer, SentencePieceTokenizer):
            tokenizer.encode(["a b"])


def shared_tokenizer(path: Path, sha256: str, probed: Sequence[int] | None) -> Tokenizer:
    """The tokenizer of a file, loaded once a process; `probed`: what `probe_ids` of a `tokenizer.json` has answered."""
    if sha256 not in _LOADED:
        _LOADED.clear()
        _LOADED[sha256] = load_tokenizer(path, proven=False)
    tokenizer = _LOADED[sha256]
    if isinstance(tokenizer, JsonTokenizer):
        tokenizer.prove(tokenizer.probe_ids() if probed is None else probed)
    return tokenizer
