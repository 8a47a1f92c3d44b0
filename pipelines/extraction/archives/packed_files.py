"""Reads the files inside tar and zip archives as streams, for sources whose raw files are archives.

Nothing is ever written to disk. Sizes are those of the bytes that were read, not those that a header claims: a member
longer than `Limits.member` comes without content, and an archive that unpacks to more than `Limits.unpacked` ends with
an error. Folders and sparse files are passed over, links, pipes and devices too unless they are asked for. A damaged
archive yields what came before the damage and then raises; damage to one member of a zip is that member's alone.

Kinds: tar plain or in gzip, bzip2, xz or zstandard; zip (wheels, jars, eggs); Debian packages (the tar of their data).
The kind is told from the first bytes.
"""

import gzip
import io
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from pipelines.engine.worker import MONITOR
from pipelines.extraction.archives.compressed import CHUNK, DAMAGE, Gzip, decompressed, packing
from pipelines.extraction.archives.forward import Forward
from pipelines.extraction.archives.zip_directory import Zip

TAR_BLOCK = 512
MAX_TAR_HEADER = 1 << 20
"""A long name or extended header beyond this is an attack on memory."""
SPECIAL = {
    stat.S_IFLNK: "link", stat.S_IFSOCK: "socket", stat.S_IFIFO: "pipe", stat.S_IFBLK: "device", stat.S_IFCHR: "device",
}  # fmt: skip
"""Words for what is no file, by its kind in a file's mode."""
TAR_SPECIAL = {
    tarfile.LNKTYPE: "link", tarfile.SYMTYPE: "link", tarfile.FIFOTYPE: "pipe", tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
}  # fmt: skip
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
ENDINGS = (
    ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".zip", ".whl", ".egg", ".jar",
    ".deb", ".crate",
)  # fmt: skip


class Limits(NamedTuple):
    """Bytes: of one member's content, and of all that an archive unpacks to."""

    member: int = 64 << 20
    unpacked: int = 16 << 30


DEFAULT_LIMITS = Limits()


class Member(NamedTuple):
    """A file in an archive. `path` as the archive writes it, without a leading slash or `./`.

    `content` is None if the file is longer than the limit; `error` says why a member could not be read. `modified` is
    the time in a tar's header, in seconds since 1970; `commit` the commit of which git made the tar; `special` the word
    for what is no file (`link`, `pipe`, `device`); `position` how many bytes of the archive's content are read by then.
    """

    path: str
    content: bytes | None
    error: str = ""
    modified: int | None = None
    commit: str = ""
    special: str = ""
    position: int = 0


class DamagedArchive(Exception):
    """The archive ends or breaks here; members before this point stand."""


def is_archive(head: bytes) -> bool:
    """Whether a file that begins with these (at least 512) bytes is an archive of a kind read here."""
    return _kind(head) is not None or head[257:262] == b"ustar" or _is_old_tar(head)


def is_behind_other_bytes(path: Path) -> bool:
    """Whether a file that does not begin as an archive has a zip at its end, such as one that unpacks itself."""
    return zipfile.is_zipfile(path)


def members(
    path: Path,
    limits: Limits = DEFAULT_LIMITS,
    wanted: Callable[[str], bool] = lambda _: True,
    *,
    special: bool = False,
) -> Iterator[Member]:
    """The files inside the archive at `path` whose paths are `wanted`, in its order; if `special`, what is no file too.

    Raises `DamagedArchive` where reading cannot go on, after everything before has been yielded.
    """
    with path.open("rb") as file:
        yield from members_of(file, limits, wanted, special=special)


def members_of(
    file: IO[bytes],
    limits: Limits = DEFAULT_LIMITS,
    wanted: Callable[[str], bool] = lambda _: True,
    *,
    special: bool = False,
) -> Iterator[Member]:
    """`members` of an archive that is open already, such as one inside another archive."""
    head = file.read(TAR_BLOCK)
    kind = "zip" if not is_archive(head) and zipfile.is_zipfile(file) else _kind(head)
    file.seek(0)
    if kind == "zip":
        yield from _zip_members(file, limits, wanted, special)
    elif kind == "deb":
        yield from _tar_members(_deb_data(file), limits, wanted, special)
    else:
        yield from _tar_members(file, limits, wanted, special)


def _kind(head: bytes) -> str | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"!<arch>\n"):
        return "deb"
    return packing(head)


def _is_old_tar(head: bytes) -> bool:
    """A tar of before 1988 has no mark, only a checksum."""
    if len(head) < TAR_BLOCK or not head[0]:
        return False
    try:
        return int(head[148:156].strip(b" \0") or b"x", 8) in tarfile.calc_chksums(head[:TAR_BLOCK])  # type: ignore[attr-defined]
    except ValueError:
        return False


_NO_GZIP = "Not a gzipped file"
"""How Python's reader names bytes behind a stream, and no damage inside of one."""


class _Bounded(io.RawIOBase):
    """Counts what is read and stops at the limit."""

    def __init__(self, inner: IO[bytes], limit: int) -> None:
        super().__init__()
        # Reading until so much is there would lose what stands before a damage together with it.
        self._read: Callable[[int], bytes] = getattr(inner, "read1", inner.read)
        self._gzip = isinstance(inner, Gzip)
        self._left = limit
        self.total = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        raw = self._read(CHUNK if size < 0 else size)
        self.total += len(raw)
        self._left -= len(raw)
        if self._left < 0:
            raise DamagedArchive(f"unpacks to more than the limit of {self.total + self._left} bytes")
        return raw

    def finish(self) -> None:
        """Read a gzip stream on to its end: only there it tells whether its bytes are those that were packed.

        What follows behind the stream belongs to nobody. Raises as reading does.
        """
        if not self._gzip:
            return
        try:
            while self.read():
                pass
        except gzip.BadGzipFile as error:
            if not str(error).startswith(_NO_GZIP):
                raise


class _Info(tarfile.TarInfo):
    """A tar header that reports damage instead of taking it for the end, and refuses giant extended headers.

    Every tar ends with blocks of zeros. One that just stops was cut off between two members, and what stood behind the
    cut must not be lost without a word.
    """

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> "_Info":
        try:
            return super().fromtarfile(tar)
        except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
            if tar.offset == 0:
                raise  # an empty file, which the module reports itself
            raise DamagedArchive(
                "tar: cut off between two members: the blocks of zeros at its end are missing"
            ) from None
        except (tarfile.TruncatedHeaderError, tarfile.InvalidHeaderError) as error:  # type: ignore[attr-defined]
            raise DamagedArchive(f"tar: {error}") from None

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        kinds = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X")
        if self.type in kinds and self.size > MAX_TAR_HEADER:
            raise DamagedArchive(f"tar: an extended header of {self.size} bytes")
        return super()._proc_member(tar)  # type: ignore[misc]

    def _refuse_sparse(self, *_: Any) -> None:
        raise DamagedArchive("tar: a sparse file in a form that is not read here")

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_sparse


def _tar_members(file: IO[bytes], limits: Limits, wanted: Callable[[str], bool], special: bool) -> Iterator[Member]:
    stream = _Bounded(decompressed(file), limits.unpacked)
    try:
        ahead = Forward(stream)
        with tarfile.TarFile(fileobj=cast(Any, ahead), tarinfo=_Info, errors="surrogateescape") as tar:
            while (info := tar.next()) is not None:
                path = _clean(info.name)
                if info.isreg() and not info.issparse() and wanted(path):
                    if poison := MONITOR.part():
                        yield Member(path, None, poison, position=stream.total)
                        continue
                    ahead.seek(info.offset_data)
                    size = min(limits.member + 1, info.size)
                    raw = ahead.read(size)
                    if len(raw) < size:
                        ahead.read(1)  # a damage says why the rest is missing
                        raise tarfile.ReadError("unexpected end of data")
                    commit = str(tar.pax_headers.get("comment", ""))
                    commit = commit if _COMMIT.match(commit) else ""
                    whole = raw if len(raw) <= limits.member else None
                    yield Member(path, whole, "", int(info.mtime), commit, position=ahead.tell())
                elif special and (word := TAR_SPECIAL.get(info.type)):
                    yield Member(path, None, special=word, position=ahead.tell())
                # The module remembers every header, which an archive of millions of empty files fills memory with.
                cast(Any, tar).members.clear()
        stream.finish()
    except (tarfile.TarError, *DAMAGE) as error:
        raise DamagedArchive(f"{type(error).__name__}: {error}") from None


def _deb_data(file: IO[bytes]) -> IO[bytes]:
    """The compressed tar `data.tar.*` inside a Debian package, which is an ar archive."""
    file.seek(8)
    while len(header := file.read(60)) == 60:
        name = header[:16].decode("ascii", "replace").strip().rstrip("/")
        try:
            size = int(header[48:58])
        except ValueError:
            break
        if name.startswith("data.tar"):
            return file
        file.seek(size + size % 2, io.SEEK_CUR)
    raise DamagedArchive("a Debian package without data.tar")


def _zip_members(file: IO[bytes], limits: Limits, wanted: Callable[[str], bool], special: bool) -> Iterator[Member]:
    left = limits.unpacked
    try:
        archive = Zip(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        # The index stands at the end of a zip; of one that was cut off, what lies before the cut can still be read.
        yield from _zip_without_index(file, limits, wanted)
        raise DamagedArchive(f"{type(error).__name__}: {error}") from None
    try:
        with archive:
            for info in archive.entries():
                kind = stat.S_IFMT(info.external_attr >> 16)
                path = _clean(info.filename)
                if special and (word := SPECIAL.get(kind)):
                    yield Member(path, None, special=word, position=limits.unpacked - left)
                if info.filename.endswith("/") or kind not in (0, stat.S_IFREG) or not wanted(path):
                    continue
                if poison := MONITOR.part():
                    yield Member(path, None, poison, position=limits.unpacked - left)
                    continue
                try:
                    with archive.open(info) as content:
                        raw = content.read(min(limits.member, left) + 1)
                except (
                    zipfile.BadZipFile,
                    zlib.error,
                    EOFError,
                    OSError,
                    NotImplementedError,
                    RuntimeError,
                    lzma.LZMAError,
                ) as error:
                    if isinstance(error, OSError) and error.errno is not None:
                        raise  # of the disk; bzip2 tells damage as an OSError without a number
                    yield Member(path, None, f"{type(error).__name__}: {error}")
                    continue
                left -= len(raw)
                if left < 0:
                    raise DamagedArchive(f"unpacks to more than the limit of {limits.unpacked} bytes")
                whole = raw if len(raw) <= limits.member else None
                yield Member(path, whole, position=limits.unpacked - left)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DamagedArchive(f"{type(error).__name__}: {error}") from None


def _zip_without_index(file: IO[bytes], limits: Limits, wanted: Callable[[str], bool]) -> Iterator[Member]:
    """The members of a zip in file order, by their local headers; ends silently where these end.

    Only stored and deflated members whose header tells their length can be walked over; the first other one ends it.
    """
    position, left = 0, limits.unpacked
    while True:
        file.seek(position)
        header = file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            return
        flags, method = struct.unpack("<HH", header[6:10])
        check, packed, size, name_length, extra_length = struct.unpack("<IIIHH", header[14:30])
        raw_name = file.read(name_length)
        start = position + 30 + name_length + extra_length
        position = start + packed
        if flags & 0x9 or method not in (0, 8) or packed == 0xFFFFFFFF:
            return
        path = _clean(raw_name.decode("utf-8" if flags & 0x800 else "cp437", "surrogateescape"))
        if not path or path.endswith("/") or not wanted(path):
            continue
        file.seek(start)
        raw = file.read(packed)
        if len(raw) < packed:
            return
        most = min(limits.member, left) + 1
        try:
            content = raw if method == 0 else zlib.decompressobj(-15).decompress(raw, most)
        except zlib.error:
            return
        left -= len(content)
        if left < 0:
            return
        if len(content) > limits.member:
            yield Member(path, None)
        elif len(content) == size and zlib.crc32(content) == check:
            yield Member(path, content)
        else:
            yield Member(path, None, "BadZipFile: the member's checksum differs")


def _clean(name: str) -> str:
    """A member's name as text: no leading slash or `./`, and bytes that are no UTF-8 written as escapes."""
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    while name.startswith(("/", "./")):
        name = name.removeprefix("./").lstrip("/")
    return name
