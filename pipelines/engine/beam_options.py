"""Which words of a command line are Beam's own options."""

import argparse
from collections.abc import Sequence

from apache_beam.options import pipeline_options


def unknown_options(arguments: Sequence[str]) -> list[str]:
    """The words that no options class of Beam understands.

    Beam itself only logs them, so that a mistyped option would pass unseen.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, conflict_handler="resolve")
    for cls in sorted(set(option_classes()), key=lambda cls: cls.__name__):
        cls._add_argparse_args(parser)  # the only way that Beam offers to list its options
    _, unknown = parser.parse_known_args(list(arguments))
    # Options of the Flink runner that live in the Java part, which Beam asks its job server about.
    return [word for word in unknown if not word.startswith(("--flink_", "--job_", "--artifact_", "--environment_"))]


def option_classes() -> list[type[pipeline_options.PipelineOptions]]:
    """Every options class that Beam defines."""
    found: list[type[pipeline_options.PipelineOptions]] = []
    pending = list(pipeline_options.PipelineOptions.__subclasses__())
    while pending:
        cls = pending.pop()
        found.append(cls)
        pending.extend(cls.__subclasses__())
    return found
