"""Which repository an archive holds, told by the name that fetching gives it (`pipelines.fetching.listing`).

GitHub's archives have one folder around everything, `NAME-SHA/` or `OWNER-NAME-SHA/`, which is no part of a file's
path; what `git archive` makes has none.
"""

import re
from typing import NamedTuple

from pipelines.extraction.archives import packed_files as archives

_GITHUB = re.compile(
    r"(?:.*/)?github\.com/(?P<api>[^/]+/[^/]+)\.tar\.gz\Z"
    r"|(?:.*/)?(?P<web>[^/]+/[^/]+)/archive/(?:refs/(?:heads|tags)/)?[^/]+\.(?:tar\.gz|zip)\Z"
)
_GIT = re.compile(r"(?:[^/]*\.[^/]*/)?(?P<path>.+)\.git\.tar\Z")


class Repository(NamedTuple):
    """A repository's name, where it lies on the web if that is known, whether its archive has a folder around it."""

    name: str
    web: str = ""
    wrapped: bool = False

    def path(self, member: str) -> str:
        """A member's path in the repository."""
        return member.partition("/")[2] or member if self.wrapped else member

    def url(self, member: str, commit: str) -> str | None:
        """Where a member can be read on the web."""
        return f"{self.web}/blob/{commit}/{self.path(member)}" if self.web and commit else None


def repository_of(name: str) -> Repository:
    """The repository in an archive of this name; an archive of another kind is called by its own name."""
    if found := _GITHUB.match(name):
        full = found["api"] or found["web"]
        return Repository(full, f"https://github.com/{full}", wrapped=True)
    if found := _GIT.match(name):
        return Repository(found["path"])
    return Repository(_stem(name.rsplit("/", 1)[-1]))


def _stem(name: str) -> str:
    """An archive's name without its ending: `sympy-1.13.3`."""
    for known in sorted(archives.ENDINGS, key=len, reverse=True):
        if name.lower().endswith(known):
            return name[: -len(known)]
    return name
