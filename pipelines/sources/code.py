"""The code source: archives, trees and tables of The Stack, judged by the rules of their language.

A raw file is an archive (its members are the records), one file of a tree, or a table of The Stack as Parquet or JSON
lines (`pipelines.sources.stack`). Only files whose ending can belong to one of the seventeen languages become records;
the rest of an archive (READMEs, data) is passed over. The rules are those of `filters.code`; notebooks become Markdown
in `pipelines.extraction.notebooks.markdown`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from filters.code.detection import ending, language_of, possible
from filters.code.encoding import decoded
from filters.code.english import Langid, load_langid
from filters.code.general import PublishedCrash, SourceFile
from filters.code.licence_names import is_permissive
from filters.code.licence_notices import notice
from filters.code.licences import ArchiveLicences
from filters.code.registry import GITHUB_RULES, Origin, judge, languages
from filters.code.syntax import is_unparsable
from filters.code.tags import Tag, tags_of
from manifests.errors import UserError
from manifests.records import BadRecord, Document
from pipelines.extraction.archives import packed_files as archives
from pipelines.extraction.notebooks.markdown import to_markdown
from pipelines.extraction.notebooks.reading import BadNotebook
from pipelines.fetching.arriving import size_of
from pipelines.fetching.blobs import SOFTWARE_HERITAGE, Blobs, base_of
from pipelines.sources import stack
from pipelines.sources.base import RawFile, Record, Refusal, Source, SourceOptions
from pipelines.sources.code_archives import files_with_licences
from pipelines.sources.code_trees import (
    DATA_FILE,
    licence_digest,
    licence_files,
    licences_above,
    special_files,
    without_data,
)
from pipelines.sources.repositories import repository_of
from pipelines.sources.test_sets import TestSets

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
HEAD_BYTES = 512
"""By so many an archive is told."""
MAX_ARCHIVE_BYTES = 1_000_000_000
"""A repository's archive beyond this is skipped (`MAX_SIZE_BYTES` in process_github.py of EleutherAI/math-lm)."""
ROW_ENDINGS = (".parquet", ".jsonl", ".json.gz", ".jsonl.gz", ".jsonl.zst", ".jsonl.xz")

Language = Literal[
    "agda", "c", "coq", "cpp", "fortran", "gap", "haskell", "idris", "isabelle", "julia", "jupyter-notebook", "lean",
    "maple", "matlab", "python", "r", "tex",
]  # fmt: skip


class CodeOptions(SourceOptions):
    """What a recipe may set under the options of a code source."""

    languages: tuple[Language, ...] | Literal["all", "as_scripts"] = Field(
        default="all",
        description="Languages to keep. `as_scripts`: what the published scripts make of `all`.",
    )
    origin: Literal["auto", "stack", "github"] = Field(
        default="auto",
        description="Whose rules judge Lean and Isabelle: The Stack's or those for whole repositories. `auto`: rows "
        "are of The Stack, archives and trees are repositories.",
    )
    repository: str | None = Field(
        default=None, description="The repository's name, where it is not the archive's or the tree's first folder."
    )
    langid: str | None = Field(
        default=None,
        description="The asset that holds langid/langid.py of langid 1.1.6, which tells English TeX. Without it TeX in "
        "any language passes.",
    )
    lean_tests: tuple[str, ...] = Field(
        default=(),
        description="Assets with LeanDojo's benchmarks (archives, Lean 3 first, or their random/val.json and test.json "
        "in that order); their theorems are cut out of Lean files.",
    )
    isabelle_tests: str | None = Field(
        default=None,
        description="The asset with PISA's universal test theorems (an archive of JSON files), cut out of Isabelle "
        "files.",
    )
    benchmark_tests: tuple[str, ...] = Field(
        default=(),
        description="Assets with further test theorems: sources of a prover, JSON rows with formal statements, or "
        "archives of them. Their items are cut out of any file that states them (not under published rules).",
    )
    contents: str = Field(
        default=SOFTWARE_HERITAGE,
        description="Where the texts of The Stack v2 lie by `blob_id`: a bucket's folder, a web address or a folder.",
    )
    licences: Literal["any", "permissive"] = Field(
        default="any", description="`permissive`: reject files that are not known to be under a permissive licence."
    )
    drop: tuple[Tag, ...] = Field(
        default=(),
        description="Reject files with these tags (not published). All but `unparsable` are noted in `meta` otherwise.",
    )
    max_file_bytes: int = Field(
        default=64 << 20,
        gt=0,
        description="A longer file is rejected unread. The rules of most languages have lower limits.",
    )
    max_unpacked_bytes: int = Field(
        default=16 << 30, gt=0, description="Bytes that one archive may unpack to; beyond, the rest of it is given up."
    )

    @field_validator("contents")
    @classmethod
    def _is_a_store(cls, value: str) -> str:
        try:
            base_of(value)
        except UserError as error:
            raise ValueError(str(error)) from None
        return value


class CodeSource(Source):
    """Source files in the seventeen languages of AlgebraicStack."""

    kind: ClassVar[str] = "code"
    Options: ClassVar[type[SourceOptions]] = CodeOptions
    options: CodeOptions

    def files(self, folder: Path) -> Iterable[Path]:
        """Archives, rows of The Stack and source files below `folder`; other tables in a tree are its data."""
        return without_data(self._walked(folder), ROW_ENDINGS)

    def left_out(self, folder: Path) -> Iterable[tuple[Path, str]]:
        """Links, sockets, pipes and devices, and tables that are a repository's data."""
        walked = self._walked(folder)
        read = set(without_data(walked, ROW_ENDINGS))
        return sorted([*special_files(folder), *((path, DATA_FILE) for path in walked if path not in read)])

    def _walked(self, folder: Path) -> list[Path]:
        return [path for path in super().files(folder) if _is_wanted(path.name)]

    @classmethod
    def beside(cls, files: Iterable[RawFile]) -> str:
        """The licence files of the trees that `files` stand in."""
        return licence_digest(file for file in files if _is_of_tree(file.name))

    @classmethod
    def around(cls, files: Iterable[RawFile]) -> Iterable[Path]:
        """The same licence files."""
        return licence_files(file for file in files if _is_of_tree(file.name))

    def gives(self) -> frozenset[str] | None:
        return frozenset()

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """The members of an archive, the rows of a table, or the one file itself."""
        name = file.name.rstrip("/")
        if name.endswith(ROW_ENDINGS):
            yield from self._rows(file)
            return
        of_tree = possible(name)
        with file.path.open("rb") as raw:
            head = raw.read(HEAD_BYTES)
            is_archive = archives.is_archive(head)
            size = size_of(file.path) if of_tree and not is_archive else 0
            too_large = size > self.options.max_file_bytes
            payload = head + raw.read() if of_tree and not is_archive and not too_large else b""
        if of_tree and not is_archive:
            repository, path = name.split("/", 1) if "/" in name else ("", name)
            yield self._record(
                name,
                payload,
                path,
                repository,
                licences=licences_above(file),
                place=name,
                too_large=too_large,
            )
        elif is_archive or archives.is_behind_other_bytes(file.path):
            yield from self._members(file)
        else:
            yield BadRecord(name, "neither an archive, nor rows, nor a source file in one of the seventeen languages")

    def document(self, record: Record) -> Document | Refusal:
        """Decode, find the language, judge, and convert or cut where the language asks for it."""
        info = record.info
        if refusal := info.get("refusal"):
            return Refusal(*refusal)
        if self.rules == "corrected" and _CONTROL.search(info["repository"] + info["path"]):
            return Refusal("bad_name", "a control character in the name of the file or its repository")
        origin: Origin = info["origin"]
        if origin == "stack":
            text: str | None = record.payload.decode("utf-8")
        else:
            text = decoded(record.payload, self.rules)
        if text is None:
            return Refusal("not_utf8")
        language = info["language"] or language_of(info["path"], text, self.rules)
        if language is None:
            return Refusal("other_language", ending(info["path"]))
        if language not in self._languages:
            return Refusal("language_not_asked_for", language)
        if self.rules == "corrected" or (origin == "github" and language in GITHUB_RULES):
            text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        if self.rules == "corrected":
            text = text.removeprefix("\ufeff")
            if "\0" in text:
                return Refusal("binary")
        file = SourceFile(text, info["path"], info["repository"], info["extension"], info["size"])
        try:
            refused = judge(language, file, self.rules, origin, self._is_english)
        except PublishedCrash as crash:
            # The published program stops here. A rejection of its own says so, without spending the build's failures.
            return Refusal("published_crash", str(crash))
        if refused:
            return Refusal(*refused)
        meta: dict[str, Any] = {"path": info["path"], "repository": info["repository"]}
        if language == "jupyter-notebook":
            try:
                text = to_markdown(text, self.rules)
            except BadNotebook as error:
                return Refusal("bad_notebook", str(error))
        cut = self._tests.cut(language, text, info["path"], repository=origin == "github")
        if cut.removed:
            meta["test_theorems_removed"] = cut.removed
        if cut.places:
            meta["test_theorems"] = [place._asdict() for place in cut.places]
        own = notice(text)
        licence = info["licences"].of(info["place"], own) if info.get("licences") else own or info.get("licence")
        if self.options.licences == "permissive" and not is_permissive(licence or self.licence):
            return Refusal("licence", licence or self.licence or "unknown")
        if "unparsable" in self.options.drop and self.rules == "corrected" and is_unparsable(text, language):
            return Refusal("unparsable")
        if self.rules == "corrected" and (tags := tags_of(info["path"], text)):
            if dropped := [tag for tag in tags if tag in self.options.drop]:
                return Refusal(dropped[0])
            meta["tags"] = list(tags)
        if self.rules == "corrected" and not cut.text.strip():
            return Refusal("empty")
        return self.make(
            record,
            cut.text,
            subset=language,
            url=info.get("url"),
            license=licence,
            meta=meta,
        )

    def _record(
        self,
        key: str,
        payload: bytes,
        path: str,
        repository: str,
        *,
        licences: ArchiveLicences | None = None,
        place: str = "",
        too_large: bool = False,
        url: str | None = None,
    ) -> Record:
        """A record for a file of an archive or tree."""
        info: dict[str, Any] = {
            "path": path,
            "repository": self.options.repository or repository,
            "extension": path.rsplit(".", 1)[-1] if "." in path.rsplit("/", 1)[-1] else "",
            "size": len(payload),
            "origin": "stack" if self.options.origin == "stack" else "github",
            "language": None,
            "licences": licences,
            "place": place or path,
            "url": url,
        }
        if too_large:
            info["refusal"] = ("too_large", f"more than {self.options.max_file_bytes} bytes")
        return Record(key, payload, info)

    def _members(self, file: RawFile) -> Iterator[Record | BadRecord]:
        size = size_of(file.path)
        if size > MAX_ARCHIVE_BYTES:
            detail = f"{size} bytes, at most {MAX_ARCHIVE_BYTES}"
            yield Record(file.name, b"", {"refusal": ("archive_too_large", detail)})
            return
        repository = repository_of(file.name)
        limits = archives.Limits(self.options.max_file_bytes, self.options.max_unpacked_bytes)
        for member, licences in files_with_licences(file.path, limits, _is_of_archive):
            key = f"{file.name}/{member.path}"
            reason = member.special or (DATA_FILE if member.path.lower().endswith(ROW_ENDINGS) else "")
            if member.error:
                yield BadRecord(key, member.error)
            elif reason:
                yield Record(key, b"", {"refusal": (reason, "")})
            else:
                too_large = member.content is None
                yield self._record(
                    key,
                    member.content or b"",
                    repository.path(member.path),
                    repository.name,
                    licences=licences,
                    place=member.path,
                    too_large=too_large,
                    url=repository.url(member.path, member.commit),
                )

    def _rows(self, file: RawFile) -> Iterator[Record | BadRecord]:
        settings = stack.Settings(
            "github" if self.options.origin == "github" else "stack",
            self.options.repository,
            self._languages,
            self.options.max_file_bytes,
        )
        yield from stack.records(file, settings, lambda: Blobs(self.options.contents, self.options.max_file_bytes))

    @cached_property
    def _languages(self) -> frozenset[str]:
        asked = self.options.languages
        if isinstance(asked, tuple):
            return frozenset(asked)
        return frozenset(languages(self.rules, as_scripts=asked == "as_scripts"))

    @cached_property
    def _langid(self) -> Langid | None:
        return load_langid(self._asset(self.options.langid, "langid")) if self.options.langid else None

    def _is_english(self, text: str) -> bool:
        return self._langid is None or self._langid.classify(text) == "en"

    @cached_property
    def _tests(self) -> TestSets:
        isabelle = self.options.isabelle_tests
        return TestSets(
            self.rules,
            [self._asset(name, "lean_tests") for name in self.options.lean_tests],
            self._asset(isabelle, "isabelle_tests") if isabelle else None,
            [self._asset(name, "benchmark_tests") for name in self.options.benchmark_tests],
        )

    def _asset(self, name: str, key: str) -> Path:
        if name not in self.assets:
            raise UserError(f"sources.{self.name}.options.{key}: no asset is called `{name}`")
        return self.assets[name]


def _is_of_tree(name: str) -> bool:
    return possible(name) and not name.lower().endswith((*archives.ENDINGS, *ROW_ENDINGS))


def _is_of_archive(path: str) -> bool:
    return possible(path) or path.lower().endswith(ROW_ENDINGS)


def _is_wanted(name: str) -> bool:
    return name.lower().endswith((*archives.ENDINGS, *ROW_ENDINGS)) or possible(name)
