"""Finds an archive of a package on the configured index, without running anything that is in it.

The package `unearth` knows how an index is read; the requests go through this package's own `http`, so that retries,
redirects, limits and secrecy are the same as for every other file. Which archive is meant never depends on this
machine's Python or platform: the source archive, or a wheel that serves every platform, or the one that is named.
Sources of the rules: the simple repository interface (PEP 503, PEP 691) and the names of wheels (PEP 427).
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from unearth import Link, PackageFinder

from manifests.errors import UserError
from pipelines.fetching.address import Address, split_user
from pipelines.fetching.http import Access, get, origin
from pipelines.fetching.patience import Patience
from pipelines.fetching.patterns import Pattern, has_pattern
from pipelines.fetching.pip_settings import PipSettings, read_settings
from pipelines.fetching.redaction import Secret
from pipelines.fetching.remote import Checksum, RemoteFile

LONGEST_PAGE = 256 << 20
PUBLISHED = {"sha256": "sha256", "md5": "md5", "sha1": "sha1"}


class _Answer:
    """An answer, with the parts of it that unearth looks at."""

    encoding = "utf-8"

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes, url: str) -> None:
        self.status_code = status
        self.headers = {"Content-Type": "text/html", **headers}
        self.content = content
        self.url: str | None = url
        self.reason_phrase = str(status)


class _Index:
    """What unearth asks the network through. It downloads nothing itself here, so two methods suffice."""

    def __init__(self, settings: PipSettings, patience: Patience | None) -> None:
        self._settings = settings
        self._patience = patience

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> _Answer:
        return self._ask("GET", url, headers)

    def head(self, url: str, *, headers: Mapping[str, str] | None = None) -> _Answer:
        return self._ask("HEAD", url, headers)

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None) -> _Answer:
        if urlsplit(url).scheme == "file":
            return self._file(Link(url))
        got = get(
            url,
            limit=LONGEST_PAGE,
            access=access_to(url, self._settings),
            headers=headers,
            patience=self._patience,
            method=method,
        )
        return _Answer(got.status, {k.title(): v for k, v in got.headers.items()}, got.content, got.url)

    @staticmethod
    def _file(link: Link) -> _Answer:
        try:
            content = link.file_path.read_bytes()
        except OSError:
            return _Answer(404, {}, b"", link.url)
        return _Answer(200, {}, content, link.url)

    def iter_secure_origins(self) -> Iterator[tuple[str, str, str]]:
        yield from [("https", "*", "*"), ("*", "localhost", "*"), ("*", "127.0.0.0/8", "*"), ("*", "::1/128", "*")]
        yield ("file", "*", "*")
        for host in self._settings.trusted_hosts:
            name, _, port = host.rpartition(":") if host.rpartition(":")[2].isdigit() else (host, "", "*")
            yield ("*", name, port)


def access_to(url: str, settings: PipSettings | None = None) -> Access:
    """How to reach an index or a file it links to: a password of an index goes to that index's own origin only."""
    settings = settings or read_settings()
    host = urlsplit(url).hostname or ""
    netloc = urlsplit(url).netloc.rpartition("@")[2]
    verify: bool | str = settings.certificate or True
    if host in settings.trusted_hosts or netloc in settings.trusted_hosts:
        verify = False
    for place in (*settings.indexes, *settings.find_links):
        bare, user = split_user(place)
        if user is not None and origin(bare) == origin(url):
            return Access(origin(url), {}, user, verify)
    return Access(origin(url), {}, None, verify)


def find(address: Address, patience: Patience | None = None) -> RemoteFile:
    """The archive that `pypi:NAME==VERSION@kind` stands for, with the checksum that the index states.

    Raises UserError if the index has no such version or not exactly one archive fits; Fault if it cannot be reached.
    """
    settings = read_settings()
    found = _archives(address, settings, patience)
    shown = f"pypi:{address.place}"
    if not found:
        raise UserError(f"{shown}: the package index has no such package or version{_passed_over(settings)}")
    name = _choose(shown, address.choice, sorted(found))
    pinned = address.get("sha256")
    links = sorted(found[name], key=lambda link: (_sha256(link) != pinned, link.is_file is False))
    link = links[0]
    stated = _stated(link)
    checks = tuple(Checksum(PUBLISHED[kind], digest) for kind, digest in stated.items() if kind in PUBLISHED)  # type: ignore[arg-type]
    return RemoteFile(
        address=f"{shown}@{name}" + (f"!{address.members}" if address.members else ""),
        name=name,
        sha256=pinned,
        checks=checks[:1],
        members=address.members,
        secret=Secret(link.url_without_fragment),
    )


def url(address: Address, patience: Patience | None = None) -> str:
    """Where the archive lies now. Errors as `find`."""
    found = find(address, patience).secret
    return found.reveal() if found else ""


def _archives(address: Address, settings: PipSettings, patience: Patience | None) -> dict[str, list[Link]]:
    """File name → where it is; several places may offer one file."""
    finder = PackageFinder(
        cast(Any, _Index(settings, patience)),  # its answers have the parts that unearth uses
        index_urls=settings.indexes,
        find_links=settings.find_links,
        trusted_hosts=settings.trusted_hosts,
        ignore_compatibility=True,
    )
    if settings.no_index:
        finder.sources = [source for source in finder.sources if source["type"] == "find_links"]
    elif not settings.indexes:
        # With no place named unearth knows the usual index by itself; with places for links alone it does not add it.
        finder.sources = [*finder.sources, *(s for s in PackageFinder().sources if s not in finder.sources)]
    name, _, version = address.place.partition("==")
    found: dict[str, list[Link]] = {}
    for package in finder.find_matches(f"{name}=={version}", allow_yanked=True, allow_prereleases=True):
        found.setdefault(package.link.filename, []).append(package.link)
    return found


def _passed_over(settings: PipSettings) -> str:
    """What to say of indexes that are never asked: unencrypted ones on other machines, as pip has it."""
    secure = [host for _, host, _ in _Index(settings, None).iter_secure_origins()]
    hosts = {urlsplit(index).hostname or "" for index in settings.indexes if urlsplit(index).scheme == "http"}
    skipped = sorted(host for host in hosts if host not in secure and not host.startswith("127."))
    return f" ({', '.join(skipped)} is not encrypted and not a trusted-host, so it was not asked)" if skipped else ""


def _choose(shown: str, choice: str | None, names: list[str]) -> str:
    wheels = [name for name in names if name.endswith(".whl")]
    sources = [name for name in names if name not in wheels]
    everywhere = [name for name in wheels if name.endswith("-none-any.whl")]
    if choice is None:
        fitting = sources or everywhere or wheels
    elif choice == "sdist":
        fitting = sources
    elif choice == "wheel":
        fitting = everywhere or wheels
    elif has_pattern(choice):
        fitting = [name for name in names if Pattern(choice).matches(name)]
    else:
        fitting = [name for name in names if name == choice] or [name for name in names if choice in name]
    if len(fitting) > 1 and all(name in sources for name in fitting):
        # Old releases came as .tar.gz and .zip of the same content.
        fitting = [name for name in fitting if name.endswith(".tar.gz")] or fitting
    if len(fitting) != 1:
        what = "no archive fits" if not fitting else f"{len(fitting)} archives fit"
        listed = ", ".join((fitting or names)[:6]) + (", …" if len(fitting or names) > 6 else "")
        raise UserError(f"{shown}: {what} @{choice or '(none)'}; name one after @, for example of: {listed}")
    return fitting[0]


def _stated(link: Link) -> dict[str, str]:
    """The digests an index states: in its JSON, or after the address's #; the strongest first."""
    stated = dict(link.hashes or {})
    for item in urlsplit(link.url).fragment.split("&"):
        kind, _, digest = item.partition("=")
        stated.setdefault(kind, digest)
    return {kind: stated[kind].lower() for kind in PUBLISHED if stated.get(kind)}


def _sha256(link: Link) -> str | None:
    return _stated(link).get("sha256")
