"""What of a recipe lies on this machine, looked at before any work: is it there, and is it what it must be?

A wrong path, a list without its files, a table without the column, a tokenizer that is none: each is a line that names
its key, found by `--dry-run` and before the first download. What lies elsewhere is looked at when it is fetched.
"""

from collections.abc import Mapping
from pathlib import Path

from dedup.benchmarks import layout_of, read_parts
from manifests.errors import ProofpileError, UserError
from manifests.mistakes import Mistakes
from manifests.recipe import Recipe, SourceEntry
from manifests.store import scheme_of
from manifests.writing import sha256_of
from pipelines.fetching.address import parse
from pipelines.fetching.remote import RemoteFile
from pipelines.sources.base import RawFile, Source
from pipelines.sources.registry import make_source
from pipelines.sources.web_index import require_index
from pipelines.stages import shard
from pipelines.stages.fetch import listed, nothing_found, size_of, source_files
from pipelines.stages.scoring import make_scorer


def check(recipe: Recipe, where: str, folder: Path, mistakes: Mistakes) -> None:
    """Look at all of a recipe's input that is on this machine. Relative paths begin at `folder`."""
    assets = assets_here(recipe, where, folder, mistakes)
    for entry in recipe.sources:
        sources_here(recipe, entry, where, folder, mistakes)
    _scorers(recipe, assets, where, mistakes)
    _benchmarks(recipe, assets, where, mistakes)
    settings = recipe.shards
    if settings is not None and settings.tokenizer in assets:
        path = assets[settings.tokenizer]
        with mistakes.noting():
            shard.read_marks(path, sha256_of(path), settings.end_token, settings.begin, where)
    _earlier(recipe, where, folder, mistakes)


def assets_here(recipe: Recipe, where: str, folder: Path, mistakes: Mistakes) -> dict[str, Path]:
    """The assets on this machine that are sound, by name."""
    found: dict[str, Path] = {}
    for name, asset in recipe.assets.items():
        key = f"{where}: assets.{name}"
        with mistakes.noting():
            if not _is_here(asset.address, f"{key}.from"):
                continue
            files = listed(key, folder, asset.address, 1.0, 0, asset.sha256)
            if len(files) != 1:
                raise UserError(f"{key}: expected one file at {parse(asset.address)}, found {len(files)}")
            _look(files[0], key)
            local = files[0].local
            if local is not None and files[0].members is None:
                found[name] = local
    return found


def sources_here(recipe: Recipe, entry: SourceEntry, where: str, folder: Path, mistakes: Mistakes) -> None:
    """Look at the inputs of one source: every file must be there, and the first of each be of the source's kind."""
    key = f"{where}: sources.{entry.name}"
    source: Source | None = None
    with mistakes.noting():
        source = make_source(entry, recipe.rules, {}, where)
    files = elsewhere = 0
    sound = source is not None
    for position, item in enumerate(entry.inputs):
        place = f"{key}.inputs.{position}"
        before = mistakes.noted
        with mistakes.noting():
            if not _is_here(item.address, place):
                elsewhere += 1
            elif source is not None:
                found = [file for file in source_files(recipe, folder, entry, item, place, where) if not file.left_out]
                for file in found:
                    _look(file, place, known=file.sha256 is None and file.size is not None)
                files += len(found)
                local = found[0].local if found else None
                if local is not None and item.index is not None:
                    _index(local, place)
                elif local is not None:
                    _first(source, RawFile(local, found[0].name), place)
        sound = sound and mistakes.noted == before
    if sound and not files and not elsewhere:
        mistakes.add(nothing_found(recipe, entry, where))


def _is_here(address: str, where: str) -> bool:
    """Whether an address is one of this machine. Raises UserError naming the key for one that cannot be read."""
    try:
        return parse(address).scheme == "local"
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def _look(file: RemoteFile, where: str, *, known: bool = False) -> None:
    """See that a file is there, is one, and has the bytes that it is pinned by; `known`: it was seen while listing."""
    local = file.local
    if local is None or known:
        return
    size_of(local, where)
    if file.sha256 is not None and file.members is None:
        digest = sha256_of(local)
        if digest != file.sha256:
            raise UserError(f"{where}: {local}: sha256 is {digest}, expected {file.sha256}")


def _first(source: Source, file: RawFile, where: str) -> None:
    """Let a source look at its first file."""
    try:
        source.look(file)
    except ProofpileError as error:
        raise UserError(f"{where}: {error}") from None
    except Exception:  # noqa: S110 - what is damaged inside is listed by the stage that reads it whole
        pass


def _index(path: Path, where: str) -> None:
    """See that the first file of an input that is said to be an index is one."""
    try:
        require_index(path)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def _scorers(recipe: Recipe, assets: Mapping[str, Path], where: str, mistakes: Mistakes) -> None:
    for name, score in recipe.scores.items():
        if score.model not in assets:
            continue
        with mistakes.noting():
            look = getattr(make_scorer(name, score, assets, recipe.rules, where), "look", None)
            if look is not None:
                try:
                    look()
                except UserError as error:
                    raise UserError(f"{where}: scores.{name}.model: {error}") from None


def _benchmarks(recipe: Recipe, assets: Mapping[str, Path], where: str, mistakes: Mistakes) -> None:
    for name, benchmark in (recipe.overlap.benchmarks if recipe.overlap else {}).items():
        parts = benchmark.assets()
        if not all(asset in assets for asset in parts.values()):
            continue
        layout = layout_of(benchmark.fields, benchmark.id, benchmark.split)
        try:
            read_parts(name, {part: assets[asset] for part, asset in parts.items()}, layout)
        except UserError as error:
            mistakes.add(f"{where}: overlap.benchmarks.{name}: {error}")


def _earlier(recipe: Recipe, where: str, folder: Path, mistakes: Mistakes) -> None:
    """Look at the earlier corpora to deduplicate against."""
    settings = recipe.dedup
    if settings is None or all(scheme_of(name) for name in settings.against):
        return
    from dedup.methods import make_method
    from pipelines.stages.matching.earlier import signed_files
    from pipelines.stages.matching.parameters import parameters_of

    for position, name in enumerate(settings.against):
        root = folder / Path(name).expanduser()
        key = f"{where}: dedup.against.{position}"
        if scheme_of(name):
            continue
        try:
            if not root.is_dir():
                raise UserError(f"{root}: no such folder; expected a corpus that `proofpile dedup` or `build` made")
            signed_files(root, parameters_of(settings), f"{root.name}:", make_method(settings))
        except UserError as error:
            mistakes.add(f"{key}: {error}")
