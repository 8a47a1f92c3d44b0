"""A corpus in a bucket: the few things that are asked of an object store, and what its refusals mean.

The whole vocabulary is put, put-if-absent, conditional replace, get, list and delete. An object appears complete or
not at all, so a put is an atomic publish. obstore speaks it for S3, Google's and Azure's stores alike; fsspec has no
conditional replace, and took six times the processor time for small objects (`tests/benchmarks/stores.py`).
"""

import contextlib
import hashlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from manifests.errors import Fault, UserError

SCHEMES = ("s3", "gs", "az")
BLOCK = 8 << 20
MOST_TRIES = 8
PATIENCE = timedelta(seconds=120)
"""How long a request is tried again when the store answers 5xx, or not at all."""
SILENCE = timedelta(seconds=60)
"""How long an answer may stand still before the request is given up and tried again."""
LONGEST = timedelta(hours=1)
"""The most time of one request, however large the object."""
SLOW_BYTES = 16 << 20
"""A file from here on is sent with no bound but `LONGEST`: while it is sent no answer can come."""
ONE_PIECE_BYTES = 1 << 30
"""A larger file is sent in parts; its tag in S3 is then no md5, so that it is brought again where it is not known."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HALF = re.compile(r"\s*(?:s3a?|gcs|gs|abfss?|az|hdfs|hf|https?|ftp|file):|\s+\w+://", re.IGNORECASE)
"""An address that lacks its slashes, or begins with a space: what reads files would take the folder for an address."""
_BUCKET = re.compile(r"[A-Za-z0-9][\w.-]{0,221}", re.ASCII)
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_ENDPOINT = re.compile(r"https?://[\w.:\[\]-]+(?:/[^\s?#]*)?", re.ASCII)
_ASKED = re.compile(r"Error performing [A-Z]+ (https?://[^/\s]{1,200})")
_REASON = re.compile(r'(?:message|error): "([^"\n]{1,160})"')
"""What an error of the library says, at its innermost, of why there is no connection."""
_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_STATUS = re.compile(r"status code: (\d{3}[ \w]{0,40})")
_ELSEWHERE = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")
_PAIR = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_REFUSALS = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")


class Listed(NamedTuple):
    """An object: its length in bytes, the tag that its store gives to these bytes, when it was put (seconds)."""

    size: int
    tag: str
    put: float = 0.0


def scheme_of(place: str) -> str | None:
    """The scheme of an address such as `s3://bucket/corpus`, None for a folder. Raises UserError for any other."""
    found = _SCHEME.match(place)
    if found is None:
        if place.strip() and _HALF.match(place) is None:
            return None
    elif found[1].lower() in SCHEMES:
        _check_name(place, place[found.end() :])
        return found[1].lower()
    raise UserError(
        f"{place or 'an empty name'}: expected a folder, or a bucket as {', '.join(f'{name}://…' for name in SCHEMES)}"
    )


def _check_name(place: str, rest: str) -> None:
    """Raises UserError where what follows the scheme is not `BUCKET/NAME`."""
    name, _, key = rest.partition("/")
    if not name:
        raise UserError(f"{place}: no bucket is named, expected {place.partition(':')[0]}://BUCKET/NAME")
    if _BUCKET.fullmatch(name) is None:
        safe = f"…{name[name.rfind('@') :]}" if "@" in name else place
        raise UserError(f"{safe}: no name of a bucket; expected letters, digits, `.`, `-`, `_` and no credentials")
    if key and {"", ".", ".."} & set(key.rstrip("/").split("/")):
        raise UserError(f"{place}: a part of the name is empty, `.` or `..`; expected names between single slashes")


def _url(address: str) -> str:
    """An address as a URL: every character of a name stands for itself, as it does for the stores' own clients."""
    scheme, _, rest = address.partition("://")
    return f"{scheme.lower()}://{quote(rest)}"


class Bucket:
    """The objects below one address. Names are relative to it. Safe to share between threads, not over a fork.

    Every method raises UserError where the store refuses or there is no such bucket, Fault where it cannot be reached.
    """

    def __init__(self, address: str) -> None:
        from obstore import exceptions
        from obstore.store import from_url

        self.address = address.rstrip("/")
        scheme = scheme_of(self.address)
        options: dict[str, Any] = {
            "client_options": {"allow_http": True, "timeout": LONGEST, "connect_timeout": "10s"},
            "retry_config": {"max_retries": MOST_TRIES, "retry_timeout": PATIENCE},
        }
        if scheme == "s3":
            options |= _aws(self.address)
        try:
            self._slow: Any = from_url(_url(self.address), **options)
            options["client_options"]["read_timeout"] = SILENCE
            self._store: Any = from_url(_url(self.address), **options)
        except (exceptions.BaseError, ValueError) as error:
            why = (str(error).strip() or type(error).__name__).splitlines()[0].removeprefix("Generic ")
            raise UserError(f"{self.address}: {why}; expected an account and credentials of this store") from error

    def put(self, name: str, content: bytes | Path) -> str:
        """Publish an object in place of any of this name; returns its tag."""
        return str(self._put(name, content, "overwrite"))

    def put_new(self, name: str, content: bytes) -> str | None:
        """Publish an object unless there is one of this name, which None tells."""
        return self._put(name, content, "create")

    def replace(self, name: str, content: bytes, tag: str) -> str | None:
        """Publish an object in place of the one with this tag; None where that one is no longer there."""
        return self._put(name, content, {"e_tag": tag})

    def _put(self, name: str, content: bytes | Path, mode: Any) -> str | None:
        import obstore

        size = content.stat().st_size if isinstance(content, Path) else len(content)
        store = self._slow if size > SLOW_BYTES else self._store
        with self._guard(name):
            try:
                # Sent in one piece, so that the tag of S3 is the md5 of the bytes.
                answer = obstore.put(store, name, content, mode=mode, use_multipart=size > ONE_PIECE_BYTES)
                return str(answer["e_tag"])
            except (obstore.exceptions.AlreadyExistsError, obstore.exceptions.PreconditionError):
                return None
            except (obstore.exceptions.NotFoundError, FileNotFoundError):
                if not isinstance(mode, dict):
                    raise
                return None

    def get(self, name: str) -> tuple[bytes, str] | None:
        """A small object and its tag; None where there is none."""
        import obstore

        with self._guard(name):
            try:
                answer = obstore.get(self._store, name)
                return bytes(answer.bytes()), str(answer.meta["e_tag"])
            except (obstore.exceptions.NotFoundError, FileNotFoundError):
                return None

    def download(self, name: str, path: Path) -> None:
        """Write an object's bytes to a file."""
        import obstore

        with self._guard(name), path.open("wb") as file:
            for block in obstore.get(self._store, name).stream(BLOCK):
                file.write(block)

    def list(self, folder: str | None = None) -> dict[str, Listed]:
        """All objects, or those of a folder, by name; none that only stands for a folder."""
        import obstore

        with self._guard():
            pages = obstore.list(self._store, folder)
            return self._files(found for page in pages for found in page)

    def list_beginning(self, folder: str, name: str) -> dict[str, Listed]:
        """The objects of a folder whose names begin so; those before and behind are not asked for."""
        import obstore

        begins = f"{folder}/{name}"
        with self._guard():
            pages = obstore.list(self._store, folder, offset=begins)
            found = (one for page in pages for one in page)
            return self._files(itertools.takewhile(lambda one: str(one["path"]).startswith(begins), found))

    def list_top(self, folder: str | None = None) -> tuple[dict[str, Listed], tuple[str, ...]]:
        """The objects right in a folder, or at the top, and the names of the folders there."""
        import obstore

        with self._guard():
            found = obstore.list_with_delimiter(self._store, folder)
            folders = (str(one).rsplit("/", 1)[-1] for one in found["common_prefixes"])
            return self._files(found["objects"]), tuple(folders)

    def _files(self, found: Iterable[Any]) -> dict[str, Listed]:
        there = {str(one["path"]): _listed(one) for one in found}
        # What stands for a folder in consoles of stores is listed without its slash, and is not there without it.
        empty = [name for name, found in there.items() if not found.size]
        marks = {name for name in empty if not name or self.head(name) is None}
        return {name: found for name, found in there.items() if name not in marks}

    def head(self, name: str) -> Listed | None:
        """What there is of this name."""
        import obstore

        with self._guard(name):
            try:
                return _listed(obstore.head(self._store, name))
            except (obstore.exceptions.NotFoundError, FileNotFoundError):
                return None

    def delete(self, *names: str) -> None:
        """Remove objects, each before the next; nothing happens where there is none."""
        import obstore

        for name in names:
            with self._guard(name), contextlib.suppress(obstore.exceptions.NotFoundError, FileNotFoundError):
                obstore.delete(self._store, name)

    @contextlib.contextmanager
    def _guard(self, name: str = "") -> Iterator[None]:
        from obstore import exceptions

        try:
            yield
        except (exceptions.BaseError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # of a file on this side
            raise _explained(f"{self.address}/{name}" if name else self.address, str(error)) from error


def _listed(found: Any) -> Listed:
    return Listed(int(found["size"]), str(found["e_tag"]), found["last_modified"].timestamp())


@lru_cache(maxsize=8)
def bucket(address: str) -> Bucket:
    """The bucket at an address; made once, since making one opens connections."""
    return Bucket(address)


def holds(found: Listed | None, path: Path) -> bool:
    """Whether an object is known to have the bytes of a file: its tag is their md5, as S3's is."""
    if found is None or found.size != path.stat().st_size:
        return False
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    return found.tag.strip('"') == digest


def _aws(address: str) -> dict[str, Any]:
    """Credentials where the environment does not state them: a profile or a machine's role, as botocore finds them."""
    for name in _ENDPOINTS:
        # The library ends the program over one that is no address.
        if os.environ.get(name) and _ENDPOINT.fullmatch(os.environ[name]) is None:
            raise UserError(f"{address}: {name}={os.environ[name]}: expected http://HOST:PORT or https://HOST")
    pair = [name for name in _PAIR if name in os.environ]
    if len(pair) == 1:
        raise UserError(f"{address}: of {' and '.join(_PAIR)} only {pair[0]} is set, expected both")
    if pair or "AWS_WEB_IDENTITY_TOKEN_FILE" in os.environ:
        return {}
    try:
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session
    except ImportError:
        session, found = None, None
    else:
        session = Session()
        try:
            found = session.get_credentials()
        except BotoCoreError as error:
            raise UserError(f"{address}: {error}") from None
    if session is None or found is None:
        raise UserError(f"{address}: no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
    keys = found.get_frozen_credentials()
    options = {"access_key_id": keys.access_key, "secret_access_key": keys.secret_key}
    if keys.token:
        options["session_token"] = keys.token
    region = session.get_config_variable("region")
    return {**options, "region": region} if region else dict(options)


def _explained(place: str, text: str) -> UserError | Fault:
    """An error of a store as one line."""
    code, status = _CODE.search(text), _STATUS.search(text)
    if code and code[1] == "NoSuchBucket":
        return UserError(f"{place}: there is no such bucket; expected one that exists")
    if code and code[1] == "RequestTimeTooSkewed":
        return UserError(f"{place}: the store's clock and this machine's differ ({code[1]}); set this machine's")
    if (code and code[1] in _ELSEWHERE) or "redirect without LOCATION" in text:
        return UserError(f"{place}: the bucket is not where it was looked for; set AWS_REGION to its region")
    if (code and code[1] == "NotImplemented") or (status and status[1].startswith("501")):
        return UserError(f"{place}: the store cannot do this (501); expected one that has conditional puts, as S3 has")
    if (code and code[1] in _REFUSALS) or (status and status[1][:3] in ("401", "403")):
        why = code[1] if code else status[1].strip() if status else "no reason given"
        return UserError(f"{place}: the store refuses ({why}); are the credentials right, and allowed to do this?")
    if status:
        return Fault(f"{place}: the store answers {status[1].strip()}; run the same command again to go on")
    if "invalid path" in text:
        return UserError(f"{place}: it holds an object whose name no corpus has ({_first(text)}); remove that")
    asked, reason = _ASKED.search(text), _REASON.search(text)
    if asked:
        why = reason[1] if reason else "no TLS there" if "InvalidContentType" in text else "no connection"
        return Fault(f"{place}: the store at {asked[1]} cannot be reached ({why}); run the same command again to go on")
    return Fault(f"{place}: the store cannot be reached ({_first(text)}); run the same command again to go on")


def _first(text: str) -> str:
    return text.strip().splitlines()[0][:160] if text.strip() else "unknown error"
