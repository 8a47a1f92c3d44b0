"""`proofpile shard`: any corpus as token ids."""

import argparse
from typing import Any

from pipelines.commands import arguments as shared

WORDS = (
    (r"shards\.(\w+)", r"--\1"),
    (r"sources\.\w+\.inputs(?:\.\d+)*", "--input"),
    (r"sources\.\w+\.(weight|epochs)", r"--\1"),
    (r"sources\.\w+\.name", "--source"),
    (r"assets\.(tokenizer)(?:\.\w+)*", r"--\1"),
    ("(seed)", r"--\1"),
    ("shards", "options"),
)
"""Keys of the recipe that this command makes and the options that they come from."""

DESCRIPTION = """\
Tokenize texts (Parquet or JSON lines, plain or compressed) and write them as rows of token ids in Parquet, with the
documents inside each row, split into train, validation and test by a hash of the id.

  documents  one row a document
  packed     rows of --sequence-length tokens, documents one after the other, each closed by its end mark

The tokenizer is a SentencePiece .model, a tokenizer.json, a tekken.json or a published .tiktoken file. In a build
(`proofpile build`) this stage also leaves out what the filter, dedup and overlap stages have listed.
"""
EXAMPLES = """\
  proofpile shard --source arxiv='papers/*.parquet' --source web='pages/*.jsonl.zst' --weight arxiv=2 web=4 \\
      --tokenizer tokenizer.json --max-epochs 4 --output shards
  proofpile shard --input 'corpus/documents/**/*.parquet' --tokenizer tokenizer.model --layout packed --output shards
  proofpile shard --input texts.jsonl.zst --tokenizer tokenizer.json --layout documents --jsonl --output shards
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "shard", run, "texts to tokenized shards", DESCRIPTION, EXAMPLES)
    texts = parser.add_mutually_exclusive_group(required=True)
    texts.add_argument("--input", nargs="+", action="extend", metavar="GLOB", help="texts; may be repeated")
    texts.add_argument(
        "--source",
        nargs="+",
        action="extend",
        metavar="NAME=GLOB",
        type=named,
        help="texts of one of several sources; a name may be repeated",
    )
    parser.add_argument(
        "--tokenizer",
        required=True,
        metavar="FILE",
        help="SentencePiece .model, tokenizer.json, tekken.json, .tiktoken",
    )
    parser.add_argument("--layout", choices=("documents", "packed"), default="packed", help="default packed")
    parser.add_argument(
        "--packing",
        choices=("concatenated", "best_fit"),
        default="concatenated",
        help="best_fit: cut only documents that are longer than a row (default concatenated)",
    )
    parser.add_argument("--sequence-length", type=int, default=4096, metavar="N", help="tokens a row (default 4096)")
    parser.add_argument("--end-token", metavar="TOKEN", help="end-of-document mark, if the tokenizer declares none")
    parser.add_argument("--begin", action="store_true", help="put the tokenizer's beginning mark before every document")
    parser.add_argument("--validation", type=float, default=0.005, metavar="SHARE", help="default 0.005")
    parser.add_argument("--test", type=float, default=0.005, metavar="SHARE", help="default 0.005")
    parser.add_argument(
        "--weight",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=SHARE",
        type=named_number,
        help="the sources' parts in the training tokens; repeats sources so that each is there at least once",
    )
    parser.add_argument(
        "--epochs",
        nargs="+",
        action="extend",
        default=[],
        metavar="[NAME=]N",
        type=named_number,
        help="pass over a source (or all) so often, instead of a weight",
    )
    parser.add_argument("--tokens", type=int, metavar="N", help="tokens of the training stream, instead of all once")
    parser.add_argument("--max-epochs", type=float, metavar="N", help="refuse to repeat a source more often than this")
    parser.add_argument("--seed", type=int, default=0, help="of the splits and of the order (default 0)")
    parser.add_argument("--shard-mb", type=float, default=32.0, metavar="MIB", help="input a unit of work (default 32)")
    parser.add_argument(
        "--format",
        action="append",
        default=[],
        choices=("texts", "jsonl", "megatron", "nanotron", "olmo", "mds", "litdata"),
        help="a further form; texts: Parquet; jsonl: .jsonl.zst as Proof-Pile-2's; megatron: .bin and .idx, also "
        "GPT-NeoX's; nanotron: datatrove's .ds; olmo: OLMo-core's .npy; mds: MosaicML's; litdata: Lightning's",
    )
    for name in ("jsonl", "megatron"):
        parser.add_argument(
            f"--{name}", action="append_const", const=name, dest="format", help=f"short for --format {name}"
        )
    parser.add_argument("--name", default="input", metavar="NAME", help="what to call the texts (default input)")
    parser.add_argument("--text-key", default="text", metavar="KEY", help="column of the text (default text)")
    parser.add_argument("--id-key", metavar="KEY", help="column of the id (default id, else made from the text)")
    parser.add_argument(
        "--accept-changes", action="store_true", help="the arguments have changed: redo what they touch"
    )
    shared.add_output(parser)
    shared.add_cache(parser)
    shared.add_engine(parser)


def named(text: str) -> tuple[str, str]:
    """`NAME=VALUE` as a pair; argparse says what is wrong with anything else."""
    name, _, value = text.partition("=")
    if not name or not value:
        raise argparse.ArgumentTypeError(f"{text}: expected NAME=VALUE")
    return name, value


def named_number(text: str) -> tuple[str, float]:
    """`NAME=NUMBER`, or a number alone, whose name is then empty."""
    name, value = named(text) if "=" in text else ("", text)
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: expected a number") from None


def sources_of(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """The sources of the recipe. Raises UserError for a weight or epochs of no source, or twice of one."""
    from manifests.errors import UserError

    inputs: dict[str, list[str]] = {}
    for name, glob in arguments.source or ((arguments.name, one) for one in arguments.input):
        inputs.setdefault(name, []).append(glob)
    found: dict[str, dict[str, Any]] = {
        name: {"name": name, "kind": "dataset", "inputs": globs} for name, globs in inputs.items()
    }
    for option in ("weight", "epochs"):
        given: set[str] = set()
        for name, number in getattr(arguments, option):
            if name in given:
                raise UserError(f"--{option}: given twice for {f'`{name}`' if name else 'all sources'}; expected once")
            given.add(name)
            if name and name not in found:
                raise UserError(f"--{option}: no source is called `{name}`; sources: {', '.join(found)}")
            for one in [name] if name else found:
                found[one][option] = number
    return list(found.values())


def run(arguments: argparse.Namespace) -> int:
    """Make a recipe of the arguments, fetch what it names, and write shards."""
    import json

    shared.start_workers(arguments, "pipelines.shards.tokenizer:ready", arguments.tokenizer, compiled=False)
    from pipelines.commands import one_stage, unread
    from pipelines.corpus.folder import MIXTURE_PATH
    from pipelines.corpus.texts import of_raw
    from pipelines.shards import writing as shard_work
    from pipelines.stages import shard

    with one_stage.told_in(WORDS):
        recipe = one_stage.recipe_of(recipe_of(arguments))
        assert recipe.shards is not None
        with one_stage.brought(one_stage.job(arguments, recipe), card=True) as job:
            shard.shard(job, of_raw(job.raw), recipe.shards, id_key=arguments.id_key, text_key=arguments.text_key)
    for name, numbers in json.loads((job.root / MIXTURE_PATH).read_text(encoding="utf-8"))["sources"].items():
        job.progress.say(f"{name}: {numbers['documents']:,} documents, {numbers['tokens']:,} tokens")
    unread.tell(job.root, shard_work.STAGE, job.progress)
    return 0


def recipe_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The recipe that the arguments stand for, as a file would have it. Raises UserError."""
    return {
        "name": "shard",
        "seed": arguments.seed,
        "assets": {"tokenizer": {"from": arguments.tokenizer}},
        "sources": sources_of(arguments),
        "shards": {
            "tokenizer": "tokenizer",
            "layout": arguments.layout,
            "packing": arguments.packing,
            "sequence_length": arguments.sequence_length,
            "end_token": arguments.end_token,
            "validation": arguments.validation,
            "test": arguments.test,
            "shard_mb": arguments.shard_mb,
            "begin": arguments.begin,
            "repeat": bool(arguments.weight),
            "tokens": arguments.tokens,
            "max_epochs": arguments.max_epochs,
            "formats": sorted(set(arguments.format)),
        },
    }
