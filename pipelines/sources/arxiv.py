"""The papers source: arXiv's monthly archives, single submissions in every form, and folders of LaTeX.

A raw file is a monthly tar (its members are submissions), one submission (gzipped tar, gzipped `.tex`, zip, PDF), or a
`.tex` file whose neighbours it may read. `pipelines.extraction.latex` makes the text: by the published rules of
RedPajama v1, or as they were meant.
"""

import datetime
import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from manifests.errors import UserError
from manifests.records import BadRecord, Document
from pipelines.extraction.archives import packed_files as archives
from pipelines.extraction.latex.decoding import decode
from pipelines.extraction.latex.paper import NoPaper, form_of, kind_of, paper_text, withdrawn
from pipelines.extraction.latex.project import TEX_SUFFIXES, Project
from pipelines.extraction.latex.published import CannotExpand, clean
from pipelines.sources.arxiv_choice import not_chosen
from pipelines.sources.arxiv_id import parse_arxiv_id
from pipelines.sources.arxiv_metadata import Metadata, MetadataFile
from pipelines.sources.arxiv_options import ArxivOptions
from pipelines.sources.base import RawFile, Record, Refusal, Source, SourceOptions, files_below
from pipelines.sources.published_submission import Unreadable, published_files
from pipelines.sources.submission import (
    MOST_TEXT,
    TooLarge,
    binary_text,
    readable,
    unpack,
)

SUBMISSION_LIMITS = archives.Limits(member=256 << 20, unpacked=1 << 40)
"""A monthly tar holds about 500 MB; the longest submissions are a few hundred."""
HIGHEST_MAIN = 4
"""So many folders above a lone `.tex` file are searched for a main file that reads it."""
_FRONT_FACTS = frozenset({"title", "authors", "abstract", "keywords"})
_MONTHLY = re.compile(r"arXiv_(?:src|pdf)_\d{4}_\d{3}\.tar\Z")
_SUBMITTED = (".gz", ".pdf", ".tgz", ".zip")
_CLASS = re.compile(rb"^[^%\n]{0,200}\\document(?:class|style)\b", re.MULTILINE)


class ArxivSource(Source):
    """Papers in LaTeX."""

    kind: ClassVar[str] = "arxiv"
    Options: ClassVar[type[SourceOptions]] = ArxivOptions
    options: ArxivOptions
    suffixes = (".tar", ".gz", ".tgz", ".zip", ".pdf", *TEX_SUFFIXES)

    @cached_property
    def _parts(self) -> dict[Path, set[str]]:
        return {}

    @cached_property
    def metadata(self) -> MetadataFile | None:
        """The metadata asset; UserError if the option names one that the recipe lacks."""
        name = self.options.metadata
        if name is None:
            return None
        if name not in self.assets:
            raise UserError(f"sources.{self.name}.options.metadata: no asset is called `{name}`")
        return MetadataFile(self.assets[name])

    def files(self, folder: Path) -> Iterable[Path]:
        """Archives and main files below `folder`. Of a submission in several versions only the newest counts."""
        found = list(super().files(folder))
        mains = {path for path in found if path.name.endswith(TEX_SUFFIXES) and _has_class(path)}
        folders = {path.parent for path in mains}
        kept = [
            path
            for path in found
            if not path.name.endswith(TEX_SUFFIXES)
            or path in mains
            or not any(parent in folders for parent in path.parents)
        ]
        newest: dict[tuple[Path, str], tuple[int, Path]] = {}
        others: list[Path] = []
        for path in kept:
            identifier = parse_arxiv_id(path.name)
            if identifier is None:
                others.append(path)
                continue
            version = int(identifier.version[1:] or 0)
            key = (path.parent, identifier.number)
            newest[key] = max(newest.get(key, (version, path)), (version, path))
        return sorted([*others, *(path for _, path in newest.values())])

    @classmethod
    def around(cls, files: Iterable[RawFile]) -> Iterable[Path]:
        """What a `.tex` file may read, and what is above it that may read it."""
        tops = {_folders(file)[-1] for file in files if file.name.lower().endswith(TEX_SUFFIXES)}
        found = (Path(path) for top in tops for path in files_below(str(top)))
        return [path for path in found if readable(path.name)]

    def gives(self) -> frozenset[str] | None:
        return frozenset()

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """The submissions of a monthly tar, the papers of an archive, or the one paper itself."""
        name = file.name.rstrip("/")
        if name.lower().endswith(TEX_SUFFIXES):
            yield self._lone(file)
        elif _is_monthly(file):
            yield from self._monthly(file)
        elif (size := file.path.stat().st_size) > SUBMISSION_LIMITS.member:
            yield BadRecord(name, f"a submission of {size} bytes, more than {SUBMISSION_LIMITS.member}")
        elif self.options.papers == "main_files":
            yield from self._mains(name, file.path.read_bytes())
        else:
            yield Record(_key(name), file.path.read_bytes(), {"name": name})

    def document(self, record: Record) -> Document | Refusal:
        """The text of a paper, or why there is none: `pdf_only`, `withdrawn`, `part_of_another`, `no_tex`, `empty`."""
        if record.info.get("part"):
            return Refusal("part_of_another")
        if self.options.chooses():
            identifier = parse_arxiv_id(posixpath.basename(record.info["name"]))
            if (refusal := not_chosen(self.options, identifier, self._known(record))) is not None:
                return refusal
        try:
            if self.rules == "published":
                return self._published(record)
            return self._corrected(record)
        except TooLarge as error:
            return Refusal("too_large", str(error))

    def _known(self, record: Record) -> Metadata | None:
        identifier = parse_arxiv_id(posixpath.basename(record.info["name"]))
        return self.metadata.of(identifier) if self.metadata and identifier else None

    def _monthly(self, file: RawFile) -> Iterator[Record | BadRecord]:
        for member in archives.members(file.path, SUBMISSION_LIMITS, lambda path: path.endswith(_SUBMITTED)):
            if member.content is None:
                yield BadRecord(_key(member.path), member.error or "a submission beyond the limit of size")
            else:
                yield Record(_key(member.path), member.content, {"name": member.path, "modified": member.modified})

    def _mains(self, name: str, payload: bytes) -> Iterator[Record | BadRecord]:
        files = self._chosen(unpack(payload).files)
        for main in Project(files).mains():
            yield Record(f"{name}/{main}", files[main], {"name": name, "main": main, "files": files})

    def _lone(self, file: RawFile) -> Record | BadRecord:
        size = file.path.stat().st_size
        if size > MOST_TEXT:
            return BadRecord(file.name, f"a file of {size} bytes, more than {MOST_TEXT}")
        raw = file.path.read_bytes()
        info: dict[str, Any] = {"name": file.name, "part": _CLASS.search(raw) is None and self._is_part(file)}
        if self.rules == "corrected" and kind_of(raw) in ("tex", "unknown"):
            info |= {"main": file.path.name, "files": _Folder(file.path)}
        return Record(_key(file.name), raw, info)

    def _is_part(self, file: RawFile) -> bool:
        """Whether a main file beside a `.tex` file, or above it within what was named, reads it."""
        for folder in _folders(file):
            if folder not in self._parts:
                mains = [path for path in sorted(folder.glob("*.tex")) if path.is_file() and _has_class(path)]
                self._parts[folder] = {part for main in mains for part in Project(_Folder(main)).parts(main.name)}
            if file.path.relative_to(folder).as_posix() in self._parts[folder]:
                return True
        return False

    def _chosen(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        patterns = self.options.members
        return {
            name: raw
            for name, raw in files.items()
            if not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        }

    def _corrected(self, record: Record) -> Document | Refusal:
        keep = self.options.kept_parts()
        left_out = 0
        if "files" in record.info:
            main = record.info["main"]
            found = paper_text(record.info["files"], main=main, keep=keep)
        else:
            submission = unpack(record.payload)
            if submission.single is not None:
                kind = kind_of(submission.single)
                if kind in ("tex", "unknown") and binary_text(submission.single):
                    return Refusal("nul_bytes")
                if kind == "unknown" and withdrawn(decode(submission.single)):
                    return Refusal("withdrawn")
                if kind != "tex":
                    return Refusal({"empty": "empty", "unknown": "no_tex"}.get(kind, f"{kind}_only"))
                found = paper_text({"paper.tex": submission.single}, keep=keep)
            else:
                found = paper_text(self._chosen(submission.files), keep=keep)
                if isinstance(found, NoPaper) and found.reason == "no_tex" and (form := form_of(submission.names)):
                    found = NoPaper(form)
                if isinstance(found, NoPaper) and found.reason in ("no_tex", "empty"):
                    if submission.unsafe:
                        found = NoPaper("unsafe_name", submission.unsafe[0])
                    elif submission.binary:
                        found = NoPaper("nul_bytes", submission.binary[0])
                left_out = len(submission.unsafe) + len(submission.binary)
        if isinstance(found, NoPaper):
            return Refusal(found.reason, found.detail)
        facts: dict[str, Any] = {"macros_expanded": found.expanded}
        front = {name: value for name, value in found.front._asdict().items() if value and name in _FRONT_FACTS}
        facts |= {name: list(value) if isinstance(value, tuple) else value for name, value in front.items()}
        if found.exhausted:
            facts["macros_exhausted"] = True
        if found.missing:
            facts["inputs_missing"] = found.missing
        if left_out:
            facts["files_refused"] = left_out
        if found.refused:
            facts["inputs_refused"] = found.refused
        if len(found.mains) > 1:
            facts["mains"] = list(found.mains)
        return self._paper(record, found.text, facts)

    def _published(self, record: Record) -> Document | Refusal:
        if record.info["name"].endswith(".pdf"):
            return Refusal("pdf_only")
        if "files" in record.info:
            files = [record.payload]
        else:
            try:
                files = published_files(record.payload)
            except Unreadable as error:
                return Refusal("unreadable", str(error))
        try:
            text = clean([raw.decode("utf-8") for raw in files])
        except UnicodeDecodeError as error:
            return Refusal("not_utf8", str(error))
        except CannotExpand as error:
            return Refusal(error.reason, str(error))
        return self._paper(record, text, {}) if text else Refusal("empty")

    def _paper(self, record: Record, text: str, facts: dict[str, Any]) -> Document | Refusal:
        name: str = record.info["name"]
        identifier = parse_arxiv_id(posixpath.basename(name))
        if identifier is None:
            if "main" in record.info:
                facts["path"] = record.key
            return self.make(record, text, meta=facts)
        known = self._known(record) or Metadata()
        if known.withdrawn and self.rules == "corrected":
            return Refusal("withdrawn")
        facts |= {"arxiv_id": identifier.number, "yymm": identifier.yymm}
        if identifier.version:
            facts["version"] = identifier.version
        if known.categories:
            facts["categories"] = list(known.categories)
        if known.versions:
            facts["versions"] = list(known.versions)
        if known.title and "title" not in facts:
            facts["title"] = known.title
        if known.updated:
            facts["updated"] = known.updated
        if record.info.get("modified") is not None:
            moment = datetime.datetime.fromtimestamp(record.info["modified"], datetime.UTC)
            facts["timestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%S")
        return self.make(
            record,
            text,
            url=identifier.url,
            license=known.license,
            created=known.created or identifier.month,
            meta=facts,
        )


def _key(name: str) -> str:
    """A submission is known by its identifier and version wherever it lies; another file by its name."""
    identifier = parse_arxiv_id(posixpath.basename(name))
    return name if identifier is None else identifier.number + identifier.version


def _has_class(path: Path) -> bool:
    with path.open("rb") as file:
        return _CLASS.search(file.read(1 << 18)) is not None


def _is_monthly(file: RawFile) -> bool:
    """Whether a tar holds submissions rather than being one: packed members, and no TeX beside them."""
    if _MONTHLY.search(file.name):
        return True
    if not file.name.endswith(".tar"):
        return False
    seen = {"packed": False, "tex": False}

    def look(path: str) -> bool:
        seen["packed"] |= path.endswith(_SUBMITTED)
        seen["tex"] |= path.lower().endswith(TEX_SUFFIXES)
        return False

    try:
        for _ in archives.members(file.path, SUBMISSION_LIMITS, look):
            pass
    except archives.DamagedArchive:
        pass  # reading it says so again, after what came before the damage
    return seen["packed"] and not seen["tex"]


def _folders(file: RawFile) -> list[Path]:
    """The folder of a lone `.tex` file and those above it where a main file is looked for, within what was named."""
    return list(file.path.parents)[: min(max(1, file.name.count("/")), HIGHEST_MAIN)]


class _Folder(Mapping[str, bytes]):
    """A `.tex` file and, when they are asked for, the files in its folder and below; nothing behind a link."""

    def __init__(self, path: Path) -> None:
        self.root = path.parent.resolve()
        self.name = path.name
        self.left = MOST_TEXT

    def __contains__(self, name: object) -> bool:
        path = self.root / str(name)
        return readable(path.name) and path.is_file() and path.resolve() == path

    def __getitem__(self, name: str) -> bytes:
        if name not in self:
            raise KeyError(name)
        with (self.root / name).open("rb") as file:
            raw = file.read(self.left + 1)
        self.left -= len(raw)
        if self.left < 0:
            raise TooLarge(f"reads more than {MOST_TEXT} bytes of files")
        return raw

    def __iter__(self) -> Iterator[str]:
        return iter((self.name,))

    def __len__(self) -> int:
        return 1
