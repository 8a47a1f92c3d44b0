"""JSON with a hash over it, for what a later run believes without another look: a flipped bit in it is noticed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from manifests.records import to_json

SEAL = "seal"
"""The key that holds the hash over all others."""


def sealed(data: Mapping[str, Any]) -> str:
    """The text of a file of these values: one line of JSON, keys in order."""
    seal = hashlib.blake2b(to_json(data).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return to_json({**data, SEAL: seal}) + "\n"


def unsealed(text: str, *, trusted: bool = False) -> dict[str, Any]:
    """The values of a sealed text; of one without a seal too where it is `trusted`, being known to be as written.

    Raises ValueError, or AttributeError where the text is no object.
    """
    data: dict[str, Any] = json.loads(text)
    seal = data.pop(SEAL, None)
    if not trusted and (seal is None or text != sealed(data)):
        raise ValueError("its bytes are not those that were written")
    return data
