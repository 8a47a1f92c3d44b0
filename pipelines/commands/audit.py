"""`proofpile audit`: which benchmark items stand in a corpus, any corpus."""

import argparse
from collections.abc import Sequence
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

A known benchmark is fetched by its name (--benchmark gsm8k; `proofpile benchmarks` lists them; llemma stands for all
that the Llemma paper used), NAME=FILE reads a copy or a file of yours. Columns are told by their usual names (problem
or question, solution or answer, options), or name them: mine=FILE:problem=frage,solution=antwort,id=nr; a field named
twice is read from both. Columns may be nested (doc.question), id=#line counts the rows, split=test takes one part of a
file. Files: JSON lines, JSON, CSV, Parquet, Arrow, packed or not, sample files of lm-evaluation-harness, sources of
Lean, Isabelle and Coq. What is read of each, and what is not, is said. Shuffled words and translations are not found.

Corpora: Parquet, Arrow, JSON lines, JSON, CSV, text, packed or not; web archives; shards with --tokenizer. Without
--text-key the column is `text`, or one of the usual others: chat messages, prompt and completion, content; --text-key
may be repeated.
"""
EXAMPLES = """\
  proofpile audit --input 'corpus/documents/**/*.parquet' --benchmark math=math_test.jsonl --output audit
  proofpile audit --input 'shards/*.jsonl.zst' --benchmark gsm8k --exact 13 --published 30 --output audit
  proofpile audit --compare audit audit-of-the-cleaned-corpus
"""
WORDS = (
    (r"overlap\.(published|exact|shortest_whole)(?:\.\d+)*", r"--\1"),
    (r"overlap\.benchmarks(?:\.[\w-]+)*", "--benchmark"),
    (r"assets\.benchmark-([\w-]+)(?:\.\w+)*", r"--benchmark \1"),
    (r"sources\.\w+\.inputs(?:\.\d+)*", "--input"),
    (r"sources\.\w+\.name", "--name"),
)
"""Keys of the recipe that this command makes and the options that they come from."""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "audit", run, "find benchmark items in any corpus", DESCRIPTION, EXAMPLES)
    parser.add_argument("--input", action="append", metavar="GLOB", help="texts; may be repeated")
    parser.add_argument(
        "--benchmark",
        action="append",
        metavar="NAME[=FILE]",
        help="a known test set, or one in a file of yours; may be repeated",
    )
    parser.add_argument("--name", default="input", metavar="NAME", help="what to call the texts (default input)")
    parser.add_argument(
        "--text-key", action="append", metavar="KEY", help="column of the text; may be repeated (default: see above)"
    )
    parser.add_argument("--id-key", metavar="KEY", help="column of the id (default id, else made from the text)")
    parser.add_argument("--tokenizer", metavar="FILE", help="the tokenizer of token shards, to read them as text")
    parser.add_argument("--published", type=_numbers, metavar="N,…", help="n of the published check; 0 leaves it out")
    parser.add_argument("--exact", type=_numbers, metavar="N,…", help="n of the exact check; 0 leaves it out")
    parser.add_argument(
        "--hide-items", action="store_true", default=None, help="keep no texts of items and passages, places only"
    )
    parser.add_argument("--no-fuzzy", dest="fuzzy", action="store_const", const=False, help="look for no edited texts")
    parser.add_argument("--shortest-whole", type=int, metavar="WORDS", help="fewest words found whole (default 3)")
    parser.add_argument(
        "--rules", choices=("published", "corrected"), default="corrected", help="published: one item a document counts"
    )
    parser.add_argument(
        "--accept-changes", action="store_true", help="the arguments have changed: redo what they touch"
    )
    parser.add_argument(
        "--results",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="results of a model on that benchmark, joined to the hits (see proofpile memorisation)",
    )
    parser.add_argument(
        "--compare",
        nargs=2,
        type=shared.place,
        metavar=("DIR", "DIR"),
        help="compare two audits instead: items and pairs that only one of them counts",
    )
    shared.add_output(parser, required=False)
    shared.add_cache(parser)
    shared.add_engine(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make a recipe of the arguments, fetch what it names, and audit; or compare two audits."""
    from manifests.errors import UserError
    from pipelines.commands import memorisation as memorisation_command
    from pipelines.commands import one_stage, unread
    from pipelines.corpus.rows import DEFAULT_TEXT
    from pipelines.corpus.texts import of_raw
    from pipelines.report.audit import compare, memorisation, page
    from pipelines.stages import audit, audit_table

    if arguments.compare:
        print(compare.render(compare.compare(*arguments.compare)))
        return 0
    for name in ("input", "benchmark", "output"):
        if not getattr(arguments, name):
            raise UserError(f"--{name} is missing; expected --input, --benchmark and --output, or --compare DIR DIR")
    assets, benchmarks = parse_benchmarks(arguments.benchmark)
    results = [memorisation_command.read(given) for given in arguments.results]
    for name, _ in results:
        if name not in benchmarks:
            raise UserError(f"--results {name}=…: no --benchmark is called `{name}`")
    with one_stage.told_in(WORDS):
        recipe = one_stage.recipe_of(recipe_of(arguments, assets, benchmarks))
        assert recipe.overlap is not None
        with one_stage.brought(one_stage.job(arguments, recipe)) as job:
            files = of_raw(job.raw)
            keys = {"id_key": arguments.id_key, "text_key": arguments.text_key, "tokenizer": arguments.tokenizer}
            columns = audit.require_readable(files, **keys)
            if columns not in ([], [DEFAULT_TEXT]):
                job.progress.say(f"audit: texts from {', or '.join(columns)}")
            rows = audit.audit(job, files, recipe.overlap, **keys)
            page.write(job.corpus)
    job.progress.say(audit_table.render(rows))
    job.progress.say(f"audit: see {job.root / page.NAME}, or proofpile inspect {job.root} hits")
    for name, found in results:
        known = memorisation.joined(job.root, name, found)
        table = memorisation.render(memorisation.memorisation(job.root, name, known, memorisation.Chosen()))
        job.progress.say(f"{name}: accuracy on items that stand in the corpus\n{table}")
    unread.tell(job.root, audit.STAGE, job.progress)
    return 0


def recipe_of(arguments: argparse.Namespace, assets: dict[str, Any], benchmarks: dict[str, Any]) -> dict[str, Any]:
    """The recipe that the arguments stand for, as a file would have it."""
    overlap: dict[str, Any] = {"benchmarks": benchmarks}
    for key in ("published", "exact", "shortest_whole", "fuzzy", "hide_items"):
        value = getattr(arguments, key)
        if value is not None:
            overlap[key] = value
    source = {"name": arguments.name, "kind": "dataset", "inputs": arguments.input}
    return {"name": "audit", "rules": arguments.rules, "assets": assets, "sources": [source], "overlap": overlap}


def parse_benchmarks(arguments: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The assets and benchmarks of a recipe that the arguments `NAME` and `NAME=FILE` stand for. Raises UserError."""
    from manifests.benchmarks import addresses_of, find_known, groups
    from manifests.errors import UserError

    assets: dict[str, Any] = {}
    benchmarks: dict[str, Any] = {}
    for given in arguments:
        name, address, settings = parse_benchmark(given)
        for member in (name,) if address else groups().get(name, (name,)):
            if member in benchmarks:
                raise UserError(f"--benchmark {given}: the name `{member}` is given twice; expected a name of its own")
            if address:
                assets[f"benchmark-{member}"] = {"from": address}
                benchmarks[member] = {"asset": f"benchmark-{member}", **settings}
                continue
            if Path(given).is_file() and find_known(member) is None:
                raise UserError(f"--benchmark {given}: is a file; expected NAME={given}, with a name of yours")
            try:
                addresses_of(member)
            except UserError as error:
                raise UserError(f"--benchmark {given}: {error}") from None
            benchmarks[member] = None
    return assets, benchmarks


def parse_benchmark(given: str) -> tuple[str, str | None, dict[str, Any]]:
    """`NAME`, `NAME=FILE` or `NAME=FILE:field=column,…` as name, file, and settings of the benchmark.

    Raises UserError.
    """
    from manifests.errors import UserError

    name, equals, rest = given.partition("=")
    if not equals:
        return name.lower(), None, {}
    name = name.lower()
    if not name.replace("-", "").replace("_", "").isalnum() or not rest:
        raise UserError(f"--benchmark {given}: expected NAME=FILE, the name of letters, digits, - and _")
    address, colon, columns = rest.rpartition(":")
    if not colon or "=" not in columns:
        return name, rest, {}
    fields: dict[str, list[str]] = {}
    for item in columns.split(","):
        field, equals, column = item.partition("=")
        if not equals or not field or not column:
            raise UserError(f"--benchmark {given}: expected field=column after the file, found `{item}`")
        fields.setdefault(field, []).append(column)
    settings: dict[str, Any] = {key: fields.pop(key)[-1] for key in ("id", "split") if key in fields}
    chosen = {field: columns[0] if len(columns) == 1 else columns for field, columns in fields.items()}
    return name, address, {**({"fields": chosen} if chosen else {}), **settings}


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected whole numbers with commas, found `{text}`") from None
    return [] if numbers == [0] else numbers
