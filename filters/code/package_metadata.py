"""The licence that a package's authors declare to its index: the last resort where no licence file stands.

One field of one file at the top of an archive or a tree, as the indexes document them: npm's `package.json`, Cargo's
and Python's TOML, R's `DESCRIPTION`, Cabal's package description, `CITATION.cff` and `codemeta.json`.
`filters.code.licences` asks.
"""

import json
import re
import tomllib
from typing import Any

FILES = (
    "package.json", "Cargo.toml", "pyproject.toml", "Project.toml", "DESCRIPTION", "CITATION.cff", "codemeta.json",
    "setup.cfg",
)  # fmt: skip
_LINE = re.compile(
    r"^[ \t]*+licen[cs]e[ \t]*+[:=][ \t]*+[\"']?(?P<licence>[^\n\"']{2,80})", re.MULTILINE | re.IGNORECASE
)
_CABAL = ".cabal"
_HASKELL_NAMES = {
    "BSD3": "BSD-3-Clause",
    "BSD2": "BSD-2-Clause",
    "BSD4": "BSD-4-Clause",
    "PublicDomain": "LicenseRef-public",
}
_R_NAME = re.compile(
    r"\b(?P<kind>A?GPL|LGPL)[ -]?(?:\((?P<later>>=)?[ ]?(?P<version>\d(?:\.\d)?)\)|(?P<dash>\d(?:\.\d)?))"
)
_WRITTEN_IN_A_FILE = re.compile(r"\b(?:see|file|custom|unlicensed|other|unknown)\b|^\{", re.IGNORECASE)
MAX_CHARACTERS = 1 << 18


def is_metadata(path: str) -> bool:
    """Whether a file stands at the top and holds a package's metadata."""
    name = path.rsplit("/", 1)[-1]
    return path.count("/") <= 1 and (name in FILES or name.endswith(_CABAL))


def licence_of_package(path: str, text: str) -> str | None:
    """The licence that the metadata at `path` declare, by SPDX's name where the index has its own; None for none."""
    name = path.rsplit("/", 1)[-1]
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        if name.endswith(".json"):
            said = _of_json(json.loads(text))
        elif name.endswith(".toml"):
            said = _of_toml(tomllib.loads(text))
        else:
            found = _LINE.search(text)
            said = found["licence"].strip() if found else None
    except (ValueError, RecursionError):
        return None
    if said is None or not said.strip():
        return None
    if name == "DESCRIPTION":
        said = _R_NAME.sub(_r_name, said.split("+ file")[0].replace("|", " OR "))
    said = " ".join(said.rsplit("/spdx.org/licenses/", 1)[-1].split())
    said = _HASKELL_NAMES.get(said, said)
    return None if _WRITTEN_IN_A_FILE.search(said) else said.removesuffix(".html")


def _of_json(table: Any) -> str | None:
    if not isinstance(table, dict):
        return None
    licence = table.get("license")
    if isinstance(licence, list) and licence:
        licence = licence[0]
    if isinstance(licence, dict):
        licence = licence.get("type") or licence.get("url")
    return licence if isinstance(licence, str) else None


def _of_toml(tables: dict[str, Any]) -> str | None:
    for table in (tables.get("package"), tables.get("project"), tables):
        licence = table.get("license") if isinstance(table, dict) else None
        if isinstance(licence, dict):
            licence = licence.get("text")
        if isinstance(licence, str) and len(licence) <= 80:
            return licence
    return None


def _r_name(found: re.Match[str]) -> str:
    version = found["version"] or found["dash"]
    version = version if "." in version else version + ".0"
    return f"{found['kind']}-{version}-{'or-later' if found['later'] else 'only'}"
