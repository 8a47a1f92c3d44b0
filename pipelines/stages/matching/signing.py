"""Signing: from one documents file to one signature file and the records file beside it.

A unit of the stage `signatures`. Texts go in batches from Arrow's buffers through the kernels to files, without an
object a document; only files that are no documents files of ours may need one (`pipelines.corpus.columns`). Documents
that the filter stage rejected or that share a chunk with an earlier one are passed over, so a signature file's rows are
the documents that take part. Another run with the same parameters and the same documents finds the unit done.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dedup.blake2b import DIGEST_BYTES
from dedup.columns import Texts, hash_texts
from dedup.methods import make_method
from dedup.shingles import Shingler
from dedup.verifying import pair_similarities
from manifests.errors import UserError
from manifests.ledger import InputFact
from manifests.output import WHOLE, output
from manifests.records import DOCUMENT, FAILED
from manifests.settings.dedup import DedupSettings
from manifests.writing import disk_faults, require_recorded
from pipelines.corpus.columns import ID, TEXT, GuardedColumns, buffers_of
from pipelines.corpus.texts import TextFile
from pipelines.engine.timing import STEPS
from pipelines.engine.worker import Unit
from pipelines.stages.matching.parameters import METADATA_KEY, parameters_of
from pipelines.stages.matching.records_file import RecordsWriter

STAGE = "signatures"
FOLDER = "signatures"
_READ = ("id", "source", "text", "scores")
BATCH_ROWS = 1 << 10
"""Documents that go through the kernels together."""
GROUP_ROWS = 1 << 13
"""Documents in a row group of a signature file."""


def schema(settings: DedupSettings) -> pa.Schema:
    """Columns of a signature file. `length` is the text's bytes; `words_hash` is of the normalised text."""
    fields = [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("quality", pa.float64()),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("bytes_hash", pa.binary(DIGEST_BYTES), nullable=False),
        pa.field("words_hash", pa.binary(DIGEST_BYTES), nullable=False),
    ]
    return pa.schema(fields, metadata={METADATA_KEY: parameters_of(settings).as_json().encode()})


def corpus_batches(path: Path, quality: str | None) -> Iterator[pa.RecordBatch]:
    """The documents of a documents file: id, source, text, and the score `quality` (of nobody, if there is none)."""
    columns = ["id", "source", "text"] + (["scores"] if quality else [])
    with pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as parquet:
        for batch in parquet.iter_batches(columns=columns, batch_size=BATCH_ROWS):
            scores = batch.column("scores") if quality else pa.nulls(len(batch))
            yield pa.record_batch(
                [*batch.columns[:3], score_of(scores, quality)], names=["id", "source", "text", "quality"]
            )


def score_of(scores: pa.Array, name: str | None) -> pa.Array:
    """The score of that name in each of a column of maps, null where there is none; all null without a name."""
    if name is None:
        return pa.nulls(len(scores), pa.float64())
    offsets = scores.offsets.to_numpy()
    first = int(offsets[0])
    places = np.flatnonzero(pc.equal(scores.keys, name).to_numpy(zero_copy_only=False)) + 0
    places = places[(places >= first) & (places < int(offsets[-1]))]
    values = np.zeros(len(scores), np.float64)
    there = np.zeros(len(scores), bool)
    rows = np.searchsorted(offsets, places, side="right") - 1
    values[rows] = scores.items.to_numpy(zero_copy_only=False)[places]
    there[rows] = True
    return pa.array(values, mask=~there)


def foreign_batches(reading: GuardedColumns) -> Iterator[pa.RecordBatch]:
    """The rows of a file that is no documents file of ours, with the columns of `corpus_batches`."""
    for batch in reading:
        sources = pa.repeat(pa.scalar(reading.file.source, pa.string()), len(batch))
        columns = [batch.column(ID), sources, batch.column(TEXT), pa.nulls(len(batch), pa.float64())]
        yield pa.record_batch(columns, names=["id", "source", "text", "quality"])


def is_documents(path: Path) -> bool:
    """Whether a file has the columns of our documents files that are read here, with their types."""
    try:
        found = pq.read_schema(path)
    except (OSError, ValueError):
        return False
    return all(name in found.names and found.field(name).equals(DOCUMENT.field(name)) for name in _READ)


class SignatureWriter:
    """Signs batches and writes both files, a row group at a time. Hashes do not compress, so only the rest is."""

    def __init__(self, table: Path, records: Path, settings: DedupSettings) -> None:
        self.shingler = Shingler(settings.shingle_words, settings.normalisation)
        self.method = make_method(settings)
        self.schema = schema(settings)
        self.records = RecordsWriter(records, self.method.measure)
        packed = {"id": "zstd", "source": "zstd", "quality": "zstd", "length": "zstd"}
        self.writer = pq.ParquetWriter(
            table,
            self.schema,
            compression={name: packed.get(name, "none") for name in self.schema.names},
            use_dictionary=["source"],
            write_statistics=False,
        )
        self.held: list[pa.RecordBatch] = []
        self.count = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Sign and take a batch with the columns id, source, text and quality."""
        texts = Texts(*buffers_of(batch.column("text")))
        with STEPS("hash"):
            hashed = hash_texts(self.shingler, texts)
            records = self.method.records(texts, hashed.shingles)
        with STEPS("write"):
            self.records.add(records)
        lengths = pa.array(np.diff(texts.offsets))
        columns = [batch.column("id"), batch.column("source"), batch.column("quality"), lengths]
        columns += [_binary(hashed.bytes_hash), _binary(hashed.words_hash)]
        self.held.append(pa.record_batch(columns, schema=self.schema))
        self.count += len(batch)
        if sum(map(len, self.held)) >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write the rows held back."""
        if self.held:
            with STEPS("write"):
                self.writer.write_table(pa.Table.from_batches(self.held, self.schema), row_group_size=2 * GROUP_ROWS)
            self.held = []

    def close(self) -> None:
        """Finish the files."""
        self.flush()
        self.writer.close()
        self.records.close()


def _binary(hashes: npt.NDArray[np.uint64]) -> pa.Array:
    """Hashes of 128 bits, (rows, 2), as a column."""
    data = pa.py_buffer(np.ascontiguousarray(hashes, "<u8"))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(DIGEST_BYTES), len(hashes), [None, data])


def work(unit: Unit) -> None:
    """Do one unit."""
    settings = unit.settings()
    how = DedupSettings.model_validate(settings["settings"])
    root, path, stem = Path(unit.root), Path(settings["path"]), settings["stem"]
    excluded = pa.array(sorted(excluded_ids(settings["excluded"])), pa.string())
    table, records = f"{FOLDER}/{stem}.parquet", f"{FOLDER}/{stem}.records"
    passed_over = 0
    fact = InputFact(**settings["input"])
    place = (fact.name, fact.bytes, fact.sha256)
    file = TextFile(unit.key, unit.source, stem, str(path), place, settings["ours"])
    require_recorded(path, fact.sha256)
    # Documents files are ours and whole; anything may be in other files.
    reading = GuardedColumns(file, STAGE, settings["id_key"], settings["text_key"])
    batches = corpus_batches(path, how.quality) if file.ours else foreign_batches(reading)
    with output(root, STAGE, unit.key) as out, arrow_faults(path):
        with disk_faults(root / table):
            writer = SignatureWriter(out.path(table), out.path(records), how)
            for batch in STEPS.each("read", batches):
                if len(excluded):
                    left = batch.filter(pc.invert(pc.is_in(batch.column("id"), excluded)))
                    passed_over += len(batch) - len(left)
                    batch = left  # noqa: PLW2901
                if len(batch):
                    writer.add(batch)
            writer.close()
        if not file.ours:  # nobody keeps others from writing to their own files while we read
            require_recorded(path, fact.sha256)
        out.wrote(table, writer.count)
        out.wrote(records, writer.count)
        lost = out.rows(f"failed/{STAGE}/{stem}", FAILED, part_bytes=WHOLE)
        for failure in reading.failures:
            lost.add(failure)
        failed = len(reading.failures)
        out.account(
            unit.source,
            unit.fingerprint,
            writer.count + failed + passed_over,
            writer.count,
            failed=failed,
            rejected={"passed_over": passed_over} if passed_over else {},
            inputs=(fact,),
        )


@contextmanager
def arrow_faults(path: Path) -> Iterator[None]:
    """Turn what Arrow says of a file into one line that names it."""
    try:
        yield
    except pa.ArrowException as error:
        raise UserError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def ready() -> None:
    """Load in a worker the kernels that signing, keys and listing will need."""
    settings = DedupSettings()
    method = make_method(settings)
    texts = Texts(*buffers_of(pa.array(["Let x be a vertex of G."], pa.large_string())))
    record = method.records(texts, hash_texts(Shingler(settings.shingle_words), texts).shingles)
    method.keys(record)
    one = np.zeros(1, np.int64)
    pair_similarities(record.values, record.bounds, one, one, "jaccard")


def excluded_ids(paths: Sequence[str]) -> frozenset[str]:
    """The ids in lists of what earlier stages turned away."""
    found: set[str] = set()
    for path in paths:
        if Path(path).is_file():
            found.update(pq.read_table(path, columns=["id"], partitioning=None).column("id").to_pylist())
    return frozenset(found)
