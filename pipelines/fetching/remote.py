"""What the parts of fetching tell each other: a file to bring, a file brought, an answer being read, a failed try."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from manifests.errors import UserError
from pipelines.fetching.redaction import Secret, shown

Algorithm = Literal["sha256", "md5", "sha1", "git-sha1"]
"""`git-sha1` is the id that git gives a file's bytes: SHA-1 over `blob LENGTH`, a zero byte and the bytes."""


class Checksum(NamedTuple):
    """A digest that a source publishes for a file, in lower-case hexadecimal."""

    algorithm: Algorithm
    digest: str


@dataclass(frozen=True)
class RemoteFile:
    """One file that an address stands for.

    `address` is safe to print and to write into a manifest, and means the same on every machine. `name` is the
    file's path below the folder that it is fetched into: relative, `/` between parts, unique within one expansion.
    `sha256` is what the recipe pins; `checks` are digests that the source itself publishes. With `members` the file
    is an archive and stands for those of its members that match the pattern. `secret` is the true URL where it
    differs from the address. `left_out` is the reason why something on this machine is listed and not read.
    """

    address: str
    name: str
    sha256: str | None = None
    size: int | None = None
    checks: tuple[Checksum, ...] = ()
    members: str | None = None
    secret: Secret | None = field(default=None, repr=False, compare=False)
    left_out: str = ""

    @property
    def local(self) -> Path | None:
        """Where the file lies already, if it is on this machine: such a file is read in place."""
        away = "://" in self.address or self.address.startswith(("pypi:", "hf:", "github:", "git:"))
        return None if away else Path(self.address)

    def plain(self) -> dict[str, Any]:
        """The file as JSON can hold it, for a plan that workers read; `from_plain` makes it a file again.

        Raises UserError if the file cannot be fetched without its secret, which no plan may hold.
        """
        url = self.secret.reveal() if self.secret else ""
        if self.address.startswith(("http:", "https:", "git:")) and shown(url) != url:
            raise UserError(f"{self.address}: a secret address cannot be left to workers; keep the raw files instead")
        checks = [list(check) for check in self.checks]
        known = {"sha256": self.sha256, "size": self.size, "members": self.members}
        return {"address": self.address, "name": self.name, "checks": checks, **known}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """What `plain` made plain; the file's place is looked up anew."""
        checks = tuple(Checksum(*check) for check in plain["checks"])
        return cls(plain["address"], plain["name"], plain["sha256"], plain["size"], checks, plain["members"])


class Downloaded(NamedTuple):
    """A file that lies complete and checked at `path`. `name` and `address` as in `RemoteFile`.

    A member of an archive carries the member's own size and sha256 and, as `archive_sha256`, the archive's.
    """

    path: Path
    size: int
    sha256: str
    name: str
    address: str
    archive_sha256: str | None = None


class NotThere(UserError):
    """The one file is not there, or not given to us; its server may well have others."""


class TryAgain(Exception):
    """A try failed in a way that another one may mend.

    `reason` is safe to show. `wait`: seconds that the server asked for. `restart`: what was read so far is of no use.
    `unreachable`: nobody answered at all, which time seldom mends.
    """

    def __init__(
        self, reason: str, *, wait: float | None = None, restart: bool = False, unreachable: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.restart = restart
        self.unreachable = unreachable


class Answer:
    """A file's bytes from `start` on, as they arrive.

    `total` is the length of the whole file in bytes, if the server tells it. `validator` names the version of the
    file (a strong ETag or a date), so that a later try can ask for the rest of the same one. `complete_at_end` says
    that the protocol itself marks the end, so that a cut connection cannot be taken for it.
    """

    def __init__(
        self,
        chunks: Iterator[bytes],
        *,
        start: int = 0,
        total: int | None = None,
        validator: str | None = None,
        complete_at_end: bool = False,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.chunks = chunks
        self.start = start
        self.total = total
        self.validator = validator
        self.complete_at_end = complete_at_end
        self._close = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()


class Digests:
    """Several digests of one stream. `git-sha1` needs the length beforehand and is taken from the file at the end."""

    def __init__(self, algorithms: set[Algorithm]) -> None:
        wanted: set[Algorithm] = {"sha256", *algorithms} - {"git-sha1"}
        self._running = {name: hashlib.new(name, usedforsecurity=False) for name in sorted(wanted)}

    def update(self, data: bytes) -> None:
        for digest in self._running.values():
            digest.update(data)

    def __getitem__(self, algorithm: Algorithm) -> str:
        return self._running[algorithm].hexdigest()


READ_SIZE = 1 << 20


def file_digest(path: Path, algorithm: Algorithm = "sha256") -> str:
    """The digest of a whole file in hexadecimal. Raises OSError."""
    digest = hashlib.new("sha1" if algorithm == "git-sha1" else algorithm, usedforsecurity=False)
    if algorithm == "git-sha1":
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as stream:
        while chunk := stream.read(READ_SIZE):
            digest.update(chunk)
    return digest.hexdigest()
