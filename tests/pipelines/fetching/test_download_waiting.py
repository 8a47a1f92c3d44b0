"""What is asked for again, how long is waited for it, and what is given up or refused at once."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching.patience import Patience, Tries, retry_after
from pipelines.fetching.remote import TryAgain
from tests.pipelines.fetching.bringing import CONTENT, SHA256, bring, left_in
from tests.pipelines.fetching.servers import HASTY, Handler, Loopback, Served, answer


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
