"""`proofpile completion`: what makes a shell complete commands, options and paths."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Print a script that makes bash or zsh complete commands, options, their values and paths.
"""
EXAMPLES = """\
  proofpile completion bash > ~/.local/share/bash-completion/completions/proofpile
  proofpile completion zsh > ~/.zfunc/_proofpile      # with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
"""
PATHS = ("FILE", "DIR", "PATH", "PLACE", "RECIPE", "CORPUS")
"""Names of values that are paths."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "completion", run, "completion for bash and zsh", DESCRIPTION, EXAMPLES)
    parser.add_argument("shell", choices=("bash", "zsh"))


def run(arguments: argparse.Namespace) -> int:
    """Print the script of the shell."""
    import shtab

    from pipelines.commands.cli import parser

    top = parser()
    for action in actions(top):
        if action.type is Path or any(name in PATHS for name in str(action.metavar).upper().split("|")):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(top, shell=arguments.shell))
    return 0


def actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All arguments of a parser and of its commands that are no choices."""
    for action in parser._actions:
        if isinstance(action.choices, dict):
            for inner in action.choices.values():
                yield from actions(inner)
        elif action.choices is None:
            yield action
