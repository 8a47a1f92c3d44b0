"""Chooses a part of a crawl from its list of archives (Common Crawl's `warc.paths.gz`: one path a line).

The choice depends on the paths and the seed alone: not on the order of the list, and a larger fraction contains a
smaller one, so that a corpus can grow without reading anything twice.
"""

import gzip
import hashlib
import io
import math
import zlib
from collections.abc import Iterable
from pathlib import Path

from manifests.errors import UserError

MOST_LIST = 1 << 28
"""Largest list in bytes, unpacked; a list of Common Crawl has about 12 MB."""
COMMON_CRAWL = "https://data.commoncrawl.org/"


def read_paths(path: Path) -> list[str]:
    """The paths of a list (plain or gzip), in its order. `UserError` where the file is no such list."""
    raw = path.read_bytes()
    if raw.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
                raw = file.read(MOST_LIST + 1)
        except (OSError, EOFError, zlib.error):
            raise UserError(f"{path}: damaged gzip data; expected a list of archives, one path a line") from None
    if len(raw) > MOST_LIST:
        raise UserError(f"{path}: larger than {MOST_LIST} bytes; expected a list of archives, one path a line")
    try:
        lines = raw.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise UserError(f"{path}: not text; expected a list of archives, one path a line") from None
    paths = [line.strip() for line in lines]
    return [line for line in paths if line and not line.startswith("#")]


def choose(paths: Iterable[str], fraction: float, seed: int) -> list[str]:
    """The share `fraction` (more than 0, at most 1) of the different paths, sorted; at least one if there are any."""
    if not 0 < fraction <= 1:
        raise UserError(f"fraction: {fraction}; expected more than 0 and at most 1")
    different = set(paths)
    ranked = sorted(different, key=lambda path: (_rank(path, seed), path))
    return sorted(ranked[: math.ceil(round(fraction * len(different), 6))])


def _rank(path: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{path}".encode(), digest_size=8).digest()


def addresses(paths: Iterable[str], prefix: str = COMMON_CRAWL) -> list[str]:
    """Full addresses: a path that is no address already is taken below `prefix`."""
    return [path if "://" in path else prefix + path.lstrip("/") for path in paths]
