"""Which words of a command line are Beam's own options."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from apache_beam.options import pipeline_options

from manifests.errors import UserError

IN_JAVA = ("--flink_conf_dir",)
"""Options of the Flink runner that live in the Java part alone, which Beam asks its job server about."""


class OptionParser(argparse.ArgumentParser):
    """A parser of Beam's options that says in one line what is wrong with one."""

    def error(self, message: str) -> NoReturn:
        """Raise UserError."""
        raise UserError(message.removeprefix("argument "))


def unknown_options(arguments: Sequence[str]) -> list[str]:
    """The words that no options class of Beam understands.

    Beam itself only logs them, so that a mistyped option would pass unseen. Raises UserError for a value that is
    missing or of another kind.
    """
    parser = OptionParser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for cls in sorted(set(option_classes()), key=lambda cls: cls.__name__):
        cls._add_argparse_args(parser)  # the only way that Beam offers to list its options
    _, unknown = parser.parse_known_args(list(arguments))
    return [word for word in unknown if word.partition("=")[0] not in IN_JAVA]


def joined(arguments: Sequence[str]) -> tuple[str, ...]:
    """Options as one word each: `--name value` as `--name=value`, which is how they are looked up."""
    words: list[str] = []
    for word in arguments:
        if words and words[-1].startswith("--") and "=" not in words[-1] and not word.startswith("--"):
            words[-1] += f"={word}"
        else:
            words.append(word)
    return tuple(words)


def option_classes() -> list[type[pipeline_options.PipelineOptions]]:
    """Every options class that Beam defines."""
    found: list[type[pipeline_options.PipelineOptions]] = []
    pending = list(pipeline_options.PipelineOptions.__subclasses__())
    while pending:
        cls = pending.pop()
        found.append(cls)
        pending.extend(cls.__subclasses__())
    return found
