"""Brings one file to this machine: whole, checked, and only then under its final name.

Bytes go to a partial file beside the target, with a note of which version of the file they belong to. A later try, or
a later run after a crash, asks for the rest of the same version; if the server has another one by now, or does not do
ranges, it starts anew. The end is believed only if the length is known and reached, the protocol marks it, or a
checksum agrees.
"""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

from manifests.errors import Fault, UserError
from pipelines.fetching import store
from pipelines.fetching.members import extract
from pipelines.fetching.opening import open_at
from pipelines.fetching.patience import Patience, Tries
from pipelines.fetching.patterns import has_pattern
from pipelines.fetching.remote import (
    READ_SIZE,
    Algorithm,
    Answer,
    Checksum,
    Digests,
    Downloaded,
    RemoteFile,
    TryAgain,
    file_digest,
)

Progress = Callable[[int], None]

USERS_TO_MEND = frozenset(
    {errno.EACCES, errno.EEXIST, errno.EISDIR, errno.ENOENT, errno.ENOTDIR, errno.EPERM, errno.EROFS}
)
"""Errors of the file system that say the folder is the wrong one; all others are faults of the machine."""


def download(
    file: RemoteFile,
    target: Path,
    *,
    progress: Progress | None = None,
    limit_bytes: int | None = None,
    cache: Path | None = None,
    partial: Path | None = None,
    patience: Patience | None = None,
    announced: Callable[[int], None] | None = None,
) -> Downloaded:
    """Bring `file` to `target`; what is there is replaced at the end, in one step.

    `progress` is called with bytes gained (negative when a try has to start anew), `announced` with the length of the
    file in bytes when a server tells it. What was gained can be read in the partial file. A file longer than
    `limit_bytes` is refused. `cache` as in `store`; `partial`: where unfinished bytes are kept (default: a hidden name
    beside the target). A file with `members` must name one member, without a pattern; `batch.fetch_all` takes patterns.

    Raises UserError if the file is not there, not allowed, too long, or not the one that was pinned; Fault if network
    or disk fail for good. Neither leaves anything under the target's name; what can be resumed stays beside it.
    """
    part = partial or target.with_name(f".{target.name}.part")
    if file.members is not None:
        if has_pattern(file.members):
            raise UserError(f"{file.address}: names several files; one was expected")
        return _one_member(
            file, target, part, progress=progress, limit_bytes=limit_bytes, cache=cache, patience=patience
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        asked = _patience_of(file, patience)
        transfer = _Transfer(file, part, progress, limit_bytes, asked, announced)
        size, sha256 = transfer.run(target, cache)
        return Downloaded(target, size, sha256, file.name, file.address)
    except OSError as error:
        problem = disk_problem(error, target, file.address)
    raise problem


def disk_problem(error: OSError, path: Path, address: str) -> UserError | Fault:
    """What an error of the file system means for a person."""
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    if error.errno in USERS_TO_MEND:
        return UserError(f"{error.filename or path}: cannot be written ({reason}) while fetching {address}")
    return Fault(f"{error.filename or path}: {reason} while fetching {address}")


def _one_member(
    file: RemoteFile,
    target: Path,
    part: Path,
    *,
    progress: Progress | None,
    limit_bytes: int | None,
    cache: Path | None,
    patience: Patience | None,
) -> Downloaded:
    archive_at, folder = part.with_name(part.name + ".archive"), part.with_name(part.name + ".members")
    whole = RemoteFile(file.address, file.name, file.sha256, file.size, file.checks, None, file.secret)
    archive = download(
        whole, archive_at, progress=progress, limit_bytes=limit_bytes, cache=cache, partial=part, patience=patience
    )
    try:
        member = extract(archive_at, file.members or "", folder, file.address, limit_bytes=limit_bytes)[0]
        store.move_in_place(member.path, target)
        return Downloaded(target, member.size, member.sha256, member.name, file.address, archive.sha256)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        archive_at.unlink(missing_ok=True)


class _Transfer:
    """One file on its way: the partial file, its note, and the tries."""

    def __init__(
        self,
        file: RemoteFile,
        part: Path,
        progress: Progress | None,
        limit: int | None,
        patience: Patience,
        announced: Callable[[int], None] | None,
    ) -> None:
        self._file = file
        self._part = part
        self._note = part.with_name(part.name + ".json")
        self._progress = progress or (lambda _: None)
        self._announced = announced or (lambda _: None)
        self._limit = limit
        self._patience = patience
        pinned = (Checksum("sha256", file.sha256),) if file.sha256 else ()
        self._checks = (*pinned, *(check for check in file.checks if check not in pinned))
        self._digests = self._new_digests()
        self._have = 0
        self._reported = 0
        self._validator: str | None = None
        self._joined = False

    def run(self, target: Path, cache: Path | None) -> tuple[int, str]:
        known = next((check.digest for check in self._checks if check.algorithm == "sha256"), None)
        if cache is not None and known is not None and store.take(cache, known, target):
            size = target.stat().st_size
            self._progress(size)
            return size, known
        with self._locked_part() as out:
            try:
                self._pick_up(out)
                self._read_checked(out)
                os.fsync(out.fileno())
                self._part.chmod(0o644)
                store.move_in_place(self._part, target)
            finally:
                out.flush()
                if self._have == 0 and self._part.exists():
                    self._part.unlink()
                if not self._part.exists():
                    self._note.unlink(missing_ok=True)
        sha256 = self._digests["sha256"]
        if cache is not None:
            store.keep(cache, sha256, target)
        return self._have, sha256

    def _new_digests(self) -> Digests:
        names: set[Algorithm] = {check.algorithm for check in self._checks}
        return Digests(names)

    def _locked_part(self) -> IO[bytes]:
        """The partial file, held by this process alone."""
        while True:
            out = self._part.open("ab+")
            try:
                fcntl.flock(out.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Another process may have finished the file, and given it its final name, while this one waited.
                if os.path.samestat(os.fstat(out.fileno()), self._part.stat()):
                    return out
            except BlockingIOError:
                out.close()
                break
            except FileNotFoundError:
                pass
            out.close()
        raise Fault(f"{self._file.address}: another process is fetching it into {self._part.parent}")

    def _read_checked(self, out: IO[bytes]) -> None:
        """Read to the end and compare checksums. Bytes joined from several answers get a second chance, whole."""
        while True:
            self._read(out)
            out.flush()
            wrong, joined = self._mismatch(), self._joined
            if wrong is None:
                return
            self._start_anew(out)
            if not joined:
                raise wrong

    def _pick_up(self, out: IO[bytes]) -> None:
        """Go on where an earlier run stopped, if its bytes can be told to belong to the same version."""
        try:
            note = json.loads(self._note.read_text("utf-8"))
            validator, same = note["validator"], note["address"] == self._file.address
        except (OSError, ValueError, KeyError, TypeError):
            validator, same = None, False
        out.seek(0)
        if not same or not (isinstance(validator, str) or self._checks):
            out.truncate(0)
            return
        self._validator = validator if isinstance(validator, str) else None
        while chunk := out.read(READ_SIZE):
            self._digests.update(chunk)
            self._have += len(chunk)
        self._joined = self._have > 0
        self._report()

    def _report(self) -> None:
        if self._have != self._reported:
            self._progress(self._have - self._reported)
            self._reported = self._have

    def _start_anew(self, out: IO[bytes]) -> None:
        out.seek(0)
        out.truncate(0)
        self._digests = self._new_digests()
        self._have = 0
        self._validator = None
        self._joined = False
        self._report()

    def _read(self, out: IO[bytes]) -> None:
        """Try until the file is complete. Raises UserError or Fault."""
        tries = Tries(self._file.address, self._patience)
        while True:
            before = self._have
            try:
                self._try(out)
                return
            except TryAgain as error:
                again = error
            out.flush()
            gained = self._have > before
            if again.restart or not (self._validator or self._checks):
                self._start_anew(out)
            tries.failed(again, gained=gained and not again.restart)

    def _try(self, out: IO[bytes]) -> None:
        with open_at(self._file, self._have, self._validator, self._patience) as answer:
            if answer.start != self._have:
                self._start_anew(out)
            if answer.start > 0:
                self._joined = True
            self._check_length(answer.total)
            # A partial answer to If-Range is of the version asked for, whether or not it says so again.
            self._remember(answer.validator or (self._validator if answer.start else None))
            try:
                for chunk in answer.chunks:
                    self._take(chunk, out)
                broken = None
            except TryAgain as error:
                broken = error
            if broken is not None:
                whole = "an unknown number of" if answer.total is None else answer.total
                reason = f"{broken.reason} after {self._have} of {whole} bytes"
                raise TryAgain(reason, wait=broken.wait, restart=broken.restart)
            self._check_end(answer)

    def _take(self, chunk: bytes, out: IO[bytes]) -> None:
        out.write(chunk)
        out.flush()
        self._digests.update(chunk)
        self._have += len(chunk)
        self._report()
        if self._limit is not None and self._have > self._limit:
            raise self._too_long(f"more than {self._limit}")
        if self._file.size is not None and self._have > self._file.size:
            raise self._wrong_length(f"more than {self._file.size}")

    def _check_length(self, total: int | None) -> None:
        expected = self._file.size
        if total is None:
            return
        if expected is not None and total != expected:
            raise self._wrong_length(str(total))
        if self._limit is not None and total > self._limit:
            raise self._too_long(str(total))
        self._announced(total)
        free = shutil.disk_usage(self._part.parent).free
        if total - self._have > free:
            raise Fault(f"{self._part.parent}: {free} bytes free, {self._file.address} needs {total - self._have}")

    def _wrong_length(self, found: str) -> UserError:
        return UserError(f"{self._file.address}: the length differs: expected {self._file.size}, found {found} bytes")

    def _too_long(self, found: str) -> UserError:
        return UserError(f"{self._file.address}: {found} bytes, the limit is {self._limit}")

    def _remember(self, validator: str | None) -> None:
        if self._have and validator == self._validator:
            return
        self._validator = validator
        text = json.dumps({"address": self._file.address, "validator": validator})
        temporary = self._note.with_name(self._note.name + ".new")
        temporary.write_text(text, "utf-8")
        temporary.replace(self._note)

    def _check_end(self, answer: Answer) -> None:
        expected = answer.total if answer.total is not None else self._file.size
        if expected is not None:
            if self._have != expected:
                raise TryAgain(f"the connection ended after {self._have} of {expected} bytes")
        elif not answer.complete_at_end and not self._checks:
            raise Fault(
                f"{self._file.address}: the server does not say how long the file is, so its end cannot be told from a"
                " broken connection; pin its sha256"
            )

    def _mismatch(self) -> UserError | None:
        for algorithm, expected in self._checks:
            found = file_digest(self._part, "git-sha1") if algorithm == "git-sha1" else self._digests[algorithm]
            if found != expected.lower():
                return UserError(
                    f"{self._file.address}: the checksum differs: expected {algorithm} {expected}, found {found}"
                )
        return None


def _patience_of(file: RemoteFile, patience: Patience | None) -> Patience:
    if not file.address.startswith("github:"):
        return patience or Patience()
    from pipelines.fetching import github

    return github.patient(patience)
