"""`proofpile similar`: what in a corpus is like a text."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Show the documents of a deduplicated corpus that are most like a text, with the true similarity of their shingles. The
text is a file's, or given as it is, or that of a document (--id); `-` reads standard input. Whatever signed the corpus
(MinHash, SimHash) is used; nothing is built or written.
"""
EXAMPLES = """\
  proofpile similar corpus paper.txt
  proofpile similar corpus 'Every bounded sequence of real numbers has a convergent subsequence.' --count 3
  proofpile similar corpus --id web:0123456789abcdef --text
"""
MOST_READ = 64 << 20
"""Bytes of a file that are looked at."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "similar", run, "what in a corpus is like a text", DESCRIPTION, EXAMPLES)
    parser.add_argument("corpus", type=shared.place, metavar="DIR", help="a corpus that was deduplicated")
    parser.add_argument("like", nargs="?", metavar="FILE|TEXT", help="a file, a text, or - for standard input")
    parser.add_argument("--id", metavar="ID", help="the text of this document of the corpus")
    parser.add_argument("--count", type=int, default=10, metavar="N", help="how many documents (default 10)")
    parser.add_argument("--text", action="store_true", help="show the beginning of each")


def run(arguments: argparse.Namespace) -> int:
    """Print the nearest documents."""
    from manifests.errors import UserError
    from pipelines.report.inspect import require_text, text_of, visible
    from pipelines.stages.matching.nearest import nearest

    if (arguments.like is None) == (arguments.id is None):
        raise UserError("expected a file or a text, or --id, and not both")
    if arguments.count < 1:
        raise UserError(f"--count {arguments.count}: expected at least 1")
    text = require_text(arguments.corpus, arguments.id) if arguments.id else given(arguments.like)
    found = [one for one in nearest(arguments.corpus, text, arguments.count + 1) if one.id != arguments.id]
    if not found:
        print("nothing in the corpus shares a shingle with it")
    for one in found[: arguments.count]:
        print(f"{one.similarity:.4f}  {one.source}  {one.id}  documents/{one.stem}.parquet")
        if arguments.text:
            beginning = " ".join((text_of(arguments.corpus, one.id, one.stem) or "").split())[:200]
            print(f"        {visible(beginning)}")
    return 0


def given(like: str) -> str:
    """The text that an argument stands for."""
    if like == "-":
        data = sys.stdin.buffer.read(MOST_READ)
    elif os.path.isfile(like):  # noqa: PTH113 - a long text is no path, and pathlib raises for it
        with Path(like).open("rb") as stream:
            data = stream.read(MOST_READ)
    else:
        return like
    return data.decode("utf-8", "replace")
