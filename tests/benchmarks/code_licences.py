"""How many packages have the licence told that they declare: whole texts of licence files against declared expressions.

Every installed Python distribution below the given folders that declares an SPDX expression (`License-Expression`, core
metadata 2.4) and ships a licence file: what the file's text says, alone, is compared with the declaration. Told as
permissive although nothing declared is: the mistakes that matter.

    python -m tests.benchmarks.code_licences .venv --errors
"""

import argparse
import re
from pathlib import Path

from filters.code.licence_names import is_permissive
from filters.code.licences import archive_licences

_DECLARED = re.compile(r"^License-Expression:[ \t]*(?P<expression>[^\n]+)$", re.MULTILINE)
_LICENCE_FILE = re.compile(r"(?:licen[cs]e|copying|unlicense)[-_.\w]*\Z", re.IGNORECASE)


def names(expression: str) -> set[str]:
    """The licences that an expression names; a library's own exceptions and choices aside."""
    words = re.split(r"\s+(?:AND|OR)\s+", re.sub(r"[()]", " ", expression))
    return {re.split(r"\s+WITH\s+", word.strip())[0].removesuffix("-only").removesuffix("-or-later") for word in words}


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--errors", action="store_true")
    chosen = parser.parse_args()
    seen: dict[str, tuple[str, str | None]] = {}
    for folder in chosen.folders:
        for metadata in sorted(folder.rglob("*.dist-info/METADATA")):
            declared = _DECLARED.search(metadata.read_text(errors="replace").split("\n\n", 1)[0])
            files = [one for one in metadata.parent.rglob("*") if one.is_file() and _LICENCE_FILE.match(one.name)]
            if declared and files:
                texts = [(f"package/{one.name}", one.read_text(errors="replace")) for one in sorted(files)]
                told = archive_licences(texts).of("package/module.py")
                seen[metadata.parent.name.split("-")[0]] = (declared["expression"].strip(), told)
    right = more = wrong = unknown = 0
    for name, (declared_as, told) in sorted(seen.items()):
        good = told is not None and bool(names(told) & names(declared_as)) and names(told) <= names(declared_as)
        right += good
        more += not good and told is not None and names(declared_as) <= names(told)
        unknown += told is None
        wrong += is_permissive(told) and not any(is_permissive(one) for one in names(declared_as))
        if chosen.errors and not good:
            print(f"  {name}: told {told}, declared {declared_as}")
    print(f"{len(seen)} packages: {right} told as declared, {more} with licences of parts besides, {unknown} not known")
    print(f"permissive that are not declared so: {wrong}")


if __name__ == "__main__":
    main()
