"""Repositories on GitHub before a month: found by weeks, each at its last commit, whatever the limits say."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching import github, patience
from pipelines.fetching.address import parse
from pipelines.fetching.download import download
from pipelines.fetching.listing import expand
from pipelines.fetching.remote import NotThere, RemoteFile
from tests.pipelines.fetching.github_server import GitHub, Repository, reset_in
from tests.pipelines.fetching.github_server import github as github_server
from tests.pipelines.fetching.servers import HASTY

FIRST, SECOND = "a" * 40, "b" * 40


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with github_server() as running:
        monkeypatch.setenv("GITHUB_API_URL", running.server.url)
        monkeypatch.setenv("GITHUB_TOKEN", "planted-token")
        yield running


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for, none of which is sat out."""
    slept: list[float] = []
    monkeypatch.setattr(patience.Tries.__init__, "__defaults__", (slept.append,))
    return slept


def test_repositories_are_found_week_by_week_and_every_page_is_read(server: GitHub) -> None:
    for number in range(250):
        server.repositories[f"ann/r{number}"] = Repository(f"2020-01-{1 + number % 28:02}T12:00:00Z")
    server.repositories["bob/late"] = Repository("2020-02-01T00:00:00Z")
    server.repositories["bob/other"] = Repository("2020-01-02T00:00:00Z", language="Verilog")
    server.route()
    found = github.repositories("coq", github.span("2020-01", "2020-01"), patience=HASTY)
    assert found == sorted(f"ann/r{number}" for number in range(250))
    windows = list(dict.fromkeys(search.split()[0] for search in server.searches))
    assert sorted(windows)[0] == "2020-01-01T00:00:00Z..2020-01-07T23:59:59Z"
    assert len(windows) == 5


def test_a_week_with_more_results_than_a_search_answers_is_halved_until_all_are_there(server: GitHub) -> None:
    start = datetime(2020, 1, 3, tzinfo=UTC)
    for number in range(2300):
        at = start + timedelta(seconds=number)
        server.repositories[f"ann/r{number}"] = Repository(f"{at:%Y-%m-%dT%H:%M:%SZ}")
    server.route()
    found = github.repositories("coq", github.span("2020-01", "2020-01"), patience=HASTY)
    assert len(found) == 2300
    assert not any(search.endswith(" 11") for search in server.searches)


def test_results_that_the_server_calls_incomplete_are_asked_for_again_in_smaller_windows(server: GitHub) -> None:
    server.repositories["ann/r"] = Repository("2020-01-02T00:00:00Z")
    server.incomplete = 3
    server.route()
    assert github.repositories("coq", github.span("2020-01", "2020-01"), patience=HASTY) == ["ann/r"]


def test_windows_are_weeks_that_neither_overlap_nor_leave_a_gap() -> None:
    whole = github.span("2022-12", "2023-03")
    windows = list(github.weeks(whole))
    assert (windows[0].first, windows[-1].last) == (whole.first, whole.last)
    assert str(windows[-1]).endswith("2023-03-31T23:59:59Z")
    assert all(one.last + github.SECOND == two.first for one, two in itertools.pairwise(windows))
    first, last = windows[0].halves()
    assert (first.first, last.last, first.last + github.SECOND) == (windows[0].first, windows[0].last, last.first)


def test_the_commit_is_the_last_one_of_the_month_and_the_archive_is_its(server: GitHub, tmp_path: Path) -> None:
    commits = [("2023-04-01T00:00:01Z", SECOND), ("2023-03-31T23:59:59Z", FIRST)]
    server.repositories["ann/sums"] = Repository("2020-01-01T00:00:00Z", "Coq", commits, {"a.v": "Qed."})
    server.route()
    [file] = expand("github:ann/sums#until=2023-03")
    assert (file.address, file.name) == ("github:ann/sums#until=2023-03", "github.com/ann/sums.tar.gz")
    got = download(file, tmp_path / "x.tar.gz", patience=HASTY)
    assert got.size == len(got.path.read_bytes()) > 100
    assert [one.path for one in server.server.requests] == [
        "/repos/ann/sums/commits", f"/repos/ann/sums/tarball/{FIRST}", f"/codeload/ann/sums/{FIRST}",
    ]  # fmt: skip
    assert all(one.headers["Authorization"] == "Bearer planted-token" for one in server.server.requests)
    [pinned] = expand(f"github:ann/sums@{SECOND}")
    download(pinned, tmp_path / "y.tar.gz", patience=HASTY)
    assert server.server.requests[-1].path == f"/codeload/ann/sums/{SECOND}"


def test_a_search_stands_for_an_archive_of_each_repository(server: GitHub) -> None:
    server.repositories["ann/a"] = Repository("2020-01-01T00:00:00Z")
    server.repositories["bob/b"] = Repository("2020-01-20T00:00:00Z")
    server.route()
    files = expand("github:language:coq#from=2020-01&until=2020-01", patience=HASTY)
    assert [file.address for file in files] == ["github:ann/a#until=2020-01", "github:bob/b#until=2020-01"]
    assert RemoteFile.from_plain(files[0].plain()) == files[0]
    assert files[0].local is None


def test_most_takes_those_with_the_most_stars_in_one_search(server: GitHub) -> None:
    for number in range(300):
        server.repositories[f"ann/r{number:03}"] = Repository("2020-01-01T00:00:00Z")
    server.route()
    files = expand("github:language:coq#until=2020-01&most=150", patience=HASTY)
    assert [file.name for file in files] == [f"github.com/ann/r{number:03}.tar.gz" for number in range(150)]
    assert len(server.searches) == 2


class TestLimits:
    @pytest.fixture(autouse=True)
    def repository(self, server: GitHub) -> None:
        server.repositories["ann/r"] = Repository("2020-01-01T00:00:00Z", commits=[("2020-01-02T00:00:00Z", FIRST)])
        server.route()

    def test_the_hourly_limit_is_sat_out_until_it_comes_back(self, server: GitHub, waits: list[float]) -> None:
        for status in (403, 429):
            server.refusals.append((status, b'{"message": "API rate limit exceeded"}', reset_in(1800)))
        assert github.last_commit("ann/r", "2020-01", HASTY) == FIRST
        assert [1790 < wait < 1810 for wait in waits] == [True, True]

    def test_a_secondary_limit_says_how_long_or_takes_a_minute(self, server: GitHub, waits: list[float]) -> None:
        body = b'{"message": "You have exceeded a secondary rate limit."}'
        server.refusals += [(403, body, {"Retry_After": "37"}), (403, body, {})]
        assert github.last_commit("ann/r", "2020-01", HASTY) == FIRST
        assert waits == [37.0, 60.0]

    def test_archives_and_searches_wait_too(self, server: GitHub, waits: list[float], tmp_path: Path) -> None:
        server.refusals += [(429, b"", {"Retry_After": "5"})]
        assert github.repositories("coq", github.span("2020-01", "2020-01"), patience=HASTY) == ["ann/r"]
        server.refusals += [(403, b"", reset_in(2000))]
        [file] = expand(f"github:ann/r@{FIRST}")
        download(file, tmp_path / "x", patience=HASTY)
        assert waits[0] == 5.0
        assert waits[1] > 1900

    def test_a_refusal_that_is_none_of_these_is_not_waited_for(self, server: GitHub, waits: list[float]) -> None:
        server.refusals += [(403, b'{"message": "Resource not accessible"}', {"X_RateLimit_Remaining": "4999"})]
        with pytest.raises(NotThere, match="not allowed"):
            github.last_commit("ann/r", "2020-01", HASTY)
        assert waits == []

    def test_a_reset_is_counted_from_the_servers_own_clock(self) -> None:
        headers = {
            "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000000100", "Date": "Sun, 09 Sep 2001 01:46:40 GMT",
        }  # fmt: skip
        assert github.asked_wait(headers, b"") == 101.0


@pytest.mark.parametrize("status", [404, 409, 410, 451])
def test_a_repository_that_is_gone_blocked_or_empty_is_not_there(server: GitHub, status: int) -> None:
    server.repositories["ann/r"] = Repository("2020-01-01T00:00:00Z", status=status)
    server.route()
    with pytest.raises(NotThere, match=r"github:ann/r: (not there|no commit before 2020-02-01)"):
        github.last_commit("ann/r", "2020-01", HASTY)


def test_a_repository_whose_commits_are_all_younger_is_not_there(server: GitHub) -> None:
    server.repositories["ann/r"] = Repository("2020-01-01T00:00:00Z", commits=[("2024-01-01T00:00:00Z", FIRST)])
    server.route()
    with pytest.raises(NotThere, match="no commit before 2023-04-01"):
        github.last_commit("ann/r", "2023-03", HASTY)


def test_an_answer_that_is_no_answer_is_a_fault(server: GitHub) -> None:
    from tests.pipelines.fetching.servers import answer

    server.server.on("/search/repositories", answer(200, b"<html>"), answer(200, b"{}"), answer(200, b'{"items": 1}'))
    for _ in range(3):
        with pytest.raises(Fault, match="github"):
            github.repositories("coq", github.span("2020-01", "2020-01"), patience=HASTY)


@pytest.mark.parametrize(
    "wrong",
    [
        "github:ann", "github:ann/r@main", f"github:ann/r@{FIRST[:7]}", "github:language:", "github:a/b/c@" + FIRST,
        "github:ann/r@", "github:ann/r#until=2020", "github:language:coq#most=1001", "github:language:coq#most=0",
        "github:../x@" + FIRST, "github:a b/r#until=2020-01",
    ],
)  # fmt: skip
def test_wrong_addresses_are_one_line(wrong: str) -> None:
    with pytest.raises(UserError) as problem:
        parse(wrong)
    assert "\n" not in str(problem.value)


def test_a_repository_needs_a_commit_or_a_month() -> None:
    with pytest.raises(UserError, match="expected a commit"):
        expand("github:ann/r")
    with pytest.raises(UserError, match="is after"):
        expand("github:language:coq#from=2021-01&until=2020-01")


def test_lists_may_name_repositories(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"github:ann/r@{FIRST}\ngit:https://example.org/bob/x.git@{SECOND}\n")
    files = expand(f"{tmp_path}/list#list")
    assert [file.name for file in files] == ["example.org/bob/x.git.tar", "github.com/ann/r.tar.gz"]
