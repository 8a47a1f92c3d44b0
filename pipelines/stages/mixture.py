"""The second half of the shard stage: the tokens of all sources become one stream in the mixture that was asked for.

What units left over is packed together (`pipelines.shards.tails`), the order of the stream is drawn
(`pipelines.shards.order`), and each of its files is a unit of work (`pipelines.shards.streaming`). Training documents
may be repeated; validation and test hold each document once, in proportion to the sources' sizes. `mixture.json`
states what was asked and what was given.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import Totals
from manifests.settings.shards import ShardSettings
from manifests.writing import FileFact
from pipelines.corpus.folder import MIXTURE_PATH, SHARDS, TOKENS, fingerprint, payload
from pipelines.engine.worker import Unit
from pipelines.shards import streaming, tails
from pipelines.shards.choices import SPLITS, Split
from pipelines.shards.formats.registry import ROW_FORMATS
from pipelines.shards.order import Numbers, Share, cuts, shares, stream
from pipelines.shards.remarks import remarks
from pipelines.shards.token_file import row_sizes, row_tokens
from pipelines.shards.writing import STAGE as SHARD_STAGE
from pipelines.stages.build import Build
from pipelines.stages.forms import write_json

STAGE = "mixture"
FILE_TOKENS = 1 << 24
"""Tokens in a file of the stream: what a worker holds at once, 64 MiB and what is being packed of it."""
VERSION = 4


class Pool(NamedTuple):
    """The rows of one source and split: the files they lie in, and each row's file, number in it and tokens."""

    files: list[FileFact]
    file_of: Numbers
    rows: Numbers
    tokens: Numbers


def mix(build: Build, settings: ShardSettings, about: Mapping[str, Any]) -> None:
    """Make the stream of every split of what the shard stage has written, and state its mixture.

    `about` is what every file tells of itself. Raises UserError for a mixture that repeats too much.
    """
    files = token_files(build)
    sizes = {name: part.numbers["train_tokens"] for name, part in sums(build).items()}
    plan = planned(build, settings, sizes)
    if settings.layout == "packed":
        build.do(tails.STAGE, [tails_unit(build, settings, key, mine, about) for key, mine in sorted(files.items())])
    else:
        build.do(tails.STAGE, [])
    units: list[Unit] = []
    for split in SPLITS:
        pools = {
            source: pool_of(build, settings, source, split, files[split, source]) for source in sources(files, split)
        }
        epochs = {name: plan[name].epochs if split == "train" and name in plan else 1.0 for name in pools}
        units += stream_units(build, settings, split, pools, epochs, about)
    build.do(streaming.STAGE, units)
    data = mixture(build, settings, plan)
    write_json(build, STAGE, "all", MIXTURE_PATH, data, len(data["sources"]))
    for remark in data["remarks"]:
        build.progress.say(f"shard: {remark}")


def sources(files: Mapping[tuple[Split, str], Any], split: Split) -> list[str]:
    """The sources that have rows in a split, sorted."""
    return sorted(source for one, source in files if one == split)


def token_files(build: Build) -> dict[tuple[Split, str], list[FileFact]]:
    """The files of rows that the shard stage has written, by split and source, in the order of their paths."""
    found: dict[tuple[Split, str], list[FileFact]] = {}
    for entry in ledger.read_entries(build.root, SHARD_STAGE):
        for fact in entry.outputs:
            for split in SPLITS:
                if fact.path.startswith(f"{TOKENS}/{split}/") and fact.rows:
                    found.setdefault((split, entry.source), []).append(fact)
    return {key: sorted(facts) for key, facts in found.items()}


def sums(build: Build) -> dict[str, Totals]:
    """What the shard stage counted, by source."""
    return dict(sorted(ledger.totals(ledger.read_entries(build.root, SHARD_STAGE)).get(SHARD_STAGE, {}).items()))


def planned(build: Build, settings: ShardSettings, sizes: Mapping[str, int]) -> dict[str, Share]:
    """What each source gives to the training stream. Raises UserError for more epochs than `max_epochs`."""
    entries = {name: build.recipe.source(name) for name in sizes}
    epochs = {name: entry.epochs for name, entry in entries.items() if entry.epochs is not None}
    weights = {name: entry.weight for name, entry in entries.items()} if settings.repeat else {}
    plan = shares(sizes, weights, epochs, settings.tokens)
    least = settings.sequence_length if settings.layout == "packed" else 1
    if settings.tokens is not None and settings.tokens < least:
        raise UserError(
            f"{build.where}: shards.tokens: {settings.tokens} is less than a row has; expected {least} or more"
        )
    most = settings.max_epochs
    for name, one in plan.items():
        if most is not None and one.epochs > most * (1 + 1e-9):
            raise UserError(
                f"{build.where}: shards.max_epochs: `{name}` would be repeated {one.epochs:.2f} times, more than "
                f"{most:g}; expected a smaller weight or `tokens`, or a larger max_epochs"
            )
    return plan


def tails_unit(
    build: Build, settings: ShardSettings, key: tuple[Split, str], files: Sequence[FileFact], about: Mapping[str, Any]
) -> Unit:
    """The unit that packs the last, shorter rows of one source and split."""
    split, source = key
    counts = [loose_rows(build, settings, fact) for fact in files]
    loose = [(fact, count) for fact, count in zip(files, counts, strict=True) if count]
    facts = [(fact.path, fact.bytes, fact.sha256) for fact, _ in loose]
    shape = settings.model_dump(mode="json", include={"layout", "packing", "sequence_length"})
    return Unit(
        stage=tails.STAGE,
        key=f"{split}-{source}",
        source=source,
        root=str(build.root),
        work="pipelines.shards.tails:work",
        fingerprint=fingerprint(VERSION, facts, about["end"], about["vocabulary_size"], shape),
        payload=payload(
            files=facts,
            counts=[count for _, count in loose],
            eos=about["end"],
            vocabulary_size=about["vocabulary_size"],
            settings=settings.model_dump(mode="json"),
            output=tails_path(split, source),
        ),
    )


def tails_path(split: Split, source: str) -> str:
    """Where the rows made of tails lie."""
    return f"{TOKENS}/{split}/{source}/tails.arrow"


def loose_rows(build: Build, settings: ShardSettings, fact: FileFact) -> int:
    """How many rows at the end of a file are shorter than the others."""
    return int((row_sizes(build.root / fact.path) < settings.sequence_length).sum())


def pool_of(build: Build, settings: ShardSettings, source: str, split: Split, facts: Sequence[FileFact]) -> Pool:
    """The rows of a source and split that go into the stream."""
    files = list(facts)
    if settings.layout == "packed":
        entry = ledger.entry_of(build.root, tails.STAGE, f"{split}-{source}")
        assert entry is not None
        files += [fact for fact in entry.outputs if fact.rows]
    file_of, rows, tokens = [], [], []
    for number, fact in enumerate(files):
        mine = row_tokens(build.root / fact.path)
        if settings.layout == "packed" and fact.path != tails_path(split, source):
            mine = mine[: len(mine) - loose_rows(build, settings, fact)]
        file_of.append(np.full(len(mine), number, dtype=np.int64))
        rows.append(np.arange(len(mine), dtype=np.int64))
        tokens.append(mine)
    return Pool(files, np.concatenate(file_of), np.concatenate(rows), np.concatenate(tokens))


def stream_units(
    build: Build,
    settings: ShardSettings,
    split: Split,
    pools: Mapping[str, Pool],
    epochs: Mapping[str, float],
    about: Mapping[str, Any],
) -> list[Unit]:
    """The units that write the files of one split."""
    names = list(pools)
    forms = [form for form in settings.formats if form in ROW_FORMATS]
    order, chosen = stream([pools[name].tokens for name in names], [epochs[name] for name in names], build.recipe.seed)
    bases = np.cumsum([0, *(len(pools[name].files) for name in names)])
    files = [fact for name in names for fact in pools[name].files]
    file_of, rows, tokens = (np.zeros(len(order), dtype=np.int64) for _ in range(3))
    for number, name in enumerate(names):
        mine = order == number
        file_of[mine] = pools[name].file_of[chosen[mine]] + bases[number]
        rows[mine] = pools[name].rows[chosen[mine]]
        tokens[mine] = pools[name].tokens[chosen[mine]]
    units = []
    for number, (start, end) in enumerate(cuts(tokens, FILE_TOKENS)):
        used, where = np.unique(file_of[start:end], return_inverse=True)
        facts = [(files[one].path, files[one].bytes, files[one].sha256) for one in used.tolist()]
        lists = {"file_of": where.tolist(), "rows": rows[start:end].tolist()}
        units.append(
            Unit(
                stage=streaming.STAGE,
                key=f"{split}-{number:05d}",
                source="*",
                root=str(build.root),
                work="pipelines.shards.streaming:work",
                fingerprint=fingerprint(VERSION, facts, lists, about, forms),
                payload=payload(
                    files=facts,
                    about=about,
                    output=f"{SHARDS}/{split}/{split}-{number:05d}.parquet",
                    forms=[(form, ROW_FORMATS[form].name.format(number=number)) for form in forms],
                    split=split,
                    **lists,
                ),
            )
        )
    return units


def mixture(build: Build, settings: ShardSettings, plan: Mapping[str, Share]) -> dict[str, Any]:
    """What each source has, what was asked of it and what the training stream gives."""
    given: dict[str, int] = {}
    entries = list(ledger.read_entries(build.root, SHARD_STAGE))
    packed = [*entries, *ledger.read_entries(build.root, tails.STAGE)]
    counts = {name: sum(entry.numbers[name] for entry in packed) for name in ("padding", "cut", "cut_that_fit")}
    for entry in ledger.read_entries(build.root, streaming.STAGE):
        if entry.unit.startswith("train-"):
            for name, count in entry.numbers.items():
                given[name] = given.get(name, 0) + count
    whole = sum(given.values()) or 1
    names = [source.name for source in build.recipe.sources]
    weights = {name: build.recipe.source(name).weight for name in sums(build)}
    asked = shares({name: part.numbers["train_tokens"] for name, part in sums(build).items()}, weights, {})
    return {
        "repeated_in_shards": settings.repeat,
        "train_tokens": sum(given.values()),
        **counts,
        "remarks": list(remarks(build.root, names, entries, settings, given)),
        "sources": {
            name: {
                "weight": weights[name],
                "documents": part.numbers["documents"],
                "tokens": part.numbers["tokens"],
                "bytes": part.numbers["bytes"],
                **{f"{split}_tokens": part.numbers[f"{split}_tokens"] for split in SPLITS},
                "asked_share": round((plan if settings.repeat else asked)[name].share, 6) if name in plan else 0.0,
                "asked_epochs": round((plan if settings.repeat else asked)[name].epochs, 6) if name in plan else 0.0,
                "stream_tokens": given.get(name, 0),
                "share": round(given.get(name, 0) / whole, 6),
                "epochs": round(given.get(name, 0) / (part.numbers["train_tokens"] or 1), 6),
            }
            for name, part in sums(build).items()
        },
    }
