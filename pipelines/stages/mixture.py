"""The second half of the shard stage: the tokens of all sources become one stream in the mixture that was asked for.

What units left over is packed together (`pipelines.shards.tails`), the order of the stream is drawn
(`pipelines.shards.order`), and each of its files is a unit of work (`pipelines.shards.streaming`). Training documents
may be repeated; validation and test hold each document once, in proportion to the sources' sizes. `mixture.json`
states what was asked and what was given.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from pipelines.shards.token_file import TAIL, row_sources, row_tokens
from pipelines.shards.writing import STAGE as SHARD_STAGE
from pipelines.stages.build import Build
from pipelines.stages.cutting import cut
from pipelines.stages.forms import write_json

STAGE = "mixture"
FILE_TOKENS = 1 << 24
"""Tokens in a file of the stream: what a worker holds at once, 64 MiB and what is being packed of it."""
VERSION = 5
CHECKED_BYTES = 1 << 28
"""Bytes of rows that a unit compares with what was recorded of them, the last ones less."""
SEVERAL = "*"
"""Stands for the name of a source where rows are of several."""


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
    splits = {split: epochs_of(files, split, plan) for split in SPLITS}
    loose: list[Unit] = []
    if settings.layout == "packed":
        loose += check_units(build, [fact for _, facts in sorted(files.items()) for fact in facts if is_whole(fact)])
        for split, epochs in splits.items():
            loose += tails_units(build, settings, split, files, epochs, about)
    build.do(tails.STAGE, loose)
    units: list[Unit] = []
    for split, epochs in splits.items():
        pools = {source: pool_of(build, source, split, files[split, source]) for source in epochs}
        shared = shared_pool(build, split, epochs)
        if shared is not None:
            pools[SEVERAL], epochs[SEVERAL] = shared
        units += stream_units(build, settings, split, pools, epochs, about)
    build.do(streaming.STAGE, units)
    data = mixture(build, settings, plan)
    write_json(build, STAGE, "all", MIXTURE_PATH, data, len(data["sources"]))
    for remark in data["remarks"]:
        build.progress.say(f"shard: {remark}")


def epochs_of(files: Mapping[tuple[Split, str], Any], split: Split, plan: Mapping[str, Share]) -> dict[str, float]:
    """How often each source that has rows in a split is passed over, in the order of their names."""
    there = sorted(source for one, source in files if one == split)
    return {name: plan[name].epochs if split == "train" and name in plan else 1.0 for name in there}


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
    """What each source gives to the training stream.

    Raises UserError for more epochs than `max_epochs` or, where that is not stated, than the source's own `epochs`.
    """
    epochs = stated_epochs(build, sizes)
    weights = {name: build.recipe.source(name).weight for name in sizes} if settings.repeat else {}
    plan = shares(sizes, weights, epochs, settings.tokens)
    least = settings.sequence_length if settings.layout == "packed" else 1
    if settings.tokens is not None and settings.tokens < least:
        raise UserError(
            f"{build.where}: shards.tokens: {settings.tokens} is less than a row has; expected {least} or more"
        )
    for name, one in plan.items():
        most = settings.max_epochs
        if most is None and name in epochs and one.epochs > epochs[name] * (1 + 1e-9):
            raise UserError(
                f"{build.where}: shards.tokens: {settings.tokens} would repeat `{name}` {one.epochs:.2f} times, and "
                f"its epochs say {epochs[name]:g}; expected fewer, or a max_epochs that allows it"
            )
        if most is not None and one.epochs > most * (1 + 1e-9):
            raise UserError(
                f"{build.where}: shards.max_epochs: `{name}` would be repeated {one.epochs:.2f} times, more than "
                f"{most:g}; expected a smaller weight or `tokens`, or a larger max_epochs"
            )
    return plan


def stated_epochs(build: Build, names: Iterable[str]) -> dict[str, float]:
    """How often a source is to be passed over, of those that say so."""
    entries = {name: build.recipe.source(name) for name in names}
    return {name: entry.epochs for name, entry in entries.items() if entry.epochs is not None}


def tails_units(
    build: Build,
    settings: ShardSettings,
    split: Split,
    files: Mapping[tuple[Split, str], Sequence[FileFact]],
    epochs: Mapping[str, float],
    about: Mapping[str, Any],
) -> Iterator[Unit]:
    """The units that pack the last, shorter rows of a split: one of sources that share rows, one of each other."""
    shared: set[str] = set()
    if settings.packing == "concatenated" and epochs:
        totals = sums(build)
        tokens = {name: totals[name].numbers[f"{split}_tokens"] for name in epochs}
        shared = tails.together(tokens, epochs, settings.sequence_length)
    if shared:
        mine = [fact for name in sorted(shared) for fact in files[split, name]]
        yield tails_unit(build, settings, split, SEVERAL, mine, about)
    for name in epochs:
        if name not in shared:
            yield tails_unit(build, settings, split, name, files[split, name], about)


def tails_unit(
    build: Build,
    settings: ShardSettings,
    split: Split,
    source: str,
    files: Sequence[FileFact],
    about: Mapping[str, Any],
) -> Unit:
    """The unit that packs the last, shorter rows of the files of one or of several sources."""
    facts = [(fact.path, fact.bytes, fact.sha256) for fact in files if not is_whole(fact)]
    shape = settings.model_dump(mode="json", include={"layout", "packing", "sequence_length"})
    return Unit(
        stage=tails.STAGE,
        key=tails_key(split, source),
        source=source,
        root=str(build.root),
        work="pipelines.shards.tails:work",
        fingerprint=fingerprint(VERSION, facts, about["end"], about["vocabulary_size"], shape),
        payload=payload(
            files=facts,
            eos=about["end"],
            vocabulary_size=about["vocabulary_size"],
            settings=settings.model_dump(mode="json"),
            output=f"{TOKENS}/{split}/tails.arrow" if source == SEVERAL else f"{TOKENS}/{split}/{source}/tails.arrow",
        ),
    )


def tails_key(split: Split, source: str) -> str:
    """What the unit is called that packs the last rows of a source, or of several."""
    return split if source == SEVERAL else f"{split}-{source}"


def tails_of(build: Build, split: Split, source: str) -> list[FileFact]:
    """The file of rows that such a unit has made, if there are any."""
    entry = ledger.entry_of(build.root, tails.STAGE, tails_key(split, source))
    return [fact for fact in entry.outputs if fact.rows] if entry is not None else []


def is_whole(fact: FileFact) -> bool:
    """Whether a file of rows holds those that are whole; the others are to be packed together."""
    return not fact.path.endswith(TAIL)


def check_units(build: Build, facts: Sequence[FileFact]) -> Iterator[Unit]:
    """The units that compare files of rows with what was recorded of them."""
    for group in cut(facts, [fact.bytes for fact in facts], CHECKED_BYTES):
        mark = fingerprint(VERSION, group)
        yield Unit(
            stage=tails.STAGE,
            key=f"check-{mark[:16]}",
            source=SEVERAL,
            root=str(build.root),
            work="pipelines.shards.tails:check",
            fingerprint=mark,
            payload=payload(
                files=[(fact.path, fact.bytes, fact.sha256) for fact in group], rows=sum(fact.rows for fact in group)
            ),
            size=sum(fact.bytes for fact in group),
        )


def pool_of(build: Build, source: str, split: Split, facts: Sequence[FileFact]) -> Pool:
    """The rows of a source and split that go into the stream."""
    files = [*filter(is_whole, facts), *tails_of(build, split, source)]
    parts = [(fact, np.arange(fact.rows, dtype=np.int64)) for fact in files]
    for fact in tails_of(build, split, SEVERAL):
        alone = [met == {source} for met in row_sources(build.root / fact.path)]
        parts.append((fact, np.flatnonzero(alone)))
    return pooled(build, parts)


def shared_pool(build: Build, split: Split, epochs: Mapping[str, float]) -> tuple[Pool, float] | None:
    """The rows of several sources, and how often they are passed over: as often as the least of their sources."""
    for fact in tails_of(build, split, SEVERAL):
        met = row_sources(build.root / fact.path)
        rows = np.flatnonzero([len(one) > 1 for one in met])
        if len(rows):
            return pooled(build, [(fact, rows)]), min(epochs[name] for row in rows.tolist() for name in met[row])
    return None


def pooled(build: Build, parts: Sequence[tuple[FileFact, Numbers]]) -> Pool:
    """Such rows of such files as a pool."""
    there = [(fact, rows) for fact, rows in parts if len(rows)]
    none = [np.zeros(0, dtype=np.int64)]
    return Pool(
        [fact for fact, _ in there],
        np.concatenate(none + [np.full(len(rows), number, dtype=np.int64) for number, (_, rows) in enumerate(there)]),
        np.concatenate(none + [rows for _, rows in there]),
        np.concatenate(none + [row_tokens(build.root / fact.path)[rows] for fact, rows in there]),
    )


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
    counts = {name: sum(entry.numbers.get(name, 0) for entry in packed) for name in ("padding", "cut", "cut_that_fit")}
    for entry in ledger.read_entries(build.root, streaming.STAGE):
        if entry.unit.startswith("train-"):
            for name, count in entry.numbers.items():
                given[name] = given.get(name, 0) + count
    whole = sum(given.values()) or 1
    names = [source.name for source in build.recipe.sources]
    weights = {name: build.recipe.source(name).weight for name in sums(build)}
    asked = plan
    if not settings.repeat and not stated_epochs(build, weights):
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
                "asked_share": round(asked[name].share, 6) if name in plan else 0.0,
                "asked_epochs": round(asked[name].epochs, 6) if name in plan else 0.0,
                "stream_tokens": given.get(name, 0),
                "share": round(given.get(name, 0) / whole, 6),
                "epochs": round(given.get(name, 0) / (part.numbers["train_tokens"] or 1), 6),
            }
            for name, part in sums(build).items()
        },
    }
