"""What in a corpus is like a text: its signature against all that are stored, the best of them verified.

One pass over the signatures at the speed of memory, so there is no index to build, to keep or to trust: comparing a
million takes half a second, while an index in memory takes most of a minute to fill for every question.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from dedup.methods import make_method
from dedup.minhash import as_datasketch
from dedup.shingles import Shingler, as_bytes
from dedup.verifying import pair_similarities
from manifests.errors import UserError
from manifests.settings.dedup import DedupSettings
from pipelines.stages.matching import signing
from pipelines.stages.matching.parameters import METADATA_KEY
from pipelines.stages.matching.records_file import open_records, read_into
from pipelines.stages.matching.shuffle import broken, fixed

MOST_VERIFIED = 1024
"""Documents of the highest estimates whose similarity is measured; many more than anybody asks to see."""


class Near(NamedTuple):
    """A document that is like the text. `stem`: the documents file, without folder and ending, that holds it."""

    id: str
    source: str
    stem: str
    similarity: float


def signature_files(root: Path) -> list[Path]:
    """The signature files of a corpus. Raises UserError where there are none."""
    found = sorted((root / signing.FOLDER).rglob("*.parquet"))
    if not found:
        raise UserError(f"{root}: has no signatures; expected a corpus that `proofpile dedup` or `build` made")
    return found


def settings_of(path: Path) -> DedupSettings:
    """The settings that a signature file was made with, as far as they decide its contents. Raises UserError."""
    try:
        made = json.loads((pq.read_schema(path).metadata or {})[METADATA_KEY])
        return DedupSettings.model_validate({key: made[key] for key in DedupSettings.model_fields if key in made})
    except (OSError, ValueError, KeyError) as error:
        raise broken(str(path), error) from None


def nearest(root: Path, text: str, count: int) -> list[Near]:
    """The `count` documents of a corpus most like a text, by verified similarity, then by id; none that share nothing.

    Raises UserError for a corpus without signatures, and for one whose method compares nothing.
    """
    files = signature_files(root)
    settings = settings_of(files[0])
    method = make_method(settings)
    if not method.signature_bytes:
        raise UserError(f"{root}: was deduplicated with `method: {method.name}`, whose signatures cannot be compared")
    raw = as_bytes(text)
    hashes, _ = Shingler(settings.shingle_words, settings.normalisation)(raw)
    signature, record = method.sign(raw, hashes)
    places, rows, estimates = [], [], []
    for place, path in enumerate(files):
        for first, values in _signatures(path):
            found = method.resemblance(values, signature)
            best = np.argsort(-found, kind="stable")[:MOST_VERIFIED]
            best = best[found[best] > 0]
            places.append(np.full(len(best), place))
            rows.append(first + best)
            estimates.append(found[best])
    place_of, row_of = np.concatenate(places), np.concatenate(rows)
    order = np.argsort(-np.concatenate(estimates), kind="stable")[:MOST_VERIFIED]
    near = []
    for place in np.unique(place_of[order]).tolist():
        mine = np.sort(row_of[order][place_of[order] == place])
        path = files[place]
        stem = path.relative_to(root / signing.FOLDER).with_suffix("").as_posix()
        names = pq.read_table(path, columns=["id", "source"], partitioning=None).take(mine).to_pylist()
        records = [record, *_records(path.with_suffix(".records"), mine.tolist())]
        bounds = np.cumsum([0, *map(len, records)])
        others = np.arange(1, len(records))
        values = pair_similarities(np.concatenate(records), bounds, np.zeros_like(others), others, method.measure)
        for row, value in zip(names, values.tolist(), strict=True):
            near.append(Near(row["id"], row["source"], stem, value))
    near = [one for one in near if one.similarity > 0]
    return sorted(near, key=lambda one: (-one.similarity, one.id))[:count]


def minhashes(root: Path) -> Iterator[tuple[str, object]]:
    """The ids of a corpus and their signatures as datasketch's LeanMinHash, for its own indexes.

    Raises UserError for a corpus that was not signed with MinHash.
    """
    for path in signature_files(root):
        settings = settings_of(path)
        if settings.method != "minhash":
            raise UserError(f"{path}: signed with `{settings.method}`; expected minhash")
        with pq.ParquetFile(path) as parquet:
            for batch in parquet.iter_batches(columns=["id", "signature"], batch_size=1 << 12):
                for identifier, value in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    yield identifier, as_datasketch(value, settings.seed)


def _signatures(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    """The signatures of a file, a row group at a time, each with the number of its first row."""
    first = 0
    try:
        with pq.ParquetFile(path, pre_buffer=False) as parquet:
            for group in range(parquet.num_row_groups):
                values = fixed(parquet.read_row_group(group, columns=["signature"]).column("signature"))
                yield first, values
                first += len(values)
    except (OSError, ValueError) as error:
        raise broken(str(path), error) from None


def _records(path: Path, rows: list[int]) -> Iterator[np.ndarray]:
    """The records of some rows."""
    with open_records(path) as file:
        for row in rows:
            start, end = int(file.offsets[row]), int(file.offsets[row + 1])
            values = np.empty(end - start, "<u4")
            read_into(file.descriptor, memoryview(values.data).cast("B"), 4 * start)
            yield values.astype(np.uint32, copy=False)
