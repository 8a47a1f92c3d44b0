"""Where the bytes of a file are asked for, whatever its address says: on this machine, a web server, a bucket, a host
of repositories.

Most addresses lead to a URL with the way to reach it, or to an object of a bucket; these can be read from any byte on
(`open_at`) and by parts (`pipelines.fetching.parts`). What talks to servers is loaded when it is needed: a build of
files on this machine has no use for it.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from manifests.errors import UserError
from pipelines.fetching.address import Address, parse, unescaped
from pipelines.fetching.patience import Patience
from pipelines.fetching.remote import READ_SIZE, Answer, RemoteFile

if TYPE_CHECKING:
    from pipelines.fetching.http import Access


class Web(NamedTuple):
    """A URL and how to reach it."""

    url: str
    access: "Access"


class Bucket(NamedTuple):
    """An object of S3, `bucket/key`."""

    path: str
    requester_pays: bool


def way_to(file: RemoteFile, patience: Patience) -> Web | Bucket | Path | None:
    """Where the bytes of a file are; None for a repository, which is packed when it is asked for."""
    if file.local is not None:
        return file.local
    address = parse(file.address)
    if address.scheme in {"github", "git"}:
        return None
    if address.scheme in {"s3", "gs", "hf"}:
        address = replace(address, place=unescaped(address.place), members=unescaped(address.members or ""))
    place = file.secret.reveal() if file.secret else None
    pays = address.has("requester-pays")
    if address.scheme == "s3":
        return Bucket(place or address.place, pays)
    if address.scheme == "gs":
        from pipelines.fetching import google_storage

        url = place or google_storage.media_url(address.place, None, requester_pays=pays)
        return Web(url, google_storage.access())
    if address.scheme == "hf":
        from pipelines.fetching import hub

        url = place or hub.file_url(address.place, address.choice or "main", address.members or "")
        return Web(url, hub.access(anonymous=address.has("anonymous")))
    return _of_the_web(address, place, patience)


def _of_the_web(address: Address, place: str | None, patience: Patience) -> Web | Path:
    from pipelines.fetching import http, pypi

    if address.scheme != "pypi":
        return Web(place or address.place, http.Access())
    found = place or pypi.url(address, patience)
    return Path(parse(found).place) if found.startswith("file:") else Web(found, pypi.access_to(found))


def open_at(file: RemoteFile, offset: int, validator: str | None, patience: Patience) -> Answer:
    """The bytes of `file` from `offset` on, by whichever way its address needs. Errors as in `http.open_at`."""
    way = way_to(file, patience)
    if isinstance(way, Path):
        return _open_local(way, offset)
    from pipelines.fetching import git, github, http, objects

    if isinstance(way, Bucket):
        return objects.open_at(way.path, offset=offset, validator=validator, requester_pays=way.requester_pays)
    if way is not None:
        return http.open_at(way.url, offset=offset, validator=validator, access=way.access, patience=patience)
    address = parse(file.address)
    if address.scheme == "github":
        return github.open_at(address.place, address.choice, address.get("until"), patience)
    place = file.secret.reveal() if file.secret else None
    return git.open_at(place or address.place, address.choice or "")


def _open_local(path: Path, offset: int) -> Answer:
    try:
        stream, size = path.open("rb"), path.stat().st_size
        problem = None
    except OSError as error:
        problem = UserError(f"{path}: cannot be read ({os.strerror(error.errno or 0)})")
    if problem is not None:
        raise problem
    stream.seek(offset)
    return Answer(iter(lambda: stream.read(READ_SIZE), b""), start=offset, total=size, close=stream.close)
