"""Kinds of strings that sections of a recipe take: digests, names and days, each with what is wrong with any other."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_DAY = re.compile(r"\d{4}(-\d\d){0,2}")


def _is_sha256(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise ValueError("expected 64 hexadecimal digits in lower case")
    return value


def _is_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("expected lower-case letters, digits, - and _, beginning with a letter or digit")
    return value


Sha256 = Annotated[str, AfterValidator(_is_sha256)]
Slug = Annotated[str, AfterValidator(_is_slug)]


def _as_text(value: Any) -> Any:
    # YAML reads 2023-03-31 as a date, and people write it without quotes.
    return value.isoformat() if isinstance(value, date) else value


def _is_day(value: str) -> str:
    if not _DAY.fullmatch(value):
        raise ValueError("expected a date as YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        raise ValueError("expected a date that exists") from None
    return value


Day = Annotated[str, BeforeValidator(_as_text), AfterValidator(_is_day)]
