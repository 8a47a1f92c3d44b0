"""The last part of the shard stage: forms of the corpus that are made of what its units have written.

Files of documents are put together, one set a source and split (`pipelines.shards.merging`); forms of rows get the
index that lists their files.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from manifests import ledger
from manifests.output import output
from manifests.settings.shards import ShardSettings
from manifests.writing import FileFact
from pipelines.corpus.folder import TOKENS, fingerprint, payload
from pipelines.engine.worker import Unit
from pipelines.shards import merging, streaming
from pipelines.shards.choices import SPLITS, Split
from pipelines.shards.formats.registry import FORMATS, ROW_FORMATS
from pipelines.shards.writing import STAGE as SHARD_STAGE
from pipelines.stages.build import Build

VERSION = 2
INDEX_STAGE = "index"


def merge(build: Build, settings: ShardSettings, vocabulary_size: int) -> None:
    """Put the units' files of every form together that wants one set of files a source and split."""
    units = [
        merge_unit(build, form, split, source, parts, vocabulary_size)
        for form in settings.formats
        if form in FORMATS and FORMATS[form].merge is not None
        for (split, source), parts in sorted(parts_of(build, form).items())
    ]
    build.do(merging.STAGE, units)


def parts_of(build: Build, form: str) -> dict[tuple[Split, str], list[list[FileFact]]]:
    """The files of a form by split and source: of each unit those of its endings, in their order."""
    endings = FORMATS[form].endings
    found: dict[tuple[Split, str], list[list[FileFact]]] = {}
    for entry in ledger.read_entries(build.root, SHARD_STAGE):
        by_path = {fact.path: fact for fact in entry.outputs}
        for split in SPLITS:
            folder = f"{TOKENS}/{FORMATS[form].folder}/{split}/"
            for path in sorted(by_path):
                if path.startswith(folder) and path.endswith(endings[0]):
                    stem = path.removesuffix(endings[0])
                    found.setdefault((split, entry.source), []).append([by_path[stem + one] for one in endings])
    return found


def merge_unit(
    build: Build, form: str, split: Split, source: str, parts: Sequence[Sequence[FileFact]], vocabulary_size: int
) -> Unit:
    """The unit that merges the files of one form, split and source."""
    facts = [[(fact.path, fact.bytes, fact.sha256) for fact in part] for part in parts]
    name = FORMATS[form].merged.format(source=source)
    outputs = [f"{FORMATS[form].folder}/{split}/{name}{ending}" for ending in FORMATS[form].endings]
    documents = sum(part[0].rows for part in parts)
    given: dict[str, Any] = {
        "format": form,
        "parts": facts,
        "outputs": outputs,
        "documents": documents,
        "vocabulary_size": vocabulary_size,
    }
    return Unit(
        stage=merging.STAGE,
        key=f"{form}-{split}-{source}",
        source=source,
        root=str(build.root),
        work="pipelines.shards.merging:work",
        fingerprint=fingerprint(VERSION, given),
        payload=payload(**given),
    )


def index(build: Build, settings: ShardSettings, vocabulary_size: int) -> None:
    """Write the index of every form of rows and split."""
    planned = set()
    for form in settings.formats:
        if form not in ROW_FORMATS:
            continue
        for split in SPLITS:
            folder = f"{ROW_FORMATS[form].folder}/{split}"
            files = [
                (fact.path.removeprefix(f"{folder}/"), fact.bytes, fact.rows)
                for entry in ledger.read_entries(build.root, streaming.STAGE)
                for fact in entry.outputs
                if fact.path.startswith(f"{folder}/")
            ]
            if files:
                planned.add(f"{form}-{split}")
                data = ROW_FORMATS[form].listing(files, settings.sequence_length, vocabulary_size)
                write_json(build, INDEX_STAGE, f"{form}-{split}", f"{folder}/index.json", data, len(files))
    for entry in list(ledger.read_entries(build.root, INDEX_STAGE)):
        if entry.unit not in planned:
            ledger.withdraw(build.root, INDEX_STAGE, entry.unit)


def write_json(build: Build, stage: str, unit: str, path: str, data: Mapping[str, Any], count: int) -> None:
    """Write values as a file of the corpus, with its ledger entry; `count`: how many things it tells of."""
    mark = fingerprint(data)
    if ledger.is_done(build.root, stage, unit, mark):
        return
    ledger.withdraw(build.root, stage, unit)
    with output(build.root, stage, unit) as out:
        out.path(path).write_text(json.dumps(data, sort_keys=True, indent=1) + "\n", encoding="utf-8")
        out.wrote(path, count)
        out.account("*", mark, count, count)
