"""Repositories on GitHub as they were at a moment: found by language and week, each at its last commit before it.

AlgebraicStack took its Coq, Isabelle, Lean and Matlab so (`process_github.py` of EleutherAI/math-lm): searches by week
of creation from 2009 on, commits `until` 2023-04-01, archives of at most 1e9 bytes. Sources of the rules: GitHub's REST
documentation, "Search" (a query answers 1,000 results at most, 100 a page, `incomplete_results`), "List commits",
"Download a repository archive (tar)", "Rate limits for the REST API" (`x-ratelimit-remaining`, `x-ratelimit-reset`,
`retry-after`; secondary limits: at least a minute). The server and the token come from `GITHUB_API_URL` and
`GITHUB_TOKEN`, `GH_TOKEN` or `GITHUB_ACCESS_TOKEN`; the token is sent to that server alone.
"""

import calendar
import datetime
import email.utils
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from manifests.errors import Fault, UserError
from pipelines.fetching import http
from pipelines.fetching.patience import Patience, retry_after
from pipelines.fetching.remote import Answer, NotThere

DEFAULT_ENDPOINT = "https://api.github.com"
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ACCESS_TOKEN")
FIRST_MONTH = "2008-01"
"""GitHub opened in this year; no repository there is older."""
MOST_RESULTS, PAGE = 1000, 100
WEEK = datetime.timedelta(days=7)
SECOND = datetime.timedelta(seconds=1)
SECONDARY_WAIT = 60.0
LONGEST_WAIT = 3700.0
"""Seconds. The hourly limit comes back after an hour at most."""
LONGEST_ANSWER = 64 << 20
EMPTY, BLOCKED = 409, 451
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}\Z")
COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_SECONDARY = re.compile(rb"secondary rate limit|abuse detection", re.IGNORECASE)
_LIMIT = re.compile(rb"rate limit exceeded", re.IGNORECASE)


class Window(NamedTuple):
    """A span of time in which repositories were created: both ends belong to it, to the second, UTC."""

    first: datetime.datetime
    last: datetime.datetime

    def halves(self) -> "tuple[Window, Window]":
        """Two windows that together are this one."""
        middle = self.first + datetime.timedelta(seconds=int((self.last - self.first).total_seconds()) // 2)
        return Window(self.first, middle), Window(middle + SECOND, self.last)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%dT%H:%M:%SZ}..{self.last:%Y-%m-%dT%H:%M:%SZ}"


def endpoint() -> str:
    """Where the interface is."""
    return (os.environ.get("GITHUB_API_URL") or DEFAULT_ENDPOINT).rstrip("/")


def access() -> http.Access:
    """How to ask: with the user's token, if there is one, and with this server's way to say that it is too much."""
    token = next((value for name in TOKENS if (value := os.environ.get(name, "").strip())), None)
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return http.Access(http.origin(endpoint()), headers, wait=asked_wait)


def asked_wait(headers: Mapping[str, str], beginning: bytes) -> float | None:
    """Seconds that an answer 403 or 429 asks to wait, from its headers and first bytes; None if it is a refusal."""
    told = retry_after(headers.get("Retry-After"))
    if told is not None:
        return told
    reset = headers.get("X-RateLimit-Reset", "")
    if headers.get("X-RateLimit-Remaining") == "0" and reset.isascii() and reset.isdigit():
        return max(0.0, int(reset[:12]) - _moment(headers)) + 1.0
    if _SECONDARY.search(beginning) or _LIMIT.search(beginning):
        return SECONDARY_WAIT
    return None


def _moment(headers: Mapping[str, str]) -> float:
    """Seconds since 1970 by the server's own clock, else by ours."""
    try:
        return email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return time.time()


def patient(patience: Patience | None) -> Patience:
    """The patience with which GitHub is asked: its limits are sat out."""
    known = patience or Patience()
    return replace(known, longest_requested_wait=max(known.longest_requested_wait, LONGEST_WAIT))


def span(first: str | None, last: str | None) -> Window:
    """The window from the beginning of one month (YYYY-MM) to the end of another; without it from GitHub's first."""
    now = datetime.datetime.now(datetime.UTC)
    start = datetime.datetime.strptime(f"{first or FIRST_MONTH}-01+0000", "%Y-%m-%d%z")
    year, month = (int(part) for part in (last or f"{now:%Y-%m}").split("-"))
    end = datetime.datetime(year, month, calendar.monthrange(year, month)[1], 23, 59, 59, tzinfo=datetime.UTC)
    if start > end:
        raise UserError(f"from={first} is after until={last}")
    return Window(start, end)


def weeks(whole: Window) -> Iterator[Window]:
    """Windows of seven days that together are `whole`."""
    start = whole.first
    while start <= whole.last:
        yield Window(start, min(start + WEEK - SECOND, whole.last))
        start += WEEK


def repositories(language: str, whole: Window, most: int | None = None, patience: Patience | None = None) -> list[str]:
    """`OWNER/NAME` of all public repositories of a language that were created in a window, sorted.

    With `most` (up to 1,000): those with the most stars. A week with more results than a search answers is halved.
    Raises UserError if the search is refused, Fault if it cannot be had.
    """
    if most is not None:
        return sorted(_found(language, whole, most, patience)[1][:most])
    found: set[str] = set()
    waiting = list(weeks(whole))
    while waiting:
        window = waiting.pop()
        complete, names = _found(language, window, MOST_RESULTS, patience)
        if complete:
            found.update(names)
        elif window.first >= window.last:
            raise Fault(f"github:language:{language}: the search never answers in full for {window}")
        else:
            waiting += window.halves()
    return sorted(found)


def _found(language: str, window: Window, most: int, patience: Patience | None) -> tuple[bool, list[str]]:
    """The names that a search finds, those with the most stars first, and whether they are all that there are."""
    names: list[str] = []
    query = {"q": f'language:"{language}" created:{window}', "sort": "stars", "order": "desc", "per_page": str(PAGE)}
    for page in range(1, -(-min(most, MOST_RESULTS) // PAGE) + 1):
        answer = _json("/search/repositories?" + urlencode({**query, "page": str(page)}), patience)
        items, total = (answer.get("items"), answer.get("total_count")) if isinstance(answer, dict) else (None, None)
        if not isinstance(items, list) or not isinstance(total, int):
            raise Fault("github: the answer of a search has no `items` or no `total_count`")
        if (total > MOST_RESULTS and most == MOST_RESULTS) or answer.get("incomplete_results"):
            return False, []
        names += [name for item in items if (name := _name(item))]
        if len(items) < PAGE or page * PAGE >= total:
            break
    return True, names


def _name(item: Any) -> str:
    name = item.get("full_name") if isinstance(item, dict) else None
    if not isinstance(name, str) or not NAME.match(name):
        raise Fault("github: an item of a search has no `full_name` of the form OWNER/NAME")
    return name


def last_commit(repository: str, until: str, patience: Patience | None = None) -> str:
    """The last commit of a repository's default branch in or before a month (YYYY-MM).

    Raises NotThere for a repository that is gone, blocked, empty, or has no commit as old as that.
    """
    moment = (span(None, until).last + SECOND).strftime("%Y-%m-%dT%H:%M:%SZ")
    path = f"/repos/{quote(repository)}/commits?" + urlencode({"until": moment, "per_page": "1"})
    answer = _json(path, patience, repository)
    if not answer:
        raise NotThere(f"github:{repository}: no commit before {moment[:10]}")
    sha = answer[0].get("sha") if isinstance(answer, list) and isinstance(answer[0], dict) else None
    if not isinstance(sha, str) or not COMMIT.match(sha):
        raise Fault(f"github:{repository}: the list of its commits names no `sha`")
    return sha


def open_at(repository: str, commit: str | None, until: str | None, patience: Patience) -> Answer:
    """The archive (.tar.gz) of a repository at a commit, or at the last one in or before a month. From byte 0."""
    sha = commit or last_commit(repository, until or f"{datetime.datetime.now(datetime.UTC):%Y-%m}", patience)
    url = f"{endpoint()}/repos/{quote(repository)}/tarball/{sha}"
    return http.open_at(url, access=access(), patience=patient(patience))


def _json(path: str, patience: Patience | None, repository: str = "") -> Any:
    """An answer of the interface; an empty list for a repository without commits."""
    returned = frozenset({*http.GONE, EMPTY, BLOCKED})
    url = endpoint() + path
    answer = http.get(url, limit=LONGEST_ANSWER, access=access(), patience=patient(patience), returned=returned)
    if answer.status == EMPTY:
        return []
    if answer.status in returned:
        raise NotThere(f"github:{repository}: not there (the server answers {answer.status})")
    try:
        return json.loads(answer.content)
    except ValueError:
        problem = Fault(f"github:{repository}: the answer is not JSON")
    raise problem
