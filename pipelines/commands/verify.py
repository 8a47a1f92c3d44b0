"""`proofpile verify`: check a finished corpus against its own ledger."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Recompute every checksum and every balance of a finished corpus, and name each file that is missing, changed or
surplus. Ends with 0 when all is well, 1 otherwise. With --repair what is damaged is taken back and made again, by the
command that made the corpus.
"""
EXAMPLES = """\
  proofpile verify corpus
  proofpile verify corpus --repair
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "verify", run, "checksums and balances of a corpus", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a finished corpus")
    parser.add_argument("--repair", action="store_true", help="make again what is damaged")


def run(arguments: argparse.Namespace) -> int:
    """Print what is wrong, a line each."""
    from manifests import ledger, mirror
    from pipelines.corpus.verify import verify

    if arguments.repair:
        from pipelines.corpus import repair

        repair.repair(arguments.corpus, print)
    count = 0
    for finding in verify(arguments.corpus):
        count += 1
        print(f"{finding.kind:<10} {finding.path}: {finding.detail}")
    if count:
        print(f"{mirror.shown(arguments.corpus)}: {count} finding{'s' if count > 1 else ''}")
        return 1
    entries = list(ledger.read_entries(arguments.corpus))
    files = sum(len(entry.outputs) for entry in entries)
    read = sum(entry.read for entry in entries)
    called = mirror.shown(arguments.corpus)
    print(f"{called}: {files} files and {len(entries)} ledger entries are sound; {read:,} records balance")
    return 0
