"""The work of one shard unit: read a group of files, leave out what is listed, tokenize, split, pack and write.

The rows go to `tokens/`, from where `pipelines.shards.streaming` takes them into the order of the stream; the further
forms that the settings name are written here, a document once.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from manifests.ledger import InputFact
from manifests.output import Output, output
from manifests.records import FAILED, Failed
from manifests.records import REMOVED as REMOVED_ROWS
from manifests.settings.overlap import RemovalPolicy
from manifests.settings.shards import ShardSettings
from manifests.writing import disk_faults
from pipelines.corpus.folder import REMOVED, TOKENS
from pipelines.corpus.overlap_policy import Decided, Passage, Removed, decided, without
from pipelines.corpus.texts import GuardedReading, TextFile, TextRow, clusters
from pipelines.engine.failures import describe, trace
from pipelines.engine.timing import STEPS
from pipelines.engine.worker import Unit
from pipelines.shards.choices import SPLITS, Split, split_of
from pipelines.shards.formats.registry import FORMATS, Writer
from pipelines.shards.left_out import reasons
from pipelines.shards.packing import Ids, Piece, Row, marked, packing
from pipelines.shards.published_splits import read_splits
from pipelines.shards.token_file import TAIL, TokenFile
from pipelines.shards.tokenizer import shared_tokenizer

STAGE = "shard"
CUTS = ("cut_documents", "cut_characters")
"""Numbers that the ledger states where passages were cut out."""


def work(unit: Unit) -> None:
    """Do one unit, then write the ledger entry."""
    settings = unit.settings()
    with output(Path(unit.root), STAGE, unit.key) as out:
        shards = _Shards(unit, ShardSettings.model_validate(settings["settings"]), settings, out)
        shards.read_all()
        shards.close()


class _Shards:
    """Everything one unit holds while it works."""

    def __init__(self, unit: Unit, settings: ShardSettings, given: dict[str, Any], output: Output) -> None:
        self.unit, self.settings, self.given, self.output = unit, settings, given, output
        self.root = Path(unit.root)
        self.files = [TextFile(**file) for file in given["files"]]
        self.policies = [RemovalPolicy.model_validate(policy) for policy in given["policies"]]
        marks = given["marks"]
        self.bos, self.eos, self.vocabulary_size = marks["bos"], marks["eos"], marks["vocabulary_size"]
        both = (("end", self.eos), ("beginning", self.bos))
        self.marks = [(what, mark) for what, mark in both if mark is not None]
        self.tokenizer = shared_tokenizer(Path(marks["path"]), marks["sha256"], marks["probed"])
        self.splits = read_splits(self.root / given["splits"]) if given["splits"] else None
        self.outputs: dict[Split, _SplitOutput] = {}
        self.failures: list[Failed] = []
        self.removed: list[Removed] = []
        self.read = self.kept = 0
        self.out: Counter[str] = Counter()
        self.licences: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()

    def read_all(self) -> None:
        """Write every document that is still in."""
        for file in self.files:
            reading = GuardedReading(file, STAGE, self.given["keys"], start=self.read)
            reason = reasons(self.root, file, self.settings)
            decisions = decided(self.root, file, self.policies)
            group_of = clusters(self.root, file)
            for row in STEPS.each("read", reading):
                why = reason(row.id) or (None if row.text.strip() else "empty")
                left = None if why is not None else self._left(row, decisions)
                if left is None:
                    self.out[why or "overlap"] += 1
                    continue
                self._document(left, group_of.get(row.id, row.id), reading)
            self.read += reading.read
            self.failures += reading.failures

    def _document(self, row: TextRow, cluster: str, reading: GuardedReading) -> None:
        """Write one document."""
        settings = self.settings
        if self.splits is None:
            split = split_of(cluster, self.given["seed"], settings.validation, settings.test)
        else:
            split = self.splits.get(row.id, "train")
        try:
            with STEPS("tokenize"):
                (ids,) = self.tokenizer.encode([row.text])
            for what, mark in self.marks:
                if (ids == mark).any():
                    raise ValueError(f"the text holds the {what} mark, id {mark}")
        except Exception as error:  # one text that cannot be encoded is one failed record
            reading.fail(row.id, describe(error), trace(error))
            return
        if not len(ids):  # signs that the tokenizer passes over are no text
            self.out["empty"] += 1
            return
        ids = marked(ids, self.bos, self.eos)
        self.kept += 1
        self.licences[row.about.get("license") or "unknown"] += 1
        self.numbers["bytes"] += len(row.text.encode("utf-8", "surrogatepass"))
        self.numbers["replaced"] += row.text.count("\ufffd")
        with STEPS("write"):
            self._output(split).add(row, ids)

    def _left(self, row: TextRow, decisions: Decided) -> TextRow | None:
        """What the policies on hits leave of a document, None for nothing; what goes is listed."""
        out = decisions.out.get(row.id)
        if out is not None:
            self._list(row, "remove", [(0, len(row.text))], out)
            return None
        passages = decisions.cut.get(row.id)
        if passages is None:
            return row
        left = without(row.text, row.about.get("subset") or "", passages)
        least = max(passage.policy.least_left for passage in passages)
        if not left.text.strip() or len(left.text.strip()) < least:
            self._list(row, "remove", [(0, len(row.text))], passages)
            return None
        self._list(row, "cut", left.places, passages)
        return row._replace(text=left.text)

    def _list(self, row: TextRow, action: str, places: list[tuple[int, int]], passages: list[Passage]) -> None:
        """List a document that goes, or the places cut out of it, with the item that each was for."""
        for start, end in places:
            why = next(passage for passage in passages if passage.start < end and start < passage.end)
            self.removed.append(
                Removed(row.id, self.unit.source, action, start, end, why.benchmark, why.item_id, why.field)
            )
        if action == "cut":
            self.numbers.update(cut_documents=1, cut_characters=sum(end - start for start, end in places))

    def _output(self, split: Split) -> "_SplitOutput":
        if split not in self.outputs:
            self.outputs[split] = _SplitOutput(self, split)
        return self.outputs[split]

    def close(self) -> None:
        """End all files, and account for every document."""
        for split in SPLITS:
            if split in self.outputs:
                self.outputs[split].close()
        name = f"{self.unit.source}/{self.unit.key}"
        failed = self.output.rows(f"failed/{STAGE}/{name}", FAILED)
        for failure in self.failures:
            failed.add(failure)
        removed = self.output.rows(f"{REMOVED}/{name}", REMOVED_ROWS, identifier="document_id")
        for one in self.removed:
            removed.add(one)
        names = ("documents", "bytes", "tokens", "rows", "replaced", "padding", "cut", "cut_that_fit")
        splits = [f"{split}_{what}" for split in SPLITS for what in ("documents", "tokens")]
        outputs = self.outputs.values()
        files = [file for output in outputs for file in output.written]
        for split, made in self.outputs.items():
            self.numbers[f"{split}_documents"], self.numbers[f"{split}_tokens"] = made.documents, made.tokens
        for what in ("documents", "tokens"):
            self.numbers[what] = sum(self.numbers[f"{split}_{what}"] for split in SPLITS)
        self.numbers["rows"] = sum(file.rows for file in files)
        self.numbers["padding"] = sum(file.padding for file in files)
        self.numbers["cut"] = sum(output.packer.cut for output in outputs)
        self.numbers["cut_that_fit"] = sum(output.packer.cut_that_fit for output in outputs)
        marks = self.given["marks"]
        tokenizer = InputFact("tokenizer", Path(marks["path"]).stat().st_size, marks["sha256"])
        self.output.account(
            self.unit.source,
            self.unit.fingerprint,
            self.read,
            self.kept,
            failed=len(self.failures),
            rejected={reason: count for reason, count in sorted(self.out.items()) if count},
            inputs=(*(file.input() for file in self.files), tokenizer),
            licences=dict(sorted(self.licences.items())),
            numbers={name: self.numbers[name] for name in (*names, *splits)}
            | {name: self.numbers[name] for name in CUTS if self.numbers[name]},
        )


class _SplitOutput:
    """The files of one split of one unit."""

    def __init__(self, shards: _Shards, split: Split) -> None:
        self.output, self.root = shards.output, shards.root
        settings = shards.settings
        self.source = source = shards.unit.source
        name = f"{split}/{source}/{shards.unit.key.removeprefix(source + '-')}"
        self.packer = packing(settings, shards.eos)
        self.length = settings.sequence_length if settings.layout == "packed" else 0
        self.vocabulary_size = shards.vocabulary_size
        self.path, self.tail_path = f"{TOKENS}/{name}.arrow", f"{TOKENS}/{name}{TAIL}"
        self.rows = TokenFile(self.output.path(self.path), shards.vocabulary_size)
        self.tail: TokenFile | None = None
        self.faults = disk_faults(self.root / self.path)
        self.documents = self.tokens = 0
        self.forms: list[tuple[list[str], Writer]] = []
        for form in (FORMATS[one] for one in settings.formats if one in FORMATS):
            folder = form.folder if form.merge is None else f"{TOKENS}/{form.folder}"
            paths = [f"{folder}/{name}{ending}" for ending in form.endings]
            writer = form.writer([self.output.path(path) for path in paths], shards.vocabulary_size)
            self.forms.append((paths, writer))

    def add(self, row: TextRow, ids: Ids) -> None:
        """Write one document."""
        self.documents += 1
        self.tokens += len(ids)
        with self.faults:
            for packed in self.packer.add(Piece(row.id, ids, 0, self.source), whole=True):
                self.rows.add(packed)
            for _, writer in self.forms:
                writer.add(row.id, row.text, row.about, ids)

    @property
    def written(self) -> list[TokenFile]:
        """The files of rows."""
        return [self.rows] if self.tail is None else [self.rows, self.tail]

    def _of(self, row: Row) -> TokenFile:
        """The file that a row belongs to: shorter ones are to be packed with others (`pipelines.shards.tails`)."""
        if len(row.input_ids) >= self.length:
            return self.rows
        if self.tail is None:
            self.tail = TokenFile(self.output.path(self.tail_path), self.vocabulary_size)
        return self.tail

    def close(self) -> None:
        """End the files."""
        with self.faults:
            for packed in self.packer.finish():
                self._of(packed).add(packed)
            self.rows.close()
            if self.tail is not None:
                self.tail.close()
            for _, writer in self.forms:
                writer.close()
        self.output.wrote(self.path, self.rows.rows)
        if self.tail is not None:
            self.output.wrote(self.tail_path, self.tail.rows)
        for paths, writer in self.forms:
            for path in paths:
                self.output.wrote(path, writer.rows)
