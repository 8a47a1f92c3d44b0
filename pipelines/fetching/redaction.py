"""Keeps secrets out of everything a person or a file gets to see.

An address may carry a password, a signed query or a token. `shown` is the form of it that may be printed, logged and
written into a manifest; the true form travels in a `Secret`, which cannot be printed or written by accident. The
libraries underneath write addresses and headers into their own debug logs, so `quiet_libraries` turns those off.
"""

import logging
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

HIDDEN = "***"

HARMLESS_PARAMETERS = frozenset(
    {
        "acronym", "alt", "branch", "collection", "config", "date", "dl", "download", "file", "filename", "format",
        "id", "lang", "language", "name", "path", "rev", "revision", "raw", "ref", "split", "type", "v", "version",
    }
)  # fmt: skip
"""Query parameters that name a file. The value of any other one is hidden: a list of secret names is never whole."""

LONGEST_HARMLESS_VALUE = 100

TALKATIVE_LOGGERS = {
    "aiobotocore": logging.WARNING,
    "asyncio": logging.WARNING,
    "boto3": logging.WARNING,
    "botocore": logging.WARNING,
    "fsspec": logging.WARNING,
    "gcsfs": logging.WARNING,
    "google.auth": logging.WARNING,
    "httpcore2": logging.WARNING,
    "httpx2": logging.WARNING,
    "requests": logging.WARNING,
    "s3fs": logging.WARNING,
    "unearth": logging.ERROR,
    "urllib3": logging.WARNING,
}


class Secret:
    """A text that must not be shown: printing, formatting and JSON give `***` or fail; `reveal` gives the text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


def shown(address: str) -> str:
    """`address` without user name, password and the values of all query parameters that could be a secret.

    >>> shown("https://me:pw@host/a.gz?file=b&X-Amz-Signature=0f")
    'https://host/a.gz?file=b&X-Amz-Signature=***'
    """
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.split("://", 1)[0] + "://" + HIDDEN
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, _shown_query(parts.query), ""))


def _shown_query(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs or "=" not in query:
        return HIDDEN
    return "&".join(f"{quote(name, safe='')}={_shown_value(name, value)}" for name, value in pairs)


def _shown_value(name: str, value: str) -> str:
    if name.lower() in HARMLESS_PARAMETERS and len(value) <= LONGEST_HARMLESS_VALUE:
        return quote(value, safe="/:,+")
    return HIDDEN


def quiet_libraries() -> None:
    """Stop the network libraries from logging addresses and headers, whatever level the program logs at.

    Their records are refused at the logger, so a handler of the root logger at level DEBUG never sees them.
    """
    for name, level in TALKATIVE_LOGGERS.items():
        logger = logging.getLogger(name)
        if logger.level < level:
            logger.setLevel(level)
