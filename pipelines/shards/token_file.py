"""The rows of one unit or split on their way into the stream: Arrow files that any row can be taken from.

They are not compressed and are opened as memory maps, so that the shuffle may take rows in any order while only the
pages it touches are held. Ids that fit into two bytes have two here. What a user reads are the Parquet files that
`pipelines.shards.streaming` makes of them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from manifests.records import SEQUENCE
from pipelines.shards.formats.flat import LARGEST_UINT16_VOCABULARY
from pipelines.shards.packing import Row

BATCH_TOKENS = 1 << 22
TAIL = ".tail.arrow"
"""The ending of a file of rows that are shorter than the others."""

Numbers = NDArray[np.int64]


class TokenFile:
    """Writes rows with the schema SEQUENCE, in batches of about `BATCH_TOKENS` tokens.

    In the file the ids of a vocabulary that is small enough are of 16 bits.
    """

    def __init__(self, path: Path, vocabulary_size: int) -> None:
        self.rows = self.tokens = self.padding = 0
        self._held: list[Row] = []
        self._tokens_held = 0
        self._type = np.dtype(np.uint16 if vocabulary_size <= LARGEST_UINT16_VOCABULARY else np.int32)
        self._schema = SEQUENCE.set(0, SEQUENCE.field(0).with_type(pa.list_(pa.from_numpy_dtype(self._type))))
        self._writer = pa.ipc.new_file(path, self._schema)

    def add(self, row: Row) -> None:
        """Take one row."""
        self._held.append(row)
        self._tokens_held += len(row.input_ids)
        self.rows += 1
        self.tokens += (known := sum(row.lengths))
        self.padding += len(row.input_ids) - known
        if self._tokens_held >= BATCH_TOKENS:
            self._flush()

    def close(self) -> None:
        """Write what is left and end the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        held, self._held, self._tokens_held = self._held, [], 0
        if not held:
            return
        pieces = [len(row.lengths) for row in held]
        columns = [
            _lists([len(row.input_ids) for row in held], self._values(held)),
            _lists(pieces, np.array([one for row in held for one in row.lengths], dtype=np.int32)),
            _lists(pieces, pa.array([one for row in held for one in row.ids], type=pa.string())),
            _lists(pieces, np.array([one for row in held for one in row.positions], dtype=np.int32)),
            _lists(pieces, pa.array([one for row in held for one in row.sources], type=pa.string())),
            pa.array([main_source(row) for row in held], type=pa.string()),
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))

    def _values(self, held: Sequence[Row]) -> pa.Array:
        values = np.concatenate([row.input_ids for row in held])
        return pa.array(values.astype(self._type, copy=False))


def main_source(row: Row) -> str:
    """The source that most of a row's tokens are of; of several the first by name."""
    sizes: dict[str, int] = {}
    for source, size in zip(row.sources, row.lengths, strict=True):
        sizes[source] = sizes.get(source, 0) + size
    return min(sizes, key=lambda source: (-sizes[source], source))


def row_sources(path: Path) -> list[frozenset[str]]:
    """The sources of the tokens of each row of a file."""
    with pa.memory_map(str(path)) as raw:
        reader = pa.ipc.open_file(raw)
        batches = map(reader.get_batch, range(reader.num_record_batches))
        return [frozenset(one) for batch in batches for one in batch.column("sources").to_pylist()]


def _lists(lengths: Sequence[int] | Numbers, values: Any) -> pa.Array:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    array = values if isinstance(values, pa.Array) else pa.array(values, type=pa.int32())
    return pa.ListArray.from_arrays(pa.array(offsets), array)


def row_tokens(path: Path) -> NDArray[np.int64]:
    """How many tokens of documents each row of a file has, shape (rows,); padding is not counted."""
    found = [np.zeros(0, dtype=np.int64)]
    with pa.memory_map(str(path)) as raw:
        reader = pa.ipc.open_file(raw)
        for number in range(reader.num_record_batches):
            lengths = reader.get_batch(number).column("lengths")
            ends = np.concatenate([[0], np.cumsum(lengths.values.to_numpy(), dtype=np.int64)])
            found.append(np.diff(ends[lengths.offsets.to_numpy()]))
    return np.concatenate(found)


def all_rows(path: Path) -> Iterator[Row]:
    """The rows of a file."""
    with pa.memory_map(str(path)) as raw:
        reader = pa.ipc.open_file(raw)
        for number in range(reader.num_record_batches):
            for values in reader.get_batch(number).to_pylist():
                ids = np.array(values["input_ids"], dtype=np.int32)
                yield Row(ids, values["lengths"], values["ids"], values["positions"], values["sources"])


def gathered(files: Sequence[Path], file_of: Numbers, rows: Numbers) -> pa.Table:
    """Row `rows[i]` of `files[file_of[i]]` as row i of a table with the schema SEQUENCE; both of shape (rows,).

    The tokens go straight to their places: Arrow's own `take` would copy each of them three times.
    """
    sizes = np.zeros(len(rows), dtype=np.int64)
    for mine, first, batch in _asked(files, file_of, rows):
        sizes[mine] = np.diff(batch.column("input_ids").offsets.to_numpy())[rows[mine] - first]
    ends = np.cumsum(sizes)
    tokens = np.empty(ends[-1] if len(ends) else 0, dtype=np.int32)
    others: list[pa.RecordBatch] = []
    places = [np.zeros(0, dtype=np.int64)]
    for mine, first, batch in _asked(files, file_of, rows):
        column = batch.column("input_ids")
        values, starts = column.values.to_numpy(), column.offsets.to_numpy()
        for place, row in zip(mine.tolist(), (rows[mine] - first).tolist(), strict=True):
            tokens[ends[place] - sizes[place] : ends[place]] = values[starts[row] : starts[row + 1]]
        others.append(batch.select(SEQUENCE.names[1:]).take(pa.array(rows[mine] - first)))
        places.append(mine)
    rest = pa.Table.from_batches(others, schema=pa.schema(list(SEQUENCE)[1:])).combine_chunks()
    rest = rest.take(pa.array(np.argsort(np.concatenate(places), kind="stable")))
    return pa.Table.from_arrays([_lists(sizes, tokens), *rest.columns], schema=SEQUENCE)


def _asked(files: Sequence[Path], file_of: Numbers, rows: Numbers) -> Iterator[tuple[Numbers, int, pa.RecordBatch]]:
    """The places that each batch of the files answers, the number of its first row in its file, and the batch."""
    for number, path in enumerate(files):
        here = np.flatnonzero(file_of == number)
        with pa.memory_map(str(path)) as raw:
            reader = pa.ipc.open_file(raw)
            first = 0
            for batch in map(reader.get_batch, range(reader.num_record_batches)):
                mine = here[(rows[here] >= first) & (rows[here] < first + batch.num_rows)]
                if len(mine):
                    yield mine, first, batch
                first += batch.num_rows
