"""The raw files that a unit of extraction brings itself, and those of the unit after it.

All files of a unit are asked for when it begins, and then the next unit's, so that the connection is busy while the
worker is (`pipelines.fetching.arriving`). They are removed when the unit has its ledger entry.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manifests.writing import WORK_FOLDER
from pipelines.corpus.texts import Raw
from pipelines.engine.worker import MONITOR, Unit
from pipelines.fetching.arriving import ARRIVALS, Arriving, place_of

if TYPE_CHECKING:
    from pipelines.fetching.remote import Downloaded, RemoteFile

FOLDER = "arriving"
TRIES = 3
"""So often a unit begins anew because a file changed on its server while it was being read."""


@contextmanager
def files_of(unit: Unit) -> Iterator[dict[str, Arriving]]:
    """A unit's files on their way, by name; removed when the block ends well."""
    arriving = _asked(unit)
    following = MONITOR.next
    ahead = _asked(following) if following is not None and following.stage == unit.stage else {}
    ARRIVALS.keep({one.place for one in (*arriving.values(), *ahead.values())})
    for one in arriving.values():
        one.begin_again()
    yield arriving
    for one in arriving.values():
        ARRIVALS.done(one.place)


def _asked(unit: Unit) -> dict[str, Arriving]:
    settings = unit.settings()
    folder = Path(unit.root) / WORK_FOLDER / FOLDER
    found = {}
    for raw in (Raw(**file) for file in settings["files"]):
        if raw.remote is not None:
            from pipelines.fetching.remote import RemoteFile

            file = RemoteFile.from_plain(raw.remote)
            bring = partial(_bring, file, settings["most_bytes"])
            place = place_of(folder, file.address, raw.name)
            found[raw.name] = ARRIVALS.ask(place, bring, streams=file.members is None)
    return found


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
