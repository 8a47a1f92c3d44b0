"""The shard stage: the documents that are still in, as token ids in Parquet.

This is where the lists of earlier stages take effect: what the filter rejected, what dedup found to be duplicate and
what the overlap policy names stays out. Documents files of one source are gathered into units of so much text; a unit
writes one file of rows for each split, `tokens/SPLIT/SOURCE/NAME.arrow`, named by a hash of the files it is made of,
and the same documents in the further forms that were asked for. `pipelines.stages.mixture` makes one stream of the
rows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache, partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from manifests import ledger
from manifests.errors import UserError
from manifests.recipe import Recipe
from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from manifests.writing import FileFact
from pipelines.corpus.folder import DUPLICATES, HITS, TOKENS, fingerprint, payload
from pipelines.corpus.texts import FILTER, TextFile, list_digests, of_corpus
from pipelines.engine.worker import Unit
from pipelines.shards import published_splits
from pipelines.shards.proofs import proven
from pipelines.shards.tokenizer import Tokenizer, load_tokenizer
from pipelines.shards.writing import STAGE
from pipelines.stages.build import Build
from pipelines.stages.cutting import cut
from pipelines.stages.forms import index, merge
from pipelines.stages.mixture import mix

VERSION = 8
MOST_IDS = 1 << 31


class Marks(NamedTuple):
    """The tokenizer's file, the ids that stand around a document, and the library's ids of a probe (`byte_pairs`)."""

    path: str
    sha256: str
    vocabulary_size: int
    bos: int | None
    eos: int
    probed: tuple[int, ...] | None


def run(build: Build) -> None:
    """Write the shards of a build; nothing is done where its recipe has no `shards` section."""
    if build.recipe.shards is not None:
        shard(build, of_corpus(build.corpus), build.recipe.shards)


def shard(build: Build, files: Sequence[TextFile], settings: ShardSettings, **keys: Any) -> None:
    """Write shards of files of texts. `keys` are `id_key` and `text_key` of files that are not ours.

    Raises UserError for a tokenizer that cannot be read or has no end-of-document mark.
    """
    marks = marks_of(build, settings)
    splits = draw_splits(build, files, settings)
    units = [
        unit_of(build, group, settings, marks, keys, splits.get(group[0].source))
        for group in groups(files, settings.shard_mb)
    ]
    build.do(STAGE, units)
    mix(build, settings, about(settings, marks))
    merge(build, settings, marks.vocabulary_size)
    index(build, settings, marks.vocabulary_size)


def about(settings: ShardSettings, marks: Marks) -> dict[str, Any]:
    """What every file of the stream tells of itself."""
    return {
        "tokenizer_sha256": marks.sha256,
        "begin": marks.bos,
        "end": marks.eos,
        "layout": settings.layout,
        "packing": settings.packing if settings.layout == "packed" else None,
        "sequence_length": settings.sequence_length if settings.layout == "packed" else None,
        "vocabulary_size": marks.vocabulary_size,
        "version": version("proofpile"),
    }


def ready(build: Build) -> None:
    """Load the tokenizer once before any long work. Raises UserError naming the key of a file that is none."""
    if build.recipe.shards is not None:
        marks_of(build, build.recipe.shards)


def marks_of(build: Build, settings: ShardSettings) -> Marks:
    """The marks of the recipe's tokenizer."""
    path, digest = build.assets[settings.tokenizer], build.digests[settings.tokenizer]
    return read_marks(path, digest, settings.end_token, settings.begin, build.where)


@cache
def read_marks(path: Path, sha256: str, end_token: str | None, begin: bool, where: str) -> Marks:
    """The marks of a tokenizer's file, read once. Raises UserError naming the key, in the words of `where`.

    `end_token` and `begin` are the settings of the same names; by `sha256` a changed file is not taken for the old one.
    """
    try:
        tokenizer, probed = proven(sha256, partial(_load, path))
    except UserError as error:
        raise UserError(f"{where}: shards.tokenizer: {error}") from error
    eos = tokenizer.eos if end_token is None else tokenizer.token_id(end_token)
    if eos is None and end_token is not None:
        raise UserError(f"{where}: shards.end_token: {path.name} has no token `{end_token}`")
    if eos is None:
        there = ", ".join(f"`{name}` ({number})" for name, number in list(tokenizer.special.items())[:8]) or "none"
        raise UserError(
            f"{where}: shards.end_token: {path.name} declares no end-of-document mark, nor does a "
            f"tokenizer_config.json beside it; special tokens: {there}; expected the name of one"
        )
    if begin and tokenizer.bos is None:
        raise UserError(f"{where}: shards.begin: {path.name} declares no beginning mark; expected to go without")
    bos = tokenizer.bos if begin else None
    return Marks(str(path), sha256, tokenizer.vocabulary_size, bos, eos, probed)


def _load(path: Path, proven: bool) -> Tokenizer:
    tokenizer = load_tokenizer(path, compiled=False, proven=proven)
    if tokenizer.vocabulary_size > MOST_IDS:
        raise UserError(
            f"{path.name}: its largest id is {tokenizer.vocabulary_size - 1}; expected less than {MOST_IDS}, as ids "
            "are signed numbers of 32 bits"
        )
    return tokenizer


def groups(files: Sequence[TextFile], shard_mb: float) -> Iterator[list[TextFile]]:
    """Files of one source, in their order, gathered until a group has about `shard_mb` MiB of text, the last ones less.

    How a file is packed does not count: code packs so well that all of it would be one unit, for one worker. The bounds
    depend on the files alone, so that the shards do not depend on the workers.
    """
    ordered = sorted(files, key=lambda file: (file.source, file.stem))
    for _, group in groupby(ordered, key=lambda file: file.source):
        mine = list(group)
        yield from cut(mine, [text_bytes(file) for file in mine], shard_mb * (1 << 20))


def draw_splits(build: Build, files: Sequence[TextFile], settings: ShardSettings) -> dict[str, FileFact]:
    """The lists of what is not for training, by source, for those that are split as it was published."""
    units = []
    for source in build.recipe.sources:
        mine = sorted((file for file in files if file.source == source.name and file.ours), key=lambda file: file.stem)
        rules = source.rules or build.recipe.rules
        if not mine or rules != "published" or not published_splits.has_published_splits(source.kind):
            continue
        policies = [policy.model_dump() for policy in removal_policies(build.recipe)]
        lists = [list_digests(build.root, file, (FILTER, DUPLICATES, HITS)) for file in mine]
        units.append(
            Unit(
                stage=published_splits.STAGE,
                key=source.name,
                source=source.name,
                root=str(build.root),
                work="pipelines.shards.published_splits:work",
                fingerprint=fingerprint(VERSION, settings.duplicates, policies, [file.fact for file in mine], lists),
                payload=payload(
                    kind=source.kind,
                    files=[file._asdict() for file in mine],
                    settings=settings.model_dump(mode="json"),
                    policies=policies,
                    output=f"{TOKENS}/splits/{source.name}.parquet",
                ),
            )
        )
    if units or any(ledger.read_entries(build.root, published_splits.STAGE)):
        build.do(published_splits.STAGE, units)
    return {entry.source: entry.outputs[0] for entry in ledger.read_entries(build.root, published_splits.STAGE)}


@cache
def text_bytes(file: TextFile) -> int:
    """About how many bytes of text a file has: what its columns take unpacked; of what is not Parquet, its size."""
    try:
        with pq.ParquetFile(file.path) as parquet:
            found = parquet.metadata
            return sum(found.row_group(group).total_byte_size for group in range(found.num_row_groups))
    except (OSError, pa.ArrowException):
        return file.fact[1]


def unit_of(
    build: Build,
    group: Sequence[TextFile],
    settings: ShardSettings,
    marks: Marks,
    keys: dict[str, Any],
    splits: FileFact | None = None,
) -> Unit:
    """The unit that writes the shards of a group of files; `splits` lists what is not for training, if it is listed."""
    recipe, source = build.recipe, group[0].source
    policies = removal_policies(recipe)
    content = hashlib.blake2b("\0".join(f"{file.stem}\0{file.fact[2]}" for file in group).encode(), digest_size=8)
    lists = [list_digests(build.root, file, (FILTER, DUPLICATES, HITS)) for file in group]
    meaning = settings.model_dump(mode="json", exclude={"shard_mb", "tokenizer", "repeat", "tokens", "max_epochs"})
    decides = [VERSION, meaning, marks[1:5], recipe.seed, [policy.model_dump() for policy in policies], keys]
    if splits is not None:
        decides.append(splits.sha256)
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
            splits=splits.path if splits is not None else None,
            seed=recipe.seed,
            policies=[policy.model_dump() for policy in policies],
            keys=keys,
        ),
        size=sum(text_bytes(file) for file in group),
    )


def removal_policies(recipe: Recipe) -> tuple[RemovalPolicy, ...]:
    """The hits that keep a document out."""
    return recipe.overlap.remove if recipe.overlap is not None else ()
