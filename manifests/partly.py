"""The ledger of a corpus in a bucket of which a machine brought a part: one of many shares, or who asks how far it is.

Of a stage of a million units a thousand machines would bring a million entries each. What a share needs is those of
its own units; whether all others have one as well is told by the names of a listing (`mirror.pull`).
"""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from manifests import ledger, mirror, segments
from manifests.errors import Fault, UserError


def bring(root: Path, stage: str, units: Iterable[str] | None = None) -> None:
    """Bring the entries of these units of a stage, or of all, as far as they have one and it is not here."""
    folder = f"{ledger.LEDGER_FOLDER}/{stage}/"
    there = mirror.away(root, folder)
    wanted = None if units is None else {f"{folder}{unit}.json" for unit in units}
    mirror.bring_texts(root, there if wanted is None else [name for name in there if name in wanted])


def loose(root: Path, stage: str) -> set[str]:
    """The units whose entry is a file of its own, here or in the bucket."""
    folder = f"{ledger.LEDGER_FOLDER}/{stage}/"
    elsewhere = (name.removeprefix(folder).removesuffix(segments.END) for name in mirror.away(root, folder))
    return {*segments.Loose(root / folder), *elsewhere}


def count(root: Path, stage: str) -> int:
    """About how many units have an entry in the bucket now, by their names alone: a request for a thousand of them.

    What is packed is counted as it is here. 0 more where the store cannot be reached: it is asked again.
    """
    store = mirror.store_of(root)
    if store is None:
        return ledger.count(root, stage)
    folder = root / ledger.LEDGER_FOLDER / stage
    packed = sum(segments.count(segment.path) for segment in segments.segments(folder))
    with contextlib.suppress(Fault, UserError):
        return packed + sum(name.endswith(".json") for name in store.list(f"{ledger.LEDGER_FOLDER}/{stage}"))
    return packed


def times(root: Path, stage: str) -> list[float]:
    """When the entries of a stage were written (seconds), here or in the bucket; of packed ones that of the segment."""
    return mirror.put_times(root, f"{ledger.LEDGER_FOLDER}/{stage}/") or ledger.times(root, stage)


def begun(root: Path, stages: Iterable[str]) -> bool:
    """Whether one of these stages has an entry, here or in the bucket."""
    return any(next(ledger.written(root, stage), None) or loose(root, stage) for stage in stages)


def stages(root: Path) -> list[str]:
    """The stages that have entries, here or in the bucket."""
    names = mirror.away(root, f"{ledger.LEDGER_FOLDER}/")
    return sorted({*ledger.stages(root), *(name.split("/")[1] for name in names)})
