"""`proofpile dedup`: find duplicates in any texts, and against an earlier corpus."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Find documents that are equal or nearly so, in Parquet or JSON lines, plain or compressed. Nothing is deleted: the
output lists each duplicate with the document that stays for it, the method, and their true similarity.

  duplicates/  id, kept_id, method (exact, normalised, minhash, simhash, chunks, address), similarity, cluster
  clusters/    one row a cluster, the largest first
  signatures/  what later runs compare with: pass this folder to --against

--against OLD drops what an earlier output has, names the match there, and leaves it as it is. The settings that
signatures depend on must be the same in both.
"""
EXAMPLES = """\
  proofpile dedup --input 'corpus/documents/**/*.parquet' --output duplicates
  proofpile dedup --input 'new/*.jsonl.gz' --against duplicates --output new-duplicates
  proofpile dedup --input owm.parquet --id-key url --method simhash --output as-openwebmath
"""

WORDS = (
    (r"dedup\.(\w+)(?:\.\d+)*", r"--\1"),
    (r"sources\.\w+\.inputs(?:\.\d+)*", "--input"),
    (r"sources\.\w+\.name", "--name"),
)
"""Keys of the recipe that this command makes and the options that they come from."""
SETTINGS = (
    ("method", ("minhash", "simhash", "exact"), "how near duplicates are found"),
    ("normalisation", ("none", "lower", "folded"), "what becomes of a word's letters"),
    ("verification", ("exact", "estimate"), "true Jaccard, or from the signatures"),
    ("threshold", float, "Jaccard similarity from which documents are duplicates"),
    ("shingle-words", int, "words in a shingle"),
    ("permutations", int, "permutations of a signature"),
    ("seed", int, "seed of the permutations"),
    ("bands", int, "bands, instead of the optimum for the threshold (with --rows)"),
    ("rows", int, "rows in a band (with --bands)"),
    ("differing-bits", int, "SimHash: bits in which duplicates may differ"),
    ("blocks", int, "SimHash: blocks of which one must be equal"),
    ("quality", str, "score by which the better document survives"),
    ("shuffle-mb", int, "MiB of shuffled rows that a worker holds at a time"),
    ("graph-mb", int, "MiB for the graph of duplicates; a larger one is solved by the runner"),
)


def add(subparsers: Any) -> None:
    """Declare the command."""
    from manifests.settings.dedup import DedupSettings

    parser = shared.command(subparsers, "dedup", run, "find duplicates in any texts", DESCRIPTION, EXAMPLES)
    parser.add_argument("--input", required=True, action="append", metavar="GLOB", help="texts; may be repeated")
    parser.add_argument(
        "--against", action="append", default=[], metavar="OLD", help="an earlier corpus or output; may be repeated"
    )
    parser.add_argument("--name", default="input", metavar="NAME", help="what to call the texts (default input)")
    parser.add_argument("--id-key", metavar="KEY", help="column of the id (default id, else made from the text)")
    parser.add_argument("--text-key", default="text", metavar="KEY", help="column of the text (default text)")
    group = parser.add_argument_group("method")
    for name, kind, about in SETTINGS:
        default = DedupSettings.model_fields[name.replace("-", "_")].default
        shown = about if default is None else f"{about} (default {default})"
        if isinstance(kind, tuple):
            group.add_argument(f"--{name}", choices=kind, help=shown)
        else:
            group.add_argument(f"--{name}", type=kind, metavar=kind.__name__.upper(), help=shown)
    group.add_argument(
        "--chunks",
        choices=("published", "corrected"),
        help="first drop what shares pieces of 2,048 characters with an earlier text: one piece, or half of them",
    )
    group.add_argument(
        "--addresses", action="store_true", help="first drop all but the newest document of each address (url, created)"
    )
    group.add_argument("--priority", action="append", metavar="SOURCE", help="survives first; may be repeated")
    parser.add_argument(
        "--accept-changes", action="store_true", help="the arguments have changed: redo what they touch"
    )
    shared.add_output(parser)
    shared.add_cache(parser)
    shared.add_engine(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make a recipe of the arguments, fetch what it names, and deduplicate."""
    shared.start_workers(arguments, "pipelines.stages.matching.signing:ready")
    from pipelines.commands import one_stage, unread
    from pipelines.stages import dedup
    from pipelines.stages.matching import signing
    from pipelines.stages.matching.inputs import of_raw

    with one_stage.told_in(WORDS):
        recipe = one_stage.recipe_of(recipe_of(arguments))
        assert recipe.dedup is not None
        job = one_stage.job(arguments, recipe)
        dedup.warm_up()
        with one_stage.brought(job) as job:
            files = of_raw(job, arguments.id_key, arguments.text_key)
            dedup.deduplicate(job, files, recipe.dedup, [arguments.name])
    unread.tell(job.root, signing.STAGE, job.progress)
    return 0


def recipe_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The recipe that the arguments stand for, as a file would have it."""
    from manifests.store import scheme_of

    settings: dict[str, Any] = {
        "against": [old if scheme_of(old) else str(Path(old).resolve()) for old in arguments.against]
    }
    for name, _, _ in SETTINGS:
        value = getattr(arguments, name.replace("-", "_"))
        if value is not None:
            settings[name.replace("-", "_")] = value
    if arguments.priority:
        settings["priority"] = arguments.priority
    if arguments.chunks is not None:
        settings["chunks"] = [arguments.name]
    if arguments.addresses:
        settings["addresses"] = [arguments.name]
    source = {"name": arguments.name, "kind": "dataset", "inputs": arguments.input}
    return {"name": "dedup", "rules": arguments.chunks or "corrected", "sources": [source], "dedup": settings}
