"""What the REUSE specification (version 3.3) says of files that cannot say it themselves.

`REUSE.toml` annotates paths by globs; `.reuse/dep5` is its older form, in Debian's machine-readable copyright format
(copyright-format 1.0), which `debian/copyright` of Debian's source packages has too.
"""

import re
import tomllib
from typing import NamedTuple

from filters.code.licence_names import spdx_expression

_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^(?P<name>[A-Za-z-]++):[ \t]*+(?P<value>[^\n]*+(?>(?:\n[ \t]++[^\n]++)*))", re.MULTILINE)


class Annotation(NamedTuple):
    """Files by a pattern of their whole path, and the licence they are under; `overrides`: whatever they say."""

    pattern: re.Pattern[str]
    licence: str
    overrides: bool = False


def annotations(path: str, text: str) -> list[Annotation]:
    """The annotations in the file at `path`, `REUSE.toml`, `.reuse/dep5` or `debian/copyright`.

    None where it cannot be read as such.
    """
    if path.rsplit("/", 1)[-1] == "REUSE.toml":
        folder = path[: -len("REUSE.toml")]
        return _of_toml(folder, text)
    return _of_dep5(path.removesuffix(".reuse/dep5").removesuffix("debian/copyright"), text)


def _of_toml(folder: str, text: str) -> list[Annotation]:
    try:
        tables = tomllib.loads(text).get("annotations", [])
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    found: list[Annotation] = []
    for table in tables if isinstance(tables, list) else []:
        if not isinstance(table, dict):
            continue
        licence = table.get("SPDX-License-Identifier")
        licences = [str(one) for one in (licence if isinstance(licence, list) else [licence]) if one]
        paths = table.get("path")
        if not licences:
            continue
        for glob in paths if isinstance(paths, list) else [paths]:
            if isinstance(glob, str):
                pattern = re.compile(re.escape(folder) + _glob(glob, star="[^/]*"))
                found.append(Annotation(pattern, " AND ".join(licences), table.get("precedence") == "override"))
    return found


def _of_dep5(folder: str, text: str) -> list[Annotation]:
    found: list[Annotation] = []
    for paragraph in _PARAGRAPH.split(text):
        fields = {field["name"]: field["value"] for field in _FIELD.finditer(paragraph)}
        licence = spdx_expression(fields.get("License", "").split("\n")[0].strip())
        for glob in fields.get("Files", "").split() if licence else []:
            found.append(Annotation(re.compile(re.escape(folder) + _glob(glob, star=".*")), licence))
    return found


def _glob(glob: str, *, star: str) -> str:
    """A glob as a pattern of a whole path; two stars cross folders."""
    parts = re.split(r"(\*\*|\*|\?)", re.sub(r"\*{3,}", "**", glob))
    known = {"**": ".*", "*": star, "?": "[^/]"}
    return "".join(known.get(part, re.escape(part)) for part in parts) + r"\Z"
