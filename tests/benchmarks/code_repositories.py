"""Are repositories and their files under the licence that others say? Licences told beside independent declarations.

Each folder is a repository. What it is under is declared apart from its licence files: by Debian's reviewers
(`debian/copyright` in the machine-readable format 1.0, for every file), or by the authors for their package index
(`package.json`, `Cargo.toml`, `DESCRIPTION`, `CITATION.cff`, `*.cabal`). The rules see neither. A repository is told by
its licence files, and as most of its source files are, their own notices included; rightly if the names agree, versions
included ("or later" aside, which a licence's text cannot say). By file only one mistake counts: a permissive label on a
file that Debian lists as copyleft.

    python -m tests.benchmarks.code_repositories FOLDER/* --errors
"""

import argparse
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from filters.code.detection import possible
from filters.code.licence_names import is_permissive
from filters.code.licence_notices import notice
from filters.code.licences import archive_licences, speaks_of_licence
from filters.code.package_metadata import is_metadata
from filters.code.reuse import Annotation, annotations

DECLARES = ("debian/copyright", "package.json", "Cargo.toml", "DESCRIPTION", "CITATION.cff")
_FIELD = {
    "DESCRIPTION": re.compile(r"^License:[ \t]*(?P<licence>[^\n]+)", re.MULTILINE),
    "CITATION.cff": re.compile(r"^license:[ \t]*[\"']?(?P<licence>[\w.+-]+)", re.MULTILINE),
    ".cabal": re.compile(r"^license:[ \t]*(?P<licence>[^\n]+)", re.MULTILINE | re.IGNORECASE),
}
_DEBIAN = {
    "expat": "MIT", "mit/x11": "MIT", "mit-license": "MIT", "artistic": "Artistic-1.0", "zlib/libpng": "Zlib",
    "bsd-3": "BSD-3-Clause", "bsd": "BSD-3-Clause", "bsd3": "BSD-3-Clause", "bsd-3-clause-lbnl": "BSD-3-Clause",
    "modified-bsd": "BSD-3-Clause", "bsd-2": "BSD-2-Clause", "bsl": "BSL-1.0", "boost-1.0": "BSL-1.0",
    "apache": "Apache-2.0", "apache-2": "Apache-2.0", "mpl-2": "MPL-2.0", "libpng": "libpng-2.0", "agpl-3": "AGPL-3.0",
    "cecill": "CECILL-2.0",
}  # fmt: skip
"""Debian's and R's short names (lower case) where they are not SPDX's."""
_COPYLEFT = re.compile(r"(?:L|A)?GPL|MPL|EPL|CECILL(?!-B)|CC-BY-SA|OSL|EUPL", re.IGNORECASE)


def names(expression: str) -> set[str]:
    """The licences of an expression by SPDX's names, without `-only`, `-or-later`, exceptions and bare minor zeros."""
    found: set[str] = set()
    expression = re.sub(r"-or-later\b", "", expression, flags=re.IGNORECASE)
    for part in re.split(
        r"\s+(?:AND|OR)\s+|-OR-|[,|&/](?!libpng)", re.sub(r"[()]", " ", expression), flags=re.IGNORECASE
    ):
        name = re.split(r"\s+with\s+|\s*\+\s*file\b", part.strip(), flags=re.IGNORECASE)[0].strip()
        name = re.sub(r"\s*>=\s*", "-", name)
        name = re.sub(r"^LicenseRef-|-with-[\w-]+-exception$", "", name, flags=re.IGNORECASE)
        name = re.sub(r"(?:-only|-or-later|\+)$", "", name).replace(" ", "-")
        name = re.sub(r"^(L?GPL|AGPL|GFDL)-?v?", r"\1-", name, flags=re.IGNORECASE).rstrip("-")
        name = _DEBIAN.get(name.lower(), name)
        if name and not name.lower().startswith("file-"):
            found.add(re.sub(r"^((?:L|A)?GPL-\d)\.0$", r"\1", name, flags=re.IGNORECASE).upper())
    return found


def declared(folder: Path) -> tuple[str | None, list[Annotation]]:
    """What a repository is declared to be under, and Debian's list of its files."""
    debian = folder / "debian/copyright"
    if debian.is_file():
        text = debian.read_text(errors="replace")
        found = annotations(".reuse/dep5", text) if "Files:" in text else []
        whole = next((one.licence for one in found if one.pattern.match("any")), None)
        return whole, found
    for name in DECLARES[1:]:
        path = folder / name
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if name == "package.json":
            licence = json.loads(text).get("license")
            return (licence.get("type") if isinstance(licence, dict) else licence), []
        if name == "Cargo.toml":
            return tomllib.loads(text).get("package", {}).get("license"), []
        if match := _FIELD[name].search(text):
            return match["licence"].strip(), []
    for path in folder.glob("*.cabal"):
        if match := _FIELD[".cabal"].search(path.read_text(errors="replace")):
            return match["licence"].strip(), []
    return None, []


def judged(told: str | None, theirs: set[str]) -> str:
    """Whether the licences that were told are the declared ones."""
    mine = names(told or "")
    if told is None:
        return "unknown"
    return "right" if mine & theirs and mine <= theirs else "more" if theirs <= mine else "wrong"


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a repository that are not its packager's."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(("debian/", ".pc/")) and not path.is_symlink() and path.is_file():
            yield name, path


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--errors", action="store_true")
    chosen = parser.parse_args()
    count: Counter[str] = Counter()
    for folder in chosen.folders:
        whole, listed = declared(folder)
        if not whole:
            continue
        every = list(files(folder))
        texts = [
            (f"{folder.name}/{name}", path.read_bytes().decode("utf-8", "replace"))
            for name, path in every
            if speaks_of_licence(f"{folder.name}/{name}")
            and path.name not in ("PKG-INFO", "METADATA")
            and not is_metadata(f"{folder.name}/{name}")
        ]
        licences = archive_licences(texts)
        sources = [(name, path) for name, path in every if possible(name)]
        of_file = {
            name: licences.of(f"{folder.name}/{name}", notice(path.read_bytes()[:65536].decode("utf-8", "replace")))
            for name, path in sources
        }
        by_files = Counter(licences.of(f"{folder.name}/{name}") for name, _ in sources).most_common(1)
        by_documents = Counter(of_file.values()).most_common(1)
        told = by_files[0][0] if by_files else licences.of(f"{folder.name}/x.c")
        theirs = names(whole)
        count["repositories"] += 1
        count[verdict := judged(told, theirs)] += 1
        count[f"{judged(by_documents[0][0] if by_documents else told, theirs)}, as most documents"] += 1
        copyleft = all(map(_COPYLEFT.match, theirs))
        count["copyleft repositories told permissive"] += is_permissive(told) and copyleft
        if chosen.errors and verdict != "right":
            print(f"  {folder.name}: {verdict}: told {told}, declared {whole}")
        for name, label in of_file.items() if listed else ():
            fitting = [one for one in listed if one.pattern.match(name)]
            if not fitting:
                continue
            truth = names(fitting[-1].licence)
            count["files"] += 1
            count["files labelled"] += label is not None
            count["files with the declared licence"] += bool(label) and bool(names(label or "") & truth)
            if all(map(_COPYLEFT.match, truth)):
                count["copyleft files"] += 1
                if is_permissive(label):
                    count["copyleft files told permissive"] += 1
                    if chosen.errors:
                        print(f"    {folder.name}/{name}: told {label}, declared {fitting[-1].licence}")
    for what, number in count.items():
        print(f"{what:40} {number:7}")


if __name__ == "__main__":
    main()
