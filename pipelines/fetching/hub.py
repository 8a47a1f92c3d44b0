"""Files of a repository on a Hugging Face hub: which there are, at which commit, with which checksums.

The hub's own interface is used over HTTP (`/api/…/revision`, `/api/…/tree`, `/resolve/`), because it tells what the
file system of fsspec hides: the sha256 of every large file and git's id of every small one. The endpoint and the token
come from where the hub's client takes them: `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HOME`. The token is sent to
the endpoint alone, never to the storage host that a large file redirects to.
Source of the rules: huggingface.co/docs/hub/api and the OpenAPI description it links to.
"""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urljoin

from manifests.errors import Fault, UserError
from pipelines.fetching.http import Access, get, origin
from pipelines.fetching.patience import Patience
from pipelines.fetching.remote import Checksum

DEFAULT_ENDPOINT = "https://huggingface.co"
LONGEST_PAGE = 64 << 20
MOST_PAGES = 100_000
_NEXT = re.compile(r'<([^<>]{1,4000})>\s{0,4};\s{0,4}rel="?next"?')
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")


class HubFile(NamedTuple):
    """A file of a repository: its path there, its length, and the digest that the hub states for it."""

    path: str
    size: int
    checks: tuple[Checksum, ...]


def endpoint() -> str:
    """Where the hub is."""
    return (os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")


def token() -> str | None:
    """The user's token, from the places the hub's own client reads; None if there is none."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        if value := os.environ.get(name, "").strip():
            return value
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    path = Path(os.environ.get("HF_TOKEN_PATH") or home / "token").expanduser()
    try:
        return path.read_text("utf-8").strip() or None
    except OSError:
        return None


def access(*, anonymous: bool = False) -> Access:
    """How to ask the hub: with the user's token, unless `anonymous`."""
    secret = None if anonymous else token()
    return Access(origin(endpoint()), {"Authorization": f"Bearer {secret}"} if secret else {})


def file_url(repository: str, revision: str, path: str) -> str:
    """Where a file's bytes are asked for. `repository`: `owner/name` of a model, `datasets/owner/name`, …"""
    return f"{endpoint()}/{repository}/resolve/{quote(revision, safe='')}/{quote(path)}"


def commit(repository: str, revision: str | None, *, anonymous: bool = False, patience: Patience | None = None) -> str:
    """The commit that a branch or tag names now (None: the default branch). Raises UserError if there is none."""
    if revision is not None and _COMMIT.match(revision):
        return revision
    url = f"{_api(repository)}/revision/{quote(revision or 'main', safe='')}"
    found = _json(url, repository, revision, anonymous=anonymous, patience=patience)[0]
    sha = found.get("sha") if isinstance(found, dict) else None
    if not isinstance(sha, str) or not _COMMIT.match(sha):
        raise Fault(f"hf:{repository}: the hub names no commit for {revision or 'main'}")
    return sha


def list_files(
    repository: str, revision: str, folder: str = "", *, anonymous: bool = False, patience: Patience | None = None
) -> list[HubFile]:
    """Every file below `folder` of a repository at `revision`, by path. An absent folder has no files."""
    url: str | None = f"{_api(repository)}/tree/{quote(revision, safe='')}"
    if folder:
        url = f"{url}/{quote(folder.strip('/'))}"
    url = f"{url}?recursive=true&expand=false"
    files: dict[str, HubFile] = {}
    for _ in range(MOST_PAGES):
        page, url = _json(
            url, repository, revision, anonymous=anonymous, patience=patience, absent=[] if folder else None
        )
        if not isinstance(page, list):
            raise Fault(f"hf:{repository}: the hub's list of files is not a list")
        for entry in page:
            if isinstance(entry, dict) and entry.get("type") == "file":
                file = _file(repository, entry)
                files[file.path] = file
        if url is None:
            return [files[path] for path in sorted(files)]
    raise Fault(f"hf:{repository}: the hub's list of files does not end")


def _file(repository: str, entry: dict[str, object]) -> HubFile:
    path, size, lfs, oid = entry.get("path"), entry.get("size"), entry.get("lfs"), entry.get("oid")
    if not isinstance(path, str) or not isinstance(size, int):
        raise Fault(f"hf:{repository}: an entry of the hub's list of files has no path or no size")
    if isinstance(lfs, dict) and isinstance(lfs.get("oid"), str):
        return HubFile(path, int(lfs.get("size", size)), (Checksum("sha256", lfs["oid"].removeprefix("sha256:")),))
    checks = (Checksum("git-sha1", oid),) if isinstance(oid, str) and _COMMIT.match(oid) else ()
    return HubFile(path, size, checks)


def _api(repository: str) -> str:
    kind = "" if repository.startswith(("datasets/", "spaces/")) else "models/"
    return f"{endpoint()}/api/{kind}{repository}"


def _json(
    url: str,
    repository: str,
    revision: str | None,
    *,
    anonymous: bool,
    patience: Patience | None,
    absent: object = None,
) -> tuple[object, str | None]:
    """One answer of the hub, and the address of the next page. `absent`: what a 404 stands for, if not an error."""
    answer = get(url, limit=LONGEST_PAGE, access=access(anonymous=anonymous), patience=patience)
    if answer.status in {404, 410}:
        if absent is not None:
            return absent, None
        raise UserError(f"hf:{repository}@{revision or 'main'}: the hub knows no such repository or revision")
    try:
        content = json.loads(answer.content)
    except ValueError:
        content = None
    if content is None:
        raise Fault(f"hf:{repository}: the hub's answer is not JSON")
    following = _NEXT.search(answer.headers.get("Link", "")[:10_000])
    return content, urljoin(url, following.group(1)) if following else None
