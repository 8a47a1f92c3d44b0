"""An earlier corpus to deduplicate against: its signatures, found through its ledger and checked before use."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup.methods.base import Method
from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import Entry
from manifests.writing import FileFact
from pipelines.stages.matching import keys_file, listing, signing
from pipelines.stages.matching.keys_file import keys_path
from pipelines.stages.matching.parameters import Parameters, require_equal
from pipelines.stages.matching.records_file import open_records


class Signed(NamedTuple):
    """One signature file with its records file, and the sha256 of both for fingerprints.

    `keys` is the file of its keys, if its corpus was deduplicated with the same bands.
    """

    name: str
    signatures: Path
    records: Path
    rows: int
    digests: tuple[str, str]
    keys: str = ""


def signed_files(root: Path, parameters: Parameters, label: str = "", method: Method | None = None) -> list[Signed]:
    """The signature files of a corpus in a fixed order, as its ledger lists them, with the keys that `method` makes.

    Raises UserError when there are none, when one is missing or cut short, or when its parameters differ.
    """
    keys = {fact.path: fact for entry in ledger.read_entries(root, keys_file.STAGE) for fact in entry.outputs}
    found = []
    for entry in ledger.read_entries(root, signing.STAGE):
        signed = _signed(root, entry, parameters, label)
        if method is not None:
            fact = keys.get(keys_path(signed.signatures, method).relative_to(root).as_posix())
            signed = signed if fact is None else signed._replace(keys=str(_whole(root, fact)))
        found.append(signed)
    if not found:
        raise UserError(f"{root}: has no signatures; expected a corpus that `proofpile dedup` or `build` made")
    return sorted(found)


def finished(root: Path) -> None:
    """Refuse a corpus whose deduplication was begun and not ended. Raises UserError."""
    listed = {entry.unit for entry in ledger.read_entries(root, listing.STAGE)}
    if any(entry.unit not in listed for entry in ledger.read_entries(root, signing.STAGE)):
        raise UserError(f"{root}: its deduplication has not ended; run the command that makes it again")


def _signed(root: Path, entry: Entry, parameters: Parameters, label: str) -> Signed:
    table, records = entry.outputs[:2]
    for fact in (table, records):
        _whole(root, fact)
    require_equal(parameters, root / table.path)
    with open_records(root / records.path) as file:
        documents = len(file.offsets) - 1
    if documents != table.rows:
        raise UserError(f"{root / records.path}: not the records of {table.path}; run dedup on {root} again")
    name = label + table.path.removeprefix(f"{signing.FOLDER}/").removesuffix(".parquet")
    return Signed(name, root / table.path, root / records.path, table.rows, (table.sha256, records.sha256))


def _whole(root: Path, fact: FileFact) -> Path:
    """The place of an output that has the size its ledger entry names. Raises UserError."""
    path = root / fact.path
    if not path.is_file() or path.stat().st_size != fact.bytes:
        size = path.stat().st_size if path.is_file() else "no"
        raise UserError(f"{path}: {size} bytes where the ledger has {fact.bytes}; run dedup on {root} again")
    return path


def stands_for(roots: Iterable[Path], ids: pa.ChunkedArray) -> dict[str, str]:
    """Which of `ids` the earlier corpora dropped, and what they kept for each."""
    found: dict[str, str] = {}
    for root in roots:
        for path in sorted((root / listing.FOLDER).rglob("*.parquet")):
            table = pq.read_table(path, columns=["id", "cluster"], partitioning=None)
            table = table.filter(pc.is_in(table.column("id"), value_set=ids))
            found.update(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return found
