"""The shard stage: the documents that are still in, as token ids in Parquet.

This is where the lists of earlier stages take effect: what the filter rejected, what dedup found to be duplicate and
what the overlap policy names stays out. Documents files of one source are gathered into units of a target size; a unit
writes one file for each split, `shards/SPLIT/SOURCE/NAME.parquet`, named by a hash of the files it is made of, and
where asked for the same documents as `.jsonl.zst` and as Megatron's `.bin` and `.idx`. At the end `shards/mixture.json`
says what each source weighs.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import Entry
from manifests.recipe import Recipe
from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from manifests.writing import Workspace
from pipelines.corpus.folder import DUPLICATES, HITS, SHARDS, fingerprint, payload
from pipelines.corpus.texts import FILTER, TextFile, list_digests, of_corpus
from pipelines.engine.worker import Unit
from pipelines.shards.choices import SPLITS
from pipelines.shards.tokenizer import load_tokenizer, token_id
from pipelines.shards.writing import STAGE
from pipelines.stages.build import Build

MIXTURE_STAGE = "mixture"
MIXTURE_PATH = f"{SHARDS}/mixture.json"
VERSION = 1


class Marks(NamedTuple):
    """The tokenizer's file and the ids that stand around a document."""

    path: str
    sha256: str
    vocabulary_size: int
    bos: int | None
    eos: int


def run(build: Build) -> None:
    """Write the shards of a build; nothing is done where its recipe has no `shards` section."""
    if build.recipe.shards is not None:
        shard(build, of_corpus(build.corpus), build.recipe.shards)


def shard(build: Build, files: Sequence[TextFile], settings: ShardSettings, **keys: Any) -> None:
    """Write shards of files of texts. `keys` are `id_key` and `text_key` of files that are not ours.

    Raises UserError for a tokenizer that cannot be read or has no end-of-document mark.
    """
    marks = marks_of(build, settings)
    build.do(STAGE, [unit_of(build, group, settings, marks, keys) for group in groups(files, settings.shard_mb)])
    write_mixture(build, settings)


def check(recipe: Recipe, where: str) -> None:
    """Check before any work that the tokenizer's asset is named. Raises UserError naming the key."""
    if recipe.shards is not None and recipe.shards.tokenizer not in recipe.assets:
        there = ", ".join(sorted(recipe.assets)) or "none"
        raise UserError(f"{where}: shards.tokenizer: no asset is called `{recipe.shards.tokenizer}`; assets: {there}")


def ready(build: Build) -> None:
    """Load the tokenizer once before any long work. Raises UserError naming the key of a file that is none."""
    if build.recipe.shards is not None:
        marks_of(build, build.recipe.shards)


def marks_of(build: Build, settings: ShardSettings) -> Marks:
    """The marks of the recipe's tokenizer."""
    check(build.recipe, build.where)
    where = f"{build.where}: shards"
    path = build.assets[settings.tokenizer]
    try:
        tokenizer = load_tokenizer(path)
    except UserError as error:
        raise UserError(f"{where}.tokenizer: {error}") from error
    eos = tokenizer.eos if settings.end_token is None else token_id(path, settings.end_token)
    if eos is None:
        if settings.end_token is not None:
            raise UserError(f"{where}.end_token: {path.name} has no token `{settings.end_token}`")
        raise UserError(f"{where}: {path.name} declares no end-of-document mark; name one under `end_token`")
    if settings.begin and tokenizer.bos is None:
        raise UserError(f"{where}.begin: {path.name} declares no beginning mark; expected begin: false")
    bos = tokenizer.bos if settings.begin else None
    return Marks(str(path), build.digests[settings.tokenizer], tokenizer.vocabulary_size, bos, eos)


def groups(files: Sequence[TextFile], shard_mb: float) -> Iterator[list[TextFile]]:
    """Files of one source, in their order, gathered until a group has about `shard_mb` MiB."""
    target = shard_mb * (1 << 20)
    group: list[TextFile] = []
    for file in sorted(files, key=lambda file: (file.source, file.stem)):
        if group and (file.source != group[0].source or sum(one.fact[1] for one in group) + file.fact[1] > target):
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def unit_of(
    build: Build, group: Sequence[TextFile], settings: ShardSettings, marks: Marks, keys: dict[str, Any]
) -> Unit:
    """The unit that writes the shards of a group of files."""
    recipe, source = build.recipe, group[0].source
    policies = removal_policies(recipe)
    weight = recipe.source(source).weight if settings.repeat else 1.0
    content = hashlib.blake2b("\0".join(f"{file.stem}\0{file.fact[2]}" for file in group).encode(), digest_size=8)
    lists = [list_digests(build.root, file, (FILTER, DUPLICATES, HITS)) for file in group]
    meaning = settings.model_dump(mode="json", exclude={"shard_mb", "tokenizer"})
    decides = [VERSION, meaning, marks[1:], weight, recipe.seed, [policy.model_dump() for policy in policies], keys]
    return Unit(
        stage=STAGE,
        key=f"{source}-{content.hexdigest()}",
        source=source,
        root=str(build.root),
        work="pipelines.shards.writing:work",
        fingerprint=fingerprint(decides, [file.fact for file in group], lists),
        payload=payload(
            files=[file._asdict() for file in group],
            settings=settings.model_dump(mode="json"),
            marks=marks._asdict(),
            weight=weight,
            seed=recipe.seed,
            policies=[policy.model_dump() for policy in policies],
            keys=keys,
        ),
    )


def removal_policies(recipe: Recipe) -> tuple[RemovalPolicy, ...]:
    """The hits that keep a document out."""
    return recipe.overlap.remove if recipe.overlap is not None else ()


def mixture(build: Build, settings: ShardSettings) -> dict[str, Any]:
    """What each source has and weighs. `epochs` times `train_tokens` is what the mixture asks a trainer to see."""
    sums = ledger.totals(ledger.read_entries(build.root, STAGE)).get(STAGE, {})
    weights = {name: build.recipe.source(name).weight for name in sums}
    seen = {name: weights[name] * part.numbers[f"{SPLITS[0]}_tokens"] for name, part in sums.items()}
    return {
        "repeated_in_shards": settings.repeat,
        "sources": {
            name: {
                "weight": weights[name],
                "epochs": 1.0 if settings.repeat else weights[name],
                "documents": part.numbers["documents"],
                "tokens": part.numbers["tokens"],
                "bytes": part.numbers["bytes"],
                **{f"{split}_tokens": part.numbers[f"{split}_tokens"] for split in SPLITS},
                "written_tokens": part.numbers["written_tokens"],
                "share": round(seen[name] / (sum(seen.values()) or 1), 6),
            }
            for name, part in sorted(sums.items())
        },
    }


def write_mixture(build: Build, settings: ShardSettings) -> None:
    """Write `shards/mixture.json` and its ledger entry."""
    data = mixture(build, settings)
    text = json.dumps(data, sort_keys=True, indent=1) + "\n"
    mark = fingerprint(data)
    if ledger.is_done(build.root, MIXTURE_STAGE, "all", mark):
        return
    ledger.withdraw(build.root, MIXTURE_STAGE, "all")
    workspace = Workspace(build.root, MIXTURE_STAGE, "all")
    try:
        workspace.path(MIXTURE_PATH).write_text(text, encoding="utf-8")
        facts = [workspace.fact(MIXTURE_PATH, len(data["sources"]))]
        workspace.publish(facts)
    finally:
        workspace.discard()
    count = len(data["sources"])
    ledger.write_entry(
        build.root,
        Entry(
            stage=MIXTURE_STAGE,
            unit="all",
            source="*",
            fingerprint=mark,
            read=count,
            kept=count,
            outputs=tuple(facts),
        ),
    )
