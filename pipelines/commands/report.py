"""`proofpile report`: make the report of a corpus again."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Write report.html of a corpus anew from its ledger, and print its summary. A build does this at its end.
"""
EXAMPLES = """\
  proofpile report corpus
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "report", run, "the report of a corpus", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=Path, metavar="DIR", help="a corpus")


def run(arguments: argparse.Namespace) -> int:
    """Write the report and print the summary."""
    from pipelines import report
    from pipelines.corpus import Corpus

    corpus = Corpus(arguments.corpus).require()
    report.write(corpus)
    print(report.summary(corpus))
    return 0
