"""`proofpile train-perplexity`: the language model of the corpus's own papers and code, for the score `perplexity`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Train the language model behind the score `perplexity`: n-grams of words with modified Kneser-Ney smoothing, from
documents (Parquet, JSON lines) or any other pages that train-mathscore reads. The model is an ARPA file, which KenLM
reads; it is estimated in memory (some 60 bytes a word and order). The same input gives the same model. Larger corpora:
use KenLM's lmplz on the lines that --lines writes.
"""
EXAMPLES = """\
  proofpile train-perplexity --input 'corpus/documents/arxiv/*.parquet' --output model
  proofpile train-perplexity --input 'corpus/documents/**/*.parquet' --order 3 --lines --output model
"""
MODEL = "perplexity.arpa"
LINES = "lines.txt"
ORDER = 5
"""That of cc_net's models; OpenWebMath does not tell its own."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    _declare(shared.command(subparsers, "train-perplexity", run, "the language model", DESCRIPTION, EXAMPLES))


def main(argv: Sequence[str] | None = None) -> int:
    """The command by itself; returns its exit code."""
    from manifests.errors import ProofpileError

    parser = argparse.ArgumentParser(
        prog="train-perplexity", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _declare(parser)
    try:
        return run(parser.parse_args(argv))
    except ProofpileError as error:
        print(f"train-perplexity: {error}", file=sys.stderr)
        return error.exit_code


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", action="append", required=True, metavar="ADDRESS", help="pages; may be repeated")
    parser.add_argument("--order", type=int, default=ORDER, metavar="N", help=f"longest n-gram (default {ORDER})")
    parser.add_argument("--rules", choices=("published", "corrected"), default="corrected", help="default corrected")
    parser.add_argument("--lines", action="store_true", help=f"also write {LINES}, a normalised document a line")
    shared.add_output(parser)
    shared.add_cache(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Train and write the model and its sha256."""
    import tempfile

    from filters.perplexity import features
    from manifests.writing import atomic, sha256_of, write_text
    from pipelines.training.inputs import files
    from pipelines.training.kneser_ney import estimate
    from pipelines.training.pages import read_pages

    arguments.output.mkdir(parents=True, exist_ok=True)
    target = arguments.output / MODEL
    with tempfile.TemporaryDirectory(prefix=".training-", dir=arguments.output) as folder:

        def lines() -> Iterator[str]:
            for number, address in enumerate(arguments.input):
                for path, name in files(address, Path(folder) / str(number), cache=arguments.cache):
                    for page in read_pages(path, name):
                        line = " ".join(features(page.text, arguments.rules).split())
                        if line:
                            yield line

        if arguments.lines:
            with (
                atomic(arguments.output / LINES) as temporary,
                temporary.open("w", encoding="utf-8", newline="\n") as stream,
            ):
                stream.writelines(f"{line}\n" for line in lines())
            with (arguments.output / LINES).open(encoding="utf-8", newline="\n") as stream:
                counts = estimate(stream, arguments.order, target)
        else:
            counts = estimate(lines(), arguments.order, target)
    digest = sha256_of(target)
    write_text(arguments.output / f"{MODEL}.sha256", f"{digest}  {MODEL}\n")
    if not arguments.quiet:
        print(f"{target}: {', '.join(f'{count:,} {n}-grams' for n, count in enumerate(counts, 1))}, sha256 {digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
