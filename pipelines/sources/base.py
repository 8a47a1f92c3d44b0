"""What a source is: it reads raw files record by record and turns each record into one document.

A new source is a subclass of `Source` with two methods. `records` reads one raw file and yields its records;
`document` turns one record into a document or turns it away with a reason. The extract stage does the rest: it
guards every call, scores, sorts, writes and counts. One record always has one outcome (document, rejection or
failure), which is why the ledger of the stage balances.
"""

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from manifests.errors import UserError
from manifests.records import BadRecord, Document, Rules, stable_id, to_json

if TYPE_CHECKING:
    from pipelines.fetching.ranges import Place


def entries_below(folder: str) -> Iterator[tuple[str, int]]:
    """The paths and modes of all below a folder that is no folder, in no order; links are not followed.

    Raises UserError for a locked folder.
    """
    pending = [folder]
    while pending:
        place = pending.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.path, stat.S_IFREG
                    else:
                        yield entry.path, entry.stat(follow_symlinks=False).st_mode
        except OSError as error:
            raise UserError(f"{place}: this folder cannot be read: {error.strerror}") from None


def files_below(folder: str) -> Iterator[str]:
    """The paths of all files below a folder, as `entries_below` finds them."""
    return (path for path, mode in entries_below(folder) if stat.S_ISREG(mode))


class RawFile(NamedTuple):
    """A file that `fetch` brought, or that was there already.

    `path` is where it lies on this machine and must never reach an output; `name` is what it is called in the
    recipe's terms (`sympy-1.13.3.tar.gz`, `pages/a.html`), the same on every machine. A file whose records were
    chosen by an index has their `places`, and holds nothing but these records, one behind the other.
    """

    path: Path
    name: str
    places: "Sequence[Place]" = ()


class Record(NamedTuple):
    """One unit of raw input: a web capture, a submission, a source file, a row.

    `key` names it without positions (address and time of capture, path in the archive); with the source's name it
    makes the document's id. `payload` is its bytes; `info` is whatever the reader knows besides.
    """

    key: str
    payload: bytes
    info: Mapping[str, Any] = {}


class Refusal(NamedTuple):
    """A record that the source's rules turn away: one short fixed word and, where it helps, a detail."""

    reason: str
    detail: str = ""


class SourceOptions(BaseModel):
    """Keys a recipe may set under a source's `options`; subclasses add theirs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(ABC):
    """Reads raw files of one kind.

    Instances live in the worker that uses them and are never pickled. Models and other large state load on first
    use, not in the constructor, because planning constructs sources too.
    """

    kind: ClassVar[str]
    Options: ClassVar[type[SourceOptions]] = SourceOptions
    by_index: ClassVar[bool] = False
    """Whether it reads files with `places`, so that an input may be an index."""
    suffixes: ClassVar[tuple[str, ...]] = ()
    """Endings of the files this source reads inside a folder; empty: every file."""

    def __init__(
        self,
        name: str,
        options: Any = None,
        rules: Rules = "corrected",
        licence: str | None = None,
        assets: Mapping[str, Path] | None = None,
    ) -> None:
        self.name = name
        self.options = self.Options() if options is None else options
        self.rules = rules
        self.licence = licence
        self.assets = dict(assets or {})

    def files(self, folder: Path) -> Iterable[Path]:
        """The files below `folder` that this source reads, in a fixed order."""
        # Folders of saved pages hold millions of files, so paths stay text until the end.
        found = [path for path in files_below(str(folder)) if not self.suffixes or path.endswith(self.suffixes)]
        return [Path(path) for path in sorted(found, key=lambda path: path.split(os.sep))]  # noqa: PTH206 - slow

    def left_out(self, folder: Path) -> Iterable[tuple[Path, str]]:
        """What below `folder` would be looked for among the documents and is not read, each with a short fixed reason.

        Each becomes a rejected record, without being opened.
        """
        del folder
        return ()

    def gives(self) -> frozenset[str] | None:
        """The scores that documents of this source bring along, without a scorer; None where that cannot be told."""
        return None

    def look(self, file: RawFile) -> None:  # noqa: B027 - few can tell from the beginning of a file
        """See before any work whether a file is of this kind; reads its beginning only. Raises UserError if not."""

    @classmethod  # noqa: B027 - most sources have nothing to prepare
    def prepare(cls) -> None:
        """Do in a worker, before its first record, what takes long and is no record's fault, such as compiling."""

    @classmethod
    def beside(cls, files: Iterable[RawFile]) -> str:
        """A digest of what the documents of `files` depend on besides the files; empty where that is nothing.

        When it changes, the unit of these files is done again.
        """
        del files
        return ""

    @classmethod
    def around(cls, files: Iterable[RawFile]) -> Iterable[Path]:
        """The files besides `files` that reading them may look at: hosts that see no folder of ours are sent them too.

        A file of `files` may be among them.
        """
        del files
        return ()

    @abstractmethod
    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """Yield every record of `file`, reading as a stream.

        A damaged record is a `BadRecord` where reading can go on. An exception ends the file: what was yielded before
        it stands, and the exception itself is listed as one failed record.
        """

    @abstractmethod
    def document(self, record: Record) -> Document | Refusal:
        """Turn one record into one document, or say why not. Any exception becomes one failed record."""

    def record_id(self, record: Record | BadRecord) -> str:
        """The id of the document that `record` becomes (rejections and failures carry it too)."""
        return stable_id(self.name, record.key)

    def make(
        self,
        record: Record,
        text: str,
        *,
        subset: str = "",
        url: str | None = None,
        license: str | None = None,  # noqa: A002 - the column's name
        created: str | None = None,
        meta: Mapping[str, Any] | None = None,
        scores: Mapping[str, float] | None = None,
    ) -> Document:
        """A document of this source with its id, its name and its licence filled in."""
        return Document(
            id=self.record_id(record),
            source=self.name,
            subset=subset,
            text=text,
            url=url,
            license=license or self.licence,
            created=created,
            meta=to_json(meta or {}),
            scores=dict(scores or {}),
        )
