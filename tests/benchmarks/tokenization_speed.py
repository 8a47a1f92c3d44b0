"""How fast vocabularies of any kind encode, beside the library whose ids they must give, on the same texts in one run.

    python -m tests.benchmarks.tokenization_speed --text FOLDER --tokenizer FILE [FILE …] [--megabytes 20]

The reference is `sentencepiece` for a model, `tokenizers` for a `tokenizer.json`, `tiktoken` for a `.tiktoken` file and
`mistral_common` for a `tekken.json`; `gigatoken` stands beside a model. Times are processor time of one core. Ends with
an error if ids differ anywhere.
"""

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

import numpy as np
from numpy.typing import NDArray

from pipelines.shards.byte_pairs import JsonTokenizer
from pipelines.shards.rank_files import KNOWN, looks_like_ranks
from pipelines.shards.tokenizer import SentencePieceTokenizer, load_tokenizer
from tests.benchmarks.overlap_speed import texts

Encode = Callable[[str], Sequence[int] | NDArray[np.int32]]
PART_BYTES = 4_000_000
"""Texts whose ids are held at once."""


def reference(path: Path) -> tuple[str, Encode]:
    """The name of the library that a vocabulary belongs to, and its function from a text to ids."""
    head = path.read_bytes()[:4096].lstrip()
    if looks_like_ranks(head):
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe

        known = KNOWN[hashlib.sha256(path.read_bytes()).hexdigest()]
        ranks = load_tiktoken_bpe(str(path))
        encoding = tiktoken.Encoding(
            known.name, pat_str=known.split, mergeable_ranks=ranks, special_tokens=dict(known.special)
        )
        return "tiktoken", encoding.encode_ordinary
    if b'"token_bytes"' in head:
        from mistral_common.tokens.tokenizers.tekken import Tekkenizer

        tekken = Tekkenizer.from_file(path)
        return "mistral_common", lambda text: tekken.encode(text, False, False)
    if head.startswith(b"{"):
        import tokenizers

        library = tokenizers.Tokenizer.from_file(str(path))
        library.encode_special_tokens = True
        return "tokenizers", lambda text: library.encode(text, add_special_tokens=False).ids
    import sentencepiece

    return "sentencepiece", sentencepiece.SentencePieceProcessor(model_file=str(path)).encode


def gigatokens(path: Path) -> Encode | None:
    """The compiled encoder that reads a `tokenizer.json` for us, on a SentencePiece model; None if it refuses it."""
    import gigatoken

    try:
        encode: Encode = gigatoken.Tokenizer.from_sentencepiece(str(path)).encode
        encode("a b")
    except Exception:  # errors of several kinds
        return None
    return encode


def parts(chosen: Sequence[str]) -> Iterator[list[str]]:
    """The texts in parts of about `PART_BYTES`."""
    part: list[str] = []
    held = 0
    for text in chosen:
        part.append(text)
        held += len(text.encode())
        if held >= PART_BYTES:
            yield part
            part, held = [], 0
    if part:
        yield part


def compare(path: Path, chosen: Sequence[str]) -> int:
    """Print a line about one vocabulary; how many texts get other ids."""
    tokenizer = load_tokenizer(path)
    assert isinstance(tokenizer, JsonTokenizer | SentencePieceTokenizer)
    name, encode = reference(path)
    seconds = dict.fromkeys(("ours", name, "gigatoken"), 0.0)
    size = ids = different = 0
    encoders: dict[str, Encode] = {"ours": lambda text: tokenizer.encode([text])[0], name: encode}
    if name == "sentencepiece" and (other := gigatokens(path)) is not None:
        encoders["gigatoken"] = other
    for one in encoders.values():
        one(chosen[0])
    for part in parts(chosen):
        size += sum(len(text.encode()) for text in part)
        found = {}
        for who, function in encoders.items():
            started = time.process_time()
            found[who] = [function(text) for text in part]
            seconds[who] += time.process_time() - started
        ids += sum(map(len, found["ours"]))
        different += sum(not np.array_equal(*pair) for pair in zip(found["ours"], found[name], strict=True))
    rates = ", ".join(f"{who} {size / seconds[who] / 1e6:.1f}" for who in encoders)
    how = f"by the library: {tokenizer.reason}" if tokenizer.reason else "compiled"
    names = {number: word for word, number in tokenizer.special.items()}
    begin, end = (f"{mark} {names.get(mark, '')}".strip() for mark in (tokenizer.bos, tokenizer.eos))
    print(
        f"{str(path)[-48:]:<48} begin {begin}, end {end}, {tokenizer.vocabulary_size} ids: "
        f"{size / 1e6:.1f} MB, {ids:,} ids; MB/s: {rates}; "
        f"{different} of {len(chosen)} texts differ; {how}",
        flush=True,
    )
    return different


def main() -> None:
    """Compare all and print a line about each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--tokenizer", type=Path, required=True, nargs="+", help="vocabularies of any kind")
    parser.add_argument("--megabytes", type=float, default=20, help="how much text (default 20)")
    arguments = parser.parse_args()
    chosen = [text for _, text in texts(arguments.text, int(arguments.megabytes * 1e6))]
    if sum(compare(path, chosen) for path in arguments.tokenizer):
        sys.exit("ids differ")


if __name__ == "__main__":
    main()
