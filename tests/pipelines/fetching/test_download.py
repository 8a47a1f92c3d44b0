"""A download is whole and checked or it is not there: every way in which a server can go wrong, on loopback."""

import errno
import fcntl
import hashlib
import resource
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.errors import Fault, UserError
from pipelines.fetching import store
from pipelines.fetching.download import download
from pipelines.fetching.patience import Patience, Tries, retry_after
from pipelines.fetching.remote import Checksum, Downloaded, RemoteFile, TryAgain
from tests.pipelines.fetching.servers import HASTY, Handler, Loopback, Served, answer

CONTENT = bytes(range(256)) * 4000  # about 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def bring(url: str, target: Path, *, sha256: str | None = None, **rest: object) -> Downloaded:
    fields = {name: rest.pop(name) for name in ("size", "checks") if name in rest}
    file = RemoteFile(url, "a.bin", sha256, **fields)  # type: ignore[arg-type]
    return download(file, target, **{"patience": HASTY, **rest})  # type: ignore[arg-type]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "home")


def test_a_file_arrives_with_its_size_and_sha256(server: Loopback, tmp_path: Path) -> None:
    got = bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "deep" / "er" / "a.bin")
    assert got.path.read_bytes() == CONTENT
    assert (got.size, got.sha256) == (len(CONTENT), SHA256)
    assert left_in(got.path.parent) == ["a.bin"]


def test_an_empty_file_is_a_file(server: Loopback, tmp_path: Path) -> None:
    assert bring(server.on("/a.bin", Served(b"")), tmp_path / "a").size == 0
    assert (tmp_path / "a").read_bytes() == b""


def test_connections_that_break_in_the_middle_are_resumed_where_they_broke(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT, cut=100_000), Served(CONTENT, cut=300_000), Served(CONTENT))
    progress: list[int] = []
    assert bring(url, tmp_path / "a", progress=progress.append).sha256 == SHA256
    assert [r.headers.get("Range") for r in server.requests] == [None, "bytes=100000-", "bytes=400000-"]
    assert sum(progress) == len(CONTENT)
    assert min(progress) > 0


def test_a_second_run_goes_on_where_the_first_one_died(server: Loopback, tmp_path: Path) -> None:
    """The first run is stopped by an exception in the middle of the body, as by a signal."""
    url = server.on("/a.bin", Served(CONTENT))

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(url, tmp_path / "a", progress=die)
    assert not (tmp_path / "a").exists()
    had = (tmp_path / ".a.part").stat().st_size
    assert had > 0
    assert bring(url, tmp_path / "a").sha256 == SHA256
    assert server.requests[-1].headers["Range"] == f"bytes={had}-"
    assert left_in(tmp_path) == ["a"]


def test_a_file_that_changed_between_two_tries_is_read_anew(server: Loopback, tmp_path: Path) -> None:
    newer = CONTENT[::-1]
    url = server.on("/a.bin", Served(CONTENT, cut=500_000), Served(newer))
    bring(url, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == newer
    assert server.requests[1].headers["If-Range"].startswith('"')


def test_a_server_that_ignores_if_range_cannot_splice_two_versions(server: Loopback, tmp_path: Path) -> None:
    newer = CONTENT[::-1]

    def always_partial(handler: Handler) -> None:
        del handler.headers["If-Range"]
        Served(newer)(handler)

    bring(server.on("/a.bin", Served(CONTENT, cut=500_000), always_partial), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == newer


def test_without_a_validator_nothing_is_joined_unless_a_checksum_will_tell(server: Loopback, tmp_path: Path) -> None:
    faulty = [Served(CONTENT, etag=None, cut=500_000), Served(CONTENT, etag=None)]
    bring(server.on("/a.bin", *faulty), tmp_path / "a")
    assert "Range" not in server.requests[1].headers
    bring(server.on("/b.bin", *faulty), tmp_path / "b", sha256=SHA256)
    assert server.requests[3].headers["Range"] == "bytes=500000-"
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == CONTENT


def test_two_versions_joined_by_mistake_are_found_by_the_checksum_and_read_whole(
    server: Loopback, tmp_path: Path
) -> None:
    wrong = b"x" * len(CONTENT)
    url = server.on("/a.bin", Served(wrong, etag=None, cut=500_000), Served(CONTENT, etag=None))
    assert bring(url, tmp_path / "a", sha256=SHA256).sha256 == SHA256
    assert len(server.requests) == 3


def test_a_server_without_ranges_is_read_from_the_start(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT, cut=500_000, ranges=False), Served(CONTENT, ranges=False))
    progress: list[int] = []
    assert bring(url, tmp_path / "a", progress=progress.append).sha256 == SHA256
    assert sum(progress) == len(CONTENT)


def test_a_range_other_than_the_one_asked_for_is_not_used(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT, cut=1000), Served(CONTENT, shift=7), Served(CONTENT))
    assert bring(url, tmp_path / "a").sha256 == SHA256
    assert "Range" not in server.requests[2].headers


def test_a_range_that_ends_early_is_asked_for_again(server: Loopback, tmp_path: Path) -> None:
    """The answer is consistent in itself (Content-Length fits its body) but stops before the end of the file."""
    short = answer(206, CONTENT[1000:1005], Content_Range=f"bytes 1000-{len(CONTENT) - 1}/{len(CONTENT)}")
    url = server.on("/a.bin", Served(CONTENT, cut=1000), short, Served(CONTENT))
    assert bring(url, tmp_path / "a").sha256 == SHA256
    assert server.requests[2].headers["Range"] == "bytes=1005-"


def test_a_partial_answer_without_its_range_is_not_used(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT, cut=1000), answer(206, b"zzz"), Served(CONTENT))
    assert bring(url, tmp_path / "a").sha256 == SHA256


def test_a_server_that_announces_more_than_it_sends_is_a_fault(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT, announce=len(CONTENT) + 5, ranges=False))
    with pytest.raises(Fault, match=f"after {len(CONTENT)} of {len(CONTENT) + 5} bytes"):
        bring(url, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_server_that_announces_less_than_the_file_has_is_found_by_the_known_size(
    server: Loopback, tmp_path: Path
) -> None:
    url = server.on("/a.bin", Served(CONTENT, announce=1000))
    with pytest.raises(UserError, match=f"expected {len(CONTENT)}, found 1000 bytes"):
        bring(url, tmp_path / "a", size=len(CONTENT))
    assert left_in(tmp_path) == []


def until_closed(content: bytes) -> object:
    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return respond


def test_an_end_that_nothing_marks_is_believed_only_with_a_checksum(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", until_closed(CONTENT))  # type: ignore[arg-type]
    with pytest.raises(Fault, match="pin its sha256"):
        bring(url, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert bring(url, tmp_path / "a", sha256=SHA256).size == len(CONTENT)


def chunked(content: bytes, whole: bool) -> object:
    def respond(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        if whole:
            handler.wfile.write(b"0\r\n\r\n")
        handler.close_connection = True

    return respond


def test_a_chunked_answer_is_whole_only_with_its_last_chunk(server: Loopback, tmp_path: Path) -> None:
    responders = [chunked(CONTENT[:1000], whole=False), chunked(CONTENT, whole=True)]
    bring(server.on("/a.bin", *responders), tmp_path / "a")  # type: ignore[arg-type]
    assert (tmp_path / "a").read_bytes() == CONTENT
    with pytest.raises(Fault, match="connection broke"):
        bring(server.on("/b.bin", chunked(CONTENT[:1000], whole=False)), tmp_path / "b")  # type: ignore[arg-type]
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_the_users_mistake_and_asked_for_once(
    server: Loopback, tmp_path: Path, status: int
) -> None:
    url = server.on("/a.bin", answer(status))
    with pytest.raises(UserError, match=f"/a.bin: not there .*{status}"):
        bring(url, tmp_path / "a")
    assert len(server.requests) == 1
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("status", [401, 403, 451, 400])
def test_what_is_refused_is_the_users_to_mend(server: Loopback, tmp_path: Path, status: int) -> None:
    with pytest.raises(UserError, match=str(status)):
        bring(server.on("/a.bin", answer(status)), tmp_path / "a")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(server: Loopback, tmp_path: Path, status: int) -> None:
    url = server.on("/a.bin", answer(status), answer(status), Served(CONTENT))
    assert bring(url, tmp_path / "a").sha256 == SHA256


def test_a_server_that_stays_busy_is_given_up_in_the_end(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"answers 503 \(given up after 4 tries\)"):
        bring(server.on("/a.bin", answer(503)), tmp_path / "a")
    assert len(server.requests) == HASTY.tries
    assert left_in(tmp_path) == []


def test_retry_after_is_waited_for(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", answer(429, Retry_After="1"), Served(CONTENT))
    begun = time.monotonic()
    bring(url, tmp_path / "a")
    assert time.monotonic() - begun >= 1.0


def test_a_wait_too_long_to_sit_out_is_a_fault_that_says_so(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="come back in 86400 seconds"):
        bring(server.on("/a.bin", answer(503, Retry_After="86400")), tmp_path / "a")


def test_retry_after_reads_seconds_and_dates_and_nothing_else() -> None:
    assert retry_after("120") == 120.0
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now=784111767.0) == 10.0
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now=784111800.0) == 0.0
    assert [retry_after(text) for text in (None, "", "soon", "-5", "1.5", "²")] == [None] * 6


def test_a_slow_drip_is_given_up_and_resumed(server: Loopback, tmp_path: Path) -> None:
    small = CONTENT[:2000]
    url = server.on("/a.bin", Served(small, drip=0.02), Served(small))
    hasty = replace(HASTY, stall=0.3, least_bytes=100)
    assert bring(url, tmp_path / "a", patience=hasty).size == 2000
    assert 0 < int(server.requests[1].headers["Range"][6:-1]) < 100


def test_a_server_that_brings_one_byte_a_connection_is_given_up_too(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="given up after 12 tries"):
        bring(server.on("/a.bin", Served(CONTENT, cut=1)), tmp_path / "a")


def test_a_silent_server_times_out(server: Loopback, tmp_path: Path) -> None:
    def silent(_: Handler) -> None:
        time.sleep(1.0)

    hasty = replace(HASTY, read=0.1, tries=2)
    with pytest.raises(Fault, match="no answer in time"):
        bring(server.on("/a.bin", silent), tmp_path / "a", patience=hasty)


def test_no_server_at_all_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="connection refused"):
        bring("http://127.0.0.1:9/a.bin", tmp_path / "a")


def test_a_server_that_is_not_there_is_not_waited_for_as_a_busy_one_is(tmp_path: Path) -> None:
    patient = replace(HASTY, tries=50, unreachable_tries=3)
    with pytest.raises(Fault, match="given up after 3 tries"):
        bring("http://127.0.0.1:9/a.bin", tmp_path / "a", patience=patient)


def test_a_server_that_goes_away_in_the_middle_is_waited_for(tmp_path: Path) -> None:
    tries = Tries("a", replace(HASTY, tries=3, unreachable_tries=1), sleep=lambda _: None)
    tries.failed(TryAgain("the connection broke"), gained=True)
    tries.failed(TryAgain("connection refused", unreachable=True))
    with pytest.raises(Fault, match="given up after 3 tries"):
        tries.failed(TryAgain("connection refused", unreachable=True))


def test_waits_grow_twofold_up_to_a_limit_and_never_fall_short_of_what_is_asked() -> None:
    waits: list[float] = []
    tries = Tries("a", Patience(tries=9, first_wait=1.0, longest_wait=10.0), sleep=waits.append)
    for _ in range(6):
        tries.failed(TryAgain("busy"))
    assert all(limit / 2 <= wait <= limit for wait, limit in zip(waits, (1, 2, 4, 8, 10, 10), strict=True))
    tries.failed(TryAgain("busy", wait=60.0))
    assert waits[-1] == 60.0


def test_a_name_that_nobody_knows_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="name is not known"):
        bring("http://nowhere.invalid/a.bin", tmp_path / "a", patience=replace(HASTY, tries=1))


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
        bring(server.on("/b.bin", chunked(CONTENT, whole=True)), tmp_path / "b", limit_bytes=1000)  # type: ignore[arg-type]
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


def test_the_cache_gives_a_file_of_known_digest_without_the_network(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    cache = tmp_path / "cache"
    bring(url, tmp_path / "a", sha256=SHA256, cache=cache)
    got = bring(url, tmp_path / "b", sha256=SHA256, cache=cache)
    assert len(server.requests) == 1
    assert got.path.read_bytes() == CONTENT
    assert (tmp_path / "b").samefile(store.place(cache, SHA256))


def test_a_damaged_cache_costs_a_download_and_nothing_else(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", Served(CONTENT))
    cache = tmp_path / "cache"
    kept = store.place(cache, SHA256)
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"damaged")
    assert bring(url, tmp_path / "a", sha256=SHA256, cache=cache).sha256 == SHA256
    assert kept.read_bytes() == CONTENT


def test_a_cache_on_another_file_system_is_copied_from(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def across(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    url, cache = server.on("/a.bin", Served(CONTENT)), tmp_path / "cache"
    bring(url, tmp_path / "a", sha256=SHA256, cache=cache)
    monkeypatch.setattr("os.link", across)
    got = bring(url, tmp_path / "b", sha256=SHA256, cache=cache)
    assert got.path.read_bytes() == CONTENT
    assert not got.path.samefile(store.place(cache, SHA256))
    assert left_in(tmp_path) == ["a", "b", "cache"]


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
        bring(server.on("/b.bin", chunked(CONTENT, whole=True)), tmp_path / "b", size=1000)  # type: ignore[arg-type]


def test_a_cache_that_cannot_be_written_is_passed_over(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    got = bring(server.on("/a.bin", Served(CONTENT)), tmp_path / "a", cache=tmp_path / "cache", sha256=SHA256)
    assert got.sha256 == SHA256


def faults() -> st.SearchStrategy[Served]:
    """A server's behaviour at one try: it cuts somewhere, forgets ranges, shifts them, or changes its validator."""
    return st.builds(
        Served,
        st.just(CONTENT[:5000]),
        etag=st.sampled_from(["by content", None, 'W/"weak"']),
        cut=st.integers(0, 5000),
        shift=st.sampled_from([0, 0, 3]),
        ranges=st.booleans(),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(faults(), max_size=8), st.booleans())
def test_whatever_the_tries_bring_the_file_is_right_or_absent(
    server: Loopback, tmp_path: Path, tries: list[Served], pinned: bool
) -> None:
    target = tmp_path / "a"
    target.unlink(missing_ok=True)
    url = server.on("/a.bin", *tries, Served(CONTENT[:5000]))
    sha256 = hashlib.sha256(CONTENT[:5000]).hexdigest()
    try:
        bring(url, target, sha256=sha256 if pinned else None, patience=replace(HASTY, tries=20, first_wait=0.0001))
    except Fault:
        assert not target.exists()
    else:
        assert target.read_bytes() == CONTENT[:5000]
