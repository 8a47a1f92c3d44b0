"""`proofpile audit`: which benchmark items stand in a corpus, any corpus."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Look for the items of benchmarks in texts: Parquet or JSON lines, plain or compressed. The methods run side by side.

  published  n-grams of whitespace-separated words, nothing normalised (the Llemma paper's check; n = 20, 30)
  exact      words in one notation; n = 10, 13, 20, 30; a text shorter than n is found whole
  fuzzy      goes with exact: edited texts, by rare words and alignment; changed numbers make a hit a `template`
  counted    the headline: hits of exact and fuzzy that are probable enough (column `counted`)

Every hit is listed with its place and the words of both sides (hits/), and a table says for each benchmark and n
how many items were found, in how many documents, and how many are too short for the method (overlap/summary.parquet).

Known benchmarks: math, gsm8k, proofnet, mmlu_stem, ocw, sat, minif2f. Another one is read by the usual column names
(problem or question, solution or answer), or name its columns: mine=FILE:problem=frage,solution=antwort,id=nr
Columns may be nested (doc.question); id=#line counts the rows. Files: JSON lines, JSON, CSV, Parquet, Arrow, compressed
or not, and the sample files of lm-evaluation-harness. Shuffled words and translations are not found.
"""
EXAMPLES = """\
  proofpile audit --input 'corpus/documents/**/*.parquet' --benchmark math=math_test.jsonl --output audit
  proofpile audit --input 'shards/*.jsonl.zst' --benchmark gsm8k=test.jsonl --exact 13 --published 30 --output audit
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "audit", run, "find benchmark items in any corpus", DESCRIPTION, EXAMPLES)
    parser.add_argument("--input", required=True, action="append", metavar="GLOB", help="texts; may be repeated")
    parser.add_argument(
        "--benchmark", required=True, action="append", metavar="NAME=FILE", help="a test set; may be repeated"
    )
    parser.add_argument("--name", default="input", metavar="NAME", help="what to call the texts (default input)")
    parser.add_argument("--text-key", default="text", metavar="KEY", help="column of the text (default text)")
    parser.add_argument("--id-key", metavar="KEY", help="column of the id (default id, else made from the text)")
    parser.add_argument("--published", type=_numbers, metavar="N,…", help="n of the published check; 0 leaves it out")
    parser.add_argument("--exact", type=_numbers, metavar="N,…", help="n of the exact check; 0 leaves it out")
    parser.add_argument("--shortest-whole", type=int, metavar="WORDS", help="fewest words found whole (default 3)")
    parser.add_argument(
        "--rules", choices=("published", "corrected"), default="corrected", help="published: one item a document counts"
    )
    parser.add_argument(
        "--accept-changes", action="store_true", help="the arguments have changed: redo what they touch"
    )
    shared.add_output(parser)
    shared.add_cache(parser)
    shared.add_engine(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make a recipe of the arguments, fetch what it names, and audit."""
    import time

    from manifests.errors import UserError
    from manifests.recipe import recipe_from
    from pipelines.commands import unread
    from pipelines.corpus import manifest
    from pipelines.corpus.folder import Corpus, locked
    from pipelines.corpus.texts import of_raw
    from pipelines.stages import audit, build, order
    from pipelines.stages.fetch import bring

    assets: dict[str, Any] = {}
    benchmarks: dict[str, Any] = {}
    for given in arguments.benchmark:
        name, address, settings = parse_benchmark(given)
        if name in benchmarks:
            raise UserError(f"--benchmark {given}: the name `{name}` is given twice; expected a name of its own")
        assets[f"benchmark-{name}"] = {"from": address}
        benchmarks[name] = {"asset": f"benchmark-{name}", **settings}
    overlap: dict[str, Any] = {"benchmarks": benchmarks}
    for key in ("published", "exact", "shortest_whole"):
        value = getattr(arguments, key)
        if value is not None:
            overlap[key] = value
    source = {"name": arguments.name, "kind": "dataset", "inputs": arguments.input}
    recipe = recipe_from(
        {"name": "audit", "rules": arguments.rules, "assets": assets, "sources": [source], "overlap": overlap},
        "command line",
    )
    corpus = Corpus(arguments.output)
    corpus.adopt(recipe, accept_changes=arguments.accept_changes)
    progress = shared.progress(arguments)
    started = time.time()
    job = build.Build(
        recipe=recipe,
        corpus=corpus,
        engine=shared.engine(arguments, recipe.limits),
        progress=progress,
        where="command line",
        folder=Path.cwd(),
        cache=arguments.cache,
    )
    assert recipe.overlap is not None
    with locked(corpus.root):
        job = bring(job)
        rows = audit.audit(job, of_raw(job.raw), recipe.overlap, id_key=arguments.id_key, text_key=arguments.text_key)
        manifest.write(job.root, job.recipe)
        manifest.seal(job.root)
        order.journal(job, started)
    progress.say(audit.render(rows))
    unread.tell(corpus.root, audit.STAGE, progress)
    return 0


def parse_benchmark(given: str) -> tuple[str, str, dict[str, Any]]:
    """`NAME=FILE` or `NAME=FILE:field=column,…` as name, file, and settings of the benchmark. Raises UserError."""
    from manifests.errors import UserError

    name, equals, rest = given.partition("=")
    name = name.lower()
    if not equals or not name.replace("-", "").replace("_", "").isalnum() or not rest:
        raise UserError(f"--benchmark {given}: expected NAME=FILE, the name of letters, digits, - and _")
    address, colon, columns = rest.rpartition(":")
    if not colon or "=" not in columns:
        return name, rest, {}
    fields: dict[str, str] = {}
    for item in columns.split(","):
        field, equals, column = item.partition("=")
        if not equals or not field or not column:
            raise UserError(f"--benchmark {given}: expected field=column after the file, found `{item}`")
        fields[field] = column
    identifier = fields.pop("id", None)
    return name, address, {"fields": fields, **({} if identifier is None else {"id": identifier})}


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected whole numbers with commas, found `{text}`") from None
    return [] if numbers == [0] else numbers
