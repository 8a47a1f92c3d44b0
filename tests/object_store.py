"""An S3 server for tests (moto's), and one in front of it that fails as real ones do."""

import http.client
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Fate = Callable[[int, str, str], "tuple[int, bytes] | None"]
"""What becomes of request N (from 1), by its method and path: a status and a body, or None to let it through."""


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of an S3 server that remembers for as long as the block lasts."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


@contextmanager
def in_front_of(address: str, fate: Fate) -> Iterator[str]:
    """The address of a server that hands requests to another one, unless their fate is otherwise."""
    place = urlsplit(address).netloc
    count, lock = 0, threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body of each answer waits for the header's acknowledgement

        def answer(self) -> None:
            nonlocal count
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with lock:
                count += 1
                number = count
            met = fate(number, self.command, self.path)
            if met is not None:
                self.reply(met[0], [], met[1], len(met[1]))
                return
            behind = http.client.HTTPConnection(place)
            behind.request(self.command, self.path, body, dict(self.headers))
            answer = behind.getresponse()
            content = answer.read()
            length = int(answer.getheader("content-length") or 0) if self.command == "HEAD" else len(content)
            self.reply(answer.status, answer.getheaders(), content, length)
            behind.close()

        def reply(self, status: int, headers: list[tuple[str, str]], content: bytes, length: int) -> None:
            self.send_response(status)
            for key, value in headers:
                if key.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                    self.send_header(key, value)
            self.send_header("content-length", str(length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that was killed is no news; anything else is."""
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
