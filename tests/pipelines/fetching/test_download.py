"""A download is whole and checked, or it is not there: digests, limits, and the disk that it is written to."""

import errno
import fcntl
import hashlib
import resource
import threading
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.download import download
from pipelines.fetching.remote import Checksum, RemoteFile
from tests.pipelines.fetching.bringing import CONTENT, SHA256, bring, chunked, left_in
from tests.pipelines.fetching.servers import Loopback, Served


def test_a_file_arrives_with_its_size_and_sha256(server: Loopback, tmp_path: Path) -> None:
    got = bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "deep" / "er" / "a.bin")
    assert got.path.read_bytes() == CONTENT
    assert (got.size, got.sha256) == (len(CONTENT), SHA256)
    assert left_in(got.path.parent) == ["a.bin"]


def test_an_empty_file_is_a_file(server: Loopback, tmp_path: Path) -> None:
    assert bring(server.on("/a.bin", Served(b"")), tmp_path / "a").size == 0
    assert (tmp_path / "a").read_bytes() == b""


def test_a_wrong_checksum_names_address_expected_and_found(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    with pytest.raises(UserError) as caught:
        bring(url, tmp_path / "a", sha256="0" * 64)
    assert url in str(caught.value)
    assert f"expected sha256 {'0' * 64}, found {SHA256}" in str(caught.value)
    assert left_in(tmp_path) == []


def test_digests_that_a_source_states_are_checked_too(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    md5 = hashlib.md5(CONTENT).hexdigest()
    blob = hashlib.sha1(b"blob %d\0" % len(CONTENT) + CONTENT).hexdigest()
    bring(url, tmp_path / "a", checks=(Checksum("md5", md5), Checksum("git-sha1", blob)))
    for check in (Checksum("md5", "0" * 32), Checksum("git-sha1", "0" * 40), Checksum("sha1", "0" * 40)):
        with pytest.raises(UserError, match=f"expected {check.algorithm} {check.digest}, found"):
            bring(url, tmp_path / "b", checks=(check,))


def test_an_old_file_stands_until_the_new_one_is_whole(server: Loopback, tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with pytest.raises(UserError):
        bring(server.on("/a.bin", Served(CONTENT)), target, sha256="0" * 64)
    assert target.read_bytes() == b"old"
    bring(server.on("/a.bin", Served(CONTENT)), target)
    assert target.read_bytes() == CONTENT


def test_a_file_longer_than_the_limit_is_refused_before_and_while_it_is_read(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the limit is 1000"):
        bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "a", limit_bytes=1000)
    with pytest.raises(UserError, match="the limit is 1000"):
        bring(server.on("/b.bin", chunked(CONTENT, whole=True)), tmp_path / "b", limit_bytes=1000)
    assert not (tmp_path / "b").exists()


def test_a_folder_that_cannot_be_written_is_said_in_one_line(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "file" / "a")


def test_a_disk_that_takes_no_more_is_a_fault_that_names_the_file(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(Fault, match=f"File too large while fetching {url}"):
            bring(url, tmp_path / "a")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not (tmp_path / "a").exists()
    assert bring(url, tmp_path / "a").sha256 == SHA256


def test_a_file_that_cannot_fit_is_refused_before_it_is_read(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage())
    with pytest.raises(Fault, match=f"1000 bytes free, .* needs {len(CONTENT)}"):
        bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "a")


class _Usage:
    free = 1000


def test_two_processes_do_not_write_one_file_at_once(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT[:500], drip=0.002))
    problems: list[Exception] = []

    def one() -> None:
        try:
            bring(url, tmp_path / "a")
        except Fault as error:
            problems.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(problems) == 1
    assert "another process is fetching it" in str(problems[0])
    assert (tmp_path / "a").read_bytes() == CONTENT[:500]


def test_a_file_that_another_process_just_finished_is_not_written_into(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the partial file and locking it, the other process gives that very file its final name."""
    locked, part, theirs = fcntl.flock, tmp_path / ".a.part", tmp_path / "theirs"

    def late(handle: int, operation: int) -> None:
        if not theirs.exists():
            part.write_bytes(b"finished by another process")
            part.rename(theirs)
        locked(handle, operation)

    monkeypatch.setattr("fcntl.flock", late)
    assert bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "a").sha256 == SHA256
    assert theirs.read_bytes() == b"finished by another process"


def test_bytes_are_on_the_disk_before_the_file_has_its_name(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, seen = tmp_path / "a", []
    monkeypatch.setattr("os.fsync", lambda _: seen.append((target.exists(), (tmp_path / ".a.part").stat().st_size)))
    bring(server.on("/a.bin", Served(CONTENT)), target)
    assert seen == [(False, len(CONTENT))]


def test_an_answer_packed_against_our_wish_is_refused_but_a_gz_file_is_itself(server: Loopback, tmp_path: Path) -> None:
    packed = Served(CONTENT, headers={"Content-Encoding": "gzip"})
    with pytest.raises(Fault, match="packed as 'gzip'"):
        bring(server.on("/a.bin", packed), tmp_path / "a")
    assert bring(server.on("/a.tar.gz", packed), tmp_path / "b").sha256 == SHA256
    assert server.requests[0].headers["Accept-Encoding"] == "identity"


def test_unfinished_bytes_may_lie_on_another_file_system(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path.replace

    def across(self: Path, target: Path) -> Path:
        if self.parent != Path(target).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return before(self, target)

    monkeypatch.setattr(Path, "replace", across)
    bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "a", partial=tmp_path / "elsewhere" / "p")
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert left_in(tmp_path / "elsewhere") == []


def test_one_file_cannot_stand_for_several_members(server: Loopback, tmp_path: Path) -> None:
    file = RemoteFile(server.on("/a.tar.gz", Served(CONTENT)), "a.tar.gz", members="*.tex")
    with pytest.raises(UserError, match="names several files; one was expected"):
        download(file, tmp_path / "a")


def test_a_file_of_this_machine_is_copied_whole_and_checked(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(CONTENT)
    assert bring(str(tmp_path / "mine"), tmp_path / "a", sha256=SHA256).path.read_bytes() == CONTENT
    with pytest.raises(UserError, match="cannot be read \\(No such file"):
        bring(str(tmp_path / "absent"), tmp_path / "b")


def test_a_file_longer_than_stated_is_noticed_while_it_is_read(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected 1000, found more than 1000 bytes"):
        bring(server.on("/b.bin", chunked(CONTENT, whole=True)), tmp_path / "b", size=1000)
