"""`proofpile memorisation`: does a model do better on the items that stand in its corpus?"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.commands import arguments as shared

if TYPE_CHECKING:
    from pipelines.report.audit.results import Result

DESCRIPTION = """\
Join the results of a model, item by item, to the hits of an audit: accuracy on items with and without a hit, by level,
with 95 % intervals and Fisher's exact test, and what the items found add to the accuracy, by the share of them that was
found. Results are JSON lines with the problem or its id and `correct` (or acc, exact_match, …), or sample files of
lm-evaluation-harness. With --corpus, what the model wrote (resps, completion, output, …) is looked for in these files,
in the same ways as items of benchmarks.
"""
EXAMPLES = """\
  proofpile memorisation audit --results math=samples_math.jsonl
  proofpile memorisation audit --results math=results.jsonl --method published --n 30
  proofpile memorisation audit --results math=samples_math.jsonl --corpus corpus/*.parquet
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(
        subparsers, "memorisation", run, "accuracy on items that stand in the corpus", DESCRIPTION, EXAMPLES
    )
    parser.add_argument("audit", type=shared.place, metavar="DIR", help="the output of audit, or a corpus")
    parser.add_argument("--results", required=True, metavar="NAME=FILE", help="the benchmark's name and the results")
    parser.add_argument(
        "--corpus",
        nargs="+",
        default=[],
        type=Path,
        metavar="FILE",
        help="look for what the model wrote in these files",
    )
    parser.add_argument("--correct-key", metavar="KEY", help="column that says whether an answer is right")
    parser.add_argument(
        "--method", choices=("counted", "published", "exact", "fuzzy"), default="counted", help="hits of this method"
    )
    parser.add_argument("--n", type=int, default=0, metavar="N", help="the n of published or exact")
    parser.add_argument("--field", action="append", default=[], metavar="FIELD", help="hits of this field alone")


def run(arguments: argparse.Namespace) -> int:
    """Print the tables."""
    from manifests.errors import UserError
    from manifests.records import BadRecord
    from pipelines.report.audit import generated
    from pipelines.report.audit.memorisation import Chosen, joined, memorisation, render
    from pipelines.sources.other_texts import texts_of

    name, results = read(arguments.results, arguments.correct_key)
    if (arguments.method in ("published", "exact")) != (arguments.n > 0):
        raise UserError(f"--method {arguments.method}: expected --n with published and exact, and with no other")
    chosen = Chosen(arguments.method, arguments.n, tuple(arguments.field))
    for path in arguments.corpus:
        if not path.is_file():
            raise UserError(f"--corpus {path}: no such file; expected files with the texts of a corpus")
    known = joined(arguments.audit, name, results)
    print(render(memorisation(arguments.audit, name, known, chosen)))
    if arguments.corpus:
        texts = (row.text for path in arguments.corpus for row in texts_of(path) if not isinstance(row, BadRecord))
        print(generated.render(generated.written(known, texts, chosen)))
    return 0


def read(given: str, correct_key: str | None = None) -> "tuple[str, list[Result]]":
    """`NAME=FILE` as the benchmark's name and the results in the file. Raises UserError."""
    from manifests.errors import UserError
    from pipelines.report.audit.results import read_results

    name, equals, path = given.partition("=")
    if not equals or not name or not path:
        raise UserError(f"--results {given}: expected NAME=FILE, the name that the audit has for the benchmark")
    return name.lower(), read_results(Path(path), correct_key)
