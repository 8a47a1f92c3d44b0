"""How fast a SentencePiece vocabulary encodes, beside sentencepiece and tokenizers, on the same texts in one run.

    python -m tests.benchmarks.tokenization_speed --text FOLDER --model FILE.model [--megabytes 20]

`tokenizers` gets the vocabulary as its byte-pair model with byte fallback, in the form in which Llama's is published
for it. Times are processor time of one core. Our ids must equal sentencepiece's on every text, or the command ends
with an error; those of `tokenizers` are compared and counted.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from pipelines.shards.sentencepiece_model import NORMAL
from pipelines.shards.tokenizer import SentencePieceTokenizer
from tests.benchmarks.overlap_speed import texts


def as_tokenizers(tokenizer: SentencePieceTokenizer) -> Any:
    """The vocabulary in the `tokenizers` library: merges are all pairs of pieces that make a piece, best first."""
    import tokenizers

    pieces = tokenizer.model.pieces
    vocabulary = {piece.text: number for number, piece in enumerate(pieces)}
    normal = {piece.text for piece in pieces if piece.type == NORMAL}
    merges = sorted(
        (
            (-pieces[vocabulary[text]].score, vocabulary[text], text[:cut], text[cut:])
            for text in normal
            for cut in range(1, len(text))
            if text[:cut] in normal and text[cut:] in normal
        ),
        key=lambda merge: merge[:2],
    )
    model = tokenizers.models.BPE(
        vocabulary, [(left, right) for *_, left, right in merges], unk_token="<unk>", fuse_unk=True, byte_fallback=True
    )
    library = tokenizers.Tokenizer(model)
    library.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.Prepend("▁"), tokenizers.normalizers.Replace(" ", "▁")]
    )
    return library


def timed(about: str, size: int, work: Callable[[], Sequence[Sequence[int]]], base: float = 0) -> tuple[Any, float]:
    """Run, print the rate in MB/s, return result and rate."""
    started = time.process_time()
    result = work()
    rate = size / (time.process_time() - started) / 1e6
    print(f"{about:<28}{rate:8.2f} MB/s" + (f", {rate / base:6.1f} times sentencepiece" if base else ""))
    return result, rate


def main() -> None:
    """Time all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--model", type=Path, required=True, help="SentencePiece model")
    parser.add_argument("--megabytes", type=float, default=20, help="texts for ours (default 20)")
    parser.add_argument("--peer-megabytes", type=float, default=2, help="texts for the libraries (default 2)")
    arguments = parser.parse_args()
    tokenizer = SentencePieceTokenizer(arguments.model, "ours")
    if tokenizer.reason is not None:
        sys.exit(f"{arguments.model}: {tokenizer.reason}")
    many = [text for _, text in texts(arguments.text, int(arguments.megabytes * 1e6))]
    few = [text for _, text in texts(arguments.text, int(arguments.peer_megabytes * 1e6))]
    sizes = [sum(len(text.encode()) for text in chosen) for chosen in (many, few)]
    library = SentencePieceTokenizer(arguments.model, "library", compiled=False)
    reference, base = timed("sentencepiece", sizes[1], lambda: library.encode(few))
    other = as_tokenizers(tokenizer)
    found, _ = timed("tokenizers", sizes[1], lambda: [one.ids for one in other.encode_batch_fast(few)], base)
    tokenizer.encode(few[:1])
    ours, _ = timed("ours, first time", sizes[1], lambda: tokenizer.encode(few), base)
    if any(one.tolist() != two.tolist() for one, two in zip(ours, reference, strict=True)):
        sys.exit("our ids differ from sentencepiece's")
    timed("ours", sizes[0], lambda: tokenizer.encode(many), base)
    same = sum(list(one) == two.tolist() for one, two in zip(found, reference, strict=True))
    print(f"equal ids on {len(few)} of {len(few)} texts; tokenizers agrees on {same}")


if __name__ == "__main__":
    main()
