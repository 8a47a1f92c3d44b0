"""The keys by which documents meet (bands of MinHash, blocks of SimHash): made once by the workers, and kept for later.

A unit of the stage `keys` makes them of one records file. The file lies beside it, a NumPy array of five bytes a key
and a row a document: what is added to this corpus later asks it for a few keys, and need not read all records. Of keys
of 40 bits few meet by accident among a billion documents, and whatever meets is measured. A document without words,
which is similar to nothing, has zeros. The file's name tells how the keys were made, so that one made in another way is
not taken for it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.methods import make_method
from dedup.methods.base import Method
from manifests.errors import UserError
from manifests.ledger import InputFact
from manifests.output import output
from manifests.settings.dedup import DedupSettings
from pipelines.engine.worker import Unit
from pipelines.stages.matching.records_file import open_records
from pipelines.stages.matching.shuffle import U64, Source, numbers_of

STAGE = "keys"
KEY_BYTES = 5
GROUP_BYTES = 2 << 20
"""Bytes of records whose keys are made together."""
GROUP_ROWS = 1 << 14
"""Rows of a file of keys that are looked at together."""


def keys_path(signatures: Path, method: Method) -> Path:
    """Where the keys of a signature file lie."""
    return signatures.with_suffix(f".{method.label}.keys")


def read_keys(source: Source, method: Method) -> Iterator[tuple[U64, U64]]:
    """Documents of a source that can be similar to others, and their keys (documents, keys), some rows at a time.

    Raises UserError for a file that is cut short.
    """
    first = 0
    for rows in _kept(source) if source.keys else made(Path(source.records), method):
        documents = numbers_of(source, first, len(rows))
        first += len(rows)
        wide = np.zeros((*rows.shape[:2], 8), np.uint8)
        wide[:, :, :KEY_BYTES] = rows
        keys = wide.view("<u8")[:, :, 0]
        worded = keys.any(axis=1)
        yield (documents, keys) if worded.all() else (documents[worded], keys[worded])


def made(records: Path, method: Method) -> Iterator[npt.NDArray[np.uint8]]:
    """The keys of a records file as they are kept: (documents, keys, KEY_BYTES), some rows at a time."""
    with open_records(records) as file:
        first, count = 0, len(file.offsets) - 1
        while first < count:
            reach = int(np.searchsorted(file.offsets, file.offsets[first] + np.uint64(GROUP_BYTES)))
            last = min(count, first + GROUP_ROWS, max(first + 1, reach))
            group = file.read(first, last)
            keys = method.keys(group)
            keys[np.diff(group.bounds) == 0] = 0
            yield keys.astype("<u8", copy=False).view(np.uint8).reshape(*keys.shape, 8)[:, :, :KEY_BYTES]
            first = last


def _kept(source: Source) -> Iterator[npt.NDArray[np.uint8]]:
    try:
        rows = np.load(source.keys, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{source.keys}: not a whole file of keys ({error}); run dedup on its corpus again") from None
    for first in range(0, len(rows), GROUP_ROWS):
        yield np.asarray(rows[first : first + GROUP_ROWS])


def work(unit: Unit) -> None:
    """Do one unit: make the keys of one records file."""
    settings = unit.settings()
    root = Path(unit.root)
    records = root / settings["records"]["name"]
    method = make_method(DedupSettings.model_validate(settings["settings"]))
    name = keys_path(records, method).relative_to(root).as_posix()
    with output(root, STAGE, unit.key) as out:
        with open_records(records) as file:
            count = len(file.offsets) - 1
        shape = (count, method.keys_per_document, KEY_BYTES)
        with out.path(name).open("wb") as stream:
            np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": shape})
            for rows in made(records, method):
                stream.write(rows.tobytes())
        out.wrote(name, count)
        out.account(
            unit.source,
            unit.fingerprint,
            count,
            count,
            inputs=(InputFact(**settings["records"]),),
        )
