"""What Hugging Face's library says of a vocabulary's probe, remembered in the user's cache.

To load a vocabulary of 128,000 words takes the library half a second, for no more than this answer. It is good for the
same file, the same probe and the same version of the library; what is not there, or not as it was written, is asked
again.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from manifests import machine
from manifests.writing import write_text
from pipelines.shards.byte_pairs import PROBE, JsonTokenizer
from pipelines.shards.tokenizer import Tokenizer

FOLDER = "vocabularies"


def place_of(sha256: str) -> Path:
    """Where the answer for a file of this sha256 is kept."""
    about = hashlib.sha256(f"{sha256} {version('tokenizers')} {PROBE}".encode()).hexdigest()
    return machine.cache() / FOLDER / f"{about}.json"


def proven(sha256: str, load: Callable[[bool], Tokenizer]) -> tuple[Tokenizer, tuple[int, ...] | None]:
    """A tokenizer whose file has this sha256, and the library's ids of its probe; None where it has no such library.

    `load(True)` loads it with its library, `load(False)` without, which is enough where the answer is known.
    """
    place = place_of(sha256)
    known = _read(place)
    tokenizer = load(known is None)
    if not isinstance(tokenizer, JsonTokenizer):
        return tokenizer, None
    if known is None:
        known = tuple(tokenizer.probe_ids())
        with contextlib.suppress(Exception):  # a home that cannot be written keeps nobody from working
            write_text(place, json.dumps([_digest(known), *known]) + "\n")
    return tokenizer, known


def _read(place: Path) -> tuple[int, ...] | None:
    try:
        digest, *ids = json.loads(place.read_text(encoding="utf-8"))
        return tuple(ids) if digest == _digest(ids) else None
    except (OSError, ValueError, TypeError):
        return None


def _digest(ids: object) -> str:
    return hashlib.sha256(json.dumps(ids).encode()).hexdigest()
