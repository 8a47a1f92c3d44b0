"""`proofpile shard`: any corpus as token ids."""

import argparse
from pathlib import Path
from typing import Any

from pipelines.commands import arguments as shared

DESCRIPTION = """\
Tokenize texts (Parquet or JSON lines, plain or compressed) and write them as rows of token ids in Parquet, with the
documents inside each row, split into train, validation and test by a hash of the id.

  documents  one row a document
  packed     rows of --sequence-length tokens, documents one after the other, each closed by its end mark

The tokenizer is a SentencePiece .model, a tokenizer.json, a tekken.json or a published .tiktoken file. In a build
(`proofpile build`) this stage also leaves out what the filter, dedup and overlap stages have listed.
"""
EXAMPLES = """\
  proofpile shard --input 'corpus/documents/**/*.parquet' --tokenizer tokenizer.model --layout packed --output shards
  proofpile shard --input texts.jsonl.zst --tokenizer tokenizer.json --layout documents --jsonl --output shards
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "shard", run, "texts to tokenized shards", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "--input", required=True, nargs="+", action="extend", metavar="GLOB", help="texts; may be repeated"
    )
    parser.add_argument(
        "--tokenizer",
        required=True,
        metavar="FILE",
        help="SentencePiece .model, tokenizer.json, tekken.json, .tiktoken",
    )
    parser.add_argument("--layout", choices=("documents", "packed"), default="packed", help="default packed")
    parser.add_argument("--sequence-length", type=int, default=4096, metavar="N", help="tokens a row (default 4096)")
    parser.add_argument("--end-token", metavar="TOKEN", help="end-of-document mark, if the tokenizer declares none")
    parser.add_argument("--begin", action="store_true", help="put the tokenizer's beginning mark before every document")
    parser.add_argument("--validation", type=float, default=0.005, metavar="SHARE", help="default 0.005")
    parser.add_argument("--test", type=float, default=0.005, metavar="SHARE", help="default 0.005")
    parser.add_argument("--epochs", type=float, metavar="N", help="repeat the training documents so often")
    parser.add_argument("--seed", type=int, default=0, help="of the splits and of the order (default 0)")
    parser.add_argument("--shard-mb", type=float, default=256.0, metavar="MIB", help="input a shard (default 256)")
    parser.add_argument(
        "--format",
        action="append",
        default=[],
        choices=("texts", "jsonl", "megatron"),
        help="a further form; texts: Parquet; jsonl: .jsonl.zst as Proof-Pile-2's; megatron: .bin and .idx",
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


def run(arguments: argparse.Namespace) -> int:
    """Make a recipe of the arguments, fetch what it names, and write shards."""
    import json
    import time

    from manifests.recipe import recipe_from
    from pipelines.commands import unread
    from pipelines.corpus import manifest
    from pipelines.corpus.folder import MIXTURE_PATH, Corpus, locked
    from pipelines.corpus.texts import of_raw
    from pipelines.shards import writing as shard_work
    from pipelines.stages import build, order, shard
    from pipelines.stages.fetch import bring

    epochs = {} if arguments.epochs is None else {"epochs": arguments.epochs}
    recipe = recipe_from(
        {
            "name": "shard",
            "seed": arguments.seed,
            "assets": {"tokenizer": {"from": arguments.tokenizer}},
            "sources": [{"name": arguments.name, "kind": "dataset", "inputs": arguments.input, **epochs}],
            "shards": {
                "tokenizer": "tokenizer",
                "layout": arguments.layout,
                "sequence_length": arguments.sequence_length,
                "end_token": arguments.end_token,
                "validation": arguments.validation,
                "test": arguments.test,
                "shard_mb": arguments.shard_mb,
                "begin": arguments.begin,
                "formats": sorted(set(arguments.format)),
            },
        },
        shard.COMMAND_LINE,
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
        where=shard.COMMAND_LINE,
        folder=Path.cwd(),
        cache=arguments.cache,
        command=arguments.command_line,
    )
    assert recipe.shards is not None
    with locked(corpus.root, job.progress.say):
        job = bring(job)
        shard.shard(job, of_raw(job.raw), recipe.shards, id_key=arguments.id_key, text_key=arguments.text_key)
        manifest.write(job.root, job.recipe)
        manifest.seal(job.root)
        order.journal(job, started)
        for name, numbers in json.loads((job.root / MIXTURE_PATH).read_text(encoding="utf-8"))["sources"].items():
            progress.say(f"{name}: {numbers['documents']:,} documents, {numbers['tokens']:,} tokens")
    unread.tell(corpus.root, shard_work.STAGE, progress)
    return 0
