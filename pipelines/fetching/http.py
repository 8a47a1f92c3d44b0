"""Opens a file over HTTP from any byte on, with redirects, credentials and refusals handled in one place.

The ways an answer can be wrong are sorted into three: the request is at fault (`UserError`: 404, 403), another try may
help (`TryAgain`: 429, 503, a cut connection, a stall), or neither (`Fault`). Texts of library exceptions never reach a
message, because they hold the full address with its query. Rules of ranges and validators: RFC 9110, sections 13 and
14; Content-Range: section 14.4.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from manifests.errors import Fault, UserError
from pipelines.fetching.address import split_user
from pipelines.fetching.deadlines import DEADLINES, WatchedAdapter
from pipelines.fetching.patience import Patience, patiently, retry_after
from pipelines.fetching.redaction import quiet_libraries, shown
from pipelines.fetching.remote import READ_SIZE, Answer, NotThere, TryAgain

USER_AGENT = "proofpile/0.1 (corpus builder)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 527, 529, 598, 599})
NOT_ALLOWED = frozenset({401, 402, 403, 407})
GONE = frozenset({404, 410})
TOO_MUCH = frozenset({403, 429})
LONGEST_REASON = 4096
"""Bytes of a refusal that are read for its reason."""
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)\Z", re.ASCII)


class Access(NamedTuple):
    """How to reach one server: headers that only it may see, and whom to trust (a file of certificates, or nobody).

    `origin` is the scheme, host and port that `headers` and a user name in the address belong to. `wait` tells from
    the headers and first bytes of an answer 403 or 429 how many seconds it asks to wait, None where it is a refusal.
    """

    origin: str = ""
    headers: Mapping[str, str] = {}
    user: tuple[str, str] | None = None
    verify: bool | str = True
    wait: Callable[[Mapping[str, str], bytes], float | None] | None = None


class Got(NamedTuple):
    """A whole small answer. `url` is where it came from after redirects."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


class Part(NamedTuple):
    """Some bytes of a file; its length in bytes (at least, where the server does not say) and version, if known."""

    content: bytes
    total: int
    validator: str | None


class NoRangesError(Fault):
    """The server gives its files whole only."""


class _Session(requests.Session):
    """A session that never looks where a redirect leads: `_follow` does."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the library's signature
        return None


_local = threading.local()


def _session() -> requests.Session:
    """One session a thread: sessions keep connections open and are not safe to share."""
    session: requests.Session | None = getattr(_local, "session", None)
    if session is None:
        quiet_libraries()
        session = _Session()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers.update({"User-Agent": USER_AGENT})
        for scheme in ("http://", "https://"):
            session.mount(scheme, WatchedAdapter())
        _local.session = session
    return session


def origin(url: str) -> str:
    """Scheme, host and port of an address: credentials for one origin are never sent to another."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def open_at(
    url: str,
    *,
    offset: int = 0,
    validator: str | None = None,
    access: Access | None = None,
    patience: Patience | None = None,
) -> Answer:
    """The file at `url` from byte `offset` on; from byte 0 if the server will not, or its version is not `validator`.

    Raises TryAgain, UserError or Fault; every message shows the address without its secrets.
    """
    patience = patience or Patience()
    headers = {"Accept": "*/*"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
        if validator:
            headers["If-Range"] = validator
    response = _follow(url, headers, access, patience)
    try:
        _refuse(response, shown(url), access)
        return _answer(response, shown(url), offset, validator, patience)
    except BaseException:
        response.close()
        raise


def get(
    url: str,
    *,
    limit: int,
    access: Access | None = None,
    headers: Mapping[str, str] | None = None,
    patience: Patience | None = None,
    method: str = "GET",
    returned: frozenset[int] = GONE,
) -> Got:
    """A small answer of at most `limit` bytes, tried again as patience allows.

    Answers of a status in `returned` (404 and 410) are returned, not raised.

    Raises UserError for other refusals and for an answer that is too long, Fault for what patience could not mend.
    """
    patience = patience or Patience()

    def once() -> Got:
        with _follow(url, {"Accept": "*/*", **(headers or {})}, access, patience, method=method) as response:
            if response.status_code not in returned:
                _refuse(response, shown(url), access)
            content = bytearray()
            for chunk in _chunks(response, shown(url), patience):
                content += chunk
                if len(content) > limit:
                    raise UserError(f"{shown(url)}: the answer is longer than {limit} bytes")
            length = _length(response)
            if method != "HEAD" and length is not None and len(content) != length:
                raise TryAgain(f"the connection ended after {len(content)} of {length} bytes")
            return Got(response.status_code, response.headers, bytes(content), str(response.url))

    return patiently(shown(url), patience, once)


def get_range(url: str, start: int, end: int, *, patience: Patience | None = None) -> bytes:
    """The bytes from `start` to before `end` of the file at `url`, tried again as patience allows.

    Raises UserError if the file is not there, not allowed or shorter, NoRangesError for a server that does none.
    """
    return get_part(url, start, end, patience=patience).content


def get_part(
    url: str, start: int, end: int | None, *, access: Access | None = None, patience: Patience | None = None
) -> Part:
    """Bytes of a file as `get_range` gives them, with its length and version; `end` of None: the last -`start` bytes.

    A file that is shorter than so many last bytes comes whole (RFC 9110, section 14.1.2). Raises as `get_range`.
    """
    patience = patience or Patience()
    asked = f"bytes={start}" if end is None else f"bytes={start}-{end - 1}"

    def once() -> Part:
        with _follow(url, {"Accept": "*/*", "Range": asked}, access, patience) as response:
            _refuse(response, shown(url), access)
            first, last, total = _content_range(response)
            if response.status_code == 416 or (end is not None and total is not None and total < end):
                raise UserError(f"{shown(url)}: has no bytes {asked.removeprefix('bytes=')}")
            if response.status_code != 206 or (end is None and total is None):
                raise NoRangesError(f"{shown(url)}: the server does not do ranges")
            begin, stop = (start, end) if end is not None else (max(0, (total or 0) + start), total or 0)
            if (first, last) != (begin, stop - 1):
                raise TryAgain("the server sent another range than asked for")
            found = bytearray()
            for chunk in _chunks(response, shown(url), patience):
                found += chunk
                if len(found) > stop - begin:
                    raise TryAgain("the server sent more than the range that was asked for")
            if len(found) < stop - begin:
                raise TryAgain(f"the connection ended after {len(found)} of {stop - begin} bytes")
            return Part(bytes(found), total or stop, _validator(response))

    return patiently(shown(url), patience, once)


def _follow(
    url: str, headers: Mapping[str, str], access: Access | None, patience: Patience, method: str = "GET"
) -> requests.Response:
    """Ask, and go where redirects lead, without taking credentials along to another origin."""
    access = access or Access()
    first = shown(url)
    seen: set[str] = set()
    for _ in range(patience.redirects + 1):
        url, user = split_user(url)
        if user is not None:
            access = access._replace(origin=origin(url), user=user)
        response = _ask(method, url, headers, access, patience)
        if response.status_code not in REDIRECTS or "Location" not in response.headers:
            return response
        response.close()
        seen.add(url)
        url = _next(first, url, response.headers["Location"])
        if split_user(url)[0] in seen:
            raise UserError(f"{first}: redirects lead in a circle")
    raise UserError(f"{first}: more than {patience.redirects} redirects")


def _next(first: str, url: str, location: str) -> str:
    # Headers arrive as Latin-1; servers send UTF-8.
    target = ""
    try:
        target = urljoin(url, location.encode("latin-1", "replace").decode("utf-8", "replace"))
        parts = urlsplit(target)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise UserError(f"{first}: redirects to an address that is neither http nor https")
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise UserError(f"{first}: redirects from https to unencrypted http ({shown(target)})")
    return target


def _ask(method: str, url: str, headers: Mapping[str, str], access: Access, patience: Patience) -> requests.Response:
    own = origin(url) == access.origin
    sent = {**headers, "Accept-Encoding": "identity", **(access.headers if own else {})}
    try:
        with DEADLINES.within(patience.read):
            return _session().request(
                method,
                url,
                headers=sent,
                auth=_auth(access) if own else None,
                allow_redirects=False,
                stream=True,
                timeout=(patience.connect, patience.read),
                verify=access.verify,
            )
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        problem = _problem(shown(url), error)
    raise problem


def _auth(access: Access) -> tuple[str, str] | Callable[[requests.PreparedRequest], requests.PreparedRequest] | None:
    """A password, or a token that is in the headers already: a .netrc file must not take its place."""
    return access.user or ((lambda request: request) if access.headers else None)


def _problem(name: str, error: BaseException) -> Exception:
    """What a library's exception means, in words of our own: its text holds the address with its query."""
    if isinstance(error, requests.exceptions.SSLError):
        return Fault(f"{name}: the server's certificate is not accepted")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema | UnicodeError):
        return UserError(f"{name}: not a usable web address")
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return TryAgain("no answer in time")
    if isinstance(error, requests.exceptions.ProxyError):
        return TryAgain("the proxy does not let it through")
    text = repr(error)
    if "NameResolutionError" in text or isinstance(error, socket.gaierror):
        return TryAgain("the server's name is not known (is there a network?)", unreachable=True)
    if "Connection refused" in text:
        return TryAgain("connection refused", unreachable=True)
    return TryAgain("the connection broke")


def _refuse(response: requests.Response, name: str, access: Access | None = None) -> None:
    """Raise what the status means, unless it brings content."""
    status = response.status_code
    if status in TOO_MUCH and access is not None and access.wait is not None:
        asked = access.wait(response.headers, response.raw.read(LONGEST_REASON, decode_content=False))
        if asked is not None:
            raise TryAgain(f"the server answers {status}: its limit is reached", wait=asked)
    if status in {200, 206, 416}:
        return
    if status in GONE:
        raise NotThere(f"{name}: not there (the server answers {status})")
    if status in NOT_ALLOWED:
        raise NotThere(f"{name}: not allowed (the server answers {status}); is a token or an agreement missing?")
    if status in PASSING:
        wait = retry_after(response.headers.get("Retry-After"))
        raise TryAgain(f"the server answers {status}", wait=wait)
    if 400 <= status < 500:
        raise UserError(f"{name}: refused (the server answers {status})")
    raise Fault(f"{name}: unexpected answer {status} of the server")


def _answer(response: requests.Response, name: str, offset: int, validator: str | None, patience: Patience) -> Answer:
    if response.status_code == 416 and not offset:
        raise Fault(f"{name}: the server refuses a range that was not asked for")
    found = _validator(response)
    version_changed = validator is not None and found is not None and found != validator
    start, total = 0, _length(response)
    chunks = _chunks(response, name, patience)
    if response.status_code != 200:
        start, end, total = _content_range(response)
        if version_changed or "multipart/" in response.headers.get("Content-Type", ""):
            raise TryAgain("the file changed while it was being read", restart=True)
        if response.status_code == 416:
            if total != offset:
                raise TryAgain(f"the server has no byte {offset}", restart=True)
            chunks = iter(())
            start = offset
        elif start != offset or (total is not None and end != total - 1):
            raise TryAgain("the server sent another range than asked for", restart=True)
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    transfer = response.headers.get("Transfer-Encoding", "").lower()
    packed = "" if encoding == "identity" or _already_packed(name, encoding) else encoding
    if transfer not in {"", "identity", "chunked"}:
        packed = transfer
    if packed:
        raise Fault(f"{name}: the server sends the file packed as {packed[:20]!r} although asked not to")
    return Answer(
        chunks, start=start, total=total, validator=found, complete_at_end=transfer == "chunked", close=response.close
    )


def _already_packed(name: str, encoding: str) -> bool:
    """Servers announce what a `.gz` file is as if they had packed it; the bytes are the file's own."""
    endings = {"gzip": (".gz", ".tgz"), "x-gzip": (".gz", ".tgz"), "zstd": (".zst",), "br": (".br",)}
    return urlsplit(name).path.endswith(endings.get(encoding, ("\0",)))


def _validator(response: requests.Response) -> str | None:
    """What If-Range may carry: a strong ETag, else the date of the last change."""
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):
        return etag
    return None if etag else response.headers.get("Last-Modified")


def _length(response: requests.Response) -> int | None:
    value = response.headers.get("Content-Length", "")
    chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 and not chunked else None


def _content_range(response: requests.Response) -> tuple[int, int | None, int | None]:
    """First byte, last byte and whole length as a partial answer gives them; -1 if it gives no first byte."""
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", "").strip())
    if found is None:
        return -1, None, None
    first, last, whole = found.groups()
    return (
        int(first) if first else -1,
        int(last) if last else None,
        int(whole) if whole != "*" else None,
    )


def _chunks(response: requests.Response, name: str, patience: Patience) -> Iterator[bytes]:
    """The bytes as they arrive: `read1` returns what is there, so that a slow drip is noticed."""
    raw: urllib3.response.HTTPResponse = response.raw
    window_start, window_bytes = time.monotonic(), 0
    while True:
        problem: Exception | None = None
        chunk = b""
        try:
            with DEADLINES.within(max(patience.stall, patience.read), raw):
                chunk = raw.read1(READ_SIZE, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            problem = _problem(name, error)
        if problem is not None:
            raise problem
        if not chunk:
            return
        yield chunk
        window_bytes += len(chunk)
        passed = time.monotonic() - window_start
        if passed > patience.stall:
            if window_bytes < patience.least_bytes:
                raise TryAgain(f"only {window_bytes} bytes came in {passed:.0f} seconds")
            window_start, window_bytes = time.monotonic(), 0
