"""GitHub's interface on loopback: searches by window and page, commits until a moment, archives, limits."""

import io
import json
import re
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.pipelines.fetching.servers import Handler, Loopback, answer, serving

WINDOW = re.compile(r'language:"([^"]+)" created:(\S+)\.\.(\S+)\Z')
RESULTS = 1000


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def archive(sha: str, files: dict[str, str]) -> bytes:
    """A tarball as GitHub makes it: the commit in a global header, one folder around everything."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": sha}) as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(f"owner-name-{sha[:7]}/{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


@dataclass
class Repository:
    """One repository: when it was created, its commits (moment, id) with the newest first, and the files of each."""

    created: str
    language: str = "Coq"
    commits: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass
class GitHub:
    """The server's state. `refusals` are answers that the next requests get before anything else."""

    server: Loopback
    repositories: dict[str, Repository] = field(default_factory=dict)
    refusals: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    incomplete: int = 0

    def route(self) -> None:
        """Answer for every repository that there is by now."""
        self.server.on("/search/repositories", self._search)
        for name, one in self.repositories.items():
            self.server.on(f"/repos/{name}/commits", self._commits(one))
            for _, sha in one.commits:
                self.server.on(f"/repos/{name}/tarball/{sha}", self._redirect(f"/codeload/{name}/{sha}"))
                self.server.on(f"/codeload/{name}/{sha}", answer(200, archive(sha, one.files)))

    def _refused(self, handler: Handler) -> bool:
        if not self.refusals:
            return False
        status, body, headers = self.refusals.pop(0)
        answer(status, body, **headers)(handler)
        return True

    def _search(self, handler: Handler) -> None:
        if self._refused(handler):
            return
        query = self.server.requests[-1].query
        found = WINDOW.match(query["q"][0])
        assert found is not None
        first, last = moment(found[2]), moment(found[3])
        names = [
            name for name, one in sorted(self.repositories.items())
            if one.language.lower() == found[1].lower() and first <= moment(one.created) <= last
        ]  # fmt: skip
        page, size = int(query["page"][0]), int(query["per_page"][0])
        self.searches.append(f"{found[2]}..{found[3]} {page}")
        if page * size > RESULTS:
            answer(422, b'{"message": "Only the first 1000 search results are available"}')(handler)
            return
        incomplete = self.incomplete > 0
        self.incomplete -= incomplete
        items = [{"full_name": name} for name in names[:RESULTS][(page - 1) * size : page * size]]
        body: dict[str, Any] = {"total_count": len(names), "incomplete_results": incomplete, "items": items}
        answer(200, json.dumps(body).encode())(handler)

    def _commits(self, one: Repository) -> Any:
        def respond(handler: Handler) -> None:
            if self._refused(handler):
                return
            if one.status != 200:
                answer(one.status, b'{"message": "no"}')(handler)
                return
            until = moment(self.server.requests[-1].query["until"][0])
            shas = [{"sha": sha} for at, sha in one.commits if moment(at) <= until]
            answer(200, json.dumps(shas[:1]).encode())(handler)

        return respond

    def _redirect(self, target: str) -> Any:
        def respond(handler: Handler) -> None:
            if not self._refused(handler):
                answer(302, b"", Location=self.server.url + target)(handler)

        return respond


def reset_in(seconds: int) -> dict[str, str]:
    """Headers of an answer whose hourly limit is used up."""
    return {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(time.time()) + seconds)}


@contextmanager
def github() -> Iterator[GitHub]:
    with serving() as server:
        yield GitHub(server)
