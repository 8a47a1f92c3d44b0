r"""Files that a paper reads: those that TeX opens in its document, and those whose text the product puts in place.

    python -m tests.benchmarks.paper_inputs FOLDER [--work FOLDER] [--show]

Each folder in FOLDER is one submission. pdfTeX writes down every file that it opens (`-recorder`), and opens a file of
ours where the document begins, so that what comes after it is read for the text. For the product each of these files
says its name in its first line; the names must come out in the order in which TeX first read the files (some classes
set a table twice). Files that are not there are nobody's fault; lists of references, styles and what TeX wrote itself
are left out, and so is what TeX read before the document began.
"""

import argparse
import difflib
import hashlib
import json
import posixpath
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.latex.paper import Paper, paper_text
from tests.benchmarks.paper_expansion import submissions
from tests.benchmarks.paper_formulas import log_of
from tests.benchmarks.paper_sources import expected_of

SECONDS = 30
TEXTS = (".tex", ".ltx", ".latex", ".inc", ".txt", "")
_BEGUN = "document-has-begun"
_OPENED = re.compile(r"^INPUT (.+)$", re.MULTILINE)
_READ = re.compile(r"\(([^\s()]{1,300})")
_NAMED = re.compile(r"QQ([a-p]+)QQ")
_DOCUMENT = re.compile(rb"(?m)^[^%\n]*\\begin[ \t]*\{document\}")


class Placed(NamedTuple):
    """The files that TeX reads in a paper's document, and how many of them the product reads in the same order."""

    name: str
    wanted: list[str]
    found: list[str]

    @property
    def right(self) -> int:
        """Files that are where TeX has them."""
        matcher = difflib.SequenceMatcher(None, self.wanted, self.found, autojunk=False)
        return sum(block.size for block in matcher.get_matching_blocks())


def opened(files: Mapping[str, bytes], main: str) -> list[str]:
    """The files of a submission that TeX opens for its text, in order; empty if it does not reach the document."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a" / "b"  # papers look for what lies above them
        for name, raw in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        place = root / posixpath.dirname(main)
        (place / f"{_BEGUN}.tex").write_text("", "utf-8")
        start = f"\\AddToHook{{begindocument/end}}{{\\input{{{_BEGUN}}}}}\\input{{{posixpath.basename(main)}}}"
        log = log_of(Path(folder), place, start, SECONDS)
        record = place / "probed.fls"
        lines = _OPENED.findall(record.read_text("utf-8", "replace")) if record.exists() else []
        paths = [posixpath.relpath((place / line).resolve(), root.resolve()) for line in lines]
    begun = posixpath.normpath(posixpath.join(posixpath.dirname(main), f"{_BEGUN}.tex"))
    at = paths.index(begun) if begun in paths else len(paths)
    behind = [path for path in paths[at + 1 :] if path not in paths[:at]]
    texts = [path for path in behind if path in files and posixpath.splitext(path)[1].lower() in TEXTS]
    read = {posixpath.basename(name) for name in _READ.findall(log)}  # not only asked for its date, or as a figure
    return [path for path in dict.fromkeys(texts) if path != main and posixpath.basename(path) in read]


def kept_opened(work: Path | None, files: Mapping[str, bytes], main: str) -> list[str]:
    """As `opened`, but what stands in the folder `work` from an earlier run is not made again."""
    if work is None:
        return opened(files, main)
    given = hashlib.sha256(main.encode())
    for name, raw in sorted(files.items()):
        given.update(f"{name}\n".encode() + hashlib.sha256(raw).digest())
    kept = work / f"inputs-{given.hexdigest()}.json"
    if not kept.exists():
        kept.write_text(json.dumps(opened(files, main)), "utf-8")
    return [str(name) for name in json.loads(kept.read_text("utf-8"))]


def placed(name: str, files: Mapping[str, bytes], work: Path | None = None) -> Placed | None:
    """The files of one submission as TeX and as the product read them; None where TeX reads none."""
    main = expected_of(files).main
    wanted = kept_opened(work, files, main) if main else []
    if not wanted:
        return None
    numbers = {path: number for number, path in enumerate(sorted(set(wanted)))}
    marked = {path: _marked(raw, numbers[path]) if path in numbers else raw for path, raw in files.items()}
    paper = paper_text(marked, main=main)
    text = paper.text if isinstance(paper, Paper) else ""
    names = sorted(numbers)
    return Placed(name, wanted, list(dict.fromkeys(names[_number(mark[1])] for mark in _NAMED.finditer(text))))


def _marked(raw: bytes, number: int) -> bytes:
    """A file that says its number, in letters, where its text begins."""
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in f"{number:x}")
    begin = _DOCUMENT.search(raw)
    at = begin.end() if begin else 0
    return raw[:at] + f"QQ{letters}QQ\n".encode() + raw[at:]


def _number(letters: str) -> int:
    return int("".join(f"{ord(letter) - ord('a'):x}" for letter in letters), 16)


def main() -> None:
    """Print each paper's figures and their sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of submissions")
    parser.add_argument("--work", type=Path, help="folder in which the files that TeX opens are kept")
    parser.add_argument("--show", action="store_true", help="print the files that are not in place")
    arguments = parser.parse_args()
    if not shutil.which("pdflatex"):
        parser.error("pdflatex is needed")
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    done = [found for name, files in submissions(arguments.folders) if (found := placed(name, files, arguments.work))]
    for found in done:
        if found.right < len(found.wanted):
            print(f"{found.name}\t{found.right}/{len(found.wanted)}", flush=True)
            if arguments.show:
                print(*(line for line in difflib.ndiff(found.wanted, found.found) if line[0] in "+-"), sep="\n    ")
    right, wanted = sum(found.right for found in done), sum(len(found.wanted) for found in done)
    print(f"{len(done)} papers read files; in place: {right}/{wanted} = {right / max(wanted, 1):.4f}")


if __name__ == "__main__":
    main()
