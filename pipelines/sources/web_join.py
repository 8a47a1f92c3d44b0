"""Joins a list of addresses with an index of web archives: where the records lie that somebody chose.

OpenWebMath's rows give an address and the time of its capture; Common Crawl's columnar index says of every capture in
which archive it lies. Each file of the index is passed over once, by column, and of one that lies elsewhere only the
columns come that are looked at (`pipelines.fetching.parts`): addresses become 64-bit keys, a table of bits and a sorted
array tell which of them may be wanted, and these few are compared as texts. What a file held is kept, so that a join
that was interrupted goes on with the next one.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup.key_set import KeySet, text_keys
from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.rows import read_rows
from pipelines.fetching.parts import Parts, Readable
from pipelines.sources.web_index import PLACE_COLUMNS, is_table

U64 = npt.NDArray[np.uint64]
TIMES = ("fetch_time", "date", "timestamp", "crawled")
"""Columns that may tell when a page was captured: the index's, OpenWebMath's, a CDX server's, a corpus's of ours."""
BATCH_ROWS = 1 << 16
PART_ROWS = 200_000
_NO_DIGIT = re.compile(r"[^0-9]")
SCHEMA = pa.schema(
    [("url", pa.string()), ("fetch_time", pa.string()), (PLACE_COLUMNS[0], pa.string())]
    + [(name, pa.int64()) for name in PLACE_COLUMNS[1:]]
    + [("row", pa.int64())]
)


Opened = Callable[[], AbstractContextManager[Readable]]
"""Brings a file for the time of a block, or opens one that is read by parts."""


class Joined(NamedTuple):
    """What a join found: addresses asked for, those with a record, and the index's rows that were looked at."""

    asked: int
    found: int
    rows: int


class Match(NamedTuple):
    """A row of an index, by its place, that a row of the list asks for; its address and time (14 digits, or empty)."""

    place: int
    row: int
    url: str
    time: str


class Wanted:
    """Addresses to look for, each with the second of its capture (14 digits) or an empty text where any will do."""

    def __init__(self, urls: pa.LargeStringArray, times: list[str]) -> None:
        self.urls, self.times = urls, times
        keys = keys_of(urls)
        self.order = np.argsort(keys, kind="stable")
        self.keys = keys[self.order]
        self.set = KeySet(self.keys)

    def matches(self, urls: pa.LargeStringArray, times: Any) -> Iterator[Match]:
        """The places in `urls` that a row of the list asks for."""
        keys = keys_of(urls)
        for place in self.set.places(keys).tolist():
            first = int(np.searchsorted(self.keys, keys[place], "left"))
            last = int(np.searchsorted(self.keys, keys[place], "right"))
            url, time = urls[place].as_py(), second(times[place].as_py())
            for row in self.order[first:last].tolist():
                if self.urls[row].as_py() == url and self.times[row] in ("", time):
                    yield Match(place, row, url, time)


def keys_of(urls: pa.LargeStringArray) -> U64:
    """A 64-bit key of each text, from Arrow's buffers as they are."""
    _, offsets, data = urls.buffers()
    bounds = np.frombuffer(offsets, np.int64)[urls.offset : urls.offset + len(urls) + 1]
    values = np.zeros(1, np.uint8) if data is None or not data.size else np.frombuffer(data, np.uint8)
    return text_keys(values, bounds)


def second(time: object) -> str:
    """A time as 14 digits, YYYYMMDDhhmmss; empty where none is known."""
    text = "" if time is None else _NO_DIGIT.sub("", str(time))[:14]
    return text if len(text) == 14 else ""


def wanted(paths: Iterable[Readable]) -> Wanted:
    """The addresses in files of rows: a column `url`, and one of `TIMES` where it is there. Raises UserError."""
    urls: list[pa.Array] = []
    times: list[str] = []
    for path in paths:
        for column, told in _addresses(path):
            urls.append(column)
            times += told
    if not times:
        raise UserError("--addresses: no address was found; expected rows with a column url")
    return Wanted(_large(pa.chunked_array(urls)), times)


def gathered(lists: Iterable[Opened], target: Path) -> Path:
    """The addresses and times of lists, brought one after the other, as one file of nothing else."""
    partial = target.with_suffix(".new")
    partial.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([("url", pa.large_string()), ("date", pa.string())])
    with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
        for opened in lists:
            with opened() as path:
                for column, told in _addresses(path):
                    writer.write_table(pa.table([column, pa.array(told, pa.string())], schema=schema))
    return partial.replace(target)


def _addresses(path: Readable) -> Iterator[tuple[pa.Array, list[str]]]:
    if not isinstance(path, Path) or is_table(path):
        with pq.ParquetFile(path, pre_buffer=isinstance(path, Parts)) as parquet:
            names = parquet.schema_arrow.names
            if "url" not in names:
                raise UserError(f"{path}: no column url; the columns that are there: {', '.join(names)}")
            time = next((name for name in TIMES if name in names), None)
            for batch in parquet.iter_batches(BATCH_ROWS, columns=["url", *([time] if time else [])]):
                column = pc.fill_null(_large(batch.column("url")), "")
                yield column, [second(one) for one in batch.column(time).to_pylist()] if time else [""] * len(batch)
        return
    rows = [row for row in read_rows(path) if not isinstance(row, BadRecord) and isinstance(row.get("url"), str)]
    told = [second(next((row[name] for name in TIMES if row.get(name)), None)) for row in rows]
    yield pa.array([row["url"] for row in rows], pa.large_string()), told


def _large(column: Any) -> pa.LargeStringArray:
    cast = pc.cast(column, pa.large_string())
    return cast.combine_chunks() if isinstance(cast, pa.ChunkedArray) else cast


@contextmanager
def _opened(index: Readable) -> Iterator[pq.ParquetFile]:
    try:
        # By parts, all columns of a group of rows that are wanted come with as few requests as there can be.
        with pq.ParquetFile(index, pre_buffer=isinstance(index, Parts)) as parquet:
            yield parquet
    except pa.ArrowInvalid as error:
        raise UserError(f"{index}: expected Common Crawl's columnar index (Parquet), found: {error}") from error


def found_in(index: Readable, asked: Wanted) -> tuple[pa.Table, int]:
    """The rows of an index file (Parquet) that are asked for, and how many rows it has. Raises UserError."""
    with _opened(index) as parquet:
        names = parquet.schema_arrow.names
        lacking = [name for name in ("url", *PLACE_COLUMNS) if name not in names]
        if lacking:
            raise UserError(f"{index}: no column {lacking[0]}; expected Common Crawl's columnar index")
        time = next((name for name in TIMES if name in names), None)
        held = []
        # Addresses and times are looked at first: where nothing is asked for, no other column is unpacked.
        for group in range(parquet.num_row_groups):
            before = 0
            matches: list[Match] = []
            for batch in parquet.iter_batches(BATCH_ROWS, [group], columns=["url", *([time] if time else [])]):
                column = pc.fill_null(_large(batch.column("url")), "")
                times = batch.column(time) if time else pa.nulls(len(batch))
                found = asked.matches(column, times)
                matches += [one._replace(place=before + one.place) for one in found]
                before += len(batch)
            if matches:
                held.append(_rows(parquet, group, matches))
        return pa.concat_tables(held) if held else SCHEMA.empty_table(), parquet.metadata.num_rows


def _rows(parquet: pq.ParquetFile, group: int, matches: Sequence[Match]) -> pa.Table:
    """The rows of a table of `SCHEMA`; only the columns that tell where a record lies are still to be read."""
    table = parquet.read_row_group(group, PLACE_COLUMNS).take([one.place for one in matches])
    values = [pa.array([one.url for one in matches]), pa.array([one.time for one in matches])]
    values += [table.column(name) for name in PLACE_COLUMNS]
    return pa.table([*values, pa.array([one.row for one in matches], pa.int64())], names=SCHEMA.names).cast(SCHEMA)


def join(asked: Wanted, indexes: Iterable[tuple[str, Opened]], output: Path) -> Joined:
    """Look for the addresses in index files and write `index-*.parquet` and `missing.jsonl`.

    An index file is a name and what brings it; one that was looked through already is not brought.

    Of several captures that fit, an address gets its latest. Files are sorted by archive and byte, as a `web` source
    takes them. `output/.found` keeps what each index file held until the join is done.
    """
    folder = output / ".found"
    folder.mkdir(parents=True, exist_ok=True)
    tables: list[pa.Table] = []
    rows = 0
    mark = hashlib.blake2b(asked.keys.tobytes() + "".join(asked.times).encode(), digest_size=8).hexdigest()
    for name, opened in indexes:
        kept = folder / f"{mark}-{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}.parquet"
        if not kept.exists():
            with opened() as place:
                table, looked = found_in(place, asked)
            table = table.replace_schema_metadata({"rows": str(looked)})
            pq.write_table(table, kept.with_suffix(".new"))
            kept.with_suffix(".new").replace(kept)
        table = pq.read_table(kept)
        rows += int((table.schema.metadata or {}).get(b"rows", b"0"))
        tables.append(table.replace_schema_metadata(None))
    found = pa.concat_tables(tables or [SCHEMA.empty_table()])
    latest = found.sort_by([("row", "ascending"), ("fetch_time", "descending"), (PLACE_COLUMNS[0], "ascending")])
    asked_for = latest.column("row").to_numpy()
    first = np.ones(len(asked_for), bool)
    first[1:] = asked_for[1:] != asked_for[:-1]
    chosen = latest.filter(pa.array(first)).sort_by([(name, "ascending") for name in (*PLACE_COLUMNS, "url")])
    for number, start in enumerate(range(0, len(chosen), PART_ROWS)):
        part = chosen.slice(start, PART_ROWS).drop_columns(["row"])
        pq.write_table(part, output / f"index-{number:05d}.parquet", compression="zstd")
    _write_missing(asked, chosen.column("row").to_numpy(), output)
    return Joined(len(asked.times), len(chosen), rows)


def _write_missing(asked: Wanted, found: npt.NDArray[np.int64], output: Path) -> None:
    lost = np.ones(len(asked.times), bool)
    lost[found] = False
    with (output / "missing.jsonl").open("w", encoding="utf-8") as lines:
        for row in np.flatnonzero(lost).tolist():
            lines.write(json.dumps({"url": asked.urls[row].as_py(), "date": asked.times[row]}) + "\n")
