"""Brings many files at once, remembers what is done, and tells of every failure in one line.

Beside the folder lies a hidden one with a note for every finished file and with the unfinished bytes. A second call
with the same files does what is missing and nothing else: a finished file counts if its length and time of change are
those noted, or else if its bytes hash to what was noted.
"""

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from manifests.errors import Fault, ProofpileError, UserError
from manifests.sealed import sealed, unsealed
from pipelines.fetching.download import disk_problem, download
from pipelines.fetching.members import Member, extract
from pipelines.fetching.patience import Patience
from pipelines.fetching.remote import Downloaded, RemoteFile, file_digest

FAULTS_THAT_END_IT = 3
"""So many files in a row that fail by fault of network or disk, for each worker, mean that the rest would fail too."""

MOST_LINES = 20


class Moment(NamedTuple):
    """How far fetching is. `bytes_total` is None while a length is not known; `finished` names a file just done."""

    files_done: int
    files: int
    bytes_done: int
    bytes_total: int | None
    finished: str = ""


class FetchOptions(NamedTuple):
    """`limit_bytes`: the most bytes a single file may have; `limit_total`: all together. `cache`: see `store`."""

    limit_bytes: int | None = None
    limit_total: int | None = None
    cache: Path | None = None
    patience: Patience | None = None


def state_folder(folder: Path) -> Path:
    """Where the notes and unfinished bytes of `folder` are."""
    return folder.with_name(f".{folder.name}.fetched")


def fetch_all(
    files: Sequence[RemoteFile],
    folder: Path,
    workers: int = 4,
    *,
    progress: Callable[[Moment], None] | None = None,
    options: FetchOptions | None = None,
) -> list[Downloaded]:
    """Bring every file below `folder` under its name; files with `members` become those members instead.

    Files of this machine stay where they are and are only hashed. The answer is in the order of `files`, members by
    name. `progress` is called under a lock, from any thread. If files fail, the others are still brought; then one
    error is raised, with a line for each: UserError if any line is the user's to mend, else Fault. After a run of
    faults the rest is not tried.
    """
    return _Batch(files, folder.absolute(), progress, options or FetchOptions()).run(max(1, workers))


class _Stopped(Exception):
    """Raised inside a download to end it: another file failed for good, or the user pressed Ctrl-C."""


class _Batch:
    def __init__(
        self,
        files: Sequence[RemoteFile],
        folder: Path,
        progress: Callable[[Moment], None] | None,
        options: FetchOptions,
    ) -> None:
        self._files = files
        self._folder = folder
        self._state = state_folder(folder)
        self._progress = progress
        self._options = options
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._done: dict[int, list[Downloaded]] = {}
        self._errors: dict[int, ProofpileError] = {}
        self._crash: BaseException | None = None
        self._bytes = 0
        self._faults_in_a_row = 0
        sizes = [file.size for file in files]
        self._total = None if None in sizes else sum(size or 0 for size in sizes)

    def run(self, workers: int) -> list[Downloaded]:
        self._check_names()
        limit = self._options.limit_total
        if limit is not None and (known := sum(file.size or 0 for file in self._files)) > limit:
            raise UserError(f"{len(self._files)} files have {known} bytes or more, the limit is {limit}")
        waiting = iter(range(len(self._files)))
        threads = [
            threading.Thread(target=self._work, args=(waiting, workers), daemon=True)
            for _ in range(min(workers, len(self._files)))
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(timeout=0.5)
        except BaseException:
            self._stop.set()
            raise
        if self._crash is not None:
            raise self._crash
        if self._errors:
            raise self._error()
        self._check_collisions()
        return [done for index in range(len(self._files)) for done in self._done[index]]

    def _check_names(self) -> None:
        names: dict[str, str] = {}
        for file in self._files:
            if file.members is None and names.setdefault(file.name, file.address) != file.address:
                raise UserError(f"two files of the name {file.name}: {names[file.name]} and {file.address}")

    def _check_collisions(self) -> None:
        names: dict[Path, str] = {}
        for _, done in sorted(self._done.items()):
            for one in done:
                if names.setdefault(one.path, one.address) != one.address:
                    raise UserError(f"two files of the name {one.name}: in {names[one.path]} and {one.address}")

    def _work(self, waiting: Iterator[int], workers: int) -> None:
        while not self._stop.is_set():
            with self._lock:
                index = next(waiting, None)
            if index is None:
                return
            try:
                done = self._bring(self._files[index])
                with self._lock:
                    self._done[index] = done
                    self._faults_in_a_row = 0
                    self._tell(self._files[index].name)
            except _Stopped:
                return
            except ProofpileError as error:
                self._failed(index, error, workers)
            except BaseException as error:  # a bug of ours: shown with its traceback by the caller
                self._crash = error
                self._stop.set()
                return

    def _failed(self, index: int, error: ProofpileError, workers: int) -> None:
        with self._lock:
            self._errors[index] = error
            if isinstance(error, Fault):
                self._faults_in_a_row += 1
                if self._faults_in_a_row >= FAULTS_THAT_END_IT * workers:
                    self._stop.set()
            else:
                self._faults_in_a_row = 0

    def _error(self) -> ProofpileError:
        lines = [str(error) for _, error in sorted(self._errors.items())]
        if len(lines) > MOST_LINES:
            lines = [*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES} more"]
        untried = len(self._files) - len(self._done) - len(self._errors)
        if untried:
            lines.append(f"{untried} files were not tried any more")
        of_user = any(isinstance(error, UserError) for error in self._errors.values())
        return (UserError if of_user else Fault)("\n".join(lines))

    def _gained(self, count: int) -> None:
        if self._stop.is_set():
            raise _Stopped
        limit = self._options.limit_total
        with self._lock:
            self._bytes += count
            self._tell("")
            if limit is not None and self._bytes > limit:
                raise UserError(f"the files together have more than {limit} bytes, which is the limit")

    def _tell(self, finished: str) -> None:
        if self._progress is not None:
            done = len(self._done) + len(self._errors)
            self._progress(Moment(done, len(self._files), self._bytes, self._total, finished))

    def _bring(self, file: RemoteFile) -> list[Downloaded]:
        note = self._state / f"{_key(file)}.json"
        if (known := _recall(note, file, self._folder)) is not None:
            self._gained(sum(one.size for one in known))
            return known
        problem = None
        try:
            done = self._anew(file)
            _remember(note, file, done)
        except OSError as error:
            problem = disk_problem(error, self._folder / file.name, file.address)
        if problem is not None:
            raise problem
        return done

    def _anew(self, file: RemoteFile) -> list[Downloaded]:
        if file.local is not None and file.members is None:
            return [self._in_place(file, file.local)]
        partial = self._state / f"{_key(file)}.part"
        whole = replace(file, members=None)
        target = self._folder / file.name if file.members is None else partial.with_suffix(".archive")
        got = download(
            whole,
            target,
            progress=self._gained,
            limit_bytes=self._options.limit_bytes,
            cache=self._options.cache,
            partial=partial,
            patience=self._options.patience,
        )
        if file.members is None:
            return [got]
        try:
            limit = self._options.limit_total
            members = extract(target, file.members, self._folder, file.address, limit_bytes=limit)
            return [_as_downloaded(member, file, got.sha256) for member in members]
        finally:
            target.unlink(missing_ok=True)

    def _in_place(self, file: RemoteFile, path: Path) -> Downloaded:
        if not path.is_file():
            raise UserError(f"{path}: {'a folder' if path.is_dir() else 'no such file'}; expected a file")
        size, sha256 = path.stat().st_size, file_digest(path)
        if self._options.limit_bytes is not None and size > self._options.limit_bytes:
            raise UserError(f"{path}: {size} bytes, the limit is {self._options.limit_bytes}")
        expected = [("sha256", file.sha256)] if file.sha256 else []
        for algorithm, digest in [*expected, *file.checks]:
            found = sha256 if algorithm == "sha256" else file_digest(path, algorithm)  # type: ignore[arg-type]
            if found != digest:
                raise UserError(f"{path}: the checksum differs: expected {algorithm} {digest}, found {found}")
        self._gained(size)
        return Downloaded(path, size, sha256, file.name, file.address)


def _as_downloaded(member: Member, file: RemoteFile, archive_sha256: str) -> Downloaded:
    return Downloaded(member.path, member.size, member.sha256, member.name, file.address, archive_sha256)


def _key(file: RemoteFile) -> str:
    text = "\0".join((file.address, file.name, file.members or ""))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _remember(note: Path, file: RemoteFile, done: list[Downloaded]) -> None:
    content = {
        "address": file.address,
        "members": file.members,
        "files": [
            {
                "name": one.name,
                "path": str(one.path) if file.local is not None and file.members is None else None,
                "size": one.size,
                "sha256": one.sha256,
                "changed": one.path.stat().st_mtime_ns,
                "archive_sha256": one.archive_sha256,
            }
            for one in done
        ],
    }
    note.parent.mkdir(parents=True, exist_ok=True)
    temporary = note.with_suffix(".new")
    temporary.write_bytes(sealed(content).encode("utf-8", "surrogatepass"))  # names of files are any bytes
    temporary.replace(note)


def _recall(note: Path, file: RemoteFile, folder: Path) -> list[Downloaded] | None:
    """What the note says was brought, if it is still there and is what is now wanted; else None."""
    try:
        content = unsealed(note.read_bytes().decode("utf-8", "surrogatepass"))
        done = [_recalled(entry, file, folder) for entry in content["files"]]
        same = content["address"] == file.address and content["members"] == file.members
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not same or not done or None in done:
        return None
    found = [one for one in done if one is not None]
    whole = {one.archive_sha256 or one.sha256 for one in found}
    wanted = {check.digest for check in file.checks if check.algorithm == "sha256"}
    if file.sha256:
        wanted.add(file.sha256)
    return found if not wanted or whole == wanted else None


def _recalled(entry: dict[str, object], file: RemoteFile, folder: Path) -> Downloaded | None:
    name, sha256, archive = str(entry["name"]), str(entry["sha256"]), entry.get("archive_sha256")
    path = Path(str(entry["path"])) if entry.get("path") else folder / name
    status = path.stat()
    if status.st_size != entry["size"]:
        return None
    if status.st_mtime_ns != entry["changed"] and file_digest(path) != sha256:
        return None
    return Downloaded(path, status.st_size, sha256, name, file.address, str(archive) if archive else None)


def forget(folder: Path) -> None:
    """Remove the notes and unfinished bytes of `folder`: the next call fetches everything anew."""
    shutil.rmtree(state_folder(folder), ignore_errors=True)
