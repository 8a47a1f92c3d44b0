"""`proofpile benchmarks`: the test sets that can be named."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
List the benchmarks that `audit --benchmark NAME` and a recipe's `overlap.benchmarks` know, or show one: where it is
fetched from, which columns are read, how many items it has, its licence and the paper it comes from.
"""
EXAMPLES = """\
  proofpile benchmarks
  proofpile benchmarks gsm8k math-500
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "benchmarks", run, "the benchmarks known by name", DESCRIPTION, EXAMPLES)
    parser.add_argument("names", nargs="*", metavar="NAME", help="show these, with all that is known")


def run(arguments: argparse.Namespace) -> int:
    """Print the list, or the entries asked for."""
    from manifests.benchmarks import SEEN, addresses_of, groups, known, known_benchmarks

    if not arguments.names:
        wide = max(map(len, known_benchmarks())) + 2
        for name, entry in known_benchmarks().items():
            items = f"{entry.items:,}" if entry.items else "?"
            hidden = "; items stay hidden" if entry.hide else ""
            print(f"{name:<{wide}}{items:>7}  {entry.title} ({entry.licence}{hidden})")
        for name, members in groups().items():
            print(f"{name:<{wide}}{'':>7}  stands for {', '.join(members)}")
        return 0
    for given in arguments.names:
        for name in groups().get(given, (given,)):
            places = addresses_of(name)
            entry = known(name)
            print(f"{name}: {entry.title}")
            for part, address in places.items():
                print(f"  from      {f'{part}: ' if part else ''}{address}")
            read = ", ".join(f"{field} from {column}" for field, column in entry.fields.items())
            print(f"  columns   {read or 'by their usual names'}{f'; ids from {entry.id}' if entry.id else ''}")
            print(f"  sha256    {entry.sha256 or 'recorded when it is fetched'}")
            print(f"  items     {f'{entry.items:,}' if entry.items else 'not stated'}")
            print(f"  licence   {entry.licence}")
            print(f"  source    {entry.source}")
            print(f"  seen      {SEEN[entry.seen]}")
            if entry.hide:
                print("  its owners ask that no item be shown in plain text; reports hide its texts")
    return 0
