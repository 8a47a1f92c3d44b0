"""What planning, and a rebuild with nothing to do, cost for very many units.

    python -m tests.benchmarks.ledger_scale --units 1000000 --folder runs

The units are of the extract stage, with one raw file and one output of a few bytes each; their entries are written as
workers write them, without the work. Prints seconds of wall and processor time and the peak of memory.
"""

import argparse
import hashlib
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from manifests import ledger, packing
from manifests.ledger import Entry, InputFact
from manifests.paged import Paged
from manifests.recipe import Recipe, parse_recipe
from manifests.writing import FileFact
from pipelines.corpus.folder import Corpus, locked
from pipelines.corpus.texts import Raw
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.engine.worker import Unit
from pipelines.stages import extract, filter
from pipelines.stages.build import Build

CONTENT = b"x"
SHA = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print what a block cost."""
    wall, used = time.monotonic(), time.process_time()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{what:<34}{time.monotonic() - wall:8.1f} s wall {time.process_time() - used:8.1f} s CPU, peak {peak:,} MiB",
        flush=True,
    )


def recipe_of_units() -> Recipe:
    """A recipe with one source."""
    return parse_recipe("name: many\nsources: [{name: web, kind: web, inputs: [pages]}]\n", "many.yaml")


def raw_files(count: int) -> Paged[Raw]:
    """So many raw files, each as large as a unit; digests are as random as those of files."""
    names = (f"pages/{number:08d}.warc.gz" for number in range(count))
    return Paged(Raw, (Raw(f"/{name}", name, 64 << 20, hashlib.sha256(name.encode()).hexdigest()) for name in names))


def do_without_work(root: Path, units: Sequence[Unit]) -> None:
    """Leave what workers would: one output and one entry a unit."""
    (root / "documents/web").mkdir(parents=True, exist_ok=True)
    folder = ledger.entry_path(root, "extract", "x").parent
    folder.mkdir(parents=True, exist_ok=True)
    for unit in units:
        output = f"documents/web/{unit.key.removeprefix('web-')}.parquet"
        (root / output).write_bytes(CONTENT)
        given = (InputFact(f"pages/{unit.key}.warc.gz", 64 << 20, "0" * 64),)
        entry = Entry(
            "extract",
            unit.key,
            "web",
            unit.fingerprint,
            9000,
            8000,
            rejected={"no_math": 900, "not_english": 100},
            inputs=given,
            outputs=(FileFact(output, 8000, len(CONTENT), SHA),),
            licences={"unknown": 8000},
            numbers={"raw_bytes": 64 << 20, "text_bytes": 30 << 20},
        )
        # As `write_entry`, without waiting for the disk a million times.
        (folder / f"{unit.key}.json").write_text(ledger.text_of(entry), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Plan, do without work, pack, and rebuild."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args(argv)
    recipe, corpus = recipe_of_units(), Corpus(arguments.folder)
    build = Build(recipe, corpus, Engine(), Progress(quiet=True))
    files = {"web": raw_files(arguments.units)}
    if not arguments.folder.exists():
        corpus.adopt(recipe)
        do_without_work(build.root, list(extract.plan(build.root, recipe, files, {}, {})))
        with told("entries packed"):
            packing.pack(build.root, "extract")
        print("now run it again, for figures of a process that begins", flush=True)
        return 0
    with told(f"{arguments.units:,} units planned"):
        units = Paged(Unit, extract.plan(build.root, recipe, files, {}, {}))
    with told("folder locked, all looked at"):
        lock = locked(build.root)
        lock.__enter__()
    with told("nothing to extract"):
        build.do("extract", units)
    del units
    with told("the filter planned"):
        planned = Paged(Unit, filter.plan(build.root, recipe, corpus.documents()))
    print(f"{len(planned):,} units of filter; {len(os.listdir(build.root / 'ledger/extract'))} files of entries")  # noqa: PTH208
    return 0


if __name__ == "__main__":
    sys.exit(main())
