"""The fetch stage: bring what the recipe names, pinned by sha256, and say where it lies.

Downloads go to `raw/SOURCE/` of the corpus, files that are on this machine already are read in place. A source
with `keep_raw: false` is only listed here; the workers that read its files fetch them one at a time.

What a recipe's addresses stand for is asked once. A later run finds the answer in the ledger and needs no network, as
long as the recipe names the same addresses and the files are there. Input on this machine is looked at every time.
"""

import os
import shutil
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from manifests import ledger
from manifests.errors import ProofpileError, UserError
from manifests.ledger import Entry, InputFact
from manifests.paged import Paged
from manifests.recipe import Asset, Input, Recipe, SourceEntry
from manifests.sealed import sealed, unsealed
from manifests.writing import WORK_FOLDER, FileFact, sha256_of, write_text
from pipelines.corpus.folder import RAW, fingerprint, public_address
from pipelines.corpus.soundness import FETCH
from pipelines.corpus.texts import NO_DIGEST, Raw
from pipelines.fetching.address import parse
from pipelines.fetching.batch import FetchOptions, fetch_all, state_folder
from pipelines.fetching.display import showing
from pipelines.fetching.listing import expand, select
from pipelines.fetching.lists import LIST_SUFFIXES, MANIFEST
from pipelines.fetching.parts import Readable, parts_of
from pipelines.fetching.remote import Downloaded, RemoteFile
from pipelines.sources.registry import make_source
from pipelines.stages import by_index
from pipelines.stages.build import Build

STAGE = FETCH
ASSETS = "assets"
PARALLEL = 8
"""Downloads at a time."""
VERSION = 1
MIB = 1 << 20


def bring(build: Build) -> Build:
    """Fetch assets and raw files; returns the build with their places filled in."""
    recipe = build.recipe
    units = {entry.name for entry in recipe.sources} | ({ASSETS} if recipe.assets else set())
    for entry in list(ledger.read_entries(build.root, STAGE)):
        if entry.unit not in units:
            ledger.withdraw(build.root, STAGE, entry.unit)
    for path in list((build.root / RAW).glob("*")):
        if path.is_dir() and path.name.removeprefix(".").removesuffix(".fetched") not in units:
            shutil.rmtree(path)
    with shared_archives(build) as once:
        assets = bring_assets(once) if recipe.assets else {}
        raw = {entry.name: bring_source(once, entry) for entry in recipe.sources}
    places = {name: got.path for name, got in assets.items()}
    return replace(build, assets=places, digests={name: got.sha256 for name, got in assets.items()}, raw=raw)


@contextmanager
def shared_archives(build: Build) -> Iterator[Build]:
    """The build with a cache for as long as it fetches, where several inputs pin one archive: it is fetched once."""
    items = [item for entry in build.recipe.sources for item in entry.inputs] + list(build.recipe.assets.values())
    pinned = Counter(item.sha256 for item in items if item.sha256)
    if build.cache is not None or not any(count > 1 for count in pinned.values()):
        yield build
        return
    folder = build.root / WORK_FOLDER / "archives"
    try:
        yield replace(build, cache=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bring_assets(build: Build) -> dict[str, Downloaded]:
    """Fetch all assets, and note them in the ledger."""
    named = build.recipe.assets
    mark = fingerprint(VERSION, {name: [public_address(asset.address), asset.sha256] for name, asset in named.items()})
    before = brought(build, ASSETS, mark)
    assets: dict[str, Downloaded] = {}
    for name, asset in named.items():
        folder = f"{RAW}/{ASSETS}/{name}/"
        known = [fact for fact in before or () if fact.path.startswith(folder)]
        if len(known) == 1 and away(asset.address):
            fact = known[0]
            place = build.root / fact.path
            assets[name] = Downloaded(place, fact.bytes, fact.sha256, fact.path.removeprefix(folder), asset.address)
        else:
            assets[name] = bring_asset(build, name, asset)
    facts = [
        InputFact(f"{name}: {public_address(named[name].address)}", got.size, got.sha256)
        for name, got in assets.items()
    ]
    outputs = [
        FileFact(_below(build, got.path), 0, got.size, got.sha256)
        for got in assets.values()
        if build.root in got.path.parents
    ]
    note(build, ASSETS, mark, facts, outputs)
    return assets


def bring_asset(build: Build, name: str, asset: Asset) -> Downloaded:
    """Fetch one asset. Raises UserError naming the key when the address stands for more or less than one file."""
    where = f"{build.where}: assets.{name}"
    files = listed(where, build.folder, asset.address, 1.0, 0, asset.sha256)
    got = fetched(build, where, files, build.root / RAW / ASSETS / name)
    if len(got) != 1:
        raise UserError(f"{where}: expected one file at {parse(asset.address)}, found {len(got)}")
    return got[0]


def bring_source(build: Build, entry: SourceEntry) -> Paged[Raw]:
    """Fetch one source's raw files, or list them where the workers are to fetch."""
    where = f"{build.where}: sources.{entry.name}"
    folder = build.root / RAW / entry.name
    mark = source_mark(build, entry)
    before = brought(build, entry.name, mark)
    listing = listed_before(build, entry, mark)
    raw: dict[str, Raw] = {}
    facts: list[InputFact] = []
    outputs: list[FileFact] = []
    remote: list[RemoteFile] = []
    if before is not None:
        for fact in before:
            name, path = fact.path.removeprefix(f"{RAW}/{entry.name}/"), build.root / fact.path
            is_piece = any(item.index for item in entry.inputs) and name.endswith(by_index.PIECE_END)
            known = Raw(str(path), name, fact.bytes, fact.sha256)
            add(raw, by_index.raw_of(path, name, fact.sha256) if is_piece else known, where)
            facts.append(InputFact(name, fact.bytes, fact.sha256))
            outputs.append(fact)
    for position, item in enumerate(entry.inputs):
        key = f"{where}.inputs.{position}"
        known_before = before if entry.keep_raw or item.index else listing
        if (away(item.address) or item.index) and known_before is not None:
            continue
        if item.index is not None:
            for piece in index_pieces(build, entry, item, key):
                add(raw, piece, key)
                noted, written = by_index.facts(piece, f"{RAW}/{entry.name}")
                facts.append(noted)
                outputs.append(written)
            continue
        files = source_files(build.recipe, build.folder, entry, item, key, build.where)
        for file in files:
            if file.left_out:
                add(raw, Raw("", file.name, 0, NO_DIGEST, left_out=file.left_out), key)
        files = [file for file in files if not file.left_out]
        if not entry.keep_raw:
            remote += [file for file in files if file.local is None]
            files = [file for file in files if file.local is not None]
        for got in fetched(build, key, files, folder):
            add(raw, Raw(str(got.path.absolute()), got.name, got.size, got.sha256), key)
            facts.append(InputFact(got.name, got.size, got.sha256))
            if folder in got.path.parents:
                outputs.append(FileFact(_below(build, got.path), 0, got.size, got.sha256))
    for file in listing if listing is not None else remote:
        add(raw, Raw("", file.name, file.size or 0, file.sha256 or file.address, file.plain()), where)
    if all(file.left_out for file in raw.values()):
        raise UserError(nothing_found(build.recipe, entry, build.where))
    if remote:
        data = {"fingerprint": mark, "files": [file.plain() for file in remote]}
        write_text(_listing(folder), sealed(data))
    note(build, entry.name, mark, facts, outputs)
    by_index.clear(build, entry)
    return Paged(Raw, sorted(raw.values(), key=lambda file: file.name))


def index_pieces(build: Build, entry: SourceEntry, item: Input, where: str) -> Iterator[Raw]:
    """The pieces of an input that is an index; its files are read by parts where they lie, or brought, read and removed
    one after the other.
    """
    work = by_index.workspace(build, entry)

    @contextmanager
    def brought_for(file: RemoteFile) -> Iterator[Readable]:
        if (parts := parts_of(file)) is not None:
            yield parts
            return
        [got] = fetched(build, where, [file], work / "files")
        yield got.path
        if work in got.path.parents:
            got.path.unlink()

    files = by_index.of_pages(listed(where, build.folder, item.address, 1.0, 0, item.sha256))
    if item.addresses:
        lists = [file for address in item.addresses for file in listed(where, build.folder, address, 1.0, 0, None)]
        files = by_index.joined(lists, files, brought_for, work, build.progress.say)
    for file in files:
        with brought_for(file) as path:
            yield from by_index.pieces(build, item, file.name, path, build.root / RAW / entry.name)


def source_mark(build: Build, entry: SourceEntry) -> str:
    """A hash of all that decides which remote files a source has."""
    share = build.recipe.fraction
    items = [
        [public_address(item.address), item.sha256, share if item.fraction is None else item.fraction]
        for item in entry.inputs
    ]
    unit = build.recipe.limits.unit_mb
    marks = [[item.index, unit, item.addresses, *_local_digests(build, item)] for item in entry.inputs if item.index]
    return fingerprint(VERSION, items, build.recipe.seed, entry.keep_raw, *marks)


def _local_digests(build: Build, item: Input) -> list[str]:
    """The digests of the index and the lists on this machine, of which pieces are made."""
    here = [address for address in (item.address, *item.addresses) if not away(address)]
    files = [file for address in here for file in listed(build.where, build.folder, address, 1.0, 0, None)]
    return [sha256_of(file.local) for file in files if file.local is not None]


def away(address: str) -> bool:
    """Whether an address stands for files elsewhere, which do not change under our hands."""
    return parse(address).scheme != "local"


def brought(build: Build, unit: str, mark: str) -> list[FileFact] | None:
    """What an earlier run brought for a unit; None unless it was asked for the same and every file is there whole."""
    if unit != ASSETS and any(_is_local_list(item.address) for item in build.recipe.source(unit).inputs):
        return None
    entry = ledger.entry_of(build.root, STAGE, unit) if ledger.is_done(build.root, STAGE, unit, mark) else None
    return None if entry is None else list(entry.outputs)


def listed_before(build: Build, entry: SourceEntry, mark: str) -> list[RemoteFile] | None:
    """The remote files of a source whose raw files are not kept, as an earlier run listed them."""
    if entry.keep_raw or any(_is_local_list(item.address) for item in entry.inputs):
        return None
    try:
        data = unsealed(_listing(build.root / RAW / entry.name).read_bytes().decode())
        return [RemoteFile.from_plain(file) for file in data["files"]] if data["fingerprint"] == mark else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _listing(folder: Path) -> Path:
    """Where the listing of a source lies: beside the notes of fetching, which are no outputs."""
    return state_folder(folder) / "listing.json"


def _is_local_list(address: str) -> bool:
    """Whether an address is a file of this machine that names other files: it may change between runs."""
    parsed = parse(address)
    name = Path(parsed.place).name
    is_list = parsed.has("list") or name.endswith(LIST_SUFFIXES) or MANIFEST.match(name) is not None
    return parsed.scheme == "local" and is_list


def _below(build: Build, path: Path) -> str:
    """A file's path relative to the corpus folder."""
    return path.relative_to(build.root).as_posix()


def add(raw: dict[str, Raw], file: Raw, where: str) -> None:
    """Add a raw file; two different files of one name would make two documents of one id."""
    before = raw.setdefault(file.name, file)
    if before.sha256 != file.sha256:
        raise UserError(
            f"{where}: two different files are called `{file.name}`; name a common folder above them instead"
        )


def nothing_found(recipe: Recipe, entry: SourceEntry, where: str) -> str:
    """The line for a source whose inputs hold no file that it reads."""
    ends = make_source(entry, recipe.rules, {}, where).suffixes
    plain = [end for end in ends if end.rpartition(".")[0] not in ends]
    packed = ", packed or not" if len(plain) < len(ends) else ""
    read = f" that ends in one of {', '.join(plain)}{packed}" if ends else f" for a source of kind {entry.kind}"
    return f"{where}: sources.{entry.name}: no input file was found{read}"


def source_files(
    recipe: Recipe, folder: Path, entry: SourceEntry, item: Input, where: str, file: str
) -> list[RemoteFile]:
    """The files that one input of a source stands for; folders are walked by the source's own rule.

    What the source leaves out of a folder is among them, marked as `left_out`.

    `where` is the input's key in `file`, the recipe; relative paths begin at `folder`.
    """
    fraction = recipe.fraction if item.fraction is None else item.fraction
    files = listed(where, folder, item.address, fraction, recipe.seed, item.sha256)
    source = make_source(entry, recipe.rules, {}, file)
    found: list[RemoteFile] = []
    for one in files:
        local = one.local
        if local is None or not local.is_dir():
            found.append(one)
            continue
        if item.sha256 is not None:
            raise UserError(f"{where}: sha256 pins one file, but {local} is a folder")
        above = len(str(local)) - len(local.name)
        every = [str(path) for path in source.files(local)]
        locked = {path for path in every if not os.access(path, os.R_OK)}
        paths = [path for path in every if path not in locked]
        walked = [RemoteFile(path, readable(path[above:]), size=os.stat(path).st_size) for path in paths]  # noqa: PTH116 - fast
        found += select(walked, fraction, recipe.seed)
        left = [
            RemoteFile(str(path), readable(str(path)[above:]), size=0, left_out=reason)
            for path, reason in (*source.left_out(local), *((path, "unreadable") for path in locked))
        ]
        found += select(left, fraction, recipe.seed)
    return found


def readable(name: str) -> str:
    """A file's name with bytes that are no UTF-8 written as escapes, as names inside archives are."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def listed(where: str, folder: Path, address: str, fraction: float, seed: int, sha256: str | None) -> list[RemoteFile]:
    """Expand an address; `where` (file and key) begins every error, relative paths begin at `folder`."""
    try:
        parsed = parse(address)
        if parsed.scheme == "local" and not Path(parsed.place).expanduser().is_absolute():
            address = str(folder / address)
        elif sha256 is not None and not parsed.has("sha256"):
            # Where two places offer one name, the pin decides which of them is meant.
            address += f"{'&' if parsed.properties else '#'}sha256={sha256}"
        files = expand(address, fraction=fraction, seed=seed)
    except ProofpileError as error:
        raise type(error)(f"{where}: {error}") from None
    if sha256 is not None:
        if len(files) != 1:
            raise UserError(f"{where}: sha256 pins one file, but {parsed} stands for {len(files)}")
        files = [replace(files[0], sha256=sha256)]
    return files


def fetched(build: Build, where: str, files: Sequence[RemoteFile], folder: Path) -> list[Downloaded]:
    """Bring files that are not here yet; local files are described where they are."""
    here: list[Downloaded] = []
    away: list[RemoteFile] = []
    local: list[tuple[RemoteFile, Path, int]] = []
    for file in files:
        if file.local is None or file.members is not None:
            away.append(file)
        else:
            local.append((file, file.local, size_of(file.local, where)))
    with ThreadPoolExecutor(build.engine.workers, "digest") as pool:
        digests = pool.map(sha256_of, [path for _, path, _ in local])
        for (file, path, size), digest in zip(local, digests, strict=True):
            if file.sha256 is not None and digest != file.sha256:
                raise UserError(f"{where}: {path}: sha256 is {digest}, expected {file.sha256}")
            here.append(Downloaded(path, size, digest, file.name, file.address))
    if away:
        limits = build.recipe.limits
        options = FetchOptions(
            limit_bytes=int(limits.file_mb * MIB),
            limit_total=None if limits.total_mb is None else int(limits.total_mb * MIB),
            cache=build.cache,
        )
        try:
            with showing(folder.name, build.progress) as report:
                here += fetch_all(away, folder, workers=PARALLEL, progress=report, options=options)
        except ProofpileError as error:
            raise type(error)(f"{where}: {error}") from None
    return here


def size_of(local: Path, where: str) -> int:
    """The size in bytes of a file on this machine. Raises UserError for what is none: reading a pipe never ends."""
    try:
        facts = local.stat()
    except OSError as error:
        raise UserError(f"{where}: {local}: {error.strerror}, expected a file") from None
    if not stat.S_ISREG(facts.st_mode):
        kind = "folder" if stat.S_ISDIR(facts.st_mode) else "pipe or a device"
        raise UserError(f"{where}: {local}: is a {kind}, expected a file")
    return facts.st_size


def note(build: Build, unit: str, mark: str, facts: Sequence[InputFact], outputs: Sequence[FileFact]) -> None:
    """Write the ledger entry of a source or of the assets, and remove files of an earlier recipe."""
    entry = Entry(
        stage=STAGE,
        unit=unit,
        source=unit,
        fingerprint=mark,
        read=len(facts),
        kept=len(facts),
        inputs=tuple(sorted(facts)),
        outputs=tuple(sorted(outputs)),
        numbers={"raw_bytes": sum(fact.bytes for fact in facts)},
    )
    wanted = {fact.path for fact in outputs}
    for path in sorted((build.root / RAW / unit).rglob("*")):
        relative = path.relative_to(build.root)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and relative.as_posix() not in wanted:
            path.unlink()
    if not ledger.is_done(build.root, STAGE, unit, mark) or ledger.entry_of(build.root, STAGE, unit) != entry:
        ledger.write_entry(build.root, entry)
