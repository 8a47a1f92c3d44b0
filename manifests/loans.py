"""Files of the machine that runs a build, in its bucket for as long as hosts far away work with them."""

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from manifests.mirror import PARALLEL, store_of
from manifests.writing import WORK_FOLDER

LENT = f"{WORK_FOLDER}/lent"
"""Where files of the machine that runs a build lie in its bucket while hosts far away need them."""


def lend(root: Path, paths: Iterable[Path]) -> Path:
    """Put files of this machine into the bucket, for as long as hosts far away work with them (`take_back`).

    Returns the folder below which they find (`bring`) each under its absolute path. It has another name when one of
    them has changed, so that no host takes what it brought before.
    """
    store = store_of(root)
    assert store is not None
    files = sorted({path.absolute() for path in paths})
    facts = [(str(path), found.st_size, found.st_mtime_ns) for path in files for found in (path.stat(),)]
    name = f"{LENT}/{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]}"
    there = store.list(name)

    def put(fact: tuple[str, int, int]) -> None:
        found = there.get(name + fact[0])
        if found is None or found.size != fact[1]:
            store.put(name + fact[0], Path(fact[0]))

    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(put, facts))
    return root / name


def take_back(root: Path) -> None:
    """Remove from the bucket what was lent to hosts far away."""
    store = store_of(root)
    if store is not None:
        store.delete(*store.list(LENT))
