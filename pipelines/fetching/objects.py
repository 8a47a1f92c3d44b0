"""Objects of S3 and of stores that speak its language, through fsspec: listed, and read from any byte on.

The endpoint and credentials come from where the store's own client takes them (`AWS_ENDPOINT_URL`, `AWS_PROFILE`,
`AWS_ACCESS_KEY_ID`, …); without credentials, public buckets are read anonymously. fsspec's file pins the version that
it opened (If-Match), so a change while reading shows as an error and not as a mixture.
"""

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from manifests.errors import Fault, UserError
from pipelines.fetching.patience import Patience, patiently
from pipelines.fetching.patterns import Pattern, alternatives, fixed_prefix, has_pattern
from pipelines.fetching.redaction import quiet_libraries
from pipelines.fetching.remote import Answer, NotThere, TryAgain

Result = TypeVar("Result")

BLOCK = 8 << 20
"""Bytes a ranged request asks for: object stores answer each in some tens of milliseconds, so few and large."""

_lock = threading.Lock()
_systems: dict[bool, Any] = {}


class Listed(NamedTuple):
    """An object of a store: `bucket/key` and its length.

    S3 states no digest: its ETag is the md5 only of objects that were neither sent in parts nor encrypted with a key.
    """

    path: str
    size: int


def list_objects(path: str, *, requester_pays: bool, patience: Patience | None = None) -> list[Listed]:
    """All objects that `bucket/key` stands for, by name: one key, a prefix that ends in `/`, or a pattern.

    Raises UserError if there is none or access is refused, Fault if the store cannot be reached.
    """
    patience = patience or Patience()
    shown = f"s3://{path}"
    system = _system(requester_pays)
    found: dict[str, dict[str, Any]] = {}
    if not has_pattern(path) and not path.endswith("/"):
        info = patiently(shown, patience, lambda: _guard(shown, lambda: system.info(path)))
        if info.get("type") == "directory":
            raise UserError(f"{shown}: a folder; end the address with / to take all of it")
        return [Listed(path, int(info["size"]))]
    for alternative in alternatives(path):
        start = fixed_prefix(alternative)
        if not start:
            raise UserError(f"{shown}: the bucket's name cannot be a pattern")
        wanted = Pattern(alternative) if has_pattern(alternative) else None
        entries = patiently(
            shown,
            patience,
            lambda start=start: _guard(shown, lambda: system.find(start, detail=True)),  # type: ignore[misc]
        )
        for name, info in entries.items():
            fits = wanted is None or wanted.matches(name)
            # A key that ends in `/` makes a folder visible.
            if info.get("type") == "file" and fits and not name.endswith("/"):
                found[name] = info
    if not found and has_pattern(path):
        with contextlib.suppress(UserError):  # a key may hold the characters of a pattern
            found[path] = patiently(shown, patience, lambda: _guard(shown, lambda: system.info(path)))
    if not found:
        raise UserError(f"{shown}: no object of this name")
    return [Listed(name, int(found[name]["size"])) for name in sorted(found)]


def open_at(path: str, *, offset: int = 0, validator: str | None = None, requester_pays: bool) -> Answer:
    """The object `bucket/key` from byte `offset` on; from byte 0 if its version is no longer `validator`."""
    shown = f"s3://{path}"
    system = _system(requester_pays)

    def open_file() -> tuple[Any, dict[str, Any]]:
        system.invalidate_cache(path.rsplit("/", 1)[0])
        stream = system.open(path, "rb", block_size=BLOCK, cache_type="none")
        return stream, stream.details

    stream, info = _guard(shown, open_file)
    found = _validator(info)
    start = offset if validator is None or found == validator else 0
    stream.seek(start)
    return Answer(
        _blocks(shown, stream),
        start=start,
        total=int(info["size"]),
        validator=found,
        complete_at_end=True,
        close=stream.close,
    )


def parts(path: str, *, requester_pays: bool, patience: Patience) -> tuple[int, Callable[[int, int], bytes]]:
    """The length of the object `bucket/key`, and what reads a range of its bytes, of the version that it has now."""
    shown = f"s3://{path}"
    system = _system(requester_pays)
    stream = patiently(
        shown, patience, lambda: _guard(shown, lambda: system.open(path, "rb", block_size=BLOCK, cache_type="none"))
    )

    def read(start: int, end: int) -> bytes:
        def once() -> bytes:
            stream.seek(start)
            found = bytes(stream.read(end - start))
            if len(found) < end - start:
                raise OSError("a short answer")
            return found

        return patiently(shown, patience, lambda: _guard(shown, once))

    return int(stream.details["size"]), read


def content(path: str, *, requester_pays: bool, patience: Patience | None = None) -> bytes:
    """The small object `bucket/key` whole, in one request. Raises NotThere, UserError or Fault."""
    shown = f"s3://{path}"
    system = _system(requester_pays)
    return patiently(shown, patience or Patience(), lambda: _guard(shown, lambda: bytes(system.cat_file(path))))


def _blocks(shown: str, stream: Any) -> Iterator[bytes]:
    while block := _guard(shown, lambda: bytes(stream.read(BLOCK))):
        yield block


def _validator(info: dict[str, Any]) -> str | None:
    for key in ("ETag", "LastModified"):
        if info.get(key):
            return str(info[key])
    return None


def _system(requester_pays: bool) -> Any:
    """The file system of a store; made once, because making one reads configuration and opens connections."""
    with _lock:
        if requester_pays not in _systems:
            quiet_libraries()
            _systems[requester_pays] = _make(requester_pays)
        return _systems[requester_pays]


def forget_connections() -> None:
    """Read configuration and credentials anew at the next use (they may change between two builds of one process)."""
    with _lock:
        _systems.clear()


def _make(requester_pays: bool) -> Any:
    try:
        module = importlib.import_module("s3fs")
    except ImportError:
        module = None
    if module is None:
        raise UserError("s3:// needs the package s3fs: pip install 'proofpile[remote]'")
    import botocore.session  # ships no types

    anonymous = botocore.session.get_session().get_credentials() is None
    if anonymous and requester_pays:
        raise UserError("s3:// with requester pays needs AWS credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE or a role)")
    return module.S3FileSystem(
        anon=anonymous, requester_pays=requester_pays, skip_instance_cache=True, use_listings_cache=False
    )


def _guard(shown: str, action: Callable[[], Result]) -> Result:
    """The result of `action`; its exceptions sorted, with texts of ours, because theirs may hold signed requests."""
    try:
        return action()
    except Exception as error:
        problem = _problem(shown, error)
    raise problem


def _problem(shown: str, error: Exception) -> Exception:
    code = str((getattr(error, "response", None) or {}).get("Error", {}).get("Code", ""))
    name = type(error).__name__
    if isinstance(error, FileNotFoundError) or code in {"404", "NoSuchKey", "NoSuchBucket"}:
        return NotThere(f"{shown}: not there")
    if isinstance(error, PermissionError) or code in {"403", "AccessDenied"}:
        return NotThere(f"{shown}: not allowed; are credentials missing, or #requester-pays?")
    if name in {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "TokenRetrievalError"}:
        return UserError(f"{shown}: no usable credentials")
    if name == "FileExpired" or code in {"412", "PreconditionFailed"}:
        return TryAgain("the file changed while it was being read", restart=True)
    if isinstance(error, OSError | TimeoutError) or code in {"SlowDown", "503", "500", "InternalError"}:
        return TryAgain(f"the store did not answer well ({code or name})")
    if type(error).__module__.split(".")[0] in {"botocore", "aiobotocore", "aiohttp"}:
        return TryAgain(f"the store could not be reached ({name})")
    return Fault(f"{shown}: {name}")
