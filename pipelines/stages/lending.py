"""Files of the machine that runs a build, for hosts that see nothing of it but the bucket.

Units name their raw files and assets by path. Where a path leads out of the corpus, hosts far away would find nothing
there; so such a file is put into the bucket for as long as extraction lasts, with what lies around it and is read too,
and the unit is told its place there. What a unit's ledger entry and outputs say does not change.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from manifests import loans
from pipelines.corpus.folder import payload
from pipelines.engine.worker import Unit
from pipelines.sources.base import RawFile
from pipelines.sources.registry import source_class

AROUND = "around"
"""The key of a unit's settings under which the other files stand that it needs brought."""


def lent(root: Path, units: Sequence[Unit]) -> list[Unit]:
    """The units as hosts far away can do them; puts what they need into the bucket."""
    own = [outside(unit, root) for unit in units]
    around = [neighbours(unit, files) for unit, files in zip(units, own, strict=True)]
    files = {path for some in (*own, *around) for path in some}
    if not files:
        return list(units)
    below = str(loans.lend(root, map(Path, files)))
    return [moved(unit, files, below, others) for unit, others in zip(units, around, strict=True)]


def outside(unit: Unit, root: Path) -> list[str]:
    """The raw files and assets of a unit that lie outside the corpus, as absolute paths."""
    settings = unit.settings()
    paths = [*(file["path"] for file in settings["files"]), *settings["assets"].values()]
    return [path for path in paths if path and not Path(path).is_relative_to(root)]


def neighbours(unit: Unit, own: Sequence[str]) -> list[str]:
    """What the source of a unit may read besides those of its raw files that lie outside the corpus."""
    settings, here = unit.settings(), set(own)
    files = [RawFile(Path(file["path"]), file["name"]) for file in settings["files"] if file["path"] in here]
    return sorted({str(path.absolute()) for path in source_class(settings["entry"]["kind"]).around(files)})


def moved(unit: Unit, files: Iterable[str], below: str, others: Sequence[str]) -> Unit:
    """A unit with its `files` at their places in the bucket's folder."""
    known = set(files)

    def place(path: str) -> str:
        return below + path if path in known else path

    special: dict[str, Any] = json.loads(unit.payload)
    common: dict[str, Any] = json.loads(unit.common)
    special["files"] = [{**file, "path": place(file["path"])} for file in special["files"]]
    special[AROUND] = [place(path) for path in others]
    common["assets"] = {name: place(path) for name, path in common["assets"].items()}
    return unit._replace(payload=payload(**special), common=payload(**common))
