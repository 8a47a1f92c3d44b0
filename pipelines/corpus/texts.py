"""Files of texts as the late stages read them: a corpus's own documents, or any Parquet or JSON lines.

A documents file comes with what earlier stages listed for it (rejections, duplicates, hits). The lists decide which
documents are still in, so their digests belong to the fingerprint of whatever reads through them.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from manifests.ledger import InputFact
from manifests.records import BadRecord, Failed
from manifests.writing import require_recorded, sha256_of
from pipelines.corpus.folder import DUPLICATES, REJECTED, Corpus, listed_ids, read_list
from pipelines.corpus.rows import DEFAULT_TEXT, TextKeys, read_texts
from pipelines.engine.failures import describe, not_the_records, trace, whole
from pipelines.engine.worker import MONITOR

FILTER = f"{REJECTED}/filter"
BATCH_ROWS = 256
_COLUMNS = ("id", "text", "source", "url", "license", "created", "meta", "subset")


NO_DIGEST = "0" * 64
"""Stands for the digest of a file of which none was taken."""


class Raw(NamedTuple):
    """A raw file as the plan knows it; `path` may differ between machines, the rest may not.

    `remote` holds an address's fields (JSON) when the worker is to fetch the file itself. `left_out` is the reason why
    what bears this name is not read at all: it has no path, no bytes and no digest.
    """

    path: str
    name: str
    bytes: int
    sha256: str
    remote: Mapping[str, Any] | None = None
    left_out: str = ""


class TextFile(NamedTuple):
    """A file of texts. `stem` (`SOURCE/NAME`) names what stages write for it; `ours`: it is a documents file."""

    key: str
    source: str
    stem: str
    path: str
    fact: tuple[str, int, str]
    ours: bool

    def input(self) -> InputFact:
        """It as an input in the ledger."""
        return InputFact(*self.fact)


class TextRow(NamedTuple):
    """One text; `about` holds the other columns of a documents file."""

    id: str
    text: str
    about: dict[str, Any]


def of_corpus(corpus: Corpus) -> list[TextFile]:
    """The documents files of a corpus."""
    root = corpus.root.absolute()
    return [
        TextFile(file.key, file.source, file.stem, str(root / file.path), (file.path, file.bytes, file.sha256), True)
        for file in corpus.documents()
    ]


def of_raw(raw: Mapping[str, Sequence[Raw]]) -> list[TextFile]:
    """The raw files of sources that are files of texts already."""
    found = []
    for source, files in raw.items():
        for file in files:
            name = hashlib.blake2b(f"{file.name}\0{file.sha256}".encode(), digest_size=8).hexdigest()
            fact = (file.name, file.bytes, file.sha256)
            found.append(TextFile(f"{source}-{name}", source, f"{source}/{name}", file.path, fact, False))
    return sorted(found, key=lambda file: file.stem)


def list_digests(root: Path, file: TextFile, folders: Sequence[str]) -> list[str]:
    """The sha256 of what stages listed for a file (empty where nothing was), in the order of `folders`."""
    paths = [root / folder / f"{file.stem}.parquet" for folder in folders]
    return [sha256_of(path) if file.ours and path.is_file() else "" for path in paths]


def clusters(root: Path, file: TextFile) -> dict[str, str]:
    """The duplicates that are listed for a file, and the cluster of each."""
    table = read_list(root, DUPLICATES, file.stem, ["id", "cluster"]) if file.ours else None
    if table is None:
        return {}
    return dict(zip(table.column("id").to_pylist(), table.column("cluster").to_pylist(), strict=True))


def rejected_ids(root: Path, file: TextFile) -> frozenset[str]:
    """The ids that the filter stage rejected."""
    return listed_ids(root, FILTER, file.stem) if file.ours else frozenset()


def read(file: TextFile, id_key: str | None = None, text_key: TextKeys = DEFAULT_TEXT) -> Iterator[TextRow | BadRecord]:
    """The texts of a file, in file order, as a stream. The keys are for files that are not ours."""
    if not file.ours:
        for row in read_texts(Path(file.path), id_key, text_key):
            yield row if isinstance(row, BadRecord) else TextRow(row.id, row.text, {})
        return
    with pq.ParquetFile(file.path) as parquet:
        for batch in parquet.iter_batches(columns=list(_COLUMNS), batch_size=BATCH_ROWS):
            for about in batch.to_pylist():
                yield TextRow(about.pop("id"), about.pop("text"), about)


Reader = Callable[..., Iterator[TextRow | BadRecord]]
"""Reads the texts of a file by its keys, as `read` does."""


class GuardedReading:
    """Reads a file of texts so that a record at fault costs one record.

    `read` counts records and `failures` lists those at fault (with `stage`); damage to the file itself ends it after
    what came before. Each record is announced to the guard as it is read, so that one which ends the process, here
    or in whatever its reader does with it, is passed over the next time. `start` is the number of the first record
    in the unit, `step` what the guard knows this pass by, `reader` reads files that are no rows (default: `read`).
    """

    def __init__(
        self,
        file: TextFile,
        stage: str,
        keys: Mapping[str, Any],
        start: int = 0,
        step: str = "read",
        reader: Reader | None = None,
    ) -> None:
        self.reader: Reader = reader or read
        self.file, self.stage, self.keys, self.start, self.step = file, stage, keys, start, step
        self.read = 0
        self.failures: list[Failed] = []

    def __iter__(self) -> Iterator[TextRow]:
        path, digest = Path(self.file.path), self.file.fact[2]
        if self.file.ours:
            require_recorded(path, digest)
            yield from self._rows()
            return
        # Nobody keeps others from writing to their own files while we read: what was read is known only at the end.
        try:
            yield from self._rows()
        except Exception:
            require_recorded(path, digest)
            raise
        MONITOR.rest()
        require_recorded(path, digest)

    def _rows(self) -> Iterator[TextRow]:
        rows = self.reader(self.file, **self.keys)
        while True:
            poison = MONITOR.begin(self.step, self.start + self.read)
            try:
                row = next(rows, None)
                MONITOR.begin(self.step, self.start + self.read)  # what is done with it is charged to the whole record
            except Exception as error:
                not_the_records(error)
                self.fail("", describe(error).replace(self.file.path, self.file.fact[0]), trace(error))
                self.read += 1
                return
            if row is None:
                return
            self.read += 1
            if isinstance(row, BadRecord):
                self.fail(row.key, row.error)
            elif poison is not None:
                self.fail(row.id, poison)
            else:
                yield row

    def fail(self, identifier: str, error: str, where: str = "") -> None:
        """List a record as failed."""
        self.failures.append(
            Failed(whole(identifier), self.file.source, self.file.fact[0], self.stage, whole(error), where)
        )
