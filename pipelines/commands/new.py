"""`proofpile new`: the beginning of a source, an edit or a score of one's own."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Write a class that works and its test into the current folder, to be changed into what you need:

  source  reads a kind of files that no other does
  edit    changes texts
  score   gives documents a number, on which a recipe can set a threshold
"""
EXAMPLES = """\
  proofpile new source lecture_notes
  proofpile new score digits --folder my_rules
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "new", run, "begin a source, an edit or a score", DESCRIPTION, EXAMPLES)
    parser.add_argument("part", choices=("source", "edit", "score"))
    parser.add_argument("name", metavar="NAME", help="lower-case, such as lecture_notes")
    parser.add_argument(
        "--folder",
        type=shared.folder_here,
        default=Path(),
        metavar="DIR",
        help="where to, made if it is not there (default: here)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write both files and say what comes next."""
    from pipelines.contract.starting import start

    module, test, name = start(arguments.part, arguments.name, arguments.folder)
    print(f"{module}  the {arguments.part}; try it: proofpile check {name} --input FILE")
    print(f"{test}  its test; run it: python -m pytest {test}")
    if arguments.part == "source":
        print(
            f"in a recipe: kind: {name}; without one: proofpile extract --source {name} --input FOLDER --output corpus"
        )
    else:
        print(f"in a recipe: kind: {name}")
    return 0
