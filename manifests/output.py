"""What one unit of work writes: files of its own, published together, and last its ledger entry.

Every stage does its units through `output`. Until the block ends well nothing of a unit is seen; then all of it is, and
its entry says so. A unit that is interrupted leaves nothing, and is done again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from manifests.ledger import Entry, InputFact, write_entry
from manifests.writing import PART_BYTES, FileFact, PartWriter, Workspace

WHOLE = 1 << 40
"""As `part_bytes`: a table that is one file however large it is, because others look for it under one name."""


class Output:
    """The files of a unit under way, and the entry that will account for them."""

    def __init__(self, root: Path, stage: str, unit: str) -> None:
        self.stage, self.unit = stage, unit
        self.workspace = Workspace(root, stage, unit)
        self.made: list[PartWriter | FileFact] = []
        self.entry: Entry | None = None

    def path(self, relative: str) -> Path:
        """Where to write the file that will be called `relative` below the corpus folder; `wrote` tells that it is."""
        return self.workspace.path(relative)

    def wrote(self, relative: str, rows: int) -> None:
        """Take a file that was written to `path(relative)` among the outputs."""
        self.made.append(self.workspace.fact(relative, rows))

    def rows(self, stem: str, schema: pa.Schema, *, identifier: str = "id", part_bytes: int = PART_BYTES) -> PartWriter:
        """A writer of rows of one schema, closed when the block ends; no file where no row came."""
        writer = PartWriter(self.workspace, stem, schema, identifier=identifier, part_bytes=part_bytes)
        self.made.append(writer)
        return writer

    def account(
        self,
        source: str,
        fingerprint: str,
        read: int,
        kept: int,
        *,
        failed: int = 0,
        rejected: Mapping[str, int] | None = None,
        inputs: Sequence[InputFact] = (),
        licences: Mapping[str, int] | None = None,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        """Say what became of the unit's records. Raises ValueError unless read = kept + rejected + failed."""
        self.entry = Entry(
            stage=self.stage,
            unit=self.unit,
            source=source,
            fingerprint=fingerprint,
            read=read,
            kept=kept,
            failed=failed,
            rejected=dict(rejected or {}),
            inputs=tuple(inputs),
            licences=dict(licences or {}),
            numbers=dict(numbers or {}),
        )

    def close(self) -> list[FileFact]:
        """Finish all tables; the facts of all files in the order in which they were begun."""
        return [fact for one in self.made for fact in (one.close() if isinstance(one, PartWriter) else [one])]


@contextmanager
def output(root: Path, stage: str, unit: str) -> Iterator[Output]:
    """What a unit writes, inside of the block; at its end the files are published and the entry is written."""
    made = Output(root, stage, unit)
    try:
        yield made
        if made.entry is None:
            raise RuntimeError(f"{stage}/{unit}: a unit ended without an account of its records")
        facts = made.close()
        made.workspace.publish(facts)
    finally:
        made.workspace.discard()
    write_entry(root, replace(made.entry, outputs=tuple(facts)))
