"""What licence a source file is under, as far as it says so itself or its archive does.

A file's own words come first: its `SPDX-License-Identifier` line (spdx.dev, the specification's annex on short
identifiers), else the notice in its head that a licence's own text recommends. Then the licence files of the nearest
folder above it, so that a library that an archive carries along keeps its own licence; then the metadata of the package
(core metadata 2.4: `License-Expression`, `License`, the classifiers) and the licence file at the top. A licence is
named by its SPDX identifier where it is known.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from filters.code.licence_choice import offered_choice
from filters.code.licence_names import is_permissive, spdx_expression
from filters.code.licence_notices import phrase_of, spdx_header, stated
from filters.code.licence_texts import licence_of_text
from filters.code.package_metadata import is_metadata, licence_of_package
from filters.code.reuse import Annotation, annotations

_FIELD = re.compile(r"^(?P<name>License-Expression|License|Classifier):[ \t]*+(?P<value>[^\n]*+)", re.MULTILINE)
_CLASSIFIER = "License :: "
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
}
_MIT, _MIT_END = "Permission is hereby granted, free of charge, to any person", "THE SOFTWARE IS PROVIDED"
_NOTICE_KEPT = "permission notice shall be included"
_LICENCE_FILE = re.compile(
    r"(?:licen[cs]e|copying|unlicense)(?:[-_.](?!docs?\b)[\w.-]*)?\Z|copyright(?:\.(?:txt|md|rst))?\Z", re.IGNORECASE
)
"""Names of licence files; `LICENSE-DOC` is that of the manual."""
_COPYRIGHT = re.compile(r"(?:\A|/)copyright(?:\.\w+)?\Z", re.IGNORECASE)
"""Counts where its folder has no other licence file."""
_LICENCE_FOLDER = re.compile(r"(?:.*/)?(?:copying|licen[cs]es?|docs?|legal)/(?P<name>[^/]+)\Z", re.IGNORECASE)
"""Where a package that has no licence file at its top keeps the texts: `COPYING/lgpl.txt`, `LICENSES/MIT.txt`."""
_LICENCE_TEXT = re.compile(
    r"(?:[al]?gpl|mit|bsd|apache|mpl|isc|zlib|bsl|cecill|cc|epl|eupl|artistic)[\w.+-]*\.(?:txt|md)\Z", re.IGNORECASE
)
_README = re.compile(r"\A[^/]*/README(?:\.(?:md|markdown|txt|rst))?\Z", re.IGNORECASE)
_README_SAYS = re.compile(
    r"^(?:[#=*\s]*licen[cs]e[^\n]{0,40}\n|licen[cs]e:|[^\n]{0,200}\blicen[cs]ed under\b)(?P<text>[\s\S]{0,2000})",
    re.MULTILINE | re.IGNORECASE,
)
"""Where a README tells the licence: under a heading of that name, or in a sentence."""
_PARTS = re.compile(r"\s*+(?P<parts>[\w., -]{2,80}?) (?:is|are) (?:licen[cs]ed|distributed|released|available) under\b")
_METADATA_FILES = ("PKG-INFO", "METADATA")
_REUSE_FILES = ("REUSE.toml", ".reuse/dep5")
REVIEWED = "debian/copyright"
"""Debian's list of the licences of a package's files, as its reviewers accepted it."""
_BESIDE = ".license"
"""Ending of the file beside another that tells its licence (REUSE specification)."""


@dataclass(frozen=True)
class ArchiveLicences:
    """What the licence files and the metadata of an archive or a tree say of its files.

    `folders` holds, for each folder with licence files, the licence they tell; `whole` the package's own; `beside` the
    licence in a file's `.license`; `annotated` what REUSE's files say, the last that fits counts.
    """

    whole: str | None = None
    folders: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    annotated: tuple[Annotation, ...] = ()

    def of(self, path: str, own: str | None = None) -> str | None:
        """The licence of a file that itself says `own`: the file's, REUSE's, its nearest folder's, else the whole's.

        A list of files that calls one permissive does not stand against a nearer licence file that does not.
        """
        if path in self.beside:
            return self.beside[path]
        fitting = [one for one in self.annotated if one.pattern.match(path)]
        overriding = [one for one in fitting if one.overrides]
        if overriding:
            return overriding[-1].licence
        if own:
            return own
        nearest = self._nearest(path)
        if fitting and not (nearest and is_permissive(fitting[-1].licence) and not is_permissive(nearest)):
            return fitting[-1].licence
        return nearest or self.whole

    def _nearest(self, path: str) -> str | None:
        """What the licence files of the nearest folder above a file tell, those of the top aside."""
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in self.folders:
                return self.folders[folder]
        return None


def archive_licences(files: Iterable[tuple[str, str]]) -> ArchiveLicences:
    """The licences of an archive, from the paths and texts of its files for which `speaks_of_licence` holds.

    Several licence files in one folder are joined with AND: nothing says that one may be chosen.
    """
    declared: str | None = None
    packaged: str | None = None
    top: set[str] = set()
    apart: set[str] = set()
    found: dict[str, set[str]] = {}
    beside: dict[str, str] = {}
    annotated: list[tuple[int, Annotation]] = []
    choices: list[str] = []
    texts = list(files)
    licensed = {
        path.rpartition("/")[0] for path, _ in texts if _COPYRIGHT.search(path) is None and is_licence_file(path)
    }
    for path, text in texts:
        if _COPYRIGHT.search(path) and path.rpartition("/")[0] in licensed:
            continue
        if path.endswith((*_REUSE_FILES, REVIEWED)) and (listed := annotations(path, text)):
            depth = -1 if path.endswith(REVIEWED) else path.count("/")
            annotated += ((depth, one) for one in listed)
            continue
        if path.endswith(_BESIDE):
            if licence := spdx_header(text):
                beside[path.removesuffix(_BESIDE)] = licence
            continue
        if is_metadata(path):
            packaged = packaged or licence_of_package(path, text)
            continue
        licence = licence_of_archive(path, text)
        if licence is None:
            continue
        if kept_apart(path) or path.endswith(REVIEWED) or _README.search(path):
            apart.update(licence.split(" AND "))
            choices += [licence] if _README.search(path) else []
            continue
        if not tells_licence(path):
            if covers_parts_only(path, text):
                continue
            found.setdefault(path.rpartition("/")[0], set()).update(licence.split(" AND "))
        elif path.rsplit("/", 1)[-1] in _METADATA_FILES:
            declared = declared or licence
        else:
            top.update(licence.split(" AND "))
    chosen = (_choice(said, top) for said in (packaged, *choices) if said)
    whole = declared or next(filter(None, chosen), None) or _joined(top) or _joined(apart) or packaged
    folders = {folder: _joined(names) for folder, names in found.items()}
    nearest_last = tuple(one for _, one in sorted(annotated, key=lambda pair: pair[0]))
    return ArchiveLicences(whole, folders, beside, nearest_last)


def _joined(names: set[str]) -> str:
    """All of `names`; the Lesser licence of GNU comes with the text of the other, which it adds to.

    A licence's text cannot say that a later version may be chosen; where a notice beside it does, that holds.
    """
    for number in ("3.0", "2.1"):
        if f"LGPL-{number}-only" in names:
            names = names - {"GPL-3.0-only", "GPL-2.0-only"}
    names = {name for name in names if name.removesuffix("-only") + "-or-later" not in names}
    if len(names) > 1:
        names = {f"({name})" if " OR " in name and not name.startswith("(") else name for name in names}
    return " AND ".join(sorted(names))


def _choice(said: str, texts: set[str]) -> str | None:
    """The choice that a package or its README `said` to offer among the licences whose texts stand at the top.

    None where it is none, or where a text is missing; texts that it does not name hold besides.
    """
    names = re.split(r"\s+OR\s+", said.strip("()"))
    standing = {_family(name): name for name in texts}
    if len(names) < 2 or " AND " in said or any(_family(name) not in standing for name in names):
        return None
    rest = texts - {standing[_family(name)] for name in names}
    return " OR ".join(names) if not rest else _joined({" OR ".join(names), *rest})


def _family(name: str) -> str:
    return name.removesuffix("-only").removesuffix("-or-later")


def speaks_of_licence(path: str) -> bool:
    """Whether a file of this path is a licence file, at any depth, or the metadata of the package."""
    name = path.rsplit("/", 1)[-1]
    return (
        tells_licence(path)
        or is_metadata(path)
        or _LICENCE_FILE.match(name) is not None
        or kept_apart(path)
        or _README.search(path) is not None
        or path.endswith((_BESIDE, *(file for file in _REUSE_FILES)))
    )


def is_licence_file(path: str) -> bool:
    """Whether a file's name is that of a licence file."""
    return _LICENCE_FILE.match(path.rsplit("/", 1)[-1]) is not None


def covers_parts_only(path: str, text: str) -> bool:
    """Whether a licence file below the top names at its beginning what it is for, and that is not its folder."""
    named = _PARTS.match(text)
    folder = path.rsplit("/", 2)[-2].lower() if "/" in path else ""
    words = named["parts"].lower().split() if named else []
    return bool(words) and folder not in words and words[0] not in ("this", "these", "the", "all", "everything", "it")


def kept_apart(path: str) -> bool:
    """Whether a file of this path is a licence's text in a folder of such texts, or of documents, near the top."""
    folder = _LICENCE_FOLDER.match(path)
    return (
        folder is not None
        and path.count("/") <= 2
        and (_LICENCE_FILE.match(folder["name"]) is not None or _LICENCE_TEXT.match(folder["name"]) is not None)
    )


def tells_licence(path: str) -> bool:
    """Whether a file of this path in an archive tells the licence of the whole: at the top or beside metadata."""
    folders, _, name = path.rpartition("/")
    if folders.count("/") > 1 or (
        folders.count("/") == 1 and not folders.endswith((".dist-info", ".dist-info/licenses"))
    ):
        return False
    return name in _METADATA_FILES or _LICENCE_FILE.match(name) is not None


def licence_of_archive(path: str, text: str) -> str | None:
    """The licence that one file of an archive, for which `tells_licence` holds, gives the archive."""
    if path.rsplit("/", 1)[-1] in _METADATA_FILES:
        return declared_licence(text)
    if _README.search(path):
        said = _README_SAYS.search(text)
        return _said_in(said[0]) if said else None
    listed = licence_of_text(text)
    if choice := offered_choice(text, listed):
        return choice
    if listed:
        return listed
    words = " ".join(text.split())
    if _MIT in words and _MIT_END in words and _NOTICE_KEPT not in words:
        return "MIT-0"
    return phrase_of(words) or stated(words)


def _said_in(text: str) -> str | None:
    """The licence of a README's words about it: a choice that they offer, else what they name."""
    return offered_choice(text, None) or stated(text)


def declared_licence(metadata: str) -> str | None:
    """The licence in a package's metadata (PKG-INFO, METADATA): an expression, else a short name, else classifiers."""
    header = metadata.replace("\r\n", "\n").split("\n\n", 1)[0]
    found: dict[str, list[str]] = {}
    for line in _FIELD.finditer(header):
        found.setdefault(line["name"], []).append(line["value"].strip())
    for name in ("License-Expression", "License"):
        for value in found.get(name, ()):
            if value and value.upper() != "UNKNOWN" and len(value) <= 60:
                return _CLASSIFIERS.get(value) or spdx_expression(value)
    names = [value.rsplit(" :: ", 1)[-1] for value in found.get("Classifier", ()) if value.startswith(_CLASSIFIER)]
    known = [_CLASSIFIERS.get(name, name) for name in names if name != "OSI Approved"]
    return " OR ".join(known) or None
