"""One file brought from a server on loopback, and answers that say in other ways where they end."""

import hashlib
from pathlib import Path

from pipelines.fetching.download import download
from pipelines.fetching.remote import Downloaded, RemoteFile
from tests.pipelines.fetching.servers import HASTY, Handler, Responder

CONTENT = bytes(range(256)) * 4000  # about 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def bring(url: str, target: Path, *, sha256: str | None = None, **rest: object) -> Downloaded:
    fields = {name: rest.pop(name) for name in ("size", "checks") if name in rest}
    file = RemoteFile(url, "a.bin", sha256, **fields)  # type: ignore[arg-type]
    return download(file, target, **{"patience": HASTY, **rest})  # type: ignore[arg-type]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "home")


def until_closed(content: bytes) -> Responder:
    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return respond


def chunked(content: bytes, whole: bool) -> Responder:
    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        if whole:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = True

    return respond
