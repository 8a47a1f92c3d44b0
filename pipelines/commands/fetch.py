"""`proofpile fetch`: bring what a recipe names, and nothing more."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Fetch the assets and raw files of a recipe into the corpus folder: in parallel, resumable, with checksums. A later
`proofpile build` with the same --output finds them there.
"""
EXAMPLES = """\
  proofpile fetch manifests/sample.yaml --output corpus
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "fetch", run, "raw files and models of a recipe", DESCRIPTION, EXAMPLES)
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="recipe file (YAML)")
    shared.add_output(parser)
    shared.add_cache(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Fetch."""
    from manifests.packaged import recipe_path
    from pipelines.corpus.folder import Corpus, locked
    from pipelines.engine.engine import Engine
    from pipelines.stages import build, plan
    from pipelines.stages.fetch import bring

    arguments.recipe = recipe_path(arguments.recipe)
    recipe = plan.read(arguments.recipe)
    corpus = Corpus(arguments.output)
    corpus.adopt(recipe)
    progress = shared.progress(arguments)
    folder = arguments.recipe.resolve().parent
    job = build.Build(recipe, corpus, Engine(), progress, str(arguments.recipe), folder, arguments.cache)
    with locked(corpus.root, progress.say):
        brought = bring(job)
    files = sum(len(raw) for raw in brought.raw.values())
    size = sum(file.bytes for raw in brought.raw.values() for file in raw)
    progress.say(f"fetch: {files} raw files ({size:,} bytes) and {len(brought.assets)} assets are in {corpus.root}/raw")
    return 0
