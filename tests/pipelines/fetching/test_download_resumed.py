"""A download that broke goes on where it broke, and never joins the bytes of two versions."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manifests.errors import Fault, UserError
from tests.pipelines.fetching.bringing import CONTENT, SHA256, bring, chunked, left_in, until_closed
from tests.pipelines.fetching.servers import HASTY, Handler, Loopback, Served, answer


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


def test_an_end_that_nothing_marks_is_believed_only_with_a_checksum(server: Loopback, tmp_path: Path) -> None:
    url = server.on("/a.bin", until_closed(CONTENT))
    with pytest.raises(Fault, match="pin its sha256"):
        bring(url, tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert bring(url, tmp_path / "a", sha256=SHA256).size == len(CONTENT)


def test_a_chunked_answer_is_whole_only_with_its_last_chunk(server: Loopback, tmp_path: Path) -> None:
    responders = [chunked(CONTENT[:1000], whole=False), chunked(CONTENT, whole=True)]
    bring(server.on("/a.bin", *responders), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == CONTENT
    with pytest.raises(Fault, match="connection broke"):
        bring(server.on("/b.bin", chunked(CONTENT[:1000], whole=False)), tmp_path / "b")
    assert not (tmp_path / "b").exists()


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
