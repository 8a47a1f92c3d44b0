"""The raw files that a unit of extraction brings itself, and those of the unit after it.

All files of a unit are asked for when it begins, and then the next unit's, so that the connection is busy while the
worker is (`pipelines.fetching.arriving`). They are removed when the unit has its ledger entry.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from manifests.writing import WORK_FOLDER, require_recorded
from pipelines.corpus.texts import Raw
from pipelines.engine.worker import MONITOR, Unit
from pipelines.fetching.arriving import ARRIVALS, Arriving, ArrivingPath, place_of
from pipelines.sources.base import RawFile

if TYPE_CHECKING:
    from pipelines.fetching.ranges import Pace
    from pipelines.fetching.remote import Downloaded, RemoteFile

FOLDER = "arriving"
TRIES = 3
"""So often a unit begins anew because a file changed on its server while it was being read."""


class OnTheWay(NamedTuple):
    """A file on its way, and the same as a source reads it."""

    arriving: Arriving
    file: RawFile


@contextmanager
def files_of(unit: Unit) -> Iterator[dict[str, OnTheWay]]:
    """A unit's files on their way, by name; removed when the block ends well."""
    arriving = _asked(unit)
    following = MONITOR.next
    ahead = _asked(following) if following is not None and following.stage == unit.stage else {}
    ARRIVALS.keep({one.arriving.place for one in (*arriving.values(), *ahead.values())})
    for one in arriving.values():
        one.arriving.begin_again()
    yield arriving
    for one in arriving.values():
        ARRIVALS.done(one.arriving.place)


def _asked(unit: Unit) -> dict[str, OnTheWay]:
    settings = unit.settings()
    folder = Path(unit.root) / WORK_FOLDER / FOLDER
    found = {}
    for raw in (Raw(**file) for file in settings["files"]):
        if raw.remote is None:
            continue
        if "piece" in raw.remote:
            found[raw.name] = _piece(folder, raw, settings["per_second"])
            continue
        from pipelines.fetching.remote import RemoteFile

        file = RemoteFile.from_plain(raw.remote)
        bring = partial(_bring, file, settings["most_bytes"])
        place = place_of(folder, file.address, raw.name)
        arriving = ARRIVALS.ask(place, bring, streams=file.members is None, may_be_gone=_may_be_gone(file))
        found[raw.name] = OnTheWay(arriving, RawFile(ArrivingPath.of(arriving), raw.name))
    return found


def _may_be_gone(file: "RemoteFile") -> bool:
    """Whether a file was only found by a search: repositories are removed, renamed and blocked every day."""
    return file.address.startswith("github:")


def _piece(folder: Path, raw: Raw, per_second: float) -> OnTheWay:
    """The records that a piece of an index names."""
    from pipelines.fetching import ranges

    require_recorded(Path(raw.path), raw.sha256)
    piece = ranges.piece_of(Path(raw.path))
    place = place_of(folder, piece.base, f"{raw.sha256}.records")
    arriving = ARRIVALS.ask(place, partial(ranges.bring, piece, pace=_pace(per_second)))
    return OnTheWay(arriving, RawFile(ArrivingPath.of(arriving), raw.name, piece.places))


@lru_cache(maxsize=1)
def _pace(per_second: float) -> "Pace":
    """The pace of this process, whatever piece it is at."""
    from pipelines.fetching.ranges import Pace

    return Pace(per_second)


def _bring(
    file: "RemoteFile",
    most_bytes: int,
    target: Path,
    *,
    partial: Path,
    progress: Callable[[int], None],
    announced: Callable[[int], None],
) -> "Downloaded":
    """Bring a file, unless a process that has died since had brought it whole."""
    from pipelines.fetching.download import download
    from pipelines.fetching.remote import Downloaded, file_digest

    if target.is_file() and (digest := file_digest(target)) == (file.sha256 or digest):
        return Downloaded(target, target.stat().st_size, digest, file.name, file.address)
    return download(file, target, partial=partial, progress=progress, announced=announced, limit_bytes=most_bytes)


def forget(root: Path) -> None:
    """Remove what is left of files that workers brought, when no unit needs them any more."""
    shutil.rmtree(root / WORK_FOLDER / FOLDER, ignore_errors=True)
