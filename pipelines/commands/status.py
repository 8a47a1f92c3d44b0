"""`proofpile status`: how far a build is."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Say for each stage of a build how many units are done, planned and under way, what they read, kept and lost, how fast
it goes and when it ends. It only reads: run it beside a build, on any machine that sees the folder, as often as you
like. Units under way of a process that was killed count until the next ordinary build clears them away.
"""
EXAMPLES = """\
  proofpile status corpus
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "status", run, "how far a build is", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="the corpus of a build")


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    from pipelines.corpus.folder import Corpus
    from pipelines.report.status import lines

    for line in lines(Corpus(arguments.corpus).require().root):
        print(line)
    return 0
