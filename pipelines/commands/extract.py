"""`proofpile extract`: one source, from raw files to filtered documents, without a recipe."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Turn raw files of one kind into documents. --input takes paths, globs and addresses (s3://, gs://, hf:, https://,
pypi:NAME==VERSION); folders are searched for the files that the kind of source reads.

  web      WARC and ARC files, or folders of saved pages
  arxiv    monthly tars, submissions, or folders of them
  code     archives, source trees, or Parquet of The Stack
  dataset  Parquet and JSON lines of published corpora
  module:Class  a source of your own
"""
EXAMPLES = """\
  proofpile extract --source web --input 'pages/*.warc.gz' --output extracted
  proofpile extract --source code --input 'pypi:mpmath==1.3.0' --rules published --output extracted
  proofpile extract --source dataset --input owmath.parquet --option preset=open-web-math --output extracted
"""
WORDS = (
    (r"sources\.[\w-]+\.inputs(?:\.\d+)*", "--input"),
    (r"sources\.[\w-]+\.kind", "--source"),
    (r"sources\.[\w-]+\.options", "--option"),
    (r"sources\.[\w-]+\.edits(?:\.\w+)*", "--edit"),
    (r"sources\.[\w-]+\.licence", "--licence"),
    (r"(?:sources\.[\w-]+\.)?name", "--name"),
    (r"sources\.[\w-]+", "--input"),
    (r"(?:scores|assets)\.english(?:\.\w+)*", "--language-model"),
    (r"(?:scores|assets)\.math(?:\.\w+)*", "--math-model"),
    ("(fraction|seed)", r"--\1"),
)
"""Keys of the recipe that this command makes and the options that they come from."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "extract", run, "raw files of one source to documents", DESCRIPTION, EXAMPLES)
    parser.add_argument("--source", required=True, metavar="KIND", help="web, arxiv, code, dataset or module:Class")
    parser.add_argument("--input", required=True, action="append", metavar="ADDRESS", help="raw input; may be repeated")
    parser.add_argument("--name", metavar="NAME", help="name of the source in ids and paths (default: the kind)")
    parser.add_argument("--rules", choices=("published", "corrected"), default="corrected", help="default corrected")
    parser.add_argument("--licence", metavar="SPDX", help="licence of documents that state none")
    parser.add_argument("--language-model", metavar="FILE", help="lid.176 model; scores `english`")
    parser.add_argument("--math-model", metavar="FILE", help="math-score model; scores `math_score`")
    parser.add_argument("--fraction", type=float, default=1.0, metavar="F", help="share of the raw files to take")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which share: another seed, other files")
    shared.add_options(parser, "option of the source; VALUE may be JSON")
    parser.add_argument(
        "--edit",
        action="append",
        default=[],
        metavar="KIND[=OPTIONS]",
        help="a rule that changes texts, such as personal_data; OPTIONS are JSON; may be repeated",
    )
    parser.add_argument(
        "--accept-changes", action="store_true", help="the arguments have changed: redo what they touch"
    )
    shared.add_output(parser)
    shared.add_cache(parser)
    shared.add_engine(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make a recipe of the arguments and do its first stages."""
    shared.start_workers(arguments, "pipelines.stages.extract:ready", arguments.source)
    from pipelines.commands import one_stage
    from pipelines.stages import order, plan

    sections = recipe_of(arguments)
    with one_stage.told_in(WORDS):
        recipe = one_stage.recipe_of(sections)
        plan.check(recipe, one_stage.COMMAND_LINE, Path.cwd())
        order.run(one_stage.job(arguments, recipe), ("fetch", "extract", "filter"))
    return 0


def recipe_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The recipe that the arguments stand for, as a file would have it. Raises UserError."""
    options = shared.options(arguments)
    models = {"english": ("language", arguments.language_model), "math": ("math_score", arguments.math_model)}
    given = {name: (kind, model) for name, (kind, model) in models.items() if model is not None}
    name = arguments.name or arguments.source.rpartition(":")[2].lower().removesuffix("source")
    return {
        "name": name,
        "rules": arguments.rules,
        "fraction": arguments.fraction,
        "seed": arguments.seed,
        "assets": {key: {"from": model} for key, (_, model) in given.items()},
        "scores": {key: {"kind": kind, "model": key} for key, (kind, _) in given.items()},
        "sources": [
            {
                "name": name,
                "kind": arguments.source,
                "inputs": arguments.input,
                "licence": arguments.licence,
                "options": options,
                "edits": [_edit(item) for item in arguments.edit],
                "scores": list(given),
            }
        ],
    }


def _edit(item: str) -> dict[str, Any]:
    """An edit as a recipe has it, from `KIND` or `KIND={"option": value}`."""
    kind, _, options = item.partition("=")
    return {"kind": kind, "options": shared.from_json(options) if options else {}}
