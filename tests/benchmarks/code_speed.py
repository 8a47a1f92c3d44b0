"""How fast code is read from trees and archives, and in how much memory, beside the original functions.

Every folder is a source tree; each folder below the given ones is packed as an archive of its own. A measure runs in a
process of its own and counts processor time, files read again from the page cache. The original functions (taken out of
process_stack.py and process_github.py as in `code_fidelity`) are only called with texts that are decoded already: they
find no language, no licence and no archive. MB are bytes of source files.

    python -m tests.benchmarks.code_speed math-lm/proof_pile_2/algebraic_stack FOLDER… --work FOLDER [--megabytes 300]
"""

import argparse
import multiprocessing
import resource
import tarfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from filters.code.detection import ending, language_of, possible
from filters.code.general import SourceFile
from filters.code.registry import GITHUB_RULES
from manifests.records import BadRecord, Rules
from pipelines.sources.base import RawFile
from pipelines.sources.code import CodeOptions, CodeSource
from tests.benchmarks.code_fidelity import GITHUB, STACK, functions, original


class Measure(NamedTuple):
    """Files, their bytes, seconds of processor time, and the peak of the process in bytes."""

    files: int
    bytes: int
    seconds: float
    peak: int


def chosen(folders: list[Path], most: int) -> list[Path]:
    """The trees: folders below the given ones, as many as hold so many bytes of source files."""
    found, size = [], 0
    for tree in sorted(path for folder in folders for path in folder.iterdir() if path.is_dir()):
        if size < most:
            found.append(tree)
            size += sum(path.stat().st_size for path in tree.rglob("*") if possible(path.name) and path.is_file())
    return found


def read(source: CodeSource, files: list[RawFile]) -> tuple[int, int]:
    """Read files to the end; their source files and bytes."""
    count = size = 0
    for file in files:
        for record in source.records(file):
            if not isinstance(record, BadRecord):
                source.document(record)
                count += 1
                size += len(record.payload)
    return count, size


def of_trees(trees: list[Path], rules: Rules) -> tuple[int, int]:
    """Read trees, one file at a time."""
    source = CodeSource("code", CodeOptions(), rules)
    files = [RawFile(path, path.relative_to(tree.parent).as_posix()) for tree in trees for path in source.files(tree)]
    return read(source, files)


def of_archives(archives: list[Path], rules: Rules) -> tuple[int, int]:
    """Read archives."""
    return read(CodeSource("code", CodeOptions(), rules), [RawFile(path, path.name) for path in archives])


def texts(trees: list[Path]) -> Iterator[SourceFile]:
    """The source files of trees that are UTF-8, decoded."""
    for tree in trees:
        for path in sorted(tree.rglob("*")):
            if possible(path.name) and path.is_file() and not path.is_symlink():
                raw, name = path.read_bytes(), path.relative_to(tree).as_posix()
                yield SourceFile(raw.decode("utf-8", "ignore"), name, tree.name, ending(name), len(raw))


def of_originals(originals: Path, trees: list[Path]) -> tuple[int, int, float]:
    """Call the original functions; their own seconds are counted alone."""
    programs = {
        "stack": functions(originals / "process_stack.py"),
        "github": functions(originals / "process_github.py"),
    }
    count, size, seconds = 0, 0, 0.0
    for file in texts(trees):
        language = language_of(file.path, file.text, "published")
        origin = "github" if language in GITHUB_RULES else "stack"
        name = (GITHUB if origin == "github" else STACK).get(language or "")
        if name is None:
            continue
        started = time.process_time()
        original(programs[origin], name, "github" if origin == "github" else "stack", file)
        seconds += time.process_time() - started
        count, size = count + 1, size + file.size
    return count, size, seconds


def measured(work: Callable[[], tuple[int, int] | tuple[int, int, float]]) -> Measure:
    """What `work` takes in a process of its own."""
    receive, send = multiprocessing.Pipe(duplex=False)

    def run(connection: Connection) -> None:
        started = time.process_time()
        count, size, *own = work()
        seconds = own[0] if own else time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
        connection.send(Measure(count, size, seconds, peak))

    process = multiprocessing.get_context("fork").Process(target=run, args=(send,))
    process.start()
    found: Measure = receive.recv()
    process.join()
    return found


def packed(trees: list[Path], work: Path) -> list[Path]:
    """An archive of each tree, made once."""
    work.mkdir(parents=True, exist_ok=True)
    made = []
    for number, tree in enumerate(trees):
        path = work / f"{number}-{tree.name}.tar.gz"
        if not path.is_file():
            with tarfile.open(path, "w:gz", compresslevel=6) as tar:
                tar.add(tree.resolve(), tree.name)  # a tree may be a link, which would be packed as such
        made.append(path)
    return made


def main() -> None:
    """Print one row a way of reading."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("originals", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--megabytes", type=int, default=300)
    options = parser.parse_args()
    trees = chosen(options.folders, options.megabytes * 1_000_000)
    archives = packed(trees, options.work)
    print("                          files     MB   CPU s   MB/s   peak MB", flush=True)
    rows: list[tuple[str, Callable[[], tuple[int, int] | tuple[int, int, float]]]] = [
        ("original functions", lambda: of_originals(options.originals, trees)),
        ("tree, published", lambda: of_trees(trees, "published")),
        ("tree, corrected", lambda: of_trees(trees, "corrected")),
        ("archives, published", lambda: of_archives(archives, "published")),
        ("archives, corrected", lambda: of_archives(archives, "corrected")),
    ]
    for name, work in rows:
        one = measured(work)
        speed = one.bytes / 1e6 / max(one.seconds, 1e-9)
        print(
            f"{name:22} {one.files:8} {one.bytes / 1e6:6.0f} {one.seconds:7.1f} {speed:6.1f} {one.peak / 1e6:9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
