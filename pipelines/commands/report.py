"""`proofpile report`: make the report of a corpus again."""

import argparse
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
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a corpus")


def run(arguments: argparse.Namespace) -> int:
    """Write the report and print the summary."""
    import pyarrow as pa

    from manifests import mirror
    from manifests.errors import Fault
    from pipelines.corpus import manifest
    from pipelines.corpus.folder import Corpus
    from pipelines.report import report
    from pipelines.report.audit import page

    corpus = Corpus(arguments.corpus).require()
    try:
        if page.is_audit(corpus):
            page.write(corpus)
        else:
            report.write(corpus)
        manifest.seal(corpus.root)
        mirror.push(corpus.root)
    except (FileNotFoundError, pa.ArrowException) as error:
        # Someone has been at the files since; which of them, all of them, is another command's to say.
        raise Fault(f"{corpus.root}: {error}; see proofpile verify {corpus.root}") from error
    print(f"see {corpus.root / page.NAME}" if page.is_audit(corpus) else report.summary(corpus))
    return 0
