"""What a signature depends on, how it is written into signature files, and when two corpora can be compared."""

from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow.parquet as pq

from dedup.characters import UNICODE_VERSION, Normalisation
from manifests.errors import UserError
from manifests.records import to_json
from manifests.settings.dedup import DedupSettings

FORMAT = 2
"""Version of the signature files' layout and of every hash in them."""

METADATA_KEY = b"proofpile.signature"


class Parameters(NamedTuple):
    """Everything that decides the contents of a signature. Files that differ in one of these are not comparable."""

    method: str
    normalisation: Normalisation
    shingle_words: int
    permutations: int
    seed: int
    verification: Literal["exact", "estimate"]
    scheme: str = "affine32"
    unicode: str = UNICODE_VERSION
    format: int = FORMAT

    def as_json(self) -> str:
        """As it stands in the files' metadata."""
        return to_json(self._asdict())


def parameters_of(settings: DedupSettings) -> Parameters:
    """The part of a recipe's settings that signatures depend on."""
    return Parameters(
        settings.method,
        settings.normalisation,
        settings.shingle_words,
        settings.permutations,
        settings.seed,
        settings.verification,
    )


def require_equal(ours: Parameters, path: Path) -> None:
    """Refuse a signature file made with other parameters, or cut short. Raises UserError that names both."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not a whole signature file ({reason}); run dedup on its corpus again") from None
    theirs = metadata.get(METADATA_KEY)
    if theirs is None:
        raise UserError(f"{path}: not a signature file (no {METADATA_KEY.decode()} in its metadata)")
    if theirs.decode() != ours.as_json():
        raise UserError(
            f"{path}: signatures made with other parameters cannot be compared; there {theirs.decode()}, "
            f"here {ours.as_json()}; use the earlier corpus's settings or run dedup on it with these"
        )
