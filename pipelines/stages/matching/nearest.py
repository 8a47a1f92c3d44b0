"""What in a corpus is like a text: its record against all that are kept.

One pass over the records at the speed of memory, each measured, so there is no index to build, to keep or to trust: a
million documents take a second or two, while an index in memory takes most of a minute to fill for every question.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.columns import Ragged, Texts, hash_texts
from dedup.methods import make_method
from dedup.minhash import EMPTY, as_datasketch, permutations, signatures
from dedup.shingles import Shingler, as_bytes
from dedup.verifying import Measure, pair_similarities
from manifests.errors import UserError
from manifests.settings.dedup import DedupSettings
from pipelines.stages.matching import signing
from pipelines.stages.matching.parameters import METADATA_KEY
from pipelines.stages.matching.records_file import open_records
from pipelines.stages.matching.shuffle import broken

GROUP_ROWS = 1 << 12
"""Documents that are measured together."""


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
    """The `count` documents of a corpus most like a text, by similarity, then by id; none that share nothing.

    Raises UserError for a corpus without signatures.
    """
    files = signature_files(root)
    settings = settings_of(files[0])
    method = make_method(settings)
    raw = as_bytes(text)
    texts = Texts(raw, np.array([0, len(raw)], np.int64))
    asked = method.records(texts, hash_texts(Shingler(settings.shingle_words, settings.normalisation), texts).shingles)
    found: list[Near] = []
    for path in files:
        similarity = np.concatenate([[0.0], *(similarities(asked, one, method.measure) for one in _records(path))])[1:]
        # Of equals the first by id come first, so all that are as near as the last one wanted are looked up.
        near = np.flatnonzero(similarity > 0)
        least = np.partition(similarity[near], -count)[-count] if len(near) > count else 0.0
        near = near[similarity[near] >= least]
        names = pq.read_table(path, columns=["id", "source"], partitioning=None).take(pa.array(near)).to_pylist()
        stem = path.relative_to(root / signing.FOLDER).with_suffix("").as_posix()
        values = similarity[near].tolist()
        found += [Near(row["id"], row["source"], stem, value) for row, value in zip(names, values, strict=True)]
        found = sorted(found, key=lambda one: (-one.similarity, one.id))[:count]
    return found


def similarities(asked: Ragged, others: Ragged, measure: Measure) -> npt.NDArray[np.float64]:
    """The similarity of one record with each of others."""
    values = np.concatenate([asked.values, others.values])
    bounds = np.concatenate([[0], others.bounds + len(asked.values)])
    right = np.arange(1, len(bounds) - 1)
    return pair_similarities(values, bounds, np.zeros_like(right), right, measure)


def minhashes(root: Path) -> Iterator[tuple[str, object]]:
    """The ids of a corpus and their signatures as datasketch's LeanMinHash, for its own indexes.

    Raises UserError for a corpus that was not signed with MinHash.
    """
    for path in signature_files(root):
        settings = settings_of(path)
        if settings.method != "minhash":
            raise UserError(f"{path}: signed with `{settings.method}`; expected minhash")
        ids = iter(pq.read_table(path, columns=["id"], partitioning=None).column("id").to_pylist())
        numbers = permutations(settings.permutations, settings.seed)
        for records in _records(path):
            if settings.verification == "exact":
                minima = signatures(records, *numbers)
            else:
                minima = np.full((len(records.bounds) - 1, settings.permutations), EMPTY, np.uint32)
                minima[np.diff(records.bounds) > 0] = records.values.reshape(-1, settings.permutations)
            for one, identifier in zip(minima, ids):  # noqa: B905 - the ids go on with the next records
                yield identifier, as_datasketch(one, settings.seed)


def _records(path: Path) -> Iterator[Ragged]:
    """The records beside a signature file, some documents at a time."""
    with open_records(path.with_suffix(".records")) as file:
        count = len(file.offsets) - 1
        for first in range(0, count, GROUP_ROWS):
            yield file.read(first, min(count, first + GROUP_ROWS))
