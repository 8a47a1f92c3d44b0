"""Which files an address of a recipe stands for.

The order of the answer, the names and the choice of a fraction depend on the files alone: not on the order in which a
server lists them, on time, or on this machine. A larger fraction always holds the smaller one, and every fraction above
zero holds at least one file.
"""

import hashlib
import os
import posixpath
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit

from manifests.errors import UserError
from pipelines.fetching import lists
from pipelines.fetching.address import Address, escaped, parse, split_user, unescaped
from pipelines.fetching.download import download
from pipelines.fetching.patience import Patience
from pipelines.fetching.patterns import Pattern, alternatives, fixed_prefix, has_pattern, safe_name
from pipelines.fetching.redaction import Secret, shown
from pipelines.fetching.remote import Checksum, RemoteFile

if TYPE_CHECKING:
    # What talks to servers is loaded by the first address that needs it.
    from pipelines.fetching.hub import HubFile


def expand(address: str, *, fraction: float = 1.0, seed: int = 0, patience: Patience | None = None) -> list[RemoteFile]:
    """The files that `address` (see `address`) stands for, sorted by name; a `fraction` of them, by hash of the name.

    Raises UserError for an address that cannot be read, stands for nothing, or for two files of one name; Fault if
    its server cannot be reached.
    """
    if not 0.0 <= fraction <= 1.0:
        raise UserError(f"fraction: expected a number from 0 to 1, found {fraction}")
    parsed = parse(address)
    return select(_unique(_expand(parsed, patience or Patience()), str(parsed)), fraction, seed)


def select(files: list[RemoteFile], fraction: float, seed: int) -> list[RemoteFile]:
    """The files whose hash falls below `fraction`; the one of the smallest hash if none does and fraction > 0."""
    if fraction >= 1.0 or not files:
        return files
    keyed = sorted((_draw(file.name, seed), file.name) for file in files)
    chosen = {name for draw, name in keyed if draw < fraction}
    if not chosen and fraction > 0.0:
        chosen = {keyed[0][1]}
    return [file for file in files if file.name in chosen]


def _draw(name: str, seed: int) -> float:
    """A number in [0, 1) that depends on name and seed alone."""
    digest = hashlib.blake2b(f"{seed}\0{name}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2.0**64


def _expand(address: Address, patience: Patience) -> list[RemoteFile]:
    if address.has("list") or posixpath.basename(_path(address)).endswith(lists.LIST_SUFFIXES):
        return _from_list(address, patience)
    if lists.MANIFEST.match(posixpath.basename(_path(address))):
        return _from_manifest(address, patience)
    if address.scheme == "github":
        return _github(address, patience)
    if address.has("from") or address.has("until"):
        raise UserError(f"{address}: from= and until= need a manifest that tells months")
    if address.scheme in {"s3", "gs"}:
        return _objects(address, patience)
    if address.scheme == "hf":
        return _hub(address, patience)
    if address.scheme == "pypi":
        return [_pinned(_archive(address, patience), address)]
    if address.scheme == "git":
        return [_pinned(_git(address), address)]
    if address.scheme == "local":
        return _local(address)
    return [_pinned(_web(address.place, address.members), address)]


def _path(address: Address) -> str:
    """The part of an address that names a file."""
    if address.scheme in {"http", "https"}:
        return unquote(urlsplit(address.place).path)
    return (address.members or "") if address.scheme == "hf" else address.place


def _unique(files: Iterable[RemoteFile], what: str) -> list[RemoteFile]:
    """Sorted by name; the same file named twice counts once.

    Files that a folder cannot hold together (two of one name; `a` beside `a/b`, as object stores have them) get names
    of their own, from their addresses. Raises UserError for two files of one address, and for none.
    """
    named: dict[str, dict[str, RemoteFile]] = {}
    for file in files:
        other = named.setdefault(file.name, {}).setdefault(file.address, file)
        if other != file or other.secret != file.secret:
            raise UserError(f"{what}: two files of one name: {other.address} and {file.address}")
    if not named:
        raise UserError(f"{what}: stands for no file")
    folders = {str(folder) for name in named for folder in PurePosixPath(name).parents}
    found = [
        file if len(group) == 1 and name not in folders else replace(file, name=_apart(file))
        for name, group in named.items()
        for file in group.values()
    ]
    return sorted(found, key=lambda file: file.name)


def _apart(file: RemoteFile) -> str:
    """A file's name with a hash of its address before its endings, by which sources know what it is."""
    folder, slash, last = file.name.rpartition("/")
    stem, dot, ends = last.partition(".") if not last.startswith(".") else (last, "", "")
    mark = hashlib.blake2b(file.address.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{folder}{slash}{stem}~{mark}{dot}{ends}"


def _pinned(file: RemoteFile, address: Address) -> RemoteFile:
    """The file with the checksums that stand in the address."""
    md5 = address.get("md5")
    checks = ((Checksum("md5", md5),) if md5 else ()) + file.checks
    return replace(file, sha256=address.get("sha256") or file.sha256, checks=checks)


def _web(url: str, members: str | None = None, name: str | None = None) -> RemoteFile:
    visible = shown(url)
    found = name or unquote(posixpath.basename(urlsplit(url).path)) or urlsplit(url).hostname or "file"
    return RemoteFile(
        address=visible + (f"!{members}" if members else ""),
        name=safe_name(found),
        members=members,
        secret=Secret(url) if visible != url else None,
    )


def _archive(address: Address, patience: Patience) -> RemoteFile:
    from pipelines.fetching import pypi

    return pypi.find(address, patience)


def _objects(address: Address, patience: Patience) -> list[RemoteFile]:
    from pipelines.fetching import google_storage, objects

    pays = address.has("requester-pays")
    place = unescaped(address.place)
    start = _common_folder(place)
    if address.scheme == "gs":
        listed = google_storage.list_objects(place, requester_pays=pays, patience=patience)
        files = [
            replace(_object(address, one.path, start), size=one.size, checks=one.checks, secret=Secret(one.url))
            for one in listed
        ]
    else:
        found = objects.list_objects(place, requester_pays=pays, patience=patience)
        files = [replace(_object(address, one.path, start), size=one.size) for one in found]
    return [_pinned(file, address) for file in files] if len(files) == 1 else files


def _object(address: Address, path: str, start: str) -> RemoteFile:
    """An object of the store that `address` is in; its name is what follows `start`."""
    visible = escaped(path)
    members = f"!{address.members}" if address.members else ""
    pays = "#requester-pays" if address.has("requester-pays") else ""
    secret = Secret(path) if visible != path else None
    name = safe_name(path.removeprefix(start))
    return RemoteFile(f"{address.scheme}://{visible}{members}{pays}", name, members=address.members, secret=secret)


def _common_folder(pattern: str) -> str:
    """What the names of all files that a pattern can stand for begin with, up to a `/`."""
    starts = [
        fixed_prefix(item) if has_pattern(item) else item[: item.rfind("/") + 1] for item in alternatives(pattern)
    ]
    first, last = min(starts), max(starts)
    shared = next((place for place, letter in enumerate(first) if not last.startswith(letter, place)), len(first))
    return first[: first.rfind("/", 0, shared) + 1]


def _hub(address: Address, patience: Patience) -> list[RemoteFile]:
    from pipelines.fetching import hub

    anonymous = address.has("anonymous")
    commit = hub.commit(address.place, address.choice, anonymous=anonymous, patience=patience)
    wanted = address.members or "**"
    wanted = wanted + "**" if wanted.endswith("/") else wanted
    pattern = Pattern(wanted)
    folder = _common_folder(wanted).rstrip("/")
    entries = hub.list_files(address.place, commit, folder, anonymous=anonymous, patience=patience)
    files = [_hub_file(address, commit, entry) for entry in entries if pattern.matches(entry.path)]
    if not files:
        raise UserError(f"{address}: the repository has no such file")
    return [_pinned(file, address) for file in files] if len(files) == 1 else files


def _hub_file(address: Address, commit: str, entry: "HubFile") -> RemoteFile:
    from pipelines.fetching import hub

    visible = escaped(entry.path)
    tail = "#anonymous" if address.has("anonymous") else ""
    return RemoteFile(
        address=f"hf:{address.place}@{commit}!{visible}{tail}",
        name=safe_name(entry.path),
        size=entry.size,
        checks=entry.checks,
        secret=Secret(hub.file_url(address.place, commit, entry.path)),
    )


def _github(address: Address, patience: Patience) -> list[RemoteFile]:
    """The archives of the repositories that are meant; which commit that is may be found out when each is fetched."""
    from pipelines.fetching import github

    kind, _, language = address.place.rpartition("language:")
    until, most = address.get("until"), address.get("most")
    if kind or not language or language == address.place:
        if not (address.choice or until):
            raise UserError(f"{address}: expected a commit (@SHA) or a month (#until=YYYY-MM)")
        return [_pinned(_repository(address.place, address.choice, until), address)]
    window = github.span(address.get("from"), until)
    names = github.repositories(language, window, int(most) if most else None, patience)
    return [_repository(name, None, until or f"{window.last:%Y-%m}") for name in names]


def _repository(name: str, commit: str | None, until: str | None) -> RemoteFile:
    at = f"@{commit}" if commit else f"#until={until}"
    return RemoteFile(f"github:{name}{at}", safe_name(f"github.com/{name}.tar.gz"))


def _git(address: Address) -> RemoteFile:
    url, _ = split_user(address.place) if "://" in address.place else (address.place, None)
    parts = urlsplit(url)
    path = parts.path.strip("/").removesuffix(".git").strip("/") or "repository"
    if not parts.scheme:
        path = posixpath.basename(path)
    folder = f"{parts.hostname}/" if parts.hostname else ""
    visible = shown(address.place)
    return RemoteFile(
        address=f"git:{visible}@{address.choice}",
        name=safe_name(f"{folder}{path}.git.tar"),
        secret=Secret(address.place) if visible != address.place else None,
    )


def _local(address: Address) -> list[RemoteFile]:
    """Files of this machine. A folder that is named stands for itself: who reads it knows which files in it count."""
    place = Path(address.place).expanduser()
    if place.exists() or not has_pattern(address.place):
        if not place.exists():
            hint = "; a recipe's `$` stands for itself" if "$" in address.place else ""
            raise UserError(f"{address.place}: no such file{hint}")
        size = None if place.is_dir() else place.stat().st_size
        return [_pinned(RemoteFile(str(place), safe_name(place.name), size=size), address)]
    found = _matching(str(place))
    if not found:
        raise UserError(f"{address.place}: no file fits")
    return [RemoteFile(str(path), safe_name(name), size=path.stat().st_size) for name, path in found.items()]


def _matching(place: str) -> dict[str, Path]:
    """Name below the common folder → path, for every file on this machine that fits a pattern (links do not count)."""
    found: dict[str, Path] = {}
    common = _common_folder(place)
    for item in alternatives(place):
        start, pattern = fixed_prefix(item), Pattern(item)
        candidates = Path(start or ".").rglob("*") if has_pattern(item) else [Path(item)]
        for path in candidates:
            text = path.as_posix() if path.is_absolute() or not start.startswith("./") else f"./{path.as_posix()}"
            if pattern.matches(text) and path.is_file() and not path.is_symlink():
                found[text.removeprefix(common)] = path
    return found


def _from_list(address: Address, patience: Patience) -> list[RemoteFile]:
    """The files of a list of paths. A relative path hangs on `base=`, or on the root of where the list lies."""
    content = read_whole(address, patience)
    files = []
    for line in lists.lines(content, str(address)):
        target = _join(address, line)
        parsed = parse(target)
        if parsed.scheme in {"http", "https"}:
            files.append(_pinned(_web(parsed.place, name=_path(parsed).lstrip("/")), parsed))
        elif parsed.scheme in {"s3", "gs"}:
            paying = replace(parsed, properties=tuple(p for p in address.properties if p[0] == "requester-pays"))
            files.append(_object(paying, parsed.place, parsed.place.partition("/")[0] + "/"))
        elif parsed.scheme == "github" and not parsed.place.startswith("language:"):
            files += _github(parsed, patience)
        elif parsed.scheme == "git" and "://" in parsed.place:
            files.append(_pinned(_git(parsed), parsed))
        elif parsed.scheme == "local" and address.scheme == "local":
            files.append(RemoteFile(parsed.place, safe_name(os.path.relpath(parsed.place, _folder(address)))))
        else:
            raise UserError(f"{address}: a list on the network cannot name {parsed}")
    return files


def _join(address: Address, line: str) -> str:
    base = address.get("base")
    if "://" in line or line.startswith(("pypi:", "hf:", "github:", "git:")):
        return line
    if base is not None:
        return base.rstrip("/") + "/" + line.lstrip("/")
    if address.scheme in {"s3", "gs"}:
        return f"{address.scheme}://{address.place.partition('/')[0]}/{line.lstrip('/')}"
    if address.scheme in {"http", "https"}:
        return urljoin(address.place, "/" + quote(line.lstrip("/"), safe="/%:=@+,;~!$&'()*"))
    if address.scheme == "local":
        return str(Path(_folder(address)) / line)
    raise UserError(f"{address}: its lines are relative; say base=ADDRESS after #")


def _folder(address: Address) -> str:
    return str(Path(address.place).expanduser().parent)


def _from_manifest(address: Address, patience: Patience) -> list[RemoteFile]:
    """The tars of arXiv's manifest from one month to another, with their md5 sums."""
    first, last = address.get("from") or "0000-00", address.get("until") or "9999-99"
    pays = address.has("requester-pays")
    files = []
    for entry in lists.arxiv_manifest(read_whole(address, patience), str(address)):
        if first <= entry.month <= last:
            target = parse(_join(address, entry.key))
            checks = (Checksum("md5", entry.md5),)
            if target.scheme in {"s3", "gs"}:
                paying = replace(target, properties=(("requester-pays", ""),) if pays else ())
                found = _object(paying, target.place, posixpath.dirname(target.place) + "/")
                files.append(replace(found, size=entry.size, checks=checks))
            elif target.scheme == "local":
                path = str(Path(_folder(address)) / posixpath.basename(entry.key))
                files.append(RemoteFile(path, safe_name(Path(path).name), None, entry.size, checks))
            else:
                found = _web(target.place)
                files.append(replace(found, size=entry.size, checks=checks))
    return files


def read_whole(address: Address, patience: Patience) -> bytes:
    """The content of a list or manifest. Errors as `download`."""
    plain = replace(address, properties=tuple(p for p in address.properties if p[0] in {"requester-pays", "anonymous"}))
    pins = replace(address, properties=tuple(p for p in address.properties if p[0] in {"sha256", "md5"}))
    files = [_pinned(file, pins) for file in _one(plain, patience)]
    if len(files) != 1:
        raise UserError(f"{address}: one list was expected, {len(files)} files fit")
    with tempfile.TemporaryDirectory() as folder:
        done = download(files[0], Path(folder) / "list", limit_bytes=lists.LONGEST_LIST, patience=patience)
        return done.path.read_bytes()


def _one(address: Address, patience: Patience) -> list[RemoteFile]:
    if address.scheme in {"s3", "gs"}:
        return _objects(address, patience)
    if address.scheme == "hf":
        return _hub(address, patience)
    if address.scheme == "local":
        return _local(address)
    if address.scheme == "pypi":
        return [_archive(address, patience)]
    return [_web(address.place, address.members)]
