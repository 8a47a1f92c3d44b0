"""Signing: from one documents file to one signature file and the records file beside it.

A unit of the stage `signatures`. The text is read once, as a stream of Arrow buffers that the kernels read without
making a Python string. Documents that the filter stage rejected or that share a chunk with an earlier one are passed
over, so a signature file's rows are the documents that take part. Another run with the same parameters and the same
documents finds the unit done.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from dedup.exact import HASH_BYTES, exact_hash, normalised_hash
from dedup.methods import make_method
from dedup.shingles import Shingler
from dedup.verifying import pair_similarities
from manifests.errors import UserError
from manifests.ledger import Entry, InputFact, write_entry
from manifests.records import DOCUMENT, FAILED
from manifests.settings.dedup import DedupSettings
from manifests.writing import PartWriter, Workspace, disk_faults, require_recorded
from pipelines.corpus.texts import GuardedReading, TextFile
from pipelines.engine.worker import Unit
from pipelines.stages.matching.parameters import METADATA_KEY, parameters_of
from pipelines.stages.matching.records_file import RecordsWriter

STAGE = "signatures"
FOLDER = "signatures"
_READ = ("id", "source", "text", "scores")
GROUP_ROWS = 1 << 13
"""Documents in a row group of a signature file: 4 MiB of signatures."""


def schema(settings: DedupSettings) -> pa.Schema:
    """Columns of a signature file. `length` is the text's bytes; `words_hash` is of the normalised text."""
    fields = [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("quality", pa.float64()),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("id_hash", pa.binary(HASH_BYTES), nullable=False),
        pa.field("bytes_hash", pa.binary(HASH_BYTES), nullable=False),
        pa.field("words_hash", pa.binary(HASH_BYTES), nullable=False),
        pa.field("signature", pa.binary(max(1, make_method(settings).signature_bytes)), nullable=False),
    ]
    return pa.schema(fields, metadata={METADATA_KEY: parameters_of(settings).as_json().encode()})


class Text(NamedTuple):
    """One document to sign: where its UTF-8 bytes lie in `data`."""

    id: str
    source: str
    quality: float | None
    data: npt.NDArray[np.uint8]
    start: int
    end: int


def corpus_texts(path: Path, quality: str | None) -> Iterator[Text]:
    """The documents of a documents file, one row group's batch in memory at a time."""
    columns = ["id", "source", "text"] + (["scores"] if quality else [])
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches(columns=columns, batch_size=1 << 10):
            texts = batch.column("text")
            if not pa.types.is_large_string(texts.type):
                texts = texts.cast(pa.large_string())
            _, offsets_buffer, data_buffer = texts.buffers()
            offsets = np.frombuffer(offsets_buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
            data = np.frombuffer(data_buffer, np.uint8) if data_buffer else np.empty(0, np.uint8)
            ids, sources = batch.column("id").to_pylist(), batch.column("source").to_pylist()
            scores = batch.column("scores").to_pylist() if quality else [()] * len(ids)
            for row, (identifier, source) in enumerate(zip(ids, sources, strict=True)):
                value = dict(scores[row]).get(quality) if quality else None
                yield Text(identifier, source, value, data, int(offsets[row]), int(offsets[row + 1]))


def foreign_texts(reading: GuardedReading) -> Iterator[Text]:
    """The rows of a Parquet or JSON lines file that is no documents file of ours; a row without id goes by its text."""
    for row in reading:
        data = np.frombuffer(row.text.encode("utf-8", "surrogatepass"), np.uint8)
        yield Text(row.id, reading.file.source, None, data, 0, len(data))


def is_documents(path: Path) -> bool:
    """Whether a file has the columns of our documents files that are read here, with their types."""
    try:
        found = pq.read_schema(path)
    except (OSError, ValueError):
        return False
    return all(name in found.names and found.field(name).equals(DOCUMENT.field(name)) for name in _READ)


class Signature:
    """Computes a document's row and record; holds the kernels' buffers."""

    def __init__(self, settings: DedupSettings) -> None:
        self.shingler = Shingler(settings.shingle_words, settings.normalisation)
        self.method = make_method(settings)

    def __call__(self, text: Text) -> tuple[tuple[Any, ...], npt.NDArray[np.uint32]]:
        """The columns of `schema`, and the numbers that verification will compare."""
        raw = text.data[text.start : text.end]
        hashes, normal = self.shingler(raw)
        signature, record = self.method.sign(raw, hashes)
        row = (
            text.id,
            text.source,
            text.quality,
            text.end - text.start,
            exact_hash(text.id.encode("utf-8", "surrogatepass")),
            exact_hash(raw),
            normalised_hash(normal),
            signature or b"\0",
        )
        return row, record


class SignatureWriter:
    """Writes rows of `schema` in order, a row group at a time. Hashes do not compress, so only ids are compressed."""

    def __init__(self, path: Path, settings: DedupSettings) -> None:
        self.schema = schema(settings)
        packed = {"id": "zstd", "source": "zstd", "quality": "zstd", "length": "zstd"}
        self.writer = pq.ParquetWriter(
            path,
            self.schema,
            compression={name: packed.get(name, "none") for name in self.schema.names},
            use_dictionary=["source"],
            write_statistics=False,
        )
        self.rows: list[tuple[Any, ...]] = []
        self.count = 0

    def add(self, row: tuple[Any, ...]) -> None:
        """Take one row."""
        self.rows.append(row)
        self.count += 1
        if len(self.rows) == GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the rows held back."""
        if self.rows:
            columns = [pa.array(values, type=field.type) for values, field in zip(zip(*self.rows), self.schema)]  # noqa: B905
            self.writer.write_table(pa.Table.from_arrays(columns, schema=self.schema))
            self.rows = []

    def close(self) -> None:
        """Finish the file."""
        self.flush()
        self.writer.close()


def work(unit: Unit) -> None:
    """Do one unit."""
    settings = unit.settings()
    how = DedupSettings.model_validate(settings["settings"])
    root, path, stem = Path(unit.root), Path(settings["path"]), settings["stem"]
    excluded = excluded_ids(settings["excluded"])
    workspace = Workspace(root, STAGE, unit.key)
    table, records = f"{FOLDER}/{stem}.parquet", f"{FOLDER}/{stem}.records"
    passed_over = 0
    sign = Signature(how)
    fact = InputFact(**settings["input"])
    place = (fact.name, fact.bytes, fact.sha256)
    file = TextFile(unit.key, unit.source, stem, str(path), place, settings["ours"])
    if file.ours:
        require_recorded(path, fact.sha256)
    # Documents files are ours and whole, so they are read without a Python string; anything may be in other files.
    reading = GuardedReading(file, STAGE, {"id_key": settings["id_key"], "text_key": settings["text_key"]})
    rows = corpus_texts(path, how.quality) if file.ours else foreign_texts(reading)
    try:
        with disk_faults(root / table):
            writer = SignatureWriter(workspace.path(table), how)
            with RecordsWriter(workspace.path(records)) as sets:
                for text in rows:
                    if text.id in excluded:
                        passed_over += 1
                    else:
                        row, record = sign(text)
                        writer.add(row)
                        sets.add(record)
            writer.close()
        lost = PartWriter(workspace, f"failed/{STAGE}/{stem}", FAILED, part_bytes=1 << 40)
        for failure in reading.failures:
            lost.add(failure)
        facts = (workspace.fact(table, writer.count), workspace.fact(records, writer.count), *lost.close())
        workspace.publish(facts)
    except pa.ArrowException as error:
        raise UserError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    finally:
        workspace.discard()
    failed = len(reading.failures)
    write_entry(
        root,
        Entry(
            stage=STAGE,
            unit=unit.key,
            source=unit.source,
            fingerprint=unit.fingerprint,
            read=writer.count + failed + passed_over,
            kept=writer.count,
            failed=failed,
            rejected={"passed_over": passed_over} if passed_over else {},
            inputs=(fact,),
            outputs=facts,
        ),
    )


def ready() -> None:
    """Load in a worker the kernels that signing and listing will need."""
    data = np.frombuffer(b"Let x be a vertex of G.", np.uint8)
    _, record = Signature(DedupSettings())(Text("", "", None, data, 0, len(data)))
    one = np.zeros(1, np.int64)
    pair_similarities(record, np.array([0, len(record)]), one, one, "jaccard")


def excluded_ids(paths: Sequence[str]) -> frozenset[str]:
    """The ids in lists of what earlier stages turned away."""
    found: set[str] = set()
    for path in paths:
        if Path(path).is_file():
            found.update(pq.read_table(path, columns=["id"], partitioning=None).column("id").to_pylist())
    return frozenset(found)
