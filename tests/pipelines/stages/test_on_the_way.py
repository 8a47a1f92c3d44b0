"""Units bring their own files while they read them: each byte once, the next file early, and never a mixture."""

import gzip
import hashlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from manifests import ledger
from manifests.errors import UserError
from manifests.recipe import parse_recipe
from manifests.writing import WORK_FOLDER
from pipelines.corpus.folder import Corpus
from pipelines.engine import nursery
from pipelines.engine.engine import Engine
from pipelines.engine.guard import Limits
from pipelines.engine.progress import Progress
from pipelines.stages import extract, on_the_way
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring
from tests.chaos.disturbed import children_of
from tests.pipelines.engine.inline_engine import InlineEngine
from tests.pipelines.fetching.servers import Handler, Loopback, Responder, Served, answer, serving


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as running:
        yield running


def record(number: int, text: str) -> bytes:
    """A page as a member of a WARC file."""
    page = f"<html><body><p>Page {number} with <math><mi>x</mi></math> and {text}.</p></body></html>".encode()
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/{number}\r\n"
        f"WARC-Date: 2023-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number:036d}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(reply)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + reply + b"\r\n\r\n", mtime=0)


def archive(number: int, pages: int = 20, text: str = "words") -> bytes:
    return b"".join(record(1000 * number + page, f"{text} {os.urandom(60).hex()}") for page in range(pages))


def job(folder: Path, addresses: Sequence[str], engine: Engine, *, keep_raw: bool = False, out: str = "out") -> Build:
    recipe = parse_recipe(
        f"name: far\nlimits: {{seconds: 2}}\nsources:\n  - name: web\n    kind: web\n"
        f"    keep_raw: {str(keep_raw).lower()}\n    options: {{prefilter: 'off'}}\n    inputs: {list(addresses)}\n",
        "far.yaml",
    )
    corpus = Corpus(folder / out)
    corpus.adopt(recipe)
    return bring(Build(recipe, corpus, engine, Progress(quiet=True), "far.yaml", folder))


def texts(root: Path) -> list[str]:
    return sorted(
        text for path in root.glob("documents/**/*.parquet") for text in pq.read_table(path)["text"].to_pylist()
    )


def bytes_asked(server: Loopback, path: str) -> list[str]:
    return [request.headers.get("Range", "all") for request in server.requests if request.path == path]


def test_a_file_that_is_read_while_it_comes_gives_the_rows_of_one_that_was_fetched_before(
    tmp_path: Path, server: Loopback
) -> None:
    addresses = [server.on(f"/{number}.warc.gz", Served(archive(number))) for number in range(3)]
    roots = []
    for keep in (True, False):
        build = job(tmp_path, addresses, InlineEngine(), keep_raw=keep, out=f"kept-{keep}")
        extract.run(build)
        roots.append(build.root)
    assert texts(roots[0]) == texts(roots[1]) and len(texts(roots[0])) == 60
    kept, streamed = (
        [fact for entry in ledger.read_entries(root, "extract") for fact in entry.inputs] for root in roots
    )
    assert sorted(kept) == sorted(streamed)
    assert not (roots[1] / WORK_FOLDER / on_the_way.FOLDER).exists()


def test_the_time_of_a_slow_server_is_no_records_and_the_next_file_comes_meanwhile(
    tmp_path: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.engine.guard.SLEEP_FACTOR", 1)
    content = archive(1)
    slow = Served(content, drip=0.3, piece=len(content) // 20)
    addresses = [server.on("/1.warc.gz", slow), server.on("/2.warc.gz", Served(archive(2)))]
    build = job(tmp_path, addresses, Engine(limits=Limits(2.0)))
    extract.run(build)
    assert [entry.failed for entry in ledger.read_entries(build.root, "extract")] == [0, 0]
    assert len(texts(build.root)) == 40
    assert bytes_asked(server, "/1.warc.gz") == bytes_asked(server, "/2.warc.gz") == ["all"]


def test_a_connection_that_breaks_is_taken_up_where_it_broke_while_the_file_is_read(
    tmp_path: Path, server: Loopback
) -> None:
    content = archive(1, pages=200)
    address = server.on("/1.warc.gz", Served(content, cut=len(content) // 2), Served(content))
    build = job(tmp_path, [address], InlineEngine())
    extract.run(build)
    assert len(texts(build.root)) == 200
    assert bytes_asked(server, "/1.warc.gz") == ["all", f"bytes={len(content) // 2}-"]


def test_a_file_that_changes_on_its_server_is_read_anew_from_its_first_record(tmp_path: Path, server: Loopback) -> None:
    old, new = archive(1, pages=200, text="old"), archive(1, pages=200, text="new")
    address = server.on("/1.warc.gz", Served(old, cut=len(old) // 2), Served(new))
    build = job(tmp_path, [address], InlineEngine())
    extract.run(build)
    found = texts(build.root)
    assert len(found) == 200 and all("new" in text for text in found)


def test_a_file_that_is_not_there_stops_its_unit_in_one_line(tmp_path: Path, server: Loopback) -> None:
    build = job(tmp_path, [server.on("/1.warc.gz", answer(404))], InlineEngine())
    with pytest.raises(UserError, match=r"1\.warc\.gz: not there \(the server answers 404\)"):
        extract.run(build)
    assert not texts(build.root)


def test_a_worker_that_is_killed_while_a_file_comes_loses_none_of_its_bytes(tmp_path: Path, server: Loopback) -> None:
    content = archive(1, pages=300)
    piece = len(content) // 20
    halfway, sent = threading.Event(), []

    def slow(handler: Handler) -> None:
        start = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        sent.append(start)
        if start:
            Served(content)(handler)
            return
        handler.send_response(200)
        handler.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        for place in range(0, len(content), piece):
            handler.wfile.write(content[place : place + piece])
            if place > len(content) // 2:
                halfway.set()
                time.sleep(1)

    responder: Responder = slow
    build = job(tmp_path, [server.on("/1.warc.gz", responder)], Engine())

    def kill() -> None:
        halfway.wait(60)
        time.sleep(0.5)
        for worker in children_of([nursery.start().result().process.pid]):
            os.kill(worker, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    extract.run(build)
    killer.join()
    assert len(texts(build.root)) == 300
    assert len(sent) == 2 and sent[0] == 0 and sent[1] > len(content) // 2
