"""Archives built in memory, one fault at a time, for the tests of the reader."""

import gzip
import io
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

import lz4.frame
import zstandard

from pipelines.extraction.archives.captures import read
from pipelines.extraction.archives.framing import Capture, Damage

LIMIT = 1_000_000
PAGE = b"<html><head><title>t</title></head><body><p>Let \\alpha be a root.</p></body></html>"


def http(body: bytes = PAGE, fields: bytes = b"Content-Type: text/html\r\n", status: bytes = b"200 OK") -> bytes:
    """An HTTP response."""
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n" + body


def warc(
    number: int,
    block: bytes | None = None,
    *,
    kind: str = "response",
    length: int | None = None,
    end: bytes = b"\r\n\r\n",
) -> bytes:
    """A WARC record of page `number`; `length` overrides what its head announces."""
    block = http() if block is None else block
    size = len(block) if length is None else length
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2023-01-02T03:04:05Z\r\n"
        f"WARC-Target-URI: http://a.org/{number}\r\nContent-Type: application/http; msgtype={kind}\r\n"
        f"Content-Length: {size}\r\n\r\n"
    )
    return head.encode() + block + end


def arc(number: int, block: bytes | None = None, *, length: int | None = None) -> bytes:
    """An ARC record of page `number`."""
    block = http() if block is None else block
    size = len(block) if length is None else length
    return f"http://a.org/{number} 10.0.0.1 20140216050221 text/html {size}\n".encode() + block + b"\n"


ARC_START = (
    b"filedesc://a.arc 0.0.0.0 20140216050221 text/plain 74\n1 0 Tests\n"
    b"URL IP-address Archive-date Content-type Archive-length\n\n"
)


def gzipped(records: Iterable[bytes]) -> bytes:
    """One gzip member a record."""
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def lz4ed(records: Iterable[bytes]) -> bytes:
    """One LZ4 frame a record."""
    return b"".join(lz4.frame.compress(record) for record in records)


def zstandarded(records: Iterable[bytes]) -> bytes:
    """One zstandard frame a record."""
    compressor = zstandard.ZstdCompressor(write_checksum=True)
    return b"".join(compressor.compress(record) for record in records)


def zstandarded_with_dictionary(records: Iterable[bytes], *, packed: bool = False) -> bytes:
    """As `wget-at` writes them: a skippable frame with the dictionary, then frames that need it."""
    shared = zstandard.ZstdCompressionDict((warc(0) + warc(1)) * 20)
    raw = zstandard.compress(shared.as_bytes()) if packed else shared.as_bytes()
    frames = [zstandard.ZstdCompressor(dict_data=shared).compress(record) for record in records]
    return struct.pack("<II", 0x184D2A5D, len(raw)) + raw + b"".join(frames)


def wacz(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of archives."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return file.getvalue()


def found(folder: Path, data: bytes, limit: int = LIMIT) -> list[Capture | Damage]:
    """What the reader makes of an archive."""
    path = folder / "archive"
    path.write_bytes(data)
    return list(read(path, limit))


def pages(records: Iterable[Capture | Damage]) -> list[str]:
    """Addresses without the site, a damaged record marked with `!`."""
    short = []
    for record in records:
        if isinstance(record, Damage):
            short.append("!" + record.url.removeprefix("http://a.org/"))
        elif record.head.kind != "filedesc":
            short.append(record.head.url.removeprefix("http://a.org/"))
    return short
