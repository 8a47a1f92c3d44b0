"""Inputs that are an index: they name records of archives, and only these records are brought.

`fetch` reads the index files, takes their rows in the order of archives and cuts them into pieces of about the size of
a unit, which it keeps among the raw files; the workers bring the records of a piece by ranges
(`pipelines.fetching.ranges`). The index itself is not kept.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from manifests.ledger import InputFact
from manifests.recipe import Input, SourceEntry
from manifests.writing import WORK_FOLDER, FileFact, sha256_of
from pipelines.corpus.folder import fingerprint, public_address
from pipelines.corpus.texts import Raw
from pipelines.fetching.parts import Readable
from pipelines.fetching.ranges import piece_of, write_piece
from pipelines.fetching.remote import RemoteFile
from pipelines.sources.web_index import cut, places
from pipelines.stages.build import Build

PIECE_END = ".places.jsonl"


def workspace(build: Build, entry: SourceEntry) -> Path:
    """Where the index files of a source lie while they are cut."""
    return build.root / WORK_FOLDER / "index" / entry.name


def of_pages(files: Sequence[RemoteFile]) -> list[RemoteFile]:
    """The files of an index that name pages: Common Crawl lists those of robots.txt and of failed requests besides."""
    return [file for file in files if "/subset=" not in file.name or "/subset=warc/" in file.name]


def joined(
    lists: Sequence[RemoteFile],
    index: Sequence[RemoteFile],
    brought: Callable[[RemoteFile], AbstractContextManager[Readable]],
    work: Path,
    say: Callable[[str], None],
) -> list[RemoteFile]:
    """The index of those records only whose addresses stand in lists.

    What was looked through is not brought again after an interruption, nor are lists that another input named before.
    """
    from pipelines.sources.web_join import gathered, join, wanted  # loads compiled code, and few builds join

    gathering = work / f"asked-{fingerprint([file.address for file in lists])[:16]}.parquet"
    if not gathering.exists():
        gathered([partial(brought, file) for file in lists], gathering)
    folder = work / fingerprint([file.address for file in index])[:16]
    told = join(wanted([gathering]), [(file.address, partial(brought, file)) for file in index], folder)
    say(f"index: {told.found:,} of {told.asked:,} addresses found in {told.rows:,} rows")
    found = sorted(folder.glob("index-*.parquet"))
    return [RemoteFile(str(path), path.name, size=path.stat().st_size) for path in found]


def pieces(build: Build, item: Input, stem: str, path: Readable, folder: Path) -> Iterator[Raw]:
    """Cut the index file at `path` into pieces below `folder`. Raises UserError for a file that is no index."""
    share = build.recipe.fraction if item.fraction is None else item.fraction
    size = int(build.recipe.limits.unit_mb * (1 << 20))
    mark = fingerprint(public_address(item.address))[:8]  # files of two inputs may have one name
    for number, piece in enumerate(cut(places(path, share, build.recipe.seed), size)):
        name = f"{mark}/{stem}/{number:06d}{PIECE_END}"
        write_piece(folder / name, item.index or "", piece)
        yield raw_of(folder / name, name, sha256_of(folder / name))


def raw_of(path: Path, name: str, sha256: str) -> Raw:
    """A piece as a raw file: as large as its records."""
    return Raw(str(path), name, sum(place.length for place in piece_of(path).places), sha256, {"piece": str(path)})


def facts(raw: Raw, below: str) -> tuple[InputFact, FileFact]:
    """A piece in the ledger: what the source has, and the file that was written."""
    size = os.stat(raw.path).st_size  # noqa: PTH116 - there are many
    return InputFact(raw.name, size, raw.sha256), FileFact(f"{below}/{raw.name}", 0, size, raw.sha256)


def clear(build: Build, entry: SourceEntry) -> None:
    """Remove what cutting left behind."""
    shutil.rmtree(workspace(build, entry), ignore_errors=True)
