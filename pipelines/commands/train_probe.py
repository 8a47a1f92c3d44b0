"""`proofpile train-probe`: whether a small model learns from the shards."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Train a language model of about 5 million parameters on packed shards for some minutes, and tell its loss by source
before and after. Needs PyTorch (`pip install proofpile[torch]`). The same seed gives the same losses; a run that
was stopped goes on.
"""
EXAMPLES = """\
  proofpile train-probe corpus --steps 300 --output probe
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "train-probe", run, "does a small model learn from it", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a corpus with packed shards")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for probe.json")
    parser.add_argument("--steps", type=int, default=200, metavar="N", help="batches to learn from (default 200)")
    parser.add_argument("--batch", type=int, default=8, metavar="N", help="rows a batch (default 8)")
    parser.add_argument("--stop-after", type=int, metavar="N", help="end after so many steps; the same command goes on")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first weights (default 0)")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Train, and print a line a source."""
    from manifests.errors import UserError
    from pipelines.training.probe import probe

    if arguments.steps < 1 or arguments.batch < 1:
        raise UserError("--steps and --batch: expected 1 or more")
    found = probe(
        arguments.corpus,
        arguments.output,
        steps=arguments.steps,
        batch=arguments.batch,
        seed=arguments.seed,
        stop_after=arguments.stop_after,
    )
    progress = shared.progress(arguments)
    progress.say(f"probe: {found.parameters:,} parameters, {found.steps} of {arguments.steps} steps")
    for source, loss in found.before.items():
        progress.say(f"probe: {source}: {loss:.3f} -> {found.after[source]:.3f} nats a token")
    return 0
