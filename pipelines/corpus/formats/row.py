"""What all formats give: rows as mappings, and names and errors for those that cannot be read."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def row_key(row: Row) -> str:
    """A name for a row made from its content alone."""
    content = json.dumps(row, sort_keys=True, default=str, ensure_ascii=True)
    return f"row:{digest(content.encode())}"


def without_surrogates(value: Any) -> Any:
    """`value` with U+FFFD in place of every lone surrogate, which JSON can express and UTF-8 cannot."""
    # The parser has joined the escapes that pair up, so whatever is left stands alone.
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    return value


def said(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {error}"[:300]


def digest(raw: bytes) -> str:
    """A name made from bytes."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
