"""The command line: `proofpile COMMAND …`.

Exit codes: 0 done, 1 something broke although the request was sound, 2 the request was wrong, 130 interrupted. The
first two kinds of trouble are one line on standard error; a traceback means a bug. Commands import what they need
when they run, so that help is immediate.
"""

import argparse
import atexit
import difflib
import gc
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence

from manifests.compiled import QUIET
from manifests.errors import ProofpileError
from pipelines.engine import surroundings

COMMANDS = (
    "build",
    "fetch",
    "extract",
    "dedup",
    "audit",
    "shard",
    "status",
    "report",
    "verify",
    "push",
    "inspect",
    "explain",
    "similar",
    "index",
    "recipes",
    "benchmarks",
    "review",
    "memorisation",
    "new",
    "check",
    "completion",
    "train_mathscore",
    "train_perplexity",
    "train_probe",
)
WITH_WORKERS = ("build", "extract", "dedup", "audit", "shard")
"""Commands that share their work out among processes."""
EPILOG = """\
examples:
  proofpile build manifests/sample.yaml --output corpus --workers 2
  proofpile extract --source web --input 'pages/*.warc.gz' --output extracted
  proofpile audit --input 'corpus/documents/**/*.parquet' --benchmark gsm8k=test.jsonl --output audit
  proofpile inspect corpus --random 3 --seed 7
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, like all others of this program."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """End with exit code 2 and one line."""
        unknown = re.search("argument COMMAND: invalid choice: '([^']*)'", message)
        if unknown:
            close = difflib.get_close_matches(unknown[1], [name.replace("_", "-") for name in COMMANDS], 1)
            message = f"{unknown[1]}: no such command" + (f"; did you mean `{close[0]}`?" if close else "")
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser() -> Parser:
    """The parser of the whole command line."""
    top = Parser(
        prog="proofpile",
        description="Build, extend and audit mathematical pretraining corpora.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="store_true", help="print the program's version and end")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name in COMMANDS:
        importlib.import_module(f"pipelines.commands.{name}").add(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    if argv is None and sys.argv[1:2] and sys.argv[1] in WITH_WORKERS:
        surroundings.begin_again()
    gc.set_threshold(*surroundings.LOADING_FROM)
    logging.basicConfig(level=logging.ERROR)  # libraries speak to developers; what users should know we say
    atexit.register(gc.freeze)  # else the interpreter's end looks through all that the libraries ever made
    top = parser()
    arguments, rest = top.parse_known_args(argv)
    if arguments.version:
        from pipelines.corpus.manifest import program

        known = program()
        print(f"proofpile {known['version']} (sha256 of its code {known['sha256']})")
        return 0
    if arguments.command is None:
        top.print_help()
        return 2
    if getattr(arguments, "quiet", False):
        os.environ[QUIET] = "1"
    arguments.command_line = tuple(sys.argv[1:] if argv is None else argv)
    try:
        arguments.beam_args = beam_arguments(arguments, rest)
        code: int = arguments.run(arguments)
    except ProofpileError as error:
        from manifests import mirror

        print(f"proofpile {arguments.command}: {mirror.named(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"proofpile {arguments.command}: interrupted; run the same command again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`); the descriptor must not be flushed again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def beam_arguments(arguments: argparse.Namespace, rest: Sequence[str]) -> tuple[str, ...]:
    """What is left on the command line, which must be Beam's own options and only where a command takes them."""
    if not rest:
        return ()
    from manifests.errors import UserError

    if not hasattr(arguments, "runner"):
        raise UserError(f"unknown argument {rest[0]}; see proofpile {arguments.command} --help")
    from pipelines.engine.beam_options import joined, unknown_options

    given = joined(rest)
    unknown = unknown_options(given)
    if unknown:
        raise UserError(
            f"unknown argument {unknown[0]}, neither ours nor Beam's; see proofpile {arguments.command} --help"
        )
    return given


if __name__ == "__main__":
    sys.exit(main())
