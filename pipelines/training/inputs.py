"""Finds the files that a model is trained on, wherever an address says they are."""

import hashlib
from pathlib import Path

from manifests.errors import UserError
from pipelines.fetching.batch import FetchOptions, fetch_all
from pipelines.fetching.listing import expand
from pipelines.training.pages import KINDS, READABLE, readable


def files(
    address: str, folder: Path, *, sha256: str | None = None, fraction: float = 1.0, cache: Path | None = None
) -> list[tuple[Path, str]]:
    """The readable files that `address` stands for, with their names, in a fixed order; `fraction` of them by hash.

    What is not on this machine is fetched into `folder`. Raises UserError if there is nothing to read.
    """
    if (local := Path(address)).is_dir():
        found = [(path, path.relative_to(local).as_posix()) for path in readable(local)]
    else:
        remote = expand(address if sha256 is None else f"{address}#sha256={sha256}")
        brought = fetch_all(remote, folder, options=FetchOptions(cache=cache))
        found = [(item.path, item.name) for item in brought if item.name.lower().endswith(READABLE)]
    if not found:
        raise UserError(f"{address}: no file to learn from; expected {KINDS}")
    return [(path, name) for path, name in found if _draw(name) < fraction]


def _draw(name: str) -> float:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=7).digest()
    return int.from_bytes(digest, "big") / 2**56
