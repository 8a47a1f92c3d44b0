"""A file elsewhere of which only parts are read, as a reader of tables asks for them.

The end of a Parquet file says where each column of each group of rows lies, so that whoever needs two columns of thirty
need not have the others. Every answer must be of one version of the file. What cannot be read so (a server without
ranges, a file that is pinned by its digest, one that lies in an archive) is told by `None` and brought whole instead.
Source: RFC 9110, section 14.1.2 (the last bytes of a file); Apache Parquet, "File format" (the footer).
"""

import io
from collections.abc import Callable
from pathlib import Path

from manifests.errors import UserError
from pipelines.fetching.opening import Bucket, way_to
from pipelines.fetching.patience import Patience
from pipelines.fetching.remote import RemoteFile

TAIL = 1 << 16
"""Bytes of the end that come with the first request: most footers are shorter."""
SUFFIX = ".parquet"


class Parts(io.RawIOBase):
    """A file of `size` bytes, read by `read(start, end)`; `tail`: its last bytes, which are here.

    `name` is its address, safe to show; `taken` counts the bytes that came.
    """

    def __init__(self, name: str, size: int, read: Callable[[int, int], bytes], tail: bytes = b"") -> None:
        super().__init__()
        self.name, self.size = name, size
        self.taken = len(tail)
        self._read, self._tail = read, tail
        self._at = 0

    def __str__(self) -> str:
        return self.name

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence])
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes from here on, or all to the end. Raises as the function that reads."""
        start, begin = self._at, self.size - len(self._tail)
        end = self.size if size < 0 else min(start + size, self.size)
        if end <= start:
            return b""
        found = b""
        if start < begin:
            found = self._read(start, min(end, begin))
            self.taken += len(found)
        if end > begin:
            found += self._tail[max(start - begin, 0) : end - begin]
        self._at = end
        return found


Readable = Path | Parts
"""A file that is here, or one elsewhere that is read by parts."""


def parts_of(file: RemoteFile, patience: Patience | None = None) -> Parts | None:
    """The file by its parts; None if it must be brought whole. Raises UserError or Fault if it cannot be reached."""
    if file.local is not None or file.sha256 or file.members is not None or not file.name.endswith(SUFFIX):
        return None
    patience = patience or Patience()
    way = way_to(file, patience)
    if way is None or isinstance(way, Path):
        return None
    from pipelines.fetching import http, objects

    if isinstance(way, Bucket):
        size, read = objects.parts(way.path, requester_pays=way.requester_pays, patience=patience)
        return Parts(file.address, size, read)
    url, access = way
    try:
        end = http.get_part(url, -TAIL, None, access=access, patience=patience)
    except http.NoRangesError:
        return None

    def read_range(start: int, stop: int) -> bytes:
        part = http.get_part(url, start, stop, access=access, patience=patience)
        if (part.total, part.validator) != (end.total, end.validator):
            raise UserError(f"{file.address}: changed on its server while it was being read")
        return part.content

    return Parts(file.address, end.total, read_range, end.content)
