"""Texts of foreign files as Arrow columns: what `pipelines.corpus.rows` reads row by row, without an object a row.

Most files are plain: every row is sound and has an id and a text where they are looked for. Such stretches of a
Parquet file or of JSON lines become batches as they are, at the speed of Arrow; a stretch that is not plain in any way
is read by the rows' rules, which decide what becomes of each row. Both give the same ids and texts in the same order.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from manifests.records import Failed
from pipelines.corpus.texts import GuardedReading, TextFile
from pipelines.engine.failures import whole

ID, TEXT = "id", "text"
BATCH = pa.schema([pa.field(ID, pa.string(), nullable=False), pa.field(TEXT, pa.large_string(), nullable=False)])
ROWS = 1 << 10
"""Rows in a batch that is made of single rows."""


def buffers_of(column: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of a column of strings without nulls, and where each begins and the last ends."""
    if not pa.types.is_large_string(column.type):
        column = column.cast(pa.large_string())
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data or b"", np.uint8), places


class GuardedColumns:
    """Reads a file of texts in batches of `BATCH`, with the guard and the counts of `GuardedReading`."""

    def __init__(self, file: TextFile, stage: str, id_key: str | None, text_key: str) -> None:
        self.file = file
        self._rows = GuardedReading(file, stage, {"id_key": id_key, "text_key": text_key})

    @property
    def failures(self) -> list[Failed]:
        """The records at fault."""
        return self._rows.failures

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        ids: list[str] = []
        texts: list[str] = []
        for row in self._rows:
            ids.append(whole(row.id))
            texts.append(whole(row.text))
            if len(ids) == ROWS:
                yield _batch(ids, texts)
                ids, texts = [], []
        if ids:
            yield _batch(ids, texts)


def _batch(ids: Sequence[str], texts: Sequence[str]) -> pa.RecordBatch:
    return pa.record_batch([pa.array(ids, pa.string()), pa.array(texts, pa.large_string())], schema=BATCH)
