"""How fast a list of addresses is joined with a columnar index, and records come by ranges from a server on loopback.

    python -m tests.benchmarks.index_join --work FOLDER [--rows 2000000] [--asked 1000000] [--records 2000]

The index is made up in the form of Common Crawl's (addresses of 80 characters in order, names of archives of 140, the
larger of its other columns); one address in 300 of it is asked for, among many that are elsewhere. It is joined where
it lies, by its columns from a server, and brought whole from there. Seconds are of the processor, in this process; the
server has one of its own.
"""

import argparse
import base64
import http.server
import multiprocessing
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.fetching.download import download
from pipelines.fetching.listing import expand
from pipelines.fetching.parts import parts_of
from pipelines.fetching.ranges import Pace, Piece, Place, bring
from pipelines.sources.web_join import Wanted, found_in, wanted

ROW_GROUP = 200_000
RECORD = 20_000
"""Bytes of a record as Common Crawl packs it, about."""
START = datetime(2023, 2, 1)


def make_index(path: Path, rows: int) -> None:
    """Write an index file."""
    choose = np.random.default_rng(1)
    schema = None
    writer: pq.ParquetWriter | None = None
    for start in range(0, rows, ROW_GROUP):
        numbers = range(start, min(start + ROW_GROUP, rows))
        words = choose.integers(0, 1 << 60, len(numbers)).tolist()
        archives = choose.integers(0, 80_000, len(numbers)).tolist()
        table = pa.table(
            {
                "url_surtkey": [
                    f"org,example-{number // 500:06d})/articles/{word:x}/page-{number:09d}?view=print"
                    for number, word in zip(numbers, words, strict=True)
                ],
                "url": [address(number, word) for number, word in zip(numbers, words, strict=True)],
                "url_host_name": [f"www.example-{number // 500:06d}.org" for number in numbers],
                "url_path": [
                    f"/articles/{word:x}/page-{number:09d}" for number, word in zip(numbers, words, strict=True)
                ],
                "fetch_time": [START + timedelta(seconds=number % 1_000_000) for number in numbers],
                "fetch_status": [200] * len(numbers),
                "content_digest": [base64.b32encode(choose.bytes(20)).decode() for _ in numbers],
                "content_mime_type": ["text/html"] * len(numbers),
                "content_languages": ["eng"] * len(numbers),
                "warc_filename": [
                    f"crawl-data/CC-MAIN-2023-06/segments/1674764494826.88/warc/CC-MAIN-20230126210844-{one:05d}.warc.gz"
                    for one in archives
                ],
                "warc_record_offset": choose.integers(0, 10**9, len(numbers)),
                "warc_record_length": choose.integers(500, 50_000, len(numbers)),
            }
        )
        schema = schema or table.schema
        writer = writer or pq.ParquetWriter(path, schema, compression="gzip")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def address(number: int, word: int) -> str:
    """An address of about 80 characters."""
    return f"https://www.example-{number // 500:06d}.org/articles/{word:x}/page-{number:09d}?view=print"


def main() -> int:
    """Make the input, join, fetch, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--asked", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=2000)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    index, asked = arguments.work / f"index-{arguments.rows}.parquet", arguments.work / "asked.parquet"
    if not index.exists():
        make_index(index, arguments.rows)
    urls = pq.read_table(index, columns=["url", "fetch_time"]).take(np.arange(0, arguments.rows, 300))
    others = [address(number, 1) for number in range(10**8, 10**8 + arguments.asked - len(urls))]
    times = [*urls.column("fetch_time").to_pylist(), *[START] * len(others)]
    pq.write_table(pa.table({"url": [*urls.column("url").to_pylist(), *others], "date": times}), asked)
    found_in(asked_index(arguments.work), wanted([asked]))  # compiles
    began = time.process_time()
    looked_for = wanted([asked])
    read = time.process_time() - began
    began = time.process_time()
    found, rows = found_in(index, looked_for)
    took = time.process_time() - began
    size, plain = index.stat().st_size / 1e6, sum(len(url) for url in urls.column("url").to_pylist()) * 300 / 1e6
    print(f"{arguments.asked:,} addresses read in {read:.2f} s")
    print(f"{rows:,} rows in {took:.2f} s: {size / took:.0f} MB/s of the file, {plain / took:.0f} MB/s of addresses")
    print(f"{len(found):,} of {len(urls):,} found")
    with served_apart(arguments.work) as server:
        by_columns(f"{server}/{index.name}", looked_for, plain)
        whole(f"{server}/{index.name}", looked_for, arguments.work, plain)
    fetch(arguments.work, arguments.records)
    return 0


def by_columns(address: str, looked_for: Wanted, plain: float) -> None:
    """Join an index elsewhere by its columns."""
    began, wall = time.process_time(), time.monotonic()
    opened = parts_of(expand(address)[0])
    if opened is None:
        raise SystemExit("the server does no ranges")
    found, _ = found_in(opened, looked_for)
    took, passed = time.process_time() - began, time.monotonic() - wall
    print(
        f"by columns from a server: {opened.taken / 1e6:.0f} of {opened.size / 1e6:.0f} MB came, {took:.2f} s, "
        f"{plain / took:.0f} MB/s of addresses, {passed:.1f} s passed, {len(found):,} found"
    )


def whole(address: str, looked_for: Wanted, work: Path, plain: float) -> None:
    """Bring the index from its server, and join it."""
    began, wall = time.process_time(), time.monotonic()
    got = download(expand(address)[0], work / "whole.parquet")
    found, _ = found_in(got.path, looked_for)
    took, passed = time.process_time() - began, time.monotonic() - wall
    got.path.unlink()
    print(
        f"brought whole from there: {got.size / 1e6:.0f} MB came, {took:.2f} s, "
        f"{plain / took:.0f} MB/s of addresses, {passed:.1f} s passed, {len(found):,} found"
    )


@contextmanager
def served_apart(folder: Path) -> Iterator[str]:
    """The address of a server of a folder, in a process of its own, that does ranges."""
    ready: multiprocessing.SimpleQueue[int] = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=_serve, args=(folder, ready), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ready.get()}"
    finally:
        process.terminate()


def _serve(folder: Path, ready: "multiprocessing.SimpleQueue[int]") -> None:
    class Files(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = folder / self.path.rpartition("/")[2]
            size = path.stat().st_size
            first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            start, end = (
                (int(first), min(int(last or size), size - 1)) if first else (max(0, size - int(last)), size - 1)
            )
            self.send_response(206 if "Range" in self.headers else 200)
            if "Range" in self.headers:
                self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
            self.send_header("ETag", '"one"')
            self.send_header("Content-Length", str(end - start + 1))
            self.end_headers()
            with path.open("rb") as content:
                content.seek(start)
                left = end - start + 1
                while left:
                    chunk = content.read(min(left, 1 << 20))
                    self.wfile.write(chunk)
                    left -= len(chunk)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        ready.put(server.server_port)
        server.serve_forever()


def asked_index(work: Path) -> Path:
    """A tiny index."""
    make_index(work / "tiny.parquet", 1000)
    return work / "tiny.parquet"


def fetch(work: Path, records: int) -> None:
    """Bring records by ranges, none a neighbour of another."""
    content = bytes(RECORD)

    class Ranges(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = self.headers["Range"].removeprefix("bytes=")
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {asked}/{1 << 40}")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ranges) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        piece = Piece(
            f"http://127.0.0.1:{server.server_port}",
            tuple(Place("", "a", number * 1_000_000, RECORD) for number in range(records)),
        )
        began, wall = time.process_time(), time.monotonic()
        bring(
            piece,
            work / "records",
            partial=work / "records.part",
            progress=lambda _: None,
            announced=lambda _: None,
            pace=Pace(1e6),
        )
        took, passed = time.process_time() - began, time.monotonic() - wall
        server.shutdown()
    print(
        f"{records:,} ranges of {RECORD:,} bytes: {records / passed:.0f} a second, {took / records * 1000:.2f} ms each"
    )


if __name__ == "__main__":
    raise SystemExit(main())
