"""Prefilter, extraction and the whole web source beside trafilatura, Resiliparse and datatrove, with the quality.

    python -m tests.benchmarks.web_speed FOLDER... [--megabytes 120] [--slow 12] [--quality 40]
    python -m tests.benchmarks.web_speed FOLDER... --small 150000

A folder holds HTML files; the folder just below it names the collection (see web_quality). Programs take turns on runs
of pages, so that a busy machine is busy for all of them and each works as it would alone, with its own caches. Times
are processor time of one process, in megabytes of pages a second (of decompressed archive for whole sources); `ratio`
is to Resiliparse on the same bytes, which has the same decoding to do. What runs at about 1 MB/s gets the first
`--slow` megabytes of the same pages. A peer that is not installed is named and left out. `--quality 0`: no quality.

`--small` measures nothing but extraction, on the pages of at most so many bytes: once on pages that no cache has seen,
as a crawl has them, and again and again on the same ones, of which the fastest pass counts.
"""

import argparse
import gzip
import importlib.util
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.html.charset import decode
from pipelines.extraction.pages import prefilter
from pipelines.extraction.pages.page import warm_up
from pipelines.extraction.pages.prefilter import Evidence
from pipelines.extraction.pages.seen import Seen
from tests.benchmarks import web_extractors, web_quality, web_reading

Program = Callable[[bytes], object]
_RUN = 100
"""Pages that a program reads before it is the next one's turn."""
_ARCHIVES = 8
"""Archives that the whole sources take turns on."""
_PASSES = 6
"""How often small pages are read: the first time they are new, the fastest of the others counts."""
_LARGEST_JUDGED = 600_000
"""Bytes of the largest page whose quality is judged."""


class Timing(NamedTuple):
    """A program, the pages it was given and what it took; `failed` counts pages that it did not read."""

    name: str
    megabytes: float
    seconds: float
    failed: int

    def speed(self) -> float:
        """Megabytes a second."""
        return self.megabytes / max(self.seconds, 1e-9)


def taking_turns(pages: Sequence[bytes], programs: dict[str, Program]) -> list[Timing]:
    """Every program on every page, by turns."""
    seconds: dict[str, float] = defaultdict(float)
    failed: dict[str, int] = defaultdict(int)
    for run in programs.values():  # what is loaded or compiled on first use is not the page's
        for page in pages[:20]:
            attempt(run, page)
    for first in range(0, len(pages), _RUN):
        for name, run in programs.items():
            start = time.process_time()
            failed[name] += sum(not attempt(run, page) for page in pages[first : first + _RUN])
            seconds[name] += time.process_time() - start
    size = sum(map(len, pages)) / 1e6
    return [Timing(name, size, seconds[name], failed[name]) for name in programs]


def small(pages: Sequence[bytes], programs: dict[str, Program]) -> tuple[list[Timing], list[Timing]]:
    """Every program on small pages: the first pass, and the fastest of those after it."""
    warm_up()
    passes: list[list[Timing]] = []
    size = sum(map(len, pages)) / 1e6
    for _ in range(_PASSES):
        timings = []
        for name, run in programs.items():
            start = time.process_time()
            failed = sum(not attempt(run, page) for page in pages)
            timings.append(Timing(name, size, time.process_time() - start, failed))
        passes.append(timings)
    return passes[0], [min(timings, key=lambda one: one.seconds) for timings in zip(*passes[1:], strict=True)]


def attempt(run: Program, page: bytes) -> bool:
    """Whether the program read the page."""
    try:
        run(page)
    except Exception:
        return False
    return True


def show(title: str, timings: Sequence[Timing], beside: Timing | None) -> None:
    """Print timings, with their ratio to the speed of `beside`."""
    print(f"\n{title}")
    for timing in timings:
        ratio = f"ratio {timing.speed() / beside.speed():5.2f}" if beside else " " * 11
        failed = f"   {timing.failed} pages not read" if timing.failed else ""
        print(f"  {timing.name:46s} {timing.megabytes:6.1f} MB {timing.speed():8.1f} MB/s  {ratio}{failed}")


def prefilters(pages: Sequence[bytes]) -> list[Timing]:
    """Our rules on bytes, and the published expressions on the decoded text (decoding not counted)."""
    found = taking_turns(
        pages,
        {
            "prefilter, published rules: ours": lambda page: prefilter.scan(Seen(page), "published") != Evidence.NONE,
            "prefilter, corrected rules: ours": lambda page: prefilter.scan(Seen(page), "corrected") != Evidence.NONE,
        },
    )
    seconds = 0.0
    for page in pages:
        text = decode(page)
        start = time.process_time()
        _ = web_reading.PUBLISHED_NAMES.search(text) or web_reading.PUBLISHED_COMMAND.search(text)
        seconds += time.process_time() - start
    size = sum(map(len, pages)) / 1e6
    return [*found, Timing("prefilter: the published expressions", size, seconds, 0)]


def fastwarc_and_resiliparse(path: Path) -> str:
    """FastWARC's reader and Resiliparse's extraction on every page: the fastest whole source made of peers."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from resiliparse.extract.html2text import extract_plain_text

    count = 0
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
            extract_plain_text(decode(record.reader.read()), main_content=True)
            count += 1
    return f"{count} pages"


def sources(pages: Sequence[bytes], slow: Sequence[bytes]) -> list[Timing]:
    """Whole sources on archives of `pages`, by turns on each; those with trafilatura on one of `slow`."""
    fast: dict[str, Callable[[Path], str]] = {
        "FastWARC and Resiliparse, every page": fastwarc_and_resiliparse,
        "ours, prefilter on": lambda path: web_reading.source(path, "score"),
        "ours, every page extracted": lambda path: web_reading.source(path, "off"),
    }
    parts = [(pages[start::_ARCHIVES], fast) for start in range(_ARCHIVES)]
    parts.append((slow, {"datatrove's reader and extractor, every page": web_reading.datatrove_whole}))
    seconds: dict[str, float] = defaultdict(float)
    sizes: dict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory() as folder:
        for part, (chosen, runs) in enumerate(parts):
            path = Path(folder) / f"{part}.warc.gz"
            size = 0
            with path.open("wb") as file:
                for number, page in enumerate(chosen):
                    for record in web_reading.records(page, number):
                        size += len(record)
                        file.write(gzip.compress(record, 6))
            for name, run in runs.items():
                try:
                    line = web_reading.timed(name, size, lambda path=path, run=run: run(path), times=1)
                except ImportError as error:
                    print(f"  {name}: not measured, {error}")
                    continue
                seconds[name] += size / 1e6 / line.speed
                sizes[name] += size
    return [Timing(name, sizes[name] / 1e6, seconds[name], 0) for name in seconds]


def quality(folders: list[Path], per_collection: int, names: Sequence[str]) -> None:
    """Print what each extractor keeps of the formulas and of the main text, over all collections."""
    runs = web_extractors.extractors(",".join(names))
    rows: list[dict[str, web_quality.Result]] = []
    generators = set()
    for sample in web_quality.samples(folders, per_collection, _LARGEST_JUDGED):
        formulas, expected = list(web_quality.formulas_in(decode(sample.data))), web_quality.words_of(sample)
        rows.append({name: web_quality.measure(sample, run, formulas, expected) for name, run in runs.items()})
        generators.add(sample.generator.name)
    print(f"\nquality on {len(rows)} pages of {len(generators)} generators: words, precision / recall · formulas kept")
    print("\n".join([*web_quality.table("pages", {"**all**": rows}, list(runs)), ""]))
    print("\n".join(web_quality.kinds_table(rows, list(runs))))


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--megabytes", type=int, default=120, help="pages for what is fast")
    parser.add_argument("--slow", type=int, default=12, help="megabytes of pages for what is slow")
    parser.add_argument("--quality", type=int, default=40, help="pages of each collection for the quality table")
    parser.add_argument("--small", type=int, default=0, metavar="BYTES", help="only extraction, of pages so small")
    options = parser.parse_args()
    pages = list(web_reading.chosen(options.folders, options.megabytes * 1_000_000))
    if options.small:
        pages = [page for page in pages if len(page) <= options.small]
        if not pages:
            parser.error(f"no page of at most {options.small} bytes")
        known = web_extractors.extractors("blocks,resiliparse")
        new, again = small(pages, {"resiliparse": known["resiliparse"], "ours": known["blocks"]})
        show(f"extraction, {len(pages)} small pages, never seen before", new, new[0])
        show("extraction, the same pages, fastest of several passes", again, again[0])
        return
    slow, size = [], 0
    for page in pages:
        if size > options.slow * 1_000_000:
            break
        slow.append(page)
        size += len(page)
    known = web_extractors.extractors("blocks,resiliparse,trafilatura")
    for name in ("trafilatura", "datatrove", "fastwarc"):
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed: not measured")
            known.pop(name, None)
    total = sum(map(len, pages)) / 1e6
    print(f"{len(pages)} pages, {total:.1f} MB; slow programs: {len(slow)} pages, {size / 1e6:.1f} MB")
    show("prefilter", prefilters(pages), None)
    fast = taking_turns(pages, {"resiliparse": known["resiliparse"], "ours": known["blocks"]})
    show("extraction, every page", fast, fast[0])
    named = {"resiliparse": "resiliparse", "ours": "blocks", "trafilatura": "trafilatura"}
    few = taking_turns(slow, {name: known[key] for name, key in named.items() if key in known})
    show("extraction, the first pages", few, few[0])
    whole = sources(pages, slow)
    show("whole source: reading, prefilter, extraction", whole, whole[0] if "FastWARC" in whole[0].name else None)
    if options.quality:
        quality(options.folders, options.quality, list(known))


if __name__ == "__main__":
    main()
