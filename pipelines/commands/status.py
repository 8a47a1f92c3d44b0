"""`proofpile status`: how far a build is."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Say for each stage of a build how many units are done, planned and under way, what they read, kept and lost, how fast
it goes, when it ends and what the units cost so far in time of one core. It only reads: run it beside a build, on any
machine that sees the folder or reaches the bucket, as often as you like. Units under way of a process that was killed
count until they are done. Of very many units what was read, kept and lost is told from a sample, behind a `~`.
Comparing documents is no unit's work and is not in the cost.
"""
EXAMPLES = """\
  proofpile status corpus
  proofpile status s3://bucket/corpus --price 0.04
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "status", run, "how far a build is", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", metavar="DIR", help="the corpus of a build")
    parser.add_argument("--price", type=float, metavar="P", help="what a core costs an hour, to say the cost in money")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from manifests import mirror
    from pipelines.corpus.folder import Corpus
    from pipelines.report.status import lines

    corpus = Corpus(mirror.opened(arguments.corpus, part=True))
    for line in lines(corpus.require().root, price=arguments.price):
        print(line)
    return 0
