"""`proofpile train-mathscore`: the classifier that tells pages about mathematics, from any pages."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Train the math score. The labelled set is built from the input: a page that holds one of the commonest LaTeX commands
is about mathematics, and the classifier learns to tell such pages from the others with all LaTeX taken out. It is
judged on works (sites, packages) that it never saw, or on single pages where there are too few works. Input is
documents (Parquet, JSON lines), web archives, folders of saved pages, texts, notebooks or Python modules, by path,
glob or address. Writes mathscore.bin, its sha256, judgement.json and a model card, and prints precision, recall, a
calibration table and the thresholds to use. The same input gives the same model.
"""
EXAMPLES = """\
  proofpile train-mathscore --input 'corpus/documents/**/*.parquet' --output model
  proofpile train-mathscore manifests/training/mathscore.yaml --output model
  proofpile train-mathscore --input 'crawl/*.warc.gz' --output model
  proofpile train-mathscore --input pages --about-math held/math --not-math held/news --output model
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    _declare(shared.command(subparsers, "train-mathscore", run, "the classifier of pages", DESCRIPTION, EXAMPLES))


def main(argv: Sequence[str] | None = None) -> int:
    """The command by itself; returns its exit code."""
    from manifests.errors import ProofpileError

    parser = argparse.ArgumentParser(
        prog="train-mathscore", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _declare(parser)
    try:
        return run(parser.parse_args(argv))
    except ProofpileError as error:
        print(f"train-mathscore: {error}", file=sys.stderr)
        return error.exit_code


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", nargs="?", type=Path, metavar="RECIPE", help="training recipe (YAML)")
    parser.add_argument("--input", action="append", default=[], metavar="ADDRESS", help="pages; may be repeated")
    parser.add_argument("--rules", choices=("published", "corrected"), help="instead of the recipe's")
    for name, what in (("--about-math", "are about mathematics"), ("--not-math", "are not about mathematics")):
        parser.add_argument(
            name,
            action="append",
            default=[],
            metavar="[NAME=]ADDRESS",
            help=f"pages that {what}, to judge by; never learned from; may be repeated",
        )
    for key, kind, what in (
        ("dimension", int, "numbers a word (default 16)"),
        ("epochs", int, "passes over the pages (default 25)"),
        ("least-count", int, "learn words that occur so often (default 5)"),
        ("held-back", float, "share of the pages to judge by (default 0.1)"),
        ("snippets", int, "learn so many short runs of words of each page too (default 8)"),
    ):
        parser.add_argument(f"--{key}", type=kind, metavar="N", help=what)
    shared.add_output(parser)
    shared.add_cache(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Train and print the judgement."""
    from manifests.errors import UserError
    from pipelines.training import judgement
    from pipelines.training.mathscore_recipe import KnownSet, build, load_training, training_from

    given = {
        key: value
        for key in ("rules", "dimension", "epochs", "least_count", "held_back", "snippets")
        if (value := getattr(arguments, key)) is not None
    }
    if arguments.recipe is not None:
        settings = load_training(arguments.recipe)
        more = {**settings.model_dump(by_alias=True), **given}
        more["inputs"] = [*more["inputs"], *arguments.input]
        settings = training_from(more, str(arguments.recipe))
    elif arguments.input:
        settings = training_from({"inputs": arguments.input, **given}, "train-mathscore")
    else:
        raise UserError("nothing to learn from; expected a RECIPE or --input ADDRESS")
    known = [
        KnownSet(_named(value)[0], about, _named(value)[1])
        for about, values in ((True, arguments.about_math), (False, arguments.not_math))
        for value in values
    ]
    say = (lambda _: None) if arguments.quiet else print
    trained = build(settings, arguments.output, known=known, cache=arguments.cache, say=say)
    whose = f"of {len(trained.works):,} works never learned from" if trained.works else "held back"
    say(f"\nOn {len(trained.held_back):,} pages {whose}:\n{judgement.quality_table(trained.held_back)}")
    ends = sorted({trained.with_formulas_above, 0.5, trained.without_formulas_above})
    say(f"\nBy kind of page:\n{judgement.kinds_table(trained.held_back, ends)}")
    say(f"\nCalibration:\n{judgement.calibration_table(trained.held_back)}")
    if trained.known:
        steps = sorted({trained.with_formulas_above, 0.17, 0.5, 0.8, trained.without_formulas_above})
        say(f"\nPages whose subject is known:\n{judgement.known_table(trained.known, steps)}")
    say(
        f"\nKeep pages with formulas above {trained.with_formulas_above:.2f}, pages without above "
        f"{trained.without_formulas_above:.2f}."
    )
    say(f"{trained.model}: {trained.model.stat().st_size:,} bytes, sha256 {trained.sha256}")
    return 0


def _named(value: str) -> tuple[str, tuple[str, ...]]:
    name, equals, address = value.partition("=")
    return (name, (address,)) if equals else (value, (value,))


if __name__ == "__main__":
    sys.exit(main())
