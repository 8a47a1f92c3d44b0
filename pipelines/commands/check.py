"""`proofpile check`: does a source, an edit or a score of one's own keep its contract?"""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Try a class of your own on real input, as a build would use it, and say in one line each what it does wrong and where in
your file: a method that is missing or misspelt, None returned, an exception, an ended process, a call that never comes
back, keys that are not distinct, dates and reasons that are none, results that differ from one process to another.
"""
EXAMPLES = """\
  proofpile check notes_source:NotesSource --input notes/
  proofpile check my_edits:WithoutPhoneNumbers --input page.txt
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "check", run, "try a class of your own", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "name", metavar="MODULE:CLASS", help="a source, an edit or a score; the current folder is searched"
    )
    parser.add_argument(
        "--input", required=True, action="append", type=Path, metavar="PATH", help="file or folder; may be repeated"
    )
    parser.add_argument("--records", type=int, default=200, metavar="N", help="at most so many records (default 200)")
    parser.add_argument("--seconds", type=float, default=60, metavar="S", help="longest time of one call (default 60)")
    shared.add_options(parser, "option of the class; VALUE may be JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 2 where anything was wrong."""
    from manifests.errors import UserError
    from pipelines.contract.check import check

    if arguments.records < 1 or arguments.seconds <= 0:
        raise UserError("--records and --seconds: expected more than 0")
    options = shared.options(arguments)
    verdict = check(arguments.name, arguments.input, options, arguments.records, arguments.seconds)
    for line in verdict.mistakes:
        print(line)
    for line in verdict.remarks:
        print(f"remark: {line}")
    if verdict.mistakes:
        return 2
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(verdict.outcomes.items()))
    print(f"{arguments.name}: a {verdict.kind} that keeps its contract")
    print(f"{counted}; the same in two processes ({verdict.seconds:.1f} s)")
    return 0
