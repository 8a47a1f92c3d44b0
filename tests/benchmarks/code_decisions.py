"""How many of 473 judged decisions the rules take: real files on which `published` and `corrected` differ.

`code_decisions.tsv` names each file by its package (Debian, PyPI, GitHub), version, path and digest; it holds none
of their text but the line that decided. Each was read, first its head and some lines of its middle without the
decisions in sight, and judged by what the rules are for: is it a program (or a proof, or a test of one) in its
language, does it use the library that its language asks for, or is it data, generated, commented out, of another
language? 13 judgements of the first sample, and none of the second, were changed when the whole file was read. The
rules were mended on the first sample (377 files); the second (96) was drawn and judged afterwards: 83 were decided
rightly at first sight, 90 when notes of generated files were told from prose.

Every file below the given folders whose length and digest are in the list is judged by both rules; packages that are
not there are passed over.

    python -m tests.benchmarks.code_decisions FOLDER… --errors
"""

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterator
from csv import DictReader
from pathlib import Path
from typing import NamedTuple

from filters.code.detection import ending, language_of
from filters.code.general import PublishedCrash, SourceFile
from filters.code.registry import judge
from manifests.records import Rules

LIST = Path(__file__).with_name("code_decisions.tsv")
DIGEST = 24
"""Hexadecimal digits of the SHA-256 that the list gives."""


class Decision(NamedTuple):
    """One file of the list, `right`: `keep` or `drop`."""

    origin: str
    package: str
    version: str
    path: str
    sha256: str
    bytes: int
    language: str
    rule: str
    path_kind: str
    sample: str
    right: str
    what: str


def decisions() -> list[Decision]:
    """The list, in its order."""
    with LIST.open(encoding="utf-8", newline="") as lines:
        rows = DictReader(lines, delimiter="\t", quoting=3)
        return [Decision(**{**row, "bytes": int(row["bytes"])}) for row in rows]  # type: ignore[arg-type]


def found(folders: list[Path], listed: list[Decision]) -> Iterator[tuple[Decision, bytes]]:
    """The files of the list that lie below the folders, each once."""
    wanted = {one.sha256: one for one in listed}
    lengths = {one.bytes for one in listed}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_symlink() and path.is_file() and path.stat().st_size in lengths:
                raw = path.read_bytes()
                if one := wanted.pop(hashlib.sha256(raw).hexdigest()[:DIGEST], None):
                    yield one, raw


def decided(one: Decision, raw: bytes, rules: Rules) -> str:
    """What the rules do with a file: `keep` or `drop`."""
    text = raw.decode("utf-8")
    language = language_of(one.path, text, rules)
    if language is None:
        return "drop"
    try:
        file = SourceFile(text, one.path, one.package, ending(one.path), len(raw))
        refused = judge(language, file, rules, "github", lambda _: True)
    except PublishedCrash:
        return "drop"
    return "drop" if refused else "keep"


def main() -> None:
    """Print agreement by sample, rule and language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--errors", action="store_true", help="print the files that are decided otherwise")
    chosen = parser.parse_args()
    count: Counter[tuple[str, str]] = Counter()
    for one, raw in found(chosen.folders, decisions()):
        groups = ("all", f"{one.sample} sample", f"{one.rule}, {one.language}")
        for group in groups:
            count[group, "files"] += 1
            for rules in ("published", "corrected"):
                count[group, rules] += decided(one, raw, rules) == one.right  # type: ignore[arg-type]
        if chosen.errors and decided(one, raw, "corrected") != one.right:
            print(f"  should {one.right}: {one.package} {one.version} {one.path}: {one.what}")
    print("                        files  published  corrected")
    for group in sorted({group for group, _ in count}):
        print(f"{group:22} {count[group, 'files']:6} {count[group, 'published']:10} {count[group, 'corrected']:10}")


if __name__ == "__main__":
    main()
