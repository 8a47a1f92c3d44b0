"""A `tokenizer.json`, and any other vocabulary written as one: Hugging Face's ids, by a compiled encoder where proven.

The `tokenizers` library is the reference. It splits a text by a regular expression and merges every part, at 1 to 3
MB/s. `gigatoken` (PyPI, MIT) compiles the same and remembers parts; measured on ten published vocabularies its ids are
the library's, but for characters that are newer than the library's tables of Unicode. So a text that holds a character
which Python's own tables do not know goes to the library, and so does every text of a vocabulary that `gigatoken`
refuses or for which a probe of many scripts, with the vocabulary's added words in it, gives other ids. Its memory of
parts grows with the text (0.4 bytes a byte of prose, 6 of noise), so it is begun anew now and then.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manifests.errors import UserError
from pipelines.shards.marks import declared_marks, special_tokens

Ids = NDArray[np.int32]

BYTES_REMEMBERED = 1 << 28
"""Bytes of text after which the compiled encoder's memory is begun anew."""
PROBED_WORDS = 256
PROBE = (
    "The sum of 12345 terms isn't 3.14; we'll see what they'VE got.\r\n\r\n  \\begin{align*}\t x_{i}^2 &\\le 2^{n}\\\\"
    "\n\n\n\tdef f(x):\n        return x**2  # comment\n</s> <eos> <|endoftext|> ½ ²³ Ⅷ ∑∫√ α→β ℝ 𝔽 \u00a0\u2003\u3000 "
    "Größe façade naïve İstanbul Ärger ǅ ŉ ſ ʰ e\u0301a\u030a Москва Київ България Ελλάδα Հայաստան საქართველო "
    "שָׁלוֹם العربية پاکستان हिन्दी বাংলা ਪੰਜਾਬੀ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം ไทย မြန်မာ ភាសាខ្មែរ 中文，數學。 日本語カタカナ "
    "한국어 한글 👩‍👩‍👧 🇩🇪 ‼️ 12٣٤५६ a'S b'Ll ''' ... !!!??? //// ---- ==== \u200b\ufeff x\u200dy \x00\x7f   "
)

PART = 1 << 20
"""Characters of a text that are looked at together: a document may have a hundred million."""
UNSEEN, NEWER, KNOWN = range(3)
_KINDS = np.zeros(0x110000, dtype=np.uint8)
"""What is known of each character so far; told once a character is met, as the whole table takes a second to make."""


class JsonTokenizer:
    """A `tokenizer.json`. `reason` says why the compiled encoder is not used; None when it is."""

    def __init__(
        self, path: Path, name: str, text: str | None = None, *, compiled: bool = True, proven: bool = True
    ) -> None:
        """Read the file at `path`, or `text` in its place, which tells the same as a `tokenizer.json`.

        Unless it is to be `proven` the library is not loaded before it is asked; `prove` is then called later.
        """
        try:
            self._text = path.read_text(encoding="utf-8") if text is None else text
            data = json.loads(self._text)
            if not isinstance(data.get("model"), dict):
                raise ValueError("it has no `model`, which says what the words are")
            self._words = _added_words(data)
            reached = _out_of_reach(data)
            self._text = self._text if reached is data else json.dumps(reached)
            known = _vocabulary(data["model"])
            # The library counts added tokens on from the vocabulary's end; the file says their ids.
            self._added = {entry["content"]: int(entry["id"]) for entry in data.get("added_tokens") or ()}
            self._in_text = [entry["content"] for entry in data.get("added_tokens") or () if not entry.get("special")]
            if proven:
                _ = self._library, self._moved
        except Exception as error:  # the library raises bare Exception
            raise UserError(f"{path}: not a tokenizer.json ({' '.join(str(error).split())[:200]})") from error
        if data["model"].get("dropout"):
            raise UserError(f"{path}: model.dropout is {data['model']['dropout']}: ids would be left to chance")
        self.name = name
        known.update(self._added)
        self.vocabulary_size = max(known.values(), default=-1) + 1
        marks = declared_marks(path, special_tokens(data), known)
        self.bos, self.eos, self.special = marks.bos, marks.eos, marks.special
        self._compiled: Any = None
        self._remembered = 0
        self.reason: str | None = "not asked for"
        if compiled:
            self._as_text = _without_special(reached)
            self.reason = self._begin()
            if proven:
                self.prove(self.probe_ids())

    @cached_property
    def _library(self) -> Any:
        import tokenizers

        library: Any = tokenizers.Tokenizer.from_str(self._text)
        library.encode_special_tokens = True
        library.no_truncation()
        library.no_padding()
        return library

    @cached_property
    def _moved(self) -> Ids | None:
        """The file's id of every id that the library gives, where they differ. Raises ValueError if one means two."""
        counted = {self._library.token_to_id(word): (word, self._added[word]) for word in self._in_text}
        if all(given == said for given, (_, said) in counted.items()):
            return None
        vocabulary = _vocabulary(json.loads(self._text)["model"])
        meant = {number: word for word, number in vocabulary.items()}
        moved = np.arange(max([*counted, *meant]) + 1, dtype=np.int32)
        for given, (word, said) in counted.items():
            if meant.get(given, word) != word:
                raise ValueError(f"id {given} is `{meant[given]}` and also what the library gives the added `{word}`")
            if word not in vocabulary:
                moved[given] = said
        return moved

    def token_id(self, token: str) -> int | None:
        """The id of a token by its text."""
        found: int | None = self._added[token] if token in self._added else self._library.token_to_id(token)
        return found

    def encode(self, texts: Sequence[str]) -> list[Ids]:
        """The ids of each text. Special tokens that stand in it are text."""
        return [self._library_ids(text) if self.reason or _is_newer(text) else self._ids(text) for text in texts]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, special tokens left out."""
        marks = set(self.special.values())
        text: str = self._library.decode([one for one in ids if one not in marks], skip_special_tokens=True)
        return text

    def probe_ids(self) -> list[int]:
        """The library's ids of a text that tells whether another encoder does the same."""
        found: list[int] = self._library_ids(self._probe()).tolist()
        return found

    def _probe(self) -> str:
        return PROBE + "".join(f"{word} a{word}{word}\n" for word in self._words)

    def prove(self, probed: Sequence[int]) -> None:
        """Leave all to the library if the compiled encoder's ids are not `probed`, which `probe_ids` has answered."""
        if self.reason is None and self._compiled.encode(self._probe()).tolist() != list(probed):
            self.reason = "the compiled encoder's ids differ on a probe"

    def _begin(self) -> str | None:
        """Start the compiled encoder; why it cannot be used, or None."""
        try:
            import gigatoken

            self._compiled = gigatoken.Tokenizer.from_json(self._as_text).backend
        except Exception as error:  # what it does not know it refuses with errors of several kinds
            return f"the compiled encoder refuses it ({' '.join(str(error).split())[:120]})"
        return None

    def _ids(self, text: str) -> Ids:
        if self._remembered > BYTES_REMEMBERED:
            import gigatoken

            self._compiled = gigatoken.Tokenizer.from_json(self._as_text).backend
            self._remembered = 0
        self._remembered += len(text)
        found: Ids = self._compiled.encode(text).view(np.int32)
        return found

    def _library_ids(self, text: str) -> Ids:
        found = np.array(self._library.encode(text, add_special_tokens=False).ids, dtype=np.int32)
        return found if self._moved is None else self._moved[found]


def _vocabulary(model: Mapping[str, Any]) -> dict[str, int]:
    """The tokens of a `tokenizer.json`'s model and their ids: a mapping, or pieces with their scores (Unigram)."""
    vocab = model.get("vocab") or {}
    return dict(vocab) if isinstance(vocab, dict) else {piece: number for number, (piece, _) in enumerate(vocab)}


def _out_of_reach(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same `tokenizer.json`, or itself, with special tokens that no document can spell.

    A model that looks words up (all but byte-pair encoding, which needs a merge unless it says `ignore_merges`) finds
    them in its vocabulary although the library takes them for text; SentencePiece, whose control pieces many of them
    were, does not.
    """
    model = data["model"]
    if "merges" in model and not model.get("ignore_merges"):
        return data
    names = (set(special_tokens(data)) & _vocabulary(model).keys()) - {model.get("unk_token")}
    if not names or not (names := names - _merged(model)):
        return data
    far = {name: f"\ufdd0{number}\ufdd1" for number, name in enumerate(sorted(names))}
    vocab = model["vocab"]
    if isinstance(vocab, dict):
        renamed: Any = {far.get(word, word): number for word, number in vocab.items()}
    else:
        renamed = [[far.get(word, word), score] for word, score in vocab]
    added = [{**one, "content": far.get(one["content"], one["content"])} for one in data["added_tokens"]]
    return {**data, "post_processor": None, "added_tokens": added, "model": {**model, "vocab": renamed}}


def _merged(model: Mapping[str, Any]) -> set[str]:
    """The tokens that merges are of, and those that they make."""
    pairs = [merge.split(" ", 1) if isinstance(merge, str) else merge for merge in model.get("merges") or ()]
    return {word for left, right in pairs for word in (left, right, left + right)}


def _without_special(data: Mapping[str, Any]) -> str:
    """The same vocabulary without special tokens, and so one in which they are text."""
    added = [entry for entry in data.get("added_tokens") or () if not entry.get("special")]
    none: dict[str, None] = {"truncation": None, "padding": None, "post_processor": None}
    return json.dumps({**data, **none, "added_tokens": added}, ensure_ascii=False)


def _added_words(data: Mapping[str, Any]) -> list[str]:
    """Some of the words that are cut out of a text before it is split, evenly taken from all of them."""
    words = [entry["content"] for entry in data.get("added_tokens") or ()]
    return words[:: max(1, len(words) // PROBED_WORDS)]


def _is_newer(text: str) -> bool:
    """Whether a text holds a character that Python's tables do not know (general category Cn)."""
    if text.isascii():
        return False
    return any(_part_is_newer(text[at : at + PART]) for at in range(0, len(text), PART))


def _part_is_newer(text: str) -> bool:
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), dtype="<u2")
    if _KINDS[: 1 << 16].take(units).min(initial=KNOWN) == KNOWN:
        return False
    # Something was not met before, is newer, or lies beyond the first plane, where a pair of surrogates stands for it.
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    kinds = _KINDS.take(codes)
    if kinds.min() == UNSEEN:
        for code in np.unique(codes[kinds == UNSEEN]).tolist():
            _KINDS[code] = NEWER if unicodedata.category(chr(code)) in ("Cn", "Cs") else KNOWN
        kinds = _KINDS.take(codes)
    return bool((kinds == NEWER).any())
