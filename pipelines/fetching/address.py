"""What an address in a recipe says: where a file is, which members of it are meant, and what is known about it.

    https://host/path/file.gz            one file; http:// likewise
    https://host/path/warc.paths.gz      a list of files, one path a line, relative to the host (see `listing`)
    s3://bucket/key   gs://bucket/key    one object; with * ? [ ] ** { } a pattern; with a closing / all below
    hf:owner/name@revision!pattern       files of a model on a Hugging Face hub; hf:datasets/owner/name… of a data set
    pypi:NAME==VERSION@kind!pattern      an archive of a package index; kind: sdist, wheel, or (part of) a file name
    github:OWNER/NAME@SHA                the archive of a repository at a commit; instead of @SHA: #until=YYYY-MM
    github:language:NAME                 all public repositories of a language; with from=, until= and most=N
    git:URL@SHA                          any git repository at a commit, by the program git
    folder/**/*.parquet   file:/…        files on this machine

What follows `!` names members: of the archive, or files of the repository. After `#` come properties joined by `&`:
`sha256=…` or `md5=…` pins the file, `requester-pays` agrees to pay for a transfer, `list` reads the file as a list of
addresses, `base=ADDRESS` is what relative lines of the list hang on, `from=` and `until=` (YYYY-MM) select by month
where a manifest tells it, or GitHub (its last commit until then), `most` limits a search to so many repositories
with the most stars, `anonymous` sends no credentials. In the key of an object `%` `#` `!` and control characters
are written as `%25` `%23` `%21` `%0A`, … (`escaped`).
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from manifests.errors import UserError
from pipelines.fetching.redaction import shown

Scheme = Literal["http", "https", "s3", "gs", "hf", "pypi", "github", "git", "local"]

PROPERTIES = frozenset({"anonymous", "base", "from", "list", "md5", "most", "requester-pays", "sha256", "until"})
FLAGS = frozenset({"anonymous", "list", "requester-pays"})
LONGEST = 8192
"""Characters. Signed addresses run to two thousand."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TO_ESCAPE = re.compile(r"[\x00-\x1f\x7f%#!]")
_ESCAPE = re.compile(r"%(2[135]|[01][0-9A-Fa-f]|7[Ff])")
_DIGEST = {"sha256": re.compile(r"[0-9a-f]{64}\Z"), "md5": re.compile(r"[0-9a-f]{32}\Z")}
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])\Z")
_PYPI = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)==([A-Za-z0-9.!+_-]{1,60})(?:@([^!@]{1,200}))?\Z")
_RELEASE = re.compile(r"\d[\d.]{0,40}(?:[a-z.+-]{0,10}\d{0,10})?(?:@[^!@]{1,200})?\Z")
_HUB = re.compile(r"((?:datasets|spaces)/)?([A-Za-z0-9._-]{1,96}/[A-Za-z0-9._-]{1,96})(?:@([A-Za-z0-9._/-]{1,120}))?\Z")
_BUCKET = re.compile(r"[a-z0-9A-Z][a-zA-Z0-9._-]{1,221}\Z")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}\Z")
_SEARCH = re.compile(r"language:([A-Za-z0-9][A-Za-z0-9 .+_-]{0,40})\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_GIT = re.compile(r"(?:(?:https?|ssh|git|file)://[^\s/-]|file:///|[./~])\S*\Z")
_MOST = re.compile(r"(?:[1-9]\d{0,2}|1000)\Z")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,20}):")


@dataclass(frozen=True)
class Address:
    """A parsed address. `place` is what the scheme makes of it:

    http, https: the URL; s3, gs: `bucket/key`; hf: `datasets/owner/name` or `owner/name`; pypi: `NAME==VERSION`;
    github: `OWNER/NAME` or `language:NAME`; git: the URL or path; local: a path. `choice` is what follows `@` (a
    revision or commit; which archive), `members` what follows `!`.
    """

    scheme: Scheme
    place: str
    choice: str | None = None
    members: str | None = None
    properties: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """The property called `name`; an empty text for a flag that is set, None for what is not."""
        return dict(self.properties).get(name)

    def has(self, name: str) -> bool:
        return any(name == key for key, _ in self.properties)

    def __str__(self) -> str:
        """The address as it may be shown, in one fixed form."""
        start = "" if self.scheme in {"http", "https", "local"} else self.scheme + ":"
        if self.scheme in {"s3", "gs"}:
            start += "//"
        text = start + shown(self.place)
        text += f"@{self.choice}" if self.choice else ""
        text += f"!{self.members}" if self.members else ""
        pairs = (f"{name}={shown(value)}" if value else name for name, value in self.properties)
        return text + ("#" + "&".join(pairs) if self.properties else "")

    def __repr__(self) -> str:
        return f"Address({self})"


def escaped(key: str) -> str:
    """An object's key as an address has it.

    >>> escaped("50% #1!"), unescaped("50%25 %231%21"), unescaped("a%20b")
    ('50%25 %231%21', '50% #1!', 'a%20b')
    """
    return _TO_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", key)


def unescaped(text: str) -> str:
    """The key that `escaped` wrote; other escapes are the key's own."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def parse(text: str) -> Address:
    """Read an address. Raises UserError that says what was expected; secrets in the address are not repeated."""
    if len(text) > LONGEST:
        raise UserError(f"{shown(text[:80])}…: an address of {len(text)} characters; expected at most {LONGEST}")
    if not text or text != text.strip() or _CONTROL.search(text):
        raise UserError("an address is empty, begins or ends with a space, or holds a control character")
    found = _SCHEME.match(text)
    scheme = found.group(1).lower() if found else ""
    if scheme in {"http", "https"}:
        return _web(text)
    if scheme in {"s3", "gs"}:
        return _object(scheme, text)
    if scheme == "hf":
        return _hub(text)
    if scheme == "pypi":
        return _pypi(text)
    if scheme == "github":
        return _github(text)
    if scheme == "git":
        return _git(text)
    if scheme == "file":
        return _local(_after_file(text))
    if found is not None and text[found.end() :].startswith("//"):
        known = "https, http, s3, gs, hf, pypi, github, git, file, or a path"
        raise UserError(f"{shown(text)}: unknown kind of address {scheme!r}; known: {known}")
    return _local(text)


def _split(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """An address and its properties, which are sorted so that equal addresses look equal."""
    body, mark, tail = text.rpartition("#")
    if not mark:
        return text, ()
    properties: dict[str, str] = {}
    for item in filter(None, tail.split("&")):
        name, equals, value = item.partition("=")
        if name not in PROPERTIES or (name in FLAGS) != (not equals):
            known = ", ".join(f if f in FLAGS else f"{f}=…" for f in sorted(PROPERTIES))
            raise UserError(f"{shown(body)}: unknown property {shown(name)[:40]!r} after #; known: {known}")
        _check_property(body, name, value)
        properties[name] = value.lower() if name in _DIGEST else value
    return body, tuple(sorted(properties.items()))


def _check_property(body: str, name: str, value: str) -> None:
    if name in _DIGEST and not _DIGEST[name].match(value.lower()):
        length = 64 if name == "sha256" else 32
        raise UserError(f"{shown(body)}: {name}= is not {length} hexadecimal digits")
    if name == "most" and not _MOST.match(value):
        raise UserError(f"{shown(body)}: most= is not a number from 1 to 1000")
    if name in {"from", "until"} and not _MONTH.match(value):
        raise UserError(f"{shown(body)}: {name}= is not a month written YYYY-MM")


def _web(text: str) -> Address:
    body, properties = _split(text)
    scheme, _, rest = body.partition("://")
    if not rest or rest[0] in "/?":
        raise UserError(f"{shown(body)}: a web address needs a host")
    if " " in rest.partition("/")[0]:
        raise UserError(f"{shown(body)}: a space in the host of a web address")
    body, _, members = body.partition("!")
    return Address("https" if scheme.lower() == "https" else "http", body, None, members or None, properties)


def _object(scheme: str, text: str) -> Address:
    body, properties = _split(text)
    rest = body.partition(":")[2]
    bucket, slash, key = rest.removeprefix("//").partition("/")
    key, _, members = key.partition("!")
    if not rest.startswith("//") or not _BUCKET.match(bucket) or not slash:
        raise UserError(f"{shown(body)}: expected {scheme}://BUCKET/KEY")
    return Address("s3" if scheme == "s3" else "gs", f"{bucket}/{key}", None, members or None, properties)


def _hub(text: str) -> Address:
    body, properties = _split(text)
    rest = body.partition(":")[2].removeprefix("//")
    repository, _, members = rest.partition("!")
    found = _HUB.match(repository.removeprefix("models/"))
    if found is None:
        raise UserError(f"{body[:120]}: expected hf:OWNER/NAME@REVISION!FILES or hf:datasets/OWNER/NAME@REVISION!FILES")
    kind, name, revision = found.groups()
    return Address("hf", (kind or "") + name, revision, members or None, properties)


def _pypi(text: str) -> Address:
    body, properties = _split(text)
    package, _, members = body.partition(":")[2].partition("!")
    if package.rpartition("==")[2].isdigit() and _RELEASE.match(members.partition("!")[0]):  # an epoch: 1!2.0
        release, _, members = members.partition("!")
        package = f"{package}!{release}"
    found = _PYPI.match(package)
    if found is None:
        raise UserError(f"{body[:120]}: expected pypi:NAME==VERSION, then @sdist or @wheel, then !PATH IN THE ARCHIVE")
    name, version, kind = found.groups()
    return Address("pypi", f"{name}=={version}", kind, members or None, properties)


def _github(text: str) -> Address:
    body, properties = _split(text)
    rest = body.partition(":")[2].removeprefix("//")
    if (found := _SEARCH.match(rest)) is not None:
        return Address("github", f"language:{found[1]}", None, None, properties)
    repository, at, commit = rest.partition("@")
    commit = commit.lower()
    if not _REPOSITORY.match(repository) or (at and not _COMMIT.match(commit)):
        raise UserError(
            f"{shown(body)[:120]}: expected github:OWNER/NAME@SHA (the whole id of a commit), github:OWNER/NAME#until="
            "YYYY-MM or github:language:NAME"
        )
    return Address("github", repository, commit or None, None, properties)


def _git(text: str) -> Address:
    body, properties = _split(text)
    url, _, commit = body.partition(":")[2].rpartition("@")
    commit = commit.lower()
    if not _GIT.match(url) or not _COMMIT.match(commit):
        expected = "git:URL@SHA, with an https, http, ssh, git or file address or a path, and the whole id of a commit"
        raise UserError(f"git:{shown(body.partition(':')[2])[:200]}: expected {expected}")
    return Address("git", url, commit, None, properties)


def _local(text: str) -> Address:
    _, mark, tail = text.rpartition("#")
    is_property = mark and any(tail == name or tail.startswith((f"{name}=", f"{name}&")) for name in PROPERTIES)
    place, properties = _split(text) if is_property else (text, ())
    return Address("local", place, None, None, properties)


def _after_file(text: str) -> str:
    rest = text[len("file:") :]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host not in {"", "localhost"} or not slash:
            raise UserError(f"{text[:120]}: a file: address names no host; expected file:///PATH")
        rest = "/" + path
    return unquote(rest)


def split_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """An address without user name and password, and the two apart."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(name), unquote(password))
