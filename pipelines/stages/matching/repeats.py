"""What goes before anything is compared, because a piece or an address of it occurs elsewhere, for sources that a
recipe names.

Two methods. `address`: of the captures of one address only the newest stays. `chunks`: the rule of
`filters.code.chunks` for files that share a piece of 2,048 characters. What they drop takes no part in later methods.
Each file of texts is read once for its keys (hashes of pieces, or of the address). One shuffle of packed hashes, never
of text, finds those that occur more than once; only these, and how many others a document has, are needed to decide,
which one process does in order. The lists lie in a folder of the method's name, and `duplicates/` repeats them.

The published program of the chunks took files in the order in which it read them. The order here is by the hash of
their ids, as in every output file, within a source and a language (the document's subset): it does not depend on how
documents lie in files, nor on who was ready first. Captures come the newest first.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from filters.addresses import address_key
from filters.code.chunks import ChunkDuplicate, ChunkedFile, chunk_duplicates, chunk_hashes
from manifests import ledger
from manifests.output import WHOLE, output
from manifests.records import DUPLICATE, FAILED, Duplicate, Rules, order_key
from manifests.writing import sha256_of
from pipelines.corpus.folder import fingerprint, payload
from pipelines.corpus.texts import GuardedReading, TextFile, TextRow
from pipelines.engine.beam import beam
from pipelines.engine.worker import Unit
from pipelines.stages.build import Build
from pipelines.stages.matching.inputs import InputFile
from pipelines.stages.matching.records_file import ROW_BITS, ROW_MASK
from pipelines.stages.matching.shuffle import U64, Counted, cut, gather, ranges_of, rows_path, save_rows, tally
from pipelines.stages.matching.signing import excluded_ids

METHODS = ("address", "chunks")
"""In the order in which they come; also the stages that read the keys, the folders of lists, and what is listed."""
VERSION = 1
HASH_BYTES = 16
"""Of a key's SHA-256; enough that no two pieces meet by accident."""
ROW_WORDS = 5
GROUP_ROWS = 1 << 12
PIECES = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("subset", pa.string(), nullable=False),
        pa.field("order", pa.uint64(), nullable=False),
        pa.field("pieces", pa.large_binary(), nullable=False),
    ]
)

SECOND_BITS = 24
"""Captures are ordered by seconds; these lower bits, of the id's hash, order those of one second."""
LAST_SECOND = (1 << (64 - SECOND_BITS)) - 1

RunPipeline = Callable[[Callable[[], beam.PTransform], Path], None]
"""Runs the transform that a function makes until no row is lost; its tallies lie in the folder."""


def exclude(
    build: Build, files: Sequence[InputFile], wanted: Mapping[str, Sequence[str]], run: RunPipeline
) -> list[InputFile]:
    """List what the methods drop of the sources that `wanted` names for them; the files, with the lists excluded."""
    left = list(files)
    for method in METHODS:
        left = _exclude(build, left, method, wanted[method], run)
    return left


def _exclude(
    build: Build, files: Sequence[InputFile], method: str, sources: Sequence[str], run: RunPipeline
) -> list[InputFile]:
    root, recipe = build.root, build.recipe
    rules: dict[str, Rules] = {name: recipe.source(name).rules or recipe.rules for name in sources}
    mine = sorted((file for file in files if file.source in rules), key=lambda file: file.stem)
    if not mine and not any(ledger.read_entries(root, method)):
        return list(files)
    build.do(method, [_unit(root, file, method, rules[file.source]) for file in mine])
    entries = {entry.unit: entry for entry in ledger.read_entries(root, method)}
    keys = [entries[file.key].outputs[0] for file in mine]
    mark = fingerprint(VERSION, rules, [[file.stem, fact.sha256] for file, fact in zip(mine, keys, strict=True)])
    if not ledger.is_done(root, lists_of(method), "all", mark):
        ledger.withdraw(root, lists_of(method), "all")
        if mine:
            pieces = [Pieces(file, root / fact.path, fact.rows) for file, fact in zip(mine, keys, strict=True)]
            _decide(build, pieces, method, rules, mark, run)
    return [_without(root, file, method) for file in files]


def lists_of(method: str) -> str:
    """The stage that decides for all files at once."""
    return f"{method}_lists"


def list_of(root: Path, stem: str, method: str) -> Path:
    """Where the documents are listed that a method drops of a file; there is none where it drops none."""
    return root / method / f"{stem}.parquet"


def all_lists(root: Path, stem: str) -> list[Path]:
    """The lists of all methods that dropped something of a file, in the methods' order."""
    return [path for method in METHODS if (path := list_of(root, stem, method)).is_file()]


def _without(root: Path, file: InputFile, method: str) -> InputFile:
    path = list_of(root, file.stem, method)
    return file._replace(excluded=(*file.excluded, str(path))) if path.is_file() else file


def _unit(root: Path, file: InputFile, method: str, rules: Rules) -> Unit:
    fact = (file.fact.name, file.fact.bytes, file.fact.sha256)
    keys = {"id_key": file.id_key, "text_key": file.text_key}
    lists = [sha256_of(Path(path)) for path in file.excluded]
    return Unit(
        stage=method,
        key=file.key,
        source=file.source,
        root=str(root),
        work="pipelines.stages.matching.repeats:work",
        fingerprint=fingerprint(VERSION, rules, file.fact.sha256, lists, file.ours, keys),
        payload=payload(
            file=TextFile(file.key, file.source, file.stem, str(file.path), fact, file.ours)._asdict(),
            rules=rules,
            excluded=list(file.excluded),
            keys=keys,
        ),
    )


def work(unit: Unit) -> None:
    """Do one unit: hash the pieces or the address of every document of a file."""
    settings = unit.settings()
    file, root = TextFile(**settings["file"]), Path(unit.root)
    excluded = excluded_ids(settings["excluded"])
    method = unit.stage
    name = f"{method}/{file.stem}.keys.parquet"
    reading = GuardedReading(file, method, settings["keys"])
    count = passed_over = 0
    with output(root, method, unit.key) as out:
        rows: list[tuple[str, str, int, bytes]] = []
        with pq.ParquetWriter(out.path(name), PIECES, compression="zstd") as writer:
            for row in reading:
                if row.id in excluded:
                    passed_over += 1
                    continue
                rows.append(_keys(row, settings["rules"]) if method == "chunks" else _address(row))
                count += 1
                if len(rows) == GROUP_ROWS:
                    writer.write_table(_table(rows))
                    rows = []
            writer.write_table(_table(rows))
        out.wrote(name, count)
        lost = out.rows(f"failed/{method}/{file.stem}", FAILED, part_bytes=WHOLE)
        for failure in reading.failures:
            lost.add(failure)
        out.account(
            unit.source,
            unit.fingerprint,
            reading.read,
            count,
            failed=len(reading.failures),
            rejected={"passed_over": passed_over} if passed_over else {},
            inputs=(file.input(),),
        )


def _keys(row: TextRow, rules: Rules) -> tuple[str, str, int, bytes]:
    """A document's row of `PIECES` by its pieces."""
    hashes = b"".join(one[:HASH_BYTES] for one in chunk_hashes(row.text, rules))
    return row.id, row.about.get("subset") or "", int.from_bytes(order_key(row.id)[:8], "big"), hashes


def _address(row: TextRow) -> tuple[str, str, int, bytes]:
    """A document's row of `PIECES` by its address: one key, or none where it has no address. The newest comes first."""
    key = address_key(row.about.get("url") or "")
    hashes = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:HASH_BYTES] if key is not None else b""
    tie = int.from_bytes(order_key(row.id)[:8], "big") >> (64 - SECOND_BITS)
    return row.id, "", (LAST_SECOND - _seconds(row.about.get("created"))) << SECOND_BITS | tie, hashes


def _seconds(created: str | None) -> int:
    """Seconds since 1970 of a date in ISO form; 0 for none, so that a capture without a date is the oldest."""
    try:
        moment = datetime.fromisoformat(created or "")
    except ValueError:
        return 0
    return min(LAST_SECOND, max(0, int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())))


def _table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(PIECES)
    arrays = [pa.array(values, type=field.type) for values, field in zip(columns, PIECES, strict=True)]
    return pa.Table.from_arrays(arrays, schema=PIECES)


class Pieces(NamedTuple):
    """A file of pieces' hashes and what it was made of."""

    file: InputFile
    path: Path
    rows: int


class RepeatedPieces(beam.PTransform):
    """Files of hashes to files of the pieces that occur more than once: cut by hash, group, keep."""

    def __init__(self, files: Sequence[Pieces], folder: Path, ranges: int) -> None:
        super().__init__()
        self.files = [(place, one.file.source, str(one.path)) for place, one in enumerate(files)]
        self.folder, self.ranges = str(folder), ranges

    def expand(self, root: beam.Pipeline) -> beam.PCollection:
        return (
            root
            | "Name files" >> beam.Create(self.files, reshuffle=False)
            | "Spread files" >> beam.Reshuffle()
            | "Cut by piece" >> beam.ParDo(CutPieces(self.folder, self.ranges))
            | "Group by range" >> beam.GroupByKey()
            | "Keep repeated" >> beam.ParDo(KeepRepeated(self.folder))
        )


class CutPieces(beam.DoFn):
    """A file to packed (hash, hash, order, document, position) rows by range."""

    def __init__(self, folder: str, ranges: int) -> None:
        super().__init__()
        self.folder, self.ranges = folder, ranges

    def process(self, element: tuple[int, str, str]) -> Iterator[tuple[int, tuple[str, int, int]]]:
        place, source, path = element
        sent = Counted(_rows(place, source, path))
        yield from cut(rows_path(self.folder, f"pieces-{place}"), sent, self.ranges)
        tally(self.folder, "pieces", "sent", str(place), sent.rows)


def _rows(place: int, source: str, path: str) -> Iterator[tuple[U64, ...]]:
    """The hashes of a file's pieces (in two columns) with order, document and position of each, by row groups."""
    first = 0
    with pq.ParquetFile(path) as parquet:
        for group in range(parquet.num_row_groups):
            table = parquet.read_row_group(group, columns=["subset", "order", "pieces"])
            hashes, counts = _hashes(table.column("pieces"))
            languages = table.column("subset").combine_chunks().dictionary_encode()
            # Pieces of different languages must not meet, so the language goes into the hash.
            salts = [order_key(f"{source}\0{name.as_py()}")[:8] for name in languages.dictionary]
            salt = np.frombuffer(b"".join(salts), "<u8")[languages.indices.to_numpy()]
            numbers = (np.uint64(place) << ROW_BITS) + np.arange(first, first + len(counts), dtype=np.uint64)
            starts = np.cumsum(counts) - counts
            positions = (np.arange(len(hashes)) - np.repeat(starts, counts)).astype(np.uint64)
            order = np.repeat(table.column("order").to_numpy(), counts)
            keys = hashes[:, 0] ^ np.repeat(salt, counts)
            yield keys, hashes[:, 1], order, np.repeat(numbers, counts), positions
            first += len(counts)


def _hashes(column: pa.ChunkedArray) -> tuple[U64, npt.NDArray[np.int64]]:
    """All hashes of a column of pieces, shape (pieces, 2), and how many each document has."""
    values = column.to_pylist()
    counts = np.array([len(value) // HASH_BYTES for value in values], np.int64)
    return np.frombuffer(b"".join(values), "<u8").reshape(-1, 2), counts


class KeepRepeated(beam.DoFn):
    """One range of hashes to a file of (order, document, position, piece) rows; pieces are numbered in the range."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder

    def process(self, element: tuple[int, Iterable[tuple[str, int, int]]]) -> Iterator[int]:
        number, pieces = element
        rows = gather(pieces, ROW_WORDS)
        tally(self.folder, "pieces", "received", str(number), len(rows))
        rows = rows[np.lexsort(rows.T[::-1])]
        new = np.concatenate([[True], (rows[1:, :2] != rows[:-1, :2]).any(axis=1)])
        piece = np.cumsum(new).astype(np.uint64) + (np.uint64(number) << np.uint64(40))
        repeated = ~(new & np.concatenate([new[1:], [True]]))
        save_rows(Path(self.folder) / f"{number:05d}.npy", np.column_stack([rows[:, 2:], piece])[repeated])
        yield number


def _decide(
    build: Build, files: Sequence[Pieces], method: str, rules: Mapping[str, Rules], mark: str, run: RunPipeline
) -> None:
    """Find repeated pieces, go through their documents in order, and write the lists with their ledger entry."""
    root = build.root
    with output(root, lists_of(method), "all") as out:
        folder = out.workspace.folder() / "ranges"
        folder.mkdir()
        counts = [_hashes(pq.read_table(one.path, columns=["pieces"]).column("pieces"))[1] for one in files]
        assert build.recipe.dedup is not None
        size = sum(int(part.sum()) for part in counts) * ROW_WORDS * 8
        ranges = ranges_of(size, build.recipe.dedup.shuffle_mb << 20)
        run(lambda: RepeatedPieces(files, folder, ranges), folder)
        rows = np.concatenate([np.empty((0, 4), np.uint64), *(np.load(path) for path in sorted(folder.glob("*.npy")))])
        rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
        found: list[ChunkDuplicate[int]] = []
        for name, rule in rules.items():
            places = [place for place, one in enumerate(files) if one.file.source == name]
            part = rows[np.isin(rows[:, 1] >> ROW_BITS, np.array(places, np.uint64))]
            found += chunk_duplicates(_in_order(part, counts), rule)
        for place, one in enumerate(files):
            writer = out.rows(f"{method}/{one.file.stem}", DUPLICATE, part_bytes=WHOLE)
            for duplicate in _named(found, files, place, method):
                writer.add(duplicate)
            writer.flush()
        read = sum(one.rows for one in files)
        out.account("all", mark, read, read - len(found), rejected={method: len(found)} if found else {})
    what = "share pieces with an earlier one" if method == "chunks" else "have a newer capture of their address"
    build.progress.say(f"{method}: {len(found):,} of {read:,} documents {what}")


def _in_order(rows: U64, counts: Sequence[npt.NDArray[np.int64]]) -> Iterator[ChunkedFile[int]]:
    """Documents with a repeated piece, by number, in the order in which `rows` are sorted."""
    if not len(rows):
        return
    starts = np.flatnonzero(np.concatenate([[True], rows[1:, 1] != rows[:-1, 1]]))
    for pieces in np.split(rows, starts[1:]):
        number = int(pieces[0, 1])
        whole = int(counts[number >> int(ROW_BITS)][number & int(ROW_MASK)])
        yield ChunkedFile(number, pieces[:, 3].tolist(), whole - len(pieces))


def _named(
    found: Sequence[ChunkDuplicate[int]], files: Sequence[Pieces], place: int, method: str
) -> Iterator[Duplicate]:
    """The duplicates of one file by their ids. A cluster is named by what is left when all links are followed."""
    roots: dict[int, int] = {}
    for one in found:
        roots[one.id] = roots.get(one.kept_id, one.kept_id)
    mine = [one for one in found if one.id >> int(ROW_BITS) == place]
    names = _ids(files, {number for one in mine for number in (one.id, one.kept_id, roots[one.id])})
    for one in mine:
        yield Duplicate(names[one.id], names[one.kept_id], method, one.shared, names[roots[one.id]])


def _ids(files: Sequence[Pieces], numbers: Iterable[int]) -> dict[int, str]:
    by_place: dict[int, list[int]] = {}
    for number in numbers:
        by_place.setdefault(number >> int(ROW_BITS), []).append(number)
    found = {}
    for place, some in by_place.items():
        ids = pq.read_table(files[place].path, columns=["id"]).column("id")
        found.update({number: ids[number & int(ROW_MASK)].as_py() for number in some})
    return found
