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

_HEAD = 4096
_SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*+(?P<expression>[\w.+()-]++(?:[ \t]++(?:AND|OR|WITH)[ \t]++[\w.+()-]++)*+)"
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
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1-only"),
    ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0-only"),
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
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("This is free and unencumbered software released into the public domain", "Unlicense"),
)
_OR_LATER = "(?:any|a) later version|or later"
_NOTICES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (rf"GNU Lesser General Public License [^.]{{0,120}}ersion 3[^.]{{0,60}}(?:{_OR_LATER})", "LGPL-3.0-or-later"),
        (
            rf"GNU Lesser General Public License [^.]{{0,120}}ersion 2\.1[^.]{{0,60}}(?:{_OR_LATER})",
            "LGPL-2.1-or-later",
        ),
        (rf"GNU General Public License [^.]{{0,120}}ersion 3[^.]{{0,60}}(?:{_OR_LATER})", "GPL-3.0-or-later"),
        (rf"GNU General Public License [^.]{{0,120}}ersion 2[^.]{{0,60}}(?:{_OR_LATER})", "GPL-2.0-or-later"),
        (r"Mozilla Public License,? v(?:ersion)?\.? ?2\.0", "MPL-2.0"),
        (r"Apache License,? Version 2\.0|under Apache 2\.0 license", "Apache-2.0"),
        (r"Boost Software License,? Version 1\.0", "BSL-1.0"),
    )
)
"""What the licences ask authors to write at the top of a file ("How to Apply These Terms", Exhibit A of the MPL), and
the line of Lean's mathlib."""
_COMMENT_SIGNS = re.compile(r"^[ \t]*+[/*#%;!|\"{(-]++", re.MULTILINE)
_LICENCE_FILE = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[-_.][\w.-]*)?\Z", re.IGNORECASE)
_METADATA_FILES = ("PKG-INFO", "METADATA")


def spdx_header(text: str) -> str | None:
    """The SPDX expression that a file's first 4,096 characters declare."""
    match = _SPDX.search(text[:_HEAD])
    return match["expression"].rstrip("-.") if match else None


def notice(text: str) -> str | None:
    """The licence that a file's first 4,096 characters state: its SPDX line, else a notice or a licence's own text."""
    declared = spdx_header(text)
    if declared:
        return declared
    words = " ".join(_COMMENT_SIGNS.sub("", text[:_HEAD]).split())
    for pattern, name in _NOTICES:
        if pattern.search(words):
            return name
    return next((name for phrase, name in _PHRASES if phrase in words), None)


@dataclass(frozen=True)
class ArchiveLicences:
    """What the licence files and the metadata of an archive say of its members.

    `folders` holds, for each folder with licence files, the licence they tell; `whole` the package's own.
    """

    whole: str | None = None
    folders: Mapping[str, str] = field(default_factory=dict)

    def of(self, path: str) -> str | None:
        """The licence of a member without words of its own: its nearest folder's, else the package's."""
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
    top: set[str] = set()
    found: dict[str, set[str]] = {}
    for path, text in files:
        licence = licence_of_archive(path, text)
        if licence is None:
            continue
        if not tells_licence(path):
            found.setdefault(path.rpartition("/")[0], set()).add(licence)
        elif path.rsplit("/", 1)[-1] in _METADATA_FILES:
            declared = declared or licence
        else:
            top.add(licence)
    whole = declared or " AND ".join(sorted(top)) or None
    return ArchiveLicences(whole, {folder: " AND ".join(sorted(names)) for folder, names in found.items()})


def speaks_of_licence(path: str) -> bool:
    """Whether a file of this path is a licence file, at any depth, or the metadata of the package."""
    return tells_licence(path) or _LICENCE_FILE.match(path.rsplit("/", 1)[-1]) is not None


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
    words = " ".join(text.split())
    return next((name for phrase, name in _PHRASES if phrase in words), None)


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
