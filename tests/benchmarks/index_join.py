"""How fast a list of addresses is joined with a columnar index, and records come by ranges from a server on loopback.

    python -m tests.benchmarks.index_join --work FOLDER [--rows 2000000] [--asked 1000000] [--records 2000]

The index is made up in the form of Common Crawl's (addresses of 80 characters in order, names of archives of 140); one
address in 300 of it is asked for, among many that are elsewhere. Seconds are of the processor.
"""

import argparse
import http.server
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.fetching.ranges import Pace, Piece, Place, bring
from pipelines.sources.web_join import found_in, wanted

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
                "url": [address(number, word) for number, word in zip(numbers, words, strict=True)],
                "fetch_time": [START + timedelta(seconds=number % 1_000_000) for number in numbers],
                "fetch_status": [200] * len(numbers),
                "content_mime_type": ["text/html"] * len(numbers),
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
    fetch(arguments.work, arguments.records)
    return 0


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
