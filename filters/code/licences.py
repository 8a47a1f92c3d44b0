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
from filters.code.licence_texts import licence_of_text
from filters.code.package_metadata import is_metadata, licence_of_package
from filters.code.reuse import Annotation, annotations

_HEAD = 4096
_SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*+(?P<expression>[\w.+()-]++(?>(?:[ \t]++(?:AND|OR|WITH)[ \t]++[\w.+()-]++)*))"
)
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
_ALIASES = {
    "Apache 2.0": "Apache-2.0",
    "GPLv2": "GPL-2.0-only",
    "GPLv2+": "GPL-2.0-or-later",
    "GPLv3": "GPL-3.0-only",
    "GPLv3+": "GPL-3.0-or-later",
    "LGPLv3+": "LGPL-3.0-or-later",
    **_CLASSIFIERS,
}
"""How authors write a licence into the free field `License`."""
_PHRASES = (
    ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0-only"),
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("Boost Software License - Version 1.0", "BSL-1.0"),
    ("Permission to use, copy, modify, and/or distribute this software", "ISC"),
    ("Neither the name", "BSD-3-Clause"),
    ("the names of its contributors may be used", "BSD-3-Clause"),
    ("Redistribution and use in source and binary forms", "BSD-2-Clause"),
    ("Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    ("PNG Reference Library License version 2", "libpng-2.0"),
    ("Blue Oak Model License", "BlueOak-1.0.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("This is free and unencumbered software released into the public domain", "Unlicense"),
)
_MIT, _MIT_END = "Permission is hereby granted, free of charge, to any person", "THE SOFTWARE IS PROVIDED"
_NOTICE_KEPT = "permission notice shall be included"
_GNU = re.compile(
    r"GNU (?P<kind>Lesser |Library |Affero )?General Public License"
    r"|\b(?P<short>L?GPL|AGPL)[ -]?v?(?P<number>\d(?:\.\d)?)?\b",
    re.IGNORECASE,
)
_GNU_VERSION = re.compile(r"\bv(?:ersion)?\.?[ ]?(?P<number>\d(?:\.\d)?)", re.IGNORECASE)
_OR_LATER = re.compile(r"(?:any|a) later version|or later|or newer|\d\+", re.IGNORECASE)
_GNU_KINDS = {"lesser ": "LGPL", "library ": "LGPL", "affero ": "AGPL"}
_UNDER = re.compile(r"\b(?:licen[cs]ed?|distribut|redistribut|terms|covered|released|under)", re.IGNORECASE)
_NOTICES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"Mozilla Public License,? v(?:ersion)?\.? ?2\.0", "MPL-2.0"),
        (r"Apache License,? Version 2\.0|under Apache 2\.0 license", "Apache-2.0"),
        (r"Boost Software License,? Version 1\.0", "BSL-1.0"),
    )
)
"""What the licences ask authors to write at the top of a file ("How to Apply These Terms", Exhibit A of the MPL), and
the line of Lean's mathlib."""
_COMMENT_SIGNS = re.compile(r"^[ \t]*+[/*#%;!|\"{(-]++", re.MULTILINE)
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
_SHORT = re.compile(r"\b(?P<name>MIT|ISC|BSD-[23]-Clause|Apache-2\.0|Zlib)\b")
_METADATA_FILES = ("PKG-INFO", "METADATA")
_REUSE_FILES = ("REUSE.toml", ".reuse/dep5")
_BESIDE = ".license"
"""Ending of the file beside another that tells its licence (REUSE specification)."""
PERMISSIVE = re.compile(
    r"(?:MIT(?:-0)?|X11|ISC|0BSD|BSD(?:-[\w.-]+)?|Apache-[\d.]+|BSL-1\.0|Zlib|zlib-acknowledgement|libpng(?:-2\.0)?|CC0-1\.0"
    r"|CC-BY-\d\.\d|Unlicense|WTFPL|NCSA|PSF-2\.0|Python-2\.0|PostgreSQL|HPND[\w-]*|Artistic-2\.0|AFL-[\d.]+|MS-PL"
    r"|UPL-1\.0|CECILL-B|NIST-PD[\w-]*|Unicode-[\w.-]+|W3C|ICU|curl|bzip2-[\d.]+|JasPer-2\.0|Intel|Naumen|Xnet"
    r"|blessing|BlueOak-1\.0\.0|MulanPSL-[\d.]+|EFL-2\.0|ECL-2\.0|PDDL-1\.0|Boost-1\.0|FSFAP|TCL|SMLNJ|Beerware)",
    re.IGNORECASE,
)
"""Licences that ask for no more than attribution, as Blue Oak Council's list rates them (bronze and up) and The Stack's
list of permissive licences has them."""


def spdx_header(text: str) -> str | None:
    """The SPDX expression that a file's first 4,096 characters declare."""
    match = _SPDX.search(text[:_HEAD])
    return match["expression"].rstrip("-.") if match else None


def notice(text: str) -> str | None:
    """The licence that a file's first 4,096 characters state: its SPDX line, else a notice or a licence's own text.

    A notice of a copyleft licence comes before every other words, for it is what binds.
    """
    declared = spdx_header(text)
    if declared:
        return declared
    words = " ".join(_COMMENT_SIGNS.sub("", text[:_HEAD]).split())
    if copyleft := _gnu(words):
        return copyleft
    for pattern, name in _NOTICES:
        if pattern.search(words):
            return name
    return next((name for phrase, name in _PHRASES if phrase in words), None)


def _gnu(words: str) -> str | None:
    """The GNU licence that a notice puts a file under, with its version where one stands near (else any: `1.0`)."""
    small = words.lower()
    if "gpl" not in small and "general public license" not in small:
        return None
    for found in _GNU.finditer(words):
        before, after = words[max(0, found.start() - 160) : found.start()], words[found.end() : found.end() + 160]
        if not _UNDER.search(before) and not _UNDER.search(after):
            continue
        kind = _GNU_KINDS.get((found["kind"] or "").lower(), "GPL") if not found["short"] else found["short"].upper()
        version = _GNU_VERSION.search(after) or _GNU_VERSION.search(before[-40:])
        number = found["number"] or (version["number"] if version else None)
        if number is None:
            return f"{kind}-{'2.0' if kind == 'LGPL' else '3.0' if kind == 'AGPL' else '1.0'}-or-later"
        number = number if "." in number else number + ".0"
        later = _OR_LATER.search(after) or after.startswith("+")
        return f"{kind}-{number}-{'or-later' if later else 'only'}"
    return None


def is_permissive(licence: str | None) -> bool:
    """Whether an SPDX expression (or The Stack's list, parted by commas) asks for no more than attribution.

    Of `OR` one choice is enough; of `AND` and of a list every one counts.
    """
    if not licence:
        return False
    choices = re.split(r"\s+OR\s+", licence.replace("(", " ").replace(")", " "), flags=re.IGNORECASE)
    parts = (re.split(r"\s+AND\s+|,", choice, flags=re.IGNORECASE) for choice in choices)
    return any(
        all(PERMISSIVE.fullmatch(re.split(r"\s+WITH\s+", part.strip())[0].strip()) for part in every) for every in parts
    )


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
        """The licence of a file that itself says `own`: the file's, REUSE's, its nearest folder's, else the whole's."""
        if path in self.beside:
            return self.beside[path]
        fitting = [one for one in self.annotated if one.pattern.match(path)]
        overriding = [one for one in fitting if one.overrides]
        if overriding:
            return overriding[-1].licence
        if own:
            return own
        if fitting:
            return fitting[-1].licence
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in self.folders:
                return self.folders[folder]
        return self.whole


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
    texts = list(files)
    licensed = {
        path.rpartition("/")[0] for path, _ in texts if _COPYRIGHT.search(path) is None and is_licence_file(path)
    }
    for path, text in texts:
        if _COPYRIGHT.search(path) and path.rpartition("/")[0] in licensed:
            continue
        if path.endswith(_REUSE_FILES):
            annotated += ((path.count("/"), one) for one in annotations(path, text))
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
        if kept_apart(path) or _README.search(path):
            apart.update(licence.split(" AND "))
            continue
        if not tells_licence(path):
            if covers_parts_only(path, text):
                continue
            found.setdefault(path.rpartition("/")[0], set()).update(licence.split(" AND "))
        elif path.rsplit("/", 1)[-1] in _METADATA_FILES:
            declared = declared or licence
        else:
            top.update(licence.split(" AND "))
    if packaged and len(top) > 1 and set(re.split(r"\s+OR\s+", packaged.strip("()"))) == top:
        declared = packaged  # the package says that one of the texts may be chosen
    whole = declared or _joined(top) or _joined(apart) or packaged
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
    return " AND ".join(sorted(names))


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
        return _stated(said[0]) if said else None
    listed = licence_of_text(text)
    if choice := offered_choice(text, listed):
        return choice
    if listed:
        return listed
    words = " ".join(text.split())
    if _MIT in words and _MIT_END in words and _NOTICE_KEPT not in words:
        return "MIT-0"
    return next((name for phrase, name in _PHRASES if phrase in words), None) or _stated(words)


def _stated(text: str) -> str | None:
    """The licence that a few sentences name."""
    words = " ".join(text.split())
    if found := _gnu(words) or next((name for pattern, name in _NOTICES if pattern.search(words)), None):
        return found
    if found := next((name for phrase, name in _PHRASES if phrase in words), None):
        return found
    short = _SHORT.search(words)
    return short["name"] if short else None


def declared_licence(metadata: str) -> str | None:
    """The licence in a package's metadata (PKG-INFO, METADATA): an expression, else a short name, else classifiers."""
    header = metadata.replace("\r\n", "\n").split("\n\n", 1)[0]
    found: dict[str, list[str]] = {}
    for line in _FIELD.finditer(header):
        found.setdefault(line["name"], []).append(line["value"].strip())
    for name in ("License-Expression", "License"):
        for value in found.get(name, ()):
            if value and value.upper() != "UNKNOWN" and len(value) <= 60:
                return _ALIASES.get(value, value)
    names = [value.rsplit(" :: ", 1)[-1] for value in found.get("Classifier", ()) if value.startswith(_CLASSIFIER)]
    known = [_CLASSIFIERS.get(name, name) for name in names if name != "OSI Approved"]
    return " OR ".join(known) or None
