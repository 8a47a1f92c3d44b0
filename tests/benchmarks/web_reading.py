"""Times the reading of web archives and the prefilter beside FastWARC, warcio and datatrove, on one core.

Packs real pages as Common Crawl does (a request, a response and a metadata record for each page, one gzip member
each) and reads the same file with every reader that is installed; then scans the same pages with the prefilter and
with the published regular expressions.

    python -m tests.benchmarks.web_reading --pages FOLDER [--pages FOLDER …] [--megabytes 120]

Times are processor time, child processes included; the best of three runs, one of the whole sources.
"""

import argparse
import gzip
import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import lz4.frame
import zstandard

from manifests.records import Document
from pipelines.extraction.archives import http_messages as messages
from pipelines.extraction.archives.captures import read
from pipelines.extraction.archives.framing import Capture
from pipelines.extraction.html import charset
from pipelines.extraction.pages import prefilter
from pipelines.extraction.pages.prefilter import Evidence
from pipelines.extraction.pages.seen import Seen
from pipelines.sources.base import RawFile, Record
from pipelines.sources.web import WebOptions, WebSource

LARGEST_PAGE = 5_000_000
PUBLISHED_NAMES = re.compile(
    "MathJax|mathjax|<math|math-container|katex.min.css|latex.php|codecogs|tex.cgi|class=\"tex\"|class='tex'"
)
PUBLISHED_COMMAND = re.compile(r"\\[a-z]{2,}")


class Line(NamedTuple):
    """One measurement: megabytes a second of decompressed archive or of pages."""

    what: str
    speed: float
    note: str


def chosen(folders: list[Path], size: int) -> Iterator[bytes]:
    """Pages in the order of a hash of their path, until `size` bytes are full."""
    paths = [path for folder in folders for path in folder.rglob("*.htm*") if path.is_file()]
    for path in sorted(paths, key=lambda one: hashlib.blake2b(str(one).encode()).digest()):
        if size <= 0:
            return
        page = path.read_bytes()
        if len(page) <= LARGEST_PAGE:
            size -= len(page)
            yield page


def records(page: bytes, number: int) -> Iterator[bytes]:
    """A page as three WARC records."""
    url = f"https://www.example.org/folder/{number}/page.html"
    response = (
        b"HTTP/1.1 200 OK\r\nDate: Mon, 02 Jan 2023 03:04:05 GMT\r\nContent-Type: text/html; charset=UTF-8\r\n"
        b"X-Crawler-Content-Encoding: gzip\r\nServer: nginx\r\nVary: Accept-Encoding\r\n\r\n" + page
    )
    request = b"GET /folder/page.html HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: bot\r\nAccept: */*\r\n\r\n"
    for kind, block, of in (
        ("request", request, "application/http; msgtype=request"),
        ("response", response, "application/http; msgtype=response"),
        ("metadata", b"fetchTimeMs: 100\r\ncharset-detected: UTF-8\r\n", "application/warc-fields"),
    ):
        head = (
            f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2023-01-02T03:04:05Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\nContent-Length: {len(block)}\r\n"
            f"Content-Type: {of}\r\nWARC-Warcinfo-ID: <urn:uuid:8f5e5e0c-0000-4000-8000-000000000000>\r\n"
            f"WARC-IP-Address: 10.0.0.1\r\nWARC-Target-URI: {url}\r\n"
            f"WARC-Identified-Payload-Type: text/html\r\n\r\n"
        )
        yield head.encode() + block + b"\r\n\r\n"


def _clock() -> float:
    """Processor time of this process and of those it has started and ended, in seconds."""
    return sum(os.times()[:4])


def timed(what: str, size: int, run: Callable[[], str], times: int = 3) -> Line:
    """The best of `times` runs."""
    best = float("inf")
    note = ""
    for _ in range(times):
        start = _clock()
        note = run()
        best = min(best, _clock() - start)
    return Line(what, size / 1e6 / best, note)


def ours(path: Path) -> str:
    """Every record read."""
    return f"{sum(isinstance(record, Capture) for record in read(path, 20_000_000))} records"


def ours_to_pages(path: Path) -> str:
    """Every record read, the HTTP response undone, the prefilter's first stage."""
    passed = 0
    for record in read(path, 20_000_000):
        if isinstance(record, Capture) and record.head.kind == "response":
            body = messages.decode(messages.parse(record.block), 10_000_000)
            passed += prefilter.scan(Seen(body.data), "published") != Evidence.NONE
    return f"{passed} pages need a look"


def fastwarc(path: Path) -> str:
    """Every record read by FastWARC."""
    from fastwarc.warc import ArchiveIterator

    count = 0
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            record.reader.read()
            count += 1
    return f"{count} records"


def warcio(path: Path) -> str:
    """Every record read by warcio."""
    from warcio.archiveiterator import ArchiveIterator

    count = 0
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            record.raw_stream.read()
            count += 1
    return f"{count} records"


def datatrove(path: Path) -> str:
    """Every page read and decoded by datatrove."""
    from datatrove.pipeline.readers import WarcReader

    reader = WarcReader(str(path.parent), glob_pattern=path.name)
    return f"{sum(1 for _ in reader.run())} pages, decoded"


def source(path: Path, prefilter_option: Literal["score", "off"]) -> str:
    """The whole web source: reading, prefilter, extraction of text and formulas."""
    web = WebSource("web", WebOptions(prefilter=prefilter_option))
    counts: Counter[str] = Counter()
    for record in web.records(RawFile(path, path.name)):
        if isinstance(record, Record) and record.payload:
            outcome = web.document(record)
            counts["documents" if isinstance(outcome, Document) else outcome.reason] += 1
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


def datatrove_whole(path: Path) -> str:
    """datatrove's reader and its extractor (trafilatura), every page, as FineWeb runs them."""
    from datatrove.pipeline.extractors import Trafilatura
    from datatrove.pipeline.readers import WarcReader

    extractor = Trafilatura(favour_precision=True, timeout=30)
    documents = extractor.run(WarcReader(str(path.parent), glob_pattern=path.name).run())
    return f"{sum(1 for _ in documents)} documents"


def whole(pages: list[bytes]) -> list[Line]:
    """The whole sources on an archive of `pages`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pages.warc.gz"
        raw = [record for number, page in enumerate(pages) for record in records(page, number)]
        path.write_bytes(b"".join(gzip.compress(record, 6) for record in raw))
        size = sum(map(len, raw))
        lines = [
            timed(f"whole source, {size / 1e6:.0f} MB: ours, prefilter on", size, lambda: source(path, "score"), 1),
            timed("whole source: ours, every page extracted", size, lambda: source(path, "off"), 1),
        ]
        try:
            lines.append(timed("whole source: datatrove and trafilatura", size, lambda: datatrove_whole(path), 1))
        except (ImportError, OSError) as error:
            lines.append(Line("whole source: datatrove", 0, f"not measured: {str(error)[:60]}"))
        return lines


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, action="append", required=True, help="folder with HTML files")
    parser.add_argument("--megabytes", type=int, default=120, help="size of the archive to read")
    parser.add_argument("--whole", type=int, default=20, help="megabytes for the whole sources (slow); 0: not measured")
    arguments = parser.parse_args()
    pages = list(chosen(arguments.pages, arguments.megabytes * 1_000_000))
    raw = [record for number, page in enumerate(pages) for record in records(page, number)]
    size = sum(map(len, raw))
    print(f"{len(pages)} pages, {len(raw)} records, {size / 1e6:.0f} MB")
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = {end: Path(folder) / f"pages.warc{end}" for end in (".gz", ".zst", ".lz4", "")}
        paths[".gz"].write_bytes(b"".join(gzip.compress(record, 6) for record in raw))
        paths[".zst"].write_bytes(b"".join(zstandard.compress(record) for record in raw))
        paths[".lz4"].write_bytes(b"".join(lz4.frame.compress(record) for record in raw))
        paths[""].write_bytes(b"".join(raw))
        del raw
        for end, path in paths.items():
            lines.append(timed(f"read warc{end}: ours", size, lambda path=path: ours(path)))
            for peer in (fastwarc, warcio, datatrove) if end == ".gz" else (fastwarc,) if end != ".zst" else ():
                try:
                    lines.append(timed(f"read warc{end}: {peer.__name__}", size, lambda p=path, f=peer: f(p)))
                except (ImportError, OSError) as error:
                    lines.append(Line(f"read warc{end}: {peer.__name__}", 0, f"not measured: {str(error)[:60]}"))
        lines.append(timed("read warc.gz, decode, prefilter: ours", size, lambda: ours_to_pages(paths[".gz"])))
    total = sum(map(len, pages))

    def stage(rules: str) -> Callable[[], str]:
        return lambda: f"{sum(prefilter.scan(Seen(page), rules) != Evidence.NONE for page in pages)} pages need a look"

    lines.append(timed("prefilter, bytes, published rules: ours", total, stage("published")))
    lines.append(timed("prefilter, bytes, corrected rules: ours", total, stage("corrected")))
    texts = [charset.decode(page) for page in pages]
    lines.append(
        timed(
            "prefilter, decoded text: the published expressions",
            total,
            lambda: f"{sum(bool(PUBLISHED_NAMES.search(t) or PUBLISHED_COMMAND.search(t)) for t in texts)} pages",
        )
    )
    lines.append(
        timed(
            "second stage of what needs it (pages with a backslash alone)",
            total,
            lambda: "{} of {} pages pass".format(
                *map(
                    sum,
                    zip(
                        *(
                            (prefilter.second_stage(text).passes, 1)
                            for page, text in zip(pages, texts, strict=True)
                            if prefilter.scan(Seen(page), "published") == Evidence.BACKSLASH
                        ),
                        strict=True,
                    ),
                )
            ),
            times=1,
        )
    )
    if arguments.whole:
        lines += whole(list(chosen(arguments.pages, arguments.whole * 1_000_000)))
    for line in lines:
        print(f"{line.what:62} {line.speed:8.1f} MB/s   {line.note}")


if __name__ == "__main__":
    main()
