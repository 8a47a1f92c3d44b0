"""The fetch stage: bring what the recipe names, pinned by sha256, and say where it lies.

Downloads go to `raw/SOURCE/` of the corpus, files that are on this machine already are read in place. A source
with `keep_raw: false` is only listed here; the workers that read its files fetch them one at a time.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import Entry, InputFact
from manifests.recipe import Asset, Input, SourceEntry
from manifests.writing import FileFact, sha256_of
from pipelines.build import Build, Raw
from pipelines.corpus import RAW, fingerprint
from pipelines.fetching.address import parse
from pipelines.fetching.batch import FetchOptions, fetch_all
from pipelines.fetching.display import showing
from pipelines.fetching.listing import expand, select
from pipelines.fetching.remote import Downloaded, RemoteFile
from pipelines.sources.registry import make_source

STAGE = "fetch"
ASSETS = "assets"
PARALLEL = 8
"""Downloads at a time."""


def bring(build: Build) -> Build:
    """Fetch assets and raw files; returns the build with their places filled in."""
    recipe = build.recipe
    assets: dict[str, Path] = {}
    digests: dict[str, str] = {}
    for name, asset in recipe.assets.items():
        got = bring_asset(build, name, asset)
        assets[name], digests[name] = got.path, got.sha256
    if recipe.assets:
        facts = [
            InputFact(f"{name}: {parse(recipe.assets[name].address)}", assets[name].stat().st_size, digests[name])
            for name in assets
        ]
        brought = [(assets[name], digests[name]) for name in assets if build.root in assets[name].parents]
        outputs = [FileFact(_below(build, path), 0, path.stat().st_size, digest) for path, digest in brought]
        note(build, ASSETS, facts, outputs)
    raw = {entry.name: bring_source(build, entry) for entry in recipe.sources}
    stale = {entry.unit for entry in ledger.read_entries(build.root, STAGE)} - {ASSETS, *raw}
    for unit in stale:
        ledger.withdraw(build.root, STAGE, unit)
    return replace(build, assets=assets, digests=digests, raw=raw)


def bring_asset(build: Build, name: str, asset: Asset) -> Downloaded:
    """Fetch one asset. Raises UserError naming the key when the address stands for more or less than one file."""
    where = f"{build.where}: assets.{name}"
    files = listed(where, build.folder, asset.address, 1.0, 0, asset.sha256)
    got = fetched(build, where, files, build.root / RAW / ASSETS / name)
    if len(got) != 1:
        raise UserError(f"{where}: expected one file at {parse(asset.address)}, found {len(got)}")
    return got[0]


def bring_source(build: Build, entry: SourceEntry) -> list[Raw]:
    """Fetch one source's raw files, or list them where the workers are to fetch."""
    where = f"{build.where}: sources.{entry.name}"
    raw: dict[str, Raw] = {}
    facts: list[InputFact] = []
    outputs: list[FileFact] = []
    for position, item in enumerate(entry.inputs):
        key = f"{where}.inputs.{position}"
        files = source_files(build, entry, item, key)
        if not entry.keep_raw:
            for file in files:
                add(raw, Raw("", file.name, file.size or 0, file.sha256 or file.address, file.plain()), key)
            continue
        folder = build.root / RAW / entry.name
        for got in fetched(build, key, files, folder):
            add(raw, Raw(str(got.path.resolve()), got.name, got.size, got.sha256), key)
            facts.append(InputFact(got.name, got.size, got.sha256))
            if folder in got.path.parents:
                outputs.append(FileFact(_below(build, got.path), 0, got.size, got.sha256))
    if not raw:
        raise UserError(f"{where}: no input file was found")
    note(build, entry.name, facts, outputs)
    return sorted(raw.values(), key=lambda file: file.name)


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


def source_files(build: Build, entry: SourceEntry, item: Input, where: str) -> list[RemoteFile]:
    """The files that one input of a source stands for; folders are walked by the source's own rule."""
    fraction = build.recipe.fraction if item.fraction is None else item.fraction
    files = listed(where, build.folder, item.address, fraction, build.recipe.seed, item.sha256)
    source = make_source(entry, build.recipe.rules, {}, build.where)
    found: list[RemoteFile] = []
    for file in files:
        local = file.local
        if local is None or not local.is_dir():
            found.append(file)
            continue
        walked = [
            RemoteFile(str(path), f"{local.name}/{path.relative_to(local).as_posix()}", size=path.stat().st_size)
            for path in source.files(local)
        ]
        found += select(walked, fraction, build.recipe.seed)
    return found


def listed(where: str, folder: Path, address: str, fraction: float, seed: int, sha256: str | None) -> list[RemoteFile]:
    """Expand an address; `where` (file and key) begins every error, relative paths begin at `folder`."""
    try:
        parsed = parse(address)
        if parsed.scheme == "local" and not Path(parsed.place).is_absolute():
            address = str(folder / address)
        elif sha256 is not None and not parsed.has("sha256"):
            # Where two places offer one name, the pin decides which of them is meant.
            address += f"{'&' if parsed.properties else '#'}sha256={sha256}"
        files = expand(address, fraction=fraction, seed=seed)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    if sha256 is not None:
        if len(files) != 1:
            raise UserError(f"{where}: sha256 pins one file, but {parsed} stands for {len(files)}")
        files = [replace(files[0], sha256=sha256)]
    return files


def fetched(build: Build, where: str, files: Sequence[RemoteFile], folder: Path) -> list[Downloaded]:
    """Bring files that are not here yet; local files are described where they are."""
    here: list[Downloaded] = []
    away: list[RemoteFile] = []
    for file in files:
        local = file.local
        if local is None or file.members is not None:
            away.append(file)
            continue
        digest = sha256_of(local)
        if file.sha256 is not None and digest != file.sha256:
            raise UserError(f"{where}: {local}: sha256 is {digest}, expected {file.sha256}")
        here.append(Downloaded(local, local.stat().st_size, digest, file.name, file.address))
    if away:
        options = FetchOptions(cache=build.cache)
        try:
            with showing(folder.name, build.progress) as report:
                here += fetch_all(away, folder, workers=PARALLEL, progress=report, options=options)
        except UserError as error:
            raise UserError(f"{where}: {error}") from None
    return here


def note(build: Build, unit: str, facts: Sequence[InputFact], outputs: Sequence[FileFact]) -> None:
    """Write the ledger entry of a source or of the assets."""
    entry = Entry(
        stage=STAGE,
        unit=unit,
        source=unit,
        fingerprint=fingerprint([list(fact) for fact in facts]),
        read=len(facts),
        kept=len(facts),
        inputs=tuple(sorted(facts)),
        outputs=tuple(sorted(outputs)),
        numbers={"raw_bytes": sum(fact.bytes for fact in facts)},
    )
    ledger.write_entry(build.root, entry)
