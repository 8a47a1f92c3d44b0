"""The licence that a package's authors declare to its index: the last resort where no licence file stands.

One field of one file at the top of an archive or a tree, as the indexes document them: npm's, Bower's and Composer's
JSON, Perl's `META.json` and `META.yml`, `codemeta.json`; Cargo's, Python's, Fortran's (fpm) and Lean's (Lake) TOML;
R's and Octave's `DESCRIPTION`, Cabal's and hpack's package descriptions, `CITATION.cff`, `setup.cfg` and `setup.py`,
opam's and dune's files, GAP's `PackageInfo.g`, Idris's `.ipkg`, Ruby's `.gemspec`, RPM's `.spec`, Conda's `meta.yaml`,
Meson's `meson.build`, Maven's `pom.xml`, NuGet's `.nuspec`. `filters.code.licences` asks.
"""

import json
import re
import tomllib
from typing import Any

from filters.code.licence_names import spdx_expression

_JSON = ("package.json", "bower.json", "composer.json", "deno.json", "elm.json", "META.json", "codemeta.json")
_TOML = ("Cargo.toml", "pyproject.toml", "Project.toml", "fpm.toml", "lakefile.toml")
_LINE = re.compile(
    r"^[ \t]*+(?:\w{1,12}\.)?licen[cs]es?[ \t]*+(?::=|[:=])[ \t]*+(?P<list>\[)?[ \t]*+[\"']?(?P<licence>[^\n]{2,120})",
    re.MULTILINE | re.IGNORECASE,
)
"""A line `License: …`, `license = "…"`, `s.licenses = ["…"]` or `License := "…"`."""
_ARGUMENT = re.compile(r"\blicen[cs]e[ \t]*+[=:][ \t]*+[\"'](?P<licence>[^\n\"']{2,80})[\"']")
_LIST = re.compile(r"\(licen[cs]e[ \t]++(?P<licence>[^\n()]{2,80})\)")
_ELEMENT = re.compile(
    r"<licen[cs]e(?:[ ]type=\"expression\")?>\s{0,80}(?:<name>)?(?P<licence>[^<>\n]{2,120})<", re.IGNORECASE
)
_FORMS = {
    **dict.fromkeys(("DESCRIPTION", "CITATION.cff", "setup.cfg", "package.yaml", "META.yml", "meta.yaml"), _LINE),
    "PackageInfo.g": _LINE, "setup.py": _ARGUMENT, "meson.build": _ARGUMENT, "dune-project": _LIST, "pom.xml": _ELEMENT,
}  # fmt: skip
_ENDINGS = {
    ".cabal": _LINE, ".opam": _LINE, ".ipkg": _LINE, ".gemspec": _LINE, ".spec": _LINE, ".nuspec": _ELEMENT
}  # fmt: skip
_NAMES = frozenset((*_JSON, *_TOML, *_FORMS, "opam"))
_WRITTEN_IN_A_FILE = re.compile(r"\b(?:see|file|custom|unlicensed|other|unknown)\b|^\{", re.IGNORECASE)
MAX_CHARACTERS = 1 << 18


def is_metadata(path: str) -> bool:
    """Whether a file stands at the top and holds a package's metadata."""
    name = path.rsplit("/", 1)[-1]
    return path.count("/") <= 1 and (name in _NAMES or name.endswith(tuple(_ENDINGS)))


def licence_of_package(path: str, text: str) -> str | None:
    """The licence that the metadata at `path` declare, as an SPDX expression where it is known; None for none."""
    name = path.rsplit("/", 1)[-1]
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        if name in _JSON:
            said = _of_json(json.loads(text))
        elif name in _TOML:
            said = _of_toml(tomllib.loads(text))
        else:
            said = _of_text(_FORMS.get(name) or _ENDINGS.get("." + name.rpartition(".")[2], _LINE), text)
    except (ValueError, RecursionError):
        return None
    if said is None or not said.strip():
        return None
    said = said.rsplit("/spdx.org/licenses/", 1)[-1].removesuffix(".html").split("+ file")[0].split(" | file")[0]
    said = spdx_expression(said)
    return None if not said or _WRITTEN_IN_A_FILE.search(said) else said


def _of_text(form: re.Pattern[str], text: str) -> str | None:
    found = form.search(text)
    if found is None:
        return None
    said = found["licence"].strip()
    if form is not _LINE:
        return said
    if found["list"]:
        return " AND ".join(re.findall(r"[\w.+ -]{2,60}", said.partition("]")[0].replace('"', ",").replace("'", ",")))
    return re.split(r"[\"']|[ \t]#", said)[0].rstrip(" ,;")


def _of_json(table: Any) -> str | None:
    if not isinstance(table, dict):
        return None
    licence = table.get("license") or table.get("licenses")
    if isinstance(licence, list):
        # Composer lets choose from a list, and so do the old lists of npm.
        return " OR ".join(one for one in map(_of_entry, licence) if one) or None
    return _of_entry(licence)


def _of_entry(licence: Any) -> str | None:
    if isinstance(licence, dict):
        licence = licence.get("type") or licence.get("name") or licence.get("url")
    return licence if isinstance(licence, str) else None


def _of_toml(tables: dict[str, Any]) -> str | None:
    tool = tables.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    for table in (tables.get("package"), tables.get("project"), poetry, tables):
        licence = table.get("license") if isinstance(table, dict) else None
        if isinstance(licence, dict):
            licence = licence.get("text")
        if isinstance(licence, str) and len(licence) <= 80:
            return licence
    return None
