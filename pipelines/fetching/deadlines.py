"""Ends connections whose server keeps them busy without bringing anything.

The time limit of a socket begins anew with every byte, so a head that comes a byte at a time, `100 Continue` without
end or a chunk extension that never ends would hold a download for ever. A thread watches the sockets that are being
read and shuts down those whose time is over; the reader then sees a connection that broke, and tries again.
"""

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests.adapters
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

LOOK_SECONDS = 0.25


class Deadlines:
    """The sockets that threads are reading, each with the moment (monotonic clock) at which its time is over."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[float, socket.socket]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._over: set[int] = set()
        self._local = threading.local()

    @contextlib.contextmanager
    def within(self, seconds: float, response: urllib3.response.BaseHTTPResponse | None = None) -> Iterator[None]:
        """What this thread reads must be there in `seconds`: from a response, or on a connection once it asked.

        Raises urllib3's TimeoutError if it was not, also where the reader took the end for a whole answer.
        """
        self._local.seconds = seconds
        self.watch(getattr(response, "watched", None))
        try:
            yield
        finally:
            self._local.seconds = None
            with self._lock:
                self._watched.pop(threading.get_ident(), None)
                over = threading.get_ident() in self._over
                self._over.discard(threading.get_ident())
            if over:
                raise urllib3.exceptions.TimeoutError("the time for an answer is over")

    def watch(self, sock: socket.socket | None) -> None:
        """Watch the socket that this thread is about to read, if the thread has a deadline."""
        seconds: float | None = getattr(self._local, "seconds", None)
        if sock is None or seconds is None:
            return
        with self._lock:
            self._watched[threading.get_ident()] = (time.monotonic() + seconds, sock)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._thread.start()

    def answer(self, sock: socket.socket | None, read: Callable[[], urllib3.HTTPResponse]) -> urllib3.HTTPResponse:
        """The answer that `read` reads from a socket; it remembers the socket, of which its connection may let go."""
        self.watch(sock)
        response = read()
        response.watched = sock  # type: ignore[attr-defined]
        return response

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            with self._lock:
                for key, (moment, sock) in list(self._watched.items()):
                    if now > moment:
                        del self._watched[key]
                        self._over.add(key)
                        with contextlib.suppress(OSError):
                            sock.shutdown(socket.SHUT_RDWR)


DEADLINES = Deadlines()


class _Final(http.client.HTTPResponse):
    """An answer behind all that only announce it (`103 Early Hints`, RFC 8297): the library skips 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        announces = http.HTTPStatus.SWITCHING_PROTOCOLS < status < http.HTTPStatus.OK
        return version, http.HTTPStatus.CONTINUE if announces else status, reason


class _Watched(HTTPConnection):
    response_class = _Final

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        return DEADLINES.answer(self.sock, super().getresponse)


class _WatchedTls(HTTPSConnection):
    response_class = _Final

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        return DEADLINES.answer(self.sock, super().getresponse)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class WatchedAdapter(requests.adapters.HTTPAdapter):
    """An adapter of requests whose connections keep the deadline of the thread that asks."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **named)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager
