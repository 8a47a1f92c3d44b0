"""`proofpile build`: every stage of a recipe."""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Build a corpus from a recipe: fetch the raw files, extract documents, filter them by their scores, find duplicates,
check them against benchmarks and write tokenized shards. Run the same command again after an interruption and it
goes on where it stopped; the finished files are the same, byte for byte.
"""
EXAMPLES = """\
  proofpile build manifests/sample.yaml --output corpus --workers 2
  proofpile build manifests/proof-pile-2.yaml --output pp2 --dry-run
  proofpile build manifests/sample.yaml --output corpus --units 3/40      # one of 40 tasks of a Slurm array
  proofpile build manifests/sample.yaml --output corpus --runner FlinkRunner --flink_master=[local]
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "build", run, "every stage of a recipe", DESCRIPTION, EXAMPLES)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe file (YAML), or the name of a packaged one")
    shared.add_output(parser, opened=False)
    parser.add_argument(
        "--profile", action="store_true", help="measure where the time goes, for runs.jsonl and the report"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the plan and end")
    parser.add_argument(
        "--accept-changes", action="store_true", help="the recipe has changed: redo what the change touches"
    )
    parser.add_argument(
        "--fraction", type=float, metavar="F", help="take this share of the raw files instead of the recipe's"
    )
    parser.add_argument(
        "--units", metavar="I/N", help="do the I-th of N shares of what can be shared, on one folder or bucket"
    )
    shared.add_cache(parser)
    shared.add_engine(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build, or print the plan."""
    from manifests import mirror, store
    from manifests.errors import UserError
    from manifests.packaged import recipe_path
    from manifests.recipe import kinds
    from pipelines.engine.sharing import parsed

    part = None if arguments.units is None else parsed(arguments.units)
    arguments.recipe = recipe_path(arguments.recipe)
    if arguments.fraction is not None and not 0 < arguments.fraction <= 1:
        raise UserError(f"--fraction {arguments.fraction}: expected a share above 0, at most 1")
    if not arguments.dry_run:
        shared.start_workers(arguments, "pipelines.stages.extract:ready", *kinds(arguments.recipe))
    from pipelines.corpus.folder import Corpus
    from pipelines.report import report
    from pipelines.stages import build, order, plan, share

    recipe = plan.read(arguments.recipe, arguments.fraction)
    engine = shared.engine(arguments, recipe.limits)
    if arguments.dry_run:
        if store.scheme_of(arguments.output) is None:
            Corpus(Path(arguments.output)).takes(recipe, accept_changes=arguments.accept_changes)
        print(plan.describe(recipe, arguments.recipe))
        return 0
    corpus = Corpus(mirror.opened(arguments.output, part=part is not None))
    (corpus.adopt if part is None else partial(share.adopt, corpus))(recipe, accept_changes=arguments.accept_changes)
    progress = shared.progress(arguments)
    job = build.Build(
        recipe=recipe,
        corpus=corpus,
        engine=engine,
        progress=progress,
        where=str(arguments.recipe),
        folder=arguments.recipe.resolve().parent,
        cache=arguments.cache,
        command=arguments.command_line,
    )
    if part is not None:
        share.run(job, part)
        progress.say("when all are, run the same command without --units for the stages that compare documents")
        return 0
    order.run(job)
    progress.say(report.summary(corpus))
    return 0
