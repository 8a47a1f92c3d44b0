"""Objects of Google Cloud Storage, listed and addressed through the service's JSON interface.

The interface is used over HTTP, because its package for fsspec brings some twenty others and the interface states what
that package hides: md5 sums, and a generation that pins a version. `STORAGE_EMULATOR_HOST` names another server, as for
the service's own clients. Public buckets need no credentials; others take `CLOUDSDK_AUTH_ACCESS_TOKEN`, or whatever the
package google-auth finds if it is installed. With requester pays, `GOOGLE_CLOUD_PROJECT` is the project that pays.
Source of the rules: cloud.google.com/storage/docs/json_api (objects: list, get).
"""

import base64
import importlib
import json
import os
from typing import NamedTuple
from urllib.parse import quote, urlencode

from manifests.errors import Fault, UserError
from pipelines.fetching.http import Access, get, origin
from pipelines.fetching.patience import Patience
from pipelines.fetching.patterns import Pattern, alternatives, fixed_prefix, has_pattern
from pipelines.fetching.remote import Checksum

DEFAULT_ENDPOINT = "https://storage.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
FIELDS = "items(name,size,md5Hash,generation,contentEncoding),nextPageToken"
LONGEST_PAGE = 64 << 20
MOST_PAGES = 100_000


class GoogleObject(NamedTuple):
    """An object: `bucket/key`, its length and md5 (None where stored packed), and where its bytes are."""

    path: str
    size: int | None
    checks: tuple[Checksum, ...]
    url: str


def endpoint() -> str:
    """Where the service is."""
    named = os.environ.get("STORAGE_EMULATOR_HOST", "").strip().rstrip("/")
    if named and "://" not in named:
        named = "http://" + named
    return named or DEFAULT_ENDPOINT


def access() -> Access:
    """How to ask: with a token if there is one."""
    token = os.environ.get("CLOUDSDK_AUTH_ACCESS_TOKEN") or _token_of_library()
    return Access(origin(endpoint()), {"Authorization": f"Bearer {token}"} if token else {})


def _token_of_library() -> str | None:
    """A token from the user's Google credentials, if the optional package is there and finds any."""
    if not os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return None
    try:
        library = importlib.import_module("google.auth")
        transport = importlib.import_module("google.auth.transport.requests")
        credentials, _ = library.default(scopes=[SCOPE])
        credentials.refresh(transport.Request())
        return str(credentials.token)
    except ImportError:
        problem = "GOOGLE_APPLICATION_CREDENTIALS is set, but the package google-auth is not installed"
    except Exception as error:
        # The library's own text may quote the credentials' file.
        problem = f"GOOGLE_APPLICATION_CREDENTIALS: Google's library cannot use them ({type(error).__name__})"
    raise UserError(problem)


def media_url(path: str, generation: str | None, *, requester_pays: bool) -> str:
    """Where the bytes of `bucket/key` are, of one version if `generation` is given."""
    bucket, _, key = path.partition("/")
    query = {"alt": "media"} | ({"generation": generation} if generation else {}) | _payer(requester_pays)
    return f"{endpoint()}/storage/v1/b/{quote(bucket, safe='')}/o/{quote(key, safe='')}?{urlencode(query)}"


def _payer(requester_pays: bool) -> dict[str, str]:
    if not requester_pays:
        return {}
    project = os.environ.get("GOOGLE_CLOUD_PROJECT", "")
    if not project:
        raise UserError("gs:// with requester pays needs GOOGLE_CLOUD_PROJECT, the project that pays")
    return {"userProject": project}


def list_objects(path: str, *, requester_pays: bool, patience: Patience | None = None) -> list[GoogleObject]:
    """All objects that `bucket/key` stands for, by name: one key, a prefix that ends in `/`, or a pattern.

    Raises UserError if there is none or access is refused, Fault if the service cannot be reached.
    """
    bucket, _, _ = path.partition("/")
    found: dict[str, GoogleObject] = {}
    for alternative in alternatives(path):
        start = fixed_prefix(alternative)
        if not start.startswith(bucket + "/"):
            raise UserError(f"gs://{path}: the bucket's name cannot be a pattern")
        wanted = Pattern(alternative) if has_pattern(alternative) else None
        whole = alternative if wanted is None and not alternative.endswith("/") else None
        for item in _pages(bucket, start.partition("/")[2], requester_pays, patience):
            entry = _object(bucket, item, requester_pays)
            fits = entry.path == whole if whole else wanted is None or wanted.matches(entry.path)
            if fits and not entry.path.endswith("/"):
                found[entry.path] = entry
    if not found:
        raise UserError(f"gs://{path}: no object of this name")
    return [found[name] for name in sorted(found)]


def _pages(bucket: str, prefix: str, requester_pays: bool, patience: Patience | None) -> list[dict[str, object]]:
    items: list[dict[str, object]] = []
    query = {"prefix": prefix, "maxResults": "1000", "fields": FIELDS} | _payer(requester_pays)
    for _ in range(MOST_PAGES):
        url = f"{endpoint()}/storage/v1/b/{quote(bucket, safe='')}/o?{urlencode(query)}"
        answer = get(url, limit=LONGEST_PAGE, access=access(), patience=patience)
        if answer.status != 200:
            raise UserError(f"gs://{bucket}: no such bucket (the service answers {answer.status})")
        try:
            page = json.loads(answer.content)
            items += page.get("items", [])
            following = page.get("nextPageToken")
        except (ValueError, AttributeError, TypeError):
            break
        if not following:
            return items
        query["pageToken"] = str(following)
    raise Fault(f"gs://{bucket}: the service's list of objects cannot be read")


def _object(bucket: str, item: dict[str, object], requester_pays: bool) -> GoogleObject:
    name, size, md5 = item.get("name"), item.get("size"), item.get("md5Hash")
    if not isinstance(name, str) or not str(size).isdigit():
        raise Fault(f"gs://{bucket}: an entry of the service's list has no name or no size")
    path = f"{bucket}/{name}"
    generation = item.get("generation")
    url = media_url(path, str(generation) if generation else None, requester_pays=requester_pays)
    if item.get("contentEncoding"):
        # The service unpacks such an object on its way; length and md5 that it states are of the packed one.
        return GoogleObject(path, None, (), url)
    checks = (Checksum("md5", base64.b64decode(md5).hex()),) if isinstance(md5, str) else ()
    return GoogleObject(path, int(str(size)), checks, url)
