"""Servers on loopback that behave as real ones do: well, badly, and differently from one try to the next."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pipelines.fetching.patience import Patience

HASTY = Patience(tries=4, most_tries=12, first_wait=0.01, longest_wait=0.02, connect=5, read=5, stall=30)
"""Patience for tests: the same rules, short times."""


@dataclass
class Request:
    """What a server was asked."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]


Responder = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Loopback"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        with self.server.lock:
            self.server.requests.append(
                Request(self.command, path, parse_qs(parts.query), {k.title(): v for k, v in self.headers.items()})
            )
            queue = self.server.routes.get(path)
            responder = None if not queue else queue.pop(0) if len(queue) > 1 else queue[0]
        if responder is None:
            answer(404, b"nothing here")(self)
        else:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                responder(self)

    do_HEAD = do_GET

    def log_message(self, *args: Any) -> None:
        pass


class Loopback(ThreadingHTTPServer):
    """A server whose every path answers by a list of responders, one a request, the last one for ever."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, list[Responder]] = {}
        self.requests: list[Request] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def on(self, path: str, *responders: Responder) -> str:
        self.routes[path] = list(responders)
        return self.url + path

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Loopback]:
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Responder:
    """One plain answer. Names of headers are written with `_` for `-`."""

    def respond(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return respond


@dataclass
class Served:
    """A file served properly, ranges and If-Range included, except for the faults that are asked for.

    `cut`: the connection ends after so many bytes of the answer. `announce`: a false Content-Length. `shift`: a range
    begins so many bytes later than asked for. `drip`: seconds between pieces of `piece` bytes. `ranges`: whether
    ranges are done.
    """

    content: bytes
    etag: str | None = "by content"
    cut: int | None = None
    announce: int | None = None
    shift: int = 0
    drip: float | None = None
    piece: int = 1
    ranges: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, handler: Handler) -> None:
        etag = f'"{hashlib.md5(self.content).hexdigest()}"' if self.etag == "by content" else self.etag
        start, status = self._start(handler, etag), 200
        body = self.content
        if start is not None:
            if start >= len(body):
                answer(416, Content_Range=f"bytes */{len(body)}")(handler)
                return
            start += self.shift
            body, status = body[start:], 206
        handler.send_response(status)
        if status == 206:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        if etag:
            handler.send_header("ETag", etag)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body) if self.announce is None else self.announce))
        handler.end_headers()
        if handler.command != "HEAD":
            self._send(handler, body if self.cut is None else body[: self.cut])
        if self.cut is not None or self.announce is not None:
            handler.close_connection = True

    def _start(self, handler: Handler, etag: str | None) -> int | None:
        wanted = handler.headers.get("Range")
        condition = handler.headers.get("If-Range")
        if not self.ranges or wanted is None or (condition is not None and condition != etag):
            return None
        return int(wanted.removeprefix("bytes=").rstrip("-"))

    def _send(self, handler: Handler, body: bytes) -> None:
        if self.drip is None:
            handler.wfile.write(body)
            return
        for place in range(0, len(body), self.piece):
            handler.wfile.write(body[place : place + self.piece])
            handler.wfile.flush()
            time.sleep(self.drip)


@dataclass
class Ranged:
    """A file of which any range is served, the last bytes too; `sent` counts what was. `etags`: one an answer."""

    content: bytes
    etags: list[str] = field(default_factory=lambda: ['"one"'])
    sent: int = 0

    def __call__(self, handler: Handler) -> None:
        first, _, last = handler.headers["Range"].removeprefix("bytes=").partition("-")
        size = len(self.content)
        start, end = (int(first), min(int(last or size), size - 1)) if first else (max(0, size - int(last)), size - 1)
        body = self.content[start : end + 1]
        self.sent += len(body)
        etag = self.etags.pop(0) if len(self.etags) > 1 else self.etags[0]
        answer(206, body, Content_Range=f"bytes {start}-{end}/{size}", ETag=etag)(handler)
