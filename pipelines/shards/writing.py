"""The work of one shard unit: read a group of files, leave out what is listed, tokenize, split, pack and write.

With repetition the files are read once for each copy, so that memory stays flat; a document that failed in the first
pass is passed over in the others.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from manifests.ledger import Entry, InputFact, write_entry
from manifests.records import FAILED, Failed
from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from manifests.writing import FileFact, PartWriter, Workspace, disk_faults
from pipelines.corpus.folder import SHARDS
from pipelines.corpus.texts import GuardedReading, TextFile, TextRow, clusters, hit_ids, rejected_ids
from pipelines.engine.failures import describe, trace
from pipelines.engine.worker import Unit
from pipelines.shards.choices import SPLITS, Split, copies_of, split_of
from pipelines.shards.export import JsonLinesFile
from pipelines.shards.packing import Ids, Packer, marked
from pipelines.shards.rows_file import MegatronFiles, RowsFile
from pipelines.shards.tokenizer import shared_tokenizer

STAGE = "shard"


def work(unit: Unit) -> None:
    """Do one unit, then write the ledger entry."""
    settings = unit.settings()
    shards = _Shards(unit, ShardSettings.model_validate(settings["settings"]), settings)
    try:
        turn = 0
        while shards.one_pass(turn):
            turn += 1
        facts = shards.close()
        shards.workspace.publish(facts)
    finally:
        shards.workspace.discard()
    write_entry(Path(unit.root), shards.entry(facts))


class _Shards:
    """Everything one unit holds while it works."""

    def __init__(self, unit: Unit, settings: ShardSettings, given: dict[str, Any]) -> None:
        self.unit, self.settings, self.given = unit, settings, given
        self.root = Path(unit.root)
        self.files = [TextFile(**file) for file in given["files"]]
        self.policies = [RemovalPolicy.model_validate(policy) for policy in given["policies"]]
        marks = given["marks"]
        self.bos, self.eos, self.vocabulary_size = marks["bos"], marks["eos"], marks["vocabulary_size"]
        self.tokenizer = shared_tokenizer(Path(marks["path"]), marks["sha256"])
        self.workspace = Workspace(self.root, STAGE, unit.key)
        self.outputs: dict[Split, _SplitOutput] = {}
        self.failures: list[Failed] = []
        self.read = self.kept = 0
        self.out: Counter[str] = Counter()
        self.licences: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()

    def one_pass(self, turn: int) -> bool:
        """Write copy number `turn` of every document that has one; returns whether there are more copies."""
        more = False
        lost = {failure.id for failure in self.failures} if turn else frozenset()
        done = 0
        for file in self.files:
            reading = GuardedReading(file, STAGE, self.given["keys"], start=done, step=f"read{turn}")
            reason = self._lists(file)
            group_of = clusters(self.root, file)
            for row in reading:
                why = reason(row.id)
                if row.id in lost:
                    continue
                if why is not None:
                    self.out[why] += not turn
                    continue
                more |= self._document(row, group_of.get(row.id, row.id), turn, reading)
            done += reading.read
            if not turn:
                self.read += reading.read
                self.failures += reading.failures
        return more

    def _document(self, row: TextRow, cluster: str, turn: int, reading: GuardedReading) -> bool:
        """Write one document if its copy number `turn` exists; returns whether it has a further copy."""
        settings, seed = self.settings, self.given["seed"]
        split = split_of(cluster, seed, settings.validation, settings.test)
        copies = copies_of(row.id, seed, self.given["weight"]) if split == "train" else 1
        if turn >= copies:
            self.out["not_drawn"] += not turn
            return False
        try:
            (ids,) = self.tokenizer.encode([row.text])
        except Exception as error:  # one text that cannot be encoded is one failed record
            if not turn:
                reading.fail(row.id, describe(error), trace(error))
            return False
        ids = marked(ids, self.bos, self.eos)
        if not turn:
            self.kept += 1
            self.licences[row.about.get("license") or "unknown"] += 1
            size = len(row.text.encode("utf-8", "surrogatepass"))
            self.numbers.update(documents=1, bytes=size, tokens=len(ids))
            self.numbers.update({f"{split}_documents": 1, f"{split}_tokens": len(ids)})
        self.numbers.update(written_documents=1, written_tokens=len(ids))
        self._output(split).add(row, ids)
        return turn + 1 < copies

    def _lists(self, file: TextFile) -> Callable[[str], str | None]:
        """Says why a document stays out, or None."""
        rejected = rejected_ids(self.root, file)
        duplicates = frozenset(clusters(self.root, file)) if self.settings.duplicates == "drop" else frozenset()
        hits = hit_ids(self.root, file, self.policies)

        def reason(identifier: str) -> str | None:
            if identifier in rejected:
                return "filter"
            if identifier in duplicates:
                return "duplicate"
            return "overlap" if identifier in hits else None

        return reason

    def _output(self, split: Split) -> "_SplitOutput":
        if split not in self.outputs:
            self.outputs[split] = _SplitOutput(self, split)
        return self.outputs[split]

    def close(self) -> list[FileFact]:
        """End all files; their facts."""
        facts = [fact for split in SPLITS if split in self.outputs for fact in self.outputs[split].close()]
        failed = PartWriter(self.workspace, f"failed/{STAGE}/{self.unit.source}/{self.unit.key}", FAILED)
        for failure in self.failures:
            failed.add(failure)
        return [*facts, *failed.close()]

    def entry(self, facts: list[FileFact]) -> Entry:
        """What was done, for the ledger."""
        names = ("documents", "bytes", "tokens", "written_documents", "written_tokens", "rows")
        splits = [f"{split}_{what}" for split in SPLITS for what in ("documents", "tokens")]
        self.numbers["rows"] = sum(output.rows.rows for output in self.outputs.values())
        marks = self.given["marks"]
        tokenizer = InputFact("tokenizer", Path(marks["path"]).stat().st_size, marks["sha256"])
        return Entry(
            stage=STAGE,
            unit=self.unit.key,
            source=self.unit.source,
            fingerprint=self.unit.fingerprint,
            read=self.read,
            kept=self.kept,
            failed=len(self.failures),
            rejected={reason: count for reason, count in sorted(self.out.items()) if count},
            inputs=(*(file.input() for file in self.files), tokenizer),
            outputs=tuple(facts),
            licences=dict(sorted(self.licences.items())),
            numbers={name: self.numbers[name] for name in (*names, *splits)},
        )


class _SplitOutput:
    """The files of one split of one unit."""

    def __init__(self, shards: _Shards, split: Split) -> None:
        self.workspace = shards.workspace
        settings = shards.settings
        self.stem = f"{SHARDS}/{split}/{shards.unit.source}/{shards.unit.key.removeprefix(shards.unit.source + '-')}"
        self.packer = Packer(settings.sequence_length if settings.layout == "packed" else 0)
        self.documents = 0
        self.rows = RowsFile(self._path("parquet"), shards.unit.source)
        self.lines = JsonLinesFile(self._path("jsonl.zst")) if settings.jsonl else None
        self.megatron = (
            MegatronFiles(self._path("bin"), self._path("idx"), shards.vocabulary_size) if settings.megatron else None
        )

    def _path(self, ending: str) -> Path:
        return self.workspace.path(f"{self.stem}.{ending}")

    def add(self, row: TextRow, ids: Ids) -> None:
        """Take one document."""
        self.documents += 1
        with disk_faults(self.workspace.root / self.stem):
            for packed in self.packer.add(row.id, ids):
                self.rows.add(packed)
            if self.lines is not None:
                self.lines.add(row.id, row.text, row.about)
            if self.megatron is not None:
                self.megatron.add(ids)

    def close(self) -> Iterator[FileFact]:
        """End the files; their facts."""
        with disk_faults(self.workspace.root / self.stem):
            for packed in self.packer.finish():
                self.rows.add(packed)
            self.rows.close()
            if self.lines is not None:
                self.lines.close()
            if self.megatron is not None:
                self.megatron.close()
        yield self.workspace.fact(f"{self.stem}.parquet", self.rows.rows)
        if self.lines is not None:
            yield self.workspace.fact(f"{self.stem}.jsonl.zst", self.lines.rows)
        if self.megatron is not None:
            yield self.workspace.fact(f"{self.stem}.bin", self.documents)
            yield self.workspace.fact(f"{self.stem}.idx", self.documents)
