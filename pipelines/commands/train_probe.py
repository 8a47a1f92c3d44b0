"""`proofpile train-probe`: whether a small model learns from the shards, or from which of two corpora more."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Train a language model of about 5 million parameters on packed shards for some minutes, and tell its loss by source
before and after, on rows that it does not learn from. The losses and their drawing go into the card and the report of
the corpus; the model is kept in a folder that Hugging Face's transformers and lm-evaluation-harness open. With two
corpora of one vocabulary both are tried with several seeds, and the differences are told with 95 % intervals. Needs
PyTorch (`pip install proofpile[torch]`). The same seed gives the same losses; a run that was stopped goes on.
"""
EXAMPLES = """\
  proofpile train-probe corpus
  proofpile train-probe corpus-with-duplicates corpus --seeds 3 --output comparison
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "train-probe", run, "does a small model learn from it", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpora", type=shared.place, nargs="+", metavar="DIR", help="one or two, with packed shards")
    parser.add_argument(
        "--output", type=shared.folder_here, metavar="DIR", help="default: the folder probe of the corpus"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="batches to learn from (default 60)")
    parser.add_argument("--batch", type=int, metavar="N", help="rows a batch (default: about 4,096 tokens)")
    parser.add_argument("--stop-after", type=int, metavar="N", help="end after so many steps; the same command goes on")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first weights (default 0)")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="so many, for two corpora (default 3)")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Train, and print a line a source."""
    from manifests.errors import UserError
    from pipelines.training.probe import STEPS

    for name in ("steps", "batch", "stop_after"):
        if (value := getattr(arguments, name)) is not None and value < 1:
            raise UserError(f"--{name.replace('_', '-')}: {value}; expected 1 or more")
    arguments.steps = arguments.steps or STEPS
    if len(arguments.corpora) > 2:
        raise UserError(f"DIR: {len(arguments.corpora)} corpora; expected one or two")
    return _one(arguments) if len(arguments.corpora) == 1 else _two(arguments)


def _one(arguments: argparse.Namespace) -> int:
    from manifests.ledger import MANIFEST_NAME
    from pipelines.corpus import manifest
    from pipelines.corpus.folder import PROBE, Corpus
    from pipelines.report import card, report
    from pipelines.training.probe import probe

    (folder,) = arguments.corpora
    own = folder / Path(PROBE).parent
    output = arguments.output or own
    found = probe(
        folder,
        output,
        steps=arguments.steps,
        batch=arguments.batch,
        seed=arguments.seed,
        stop_after=arguments.stop_after,
    )
    if output == own and (folder / MANIFEST_NAME).is_file():
        corpus = Corpus(folder)
        report.write(corpus)
        card.write(corpus)
        manifest.seal(folder)
    progress = shared.progress(arguments)
    progress.say(
        f"probe: {found.parameters:,} parameters, {found.steps} of {arguments.steps} steps, {found.tokens:,} tokens"
    )
    for source, loss in found.before.items():
        after = found.after[source]
        progress.say(
            f"probe: {source} ({found.splits[source]} rows): {loss:.3f} -> {after:.3f} nats a token, "
            f"{100 * (after / loss - 1):+.1f} %"
        )
    return 0


def _two(arguments: argparse.Namespace) -> int:
    from manifests.errors import UserError
    from pipelines.training.side_by_side import compare

    if arguments.output is None or arguments.stop_after is not None:
        raise UserError("two corpora: expected --output DIR, and no --stop-after")
    progress = shared.progress(arguments)
    lines = compare(
        arguments.corpora,
        arguments.output,
        seeds=arguments.seeds,
        steps=arguments.steps,
        batch=arguments.batch,
        say=lambda text: progress.say(f"probe: {text}"),
    )
    for line in lines:
        low, high = line.difference.low, line.difference.high
        progress.say(
            f"probe: rows of {line.rows_of}, {line.source}: {line.first:.3f} and {line.second:.3f} nats a token, "
            f"difference {line.difference.value:+.3f} ({low:+.3f} to {high:+.3f}"
            f"{')' if line.difference.differs else '), which may be chance'}"
        )
    return 0
