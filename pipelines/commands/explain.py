"""`proofpile explain`: what became of one record."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Follow one record through all stages to its end: where it came from, which file holds it, why it was rejected or
failed, which document it is a duplicate of, which benchmark items stand in it, and in which shard and row it lies. Ask
by id, by address, by path in an archive, or by a part of these.
"""
EXAMPLES = """\
  proofpile explain corpus code:0d61ff589dacc361e512d60e58ad097a
  proofpile explain corpus https://example.org/page.html
  proofpile explain corpus sympy/core/add.py
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "explain", run, "what became of one record", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a corpus")
    parser.add_argument("record", metavar="ID|ADDRESS|PATH", help="the record")


def run(arguments: argparse.Namespace) -> int:
    """Print the way of each record found."""
    from rich.console import Console
    from rich.text import Text

    from manifests.errors import UserError
    from pipelines.corpus.folder import Corpus
    from pipelines.report.explain import MOST_FOUND, explain
    from pipelines.report.inspect import visible

    root = Corpus(arguments.corpus).require().root
    found = explain(root, arguments.record)
    if not found:
        raise UserError(f"{root}: no record has this id, and no address, path or key holds `{arguments.record}`")
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        console.print(Text(visible(one.id), style="bold cyan") + Text(f"  {visible(one.name)[:200]}", style="dim"))
        for step in one.steps:
            console.print(
                Text(f"  {step.stage:<11}", style="dim")
                + Text(visible(step.outcome))
                + Text(f"  {visible(step.detail)}")
            )
    if len(found) >= MOST_FOUND:
        console.print(f"the first {MOST_FOUND} are shown; ask for more of the name")
    return 0
