"""What the commands share that do one stage without a recipe: they make the recipe of their arguments.

A mistake in that recipe is told in the words of the command, which the user wrote, not by a key of a file that is none.
"""

import argparse
import contextlib
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manifests.errors import ProofpileError
from pipelines.commands import arguments as shared

if TYPE_CHECKING:
    from manifests.recipe import Recipe
    from pipelines.stages.build import Build

COMMAND_LINE = "command line"
"""What stands for the recipe's file."""
Words = Sequence[tuple[str, str]]
"""Expressions for keys of the recipe, and the options that they come from; `_` in an option stands for `-`."""


def recipe_of(sections: dict[str, Any]) -> "Recipe":
    """The recipe of these sections. Raises UserError."""
    from manifests.recipe import recipe_from

    return recipe_from(sections, COMMAND_LINE)


@contextlib.contextmanager
def told_in(words: Words) -> Iterator[None]:
    """Tell the mistakes of the block in the words of the command, each once."""
    try:
        yield
    except ProofpileError as error:
        lines = dict.fromkeys(in_words(line, words) for line in str(error).split("\n"))
        raise type(error)("\n".join(lines)) from error


def in_words(line: str, words: Words) -> str:
    """A mistake in the recipe that was made of the arguments, in the words of the command."""
    for key, option in words:
        told = re.sub(rf"^{COMMAND_LINE}: {key}: ", f"{option}: ", line)
        if told != line:
            return re.sub(r"^--[a-z_]+", lambda found: found[0].replace("_", "-"), told)
    return line.removeprefix(f"{COMMAND_LINE}: ")


def job(arguments: argparse.Namespace, recipe: "Recipe") -> "Build":
    """The job of a recipe, in the output folder that the arguments name. Raises UserError for one of another recipe."""
    from pipelines.corpus.folder import Corpus
    from pipelines.stages.build import Build

    engine = shared.engine(arguments, recipe.limits)
    corpus = Corpus(arguments.output)
    corpus.adopt(recipe, accept_changes=arguments.accept_changes)
    return Build(
        recipe=recipe,
        corpus=corpus,
        engine=engine,
        progress=shared.progress(arguments),
        where=COMMAND_LINE,
        folder=Path.cwd(),
        cache=arguments.cache,
        command=arguments.command_line,
    )


@contextlib.contextmanager
def brought(job: "Build", *, card: bool = False) -> Iterator["Build"]:
    """The job with its input at hand; behind the block its manifest, journal and, if asked, card are written."""
    from pipelines.corpus import manifest
    from pipelines.corpus.folder import locked
    from pipelines.stages import order
    from pipelines.stages.fetch import bring

    started = time.time()
    with locked(job.corpus.root, job.progress.say):
        job = bring(job)
        yield job
        manifest.write(job.root, job.recipe)
        if card:
            from pipelines.report import card as cards

            cards.write(job.corpus)
        manifest.seal(job.root)
        order.journal(job, started)
