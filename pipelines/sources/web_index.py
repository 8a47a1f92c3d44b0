"""Records of web archives that an index chose: the rows of index files, and the captures at the places they name.

Columns are those of Common Crawl's columnar index (Parquet), which FineMath's rows have too, or those of its CDX server
(JSON lines with `filename`, `offset`, `length`); see "Columnar index" in Common Crawl's documentation.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.lines import container_of
from pipelines.corpus.rows import read_rows
from pipelines.extraction.archives.captures import NoArchiveError, read_open
from pipelines.extraction.archives.framing import Capture, Damage
from pipelines.fetching.parts import Parts, Readable
from pipelines.fetching.ranges import Place, fault_of
from pipelines.sources.base import RawFile

PLACE_COLUMNS = ("warc_filename", "warc_record_offset", "warc_record_length")
CDX_COLUMNS = ("filename", "offset", "length")
LONGEST = 1 << 30
"""A range of more bytes is no record."""
NO_RECORD = "the index leads to bytes that are no record"
BATCH_ROWS = 1 << 16


def records_at(file: RawFile, limit: int) -> Iterator[tuple[Place, Capture | Damage]]:
    """What lies at the places of a file; what is no capture of the address that the index names is a `Damage`."""
    with file.path.open("rb") as records:
        for place in file.places:
            data = records.read(place.length)
            if not data:
                yield place, Damage(place.url, "", "the index names no range of bytes")
                continue
            if reason := fault_of(data):
                yield place, Damage(place.url, "", reason)
                continue
            yield from ((place, found) for found in _captures(place, data, limit))


def _captures(place: Place, data: bytes, limit: int) -> list[Capture | Damage]:
    """The captures in the bytes at a place, or what is wrong with them."""
    try:
        found = list(read_open(io.BytesIO(data), limit))
    except NoArchiveError:
        found = []
    urls = [one.url if isinstance(one, Damage) else one.head.url for one in found]
    meant = [one for one, url in zip(found, urls, strict=True) if url and url == (place.url or url)]
    if meant:
        return meant
    other = next((url for url in urls if url and url.isprintable()), "")
    return [Damage(place.url, "", f"the index leads to a record of {other}" if other else NO_RECORD)]


def is_table(file: Readable) -> bool:
    """Whether a file is Parquet; of those that are read by parts all are."""
    return isinstance(file, Parts) or container_of(file) == "parquet"


def places(path: Readable, fraction: float = 1.0, seed: int = 0) -> list[Place]:
    """The places that an index file names, by archive and offset; with a `fraction` that share, by hash of the address.

    Raises UserError for a file that is no index.
    """
    found = list(_of_lines(path) if isinstance(path, Path) and not is_table(path) else _of_parquet(path))
    if fraction < 1.0:
        found = [place for place in found if _draw(place.url, seed) < fraction]
    return sorted(found, key=lambda place: (place.archive, place.offset, place.length, place.url))


def require_index(path: Path) -> None:
    """See that a file is an index, by its columns or its first line. Raises UserError if it is none."""
    if container_of(path) == "parquet":
        with pq.ParquetFile(path) as parquet:
            _columns(path, parquet.schema_arrow.names)
        return
    next(_of_lines(path), None)


def cut(found: Sequence[Place], size: int) -> Iterator[Sequence[Place]]:
    """Consecutive places in pieces of about `size` bytes of records."""
    begin = held = 0
    for number, place in enumerate(found):
        if number > begin and held + place.length > size:
            yield found[begin:number]
            begin, held = number, 0
        held += place.length
    if begin < len(found):
        yield found[begin:]


def _draw(url: str, seed: int) -> float:
    digest = hashlib.blake2b(f"{seed}\0{url}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def _place(url: object, archive: object, offset: object, length: object) -> Place:
    """A row as a place; one that cannot be gets a length of 0, so that it is listed as failed and not lost."""
    name = archive if isinstance(archive, str) else ""
    try:
        start, size = int(str(offset)), int(str(length))
    except ValueError:
        start = size = -1
    if not name or ".." in name.split("/") or start < 0 or not 0 < size <= LONGEST:
        start, size = 0, 0
    return Place(url if isinstance(url, str) else "", name, start, size)


def _of_parquet(path: Readable) -> Iterator[Place]:
    with pq.ParquetFile(path, pre_buffer=isinstance(path, Parts)) as parquet:
        names = _columns(path, parquet.schema_arrow.names)
        for batch in parquet.iter_batches(BATCH_ROWS, columns=["url", *names]):
            columns = [batch.column("url"), *(batch.column(name) for name in names)]
            texts = [pc.cast(column, pa.string()).to_pylist() for column in columns[:2]]
            yield from map(_place, *texts, *(column.to_pylist() for column in columns[2:]))


def _of_lines(path: Path) -> Iterator[Place]:
    names: Sequence[str] = ()
    for row in read_rows(path):
        if isinstance(row, BadRecord):
            yield Place("", "", 0, 0)
            continue
        names = names or _columns(path, list(row))
        yield _place(row.get("url"), *(row.get(name) for name in names))


def _columns(path: Readable, present: Sequence[str]) -> Sequence[str]:
    for names in (PLACE_COLUMNS, CDX_COLUMNS):
        if {"url", *names} <= set(present):
            return names
    expected, found = ", ".join(("url", *PLACE_COLUMNS)), ", ".join(present)
    raise UserError(f"{path}: no index: expected the columns {expected}; found {found}")
