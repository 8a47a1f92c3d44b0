"""What all language rules share: the file they judge, the verdict, and the general limits on size and digits."""

from typing import NamedTuple

from filters.code.tables import is_program
from manifests.records import Rules

TEXT_MAX_SIZE = 1_048_575
"""Bytes of UTF-8 (`TEXT_MAX_SIZE` in both originals)."""
MAX_NUMERICAL_DENSITY = 0.5
"""`MAX_NUMERICAL_DENSITY` in both originals."""

BYTE_ORDER_MARK = "\ufeff"
_DIGITS = b"0123456789"
_ASCII_WHITESPACE = bytes(code for code in range(128) if chr(code).isspace())


class SourceFile(NamedTuple):
    """A file as the rules see it.

    `path` is its path in the repository, `repository` the repository's name (with or without its owner), `extension`
    the ending without the dot as The Stack's `ext` gives it, `size` the bytes of the stored file (The Stack's `size`).
    """

    text: str
    path: str = ""
    repository: str = ""
    extension: str = ""
    size: int = 0


class Refused(NamedTuple):
    """Why a rule turns a file away: one short fixed word and, where it helps, a detail."""

    reason: str
    detail: str = ""


class PublishedCrash(ValueError):
    """The published program raises an exception on this file; under `published` rules so do we.

    A caller lists the file and goes on, which is the nearest a whole build can come to a program that stops.
    """


def is_blank(text: str) -> bool:
    """Whether a text has nothing but blank space and byte order marks."""
    return not text[:4096].strip(BYTE_ORDER_MARK + " \t\n\r\f\v") and text.strip() in ("", BYTE_ORDER_MARK)


def character_counts(text: str) -> tuple[int, int]:
    """The number of ASCII digits and of non-whitespace characters (whitespace as `str.split` sees it)."""
    raw = text.encode("utf-8")
    digits = len(raw) - len(raw.translate(None, _DIGITS))
    if len(raw) == len(text):
        return digits, len(raw.translate(None, _ASCII_WHITESPACE))
    return digits, sum(map(len, text.split()))


def numerical_density(text: str, rules: Rules) -> float:
    """How much of `text` is digits; infinite for nothing but digits under `corrected`, 0 for a blank text.

    Source: `numerical_density` in process_stack.py. The code divides by all non-whitespace characters, its comment
    says (as the Llemma paper does) digits over non-digits. `published` is the code, `corrected` the comment: 0.5 then
    means one digit to two other characters.
    """
    digits, visible = character_counts(text)
    if not visible:
        return 0.0
    if rules == "published":
        return digits / visible
    return digits / (visible - digits) if visible > digits else float("inf")


def general(
    file: SourceFile,
    rules: Rules,
    *,
    max_density: float = MAX_NUMERICAL_DENSITY,
    max_size: int = TEXT_MAX_SIZE,
    blank_crashes: bool = True,
) -> Refused | None:
    """The rule on size (bytes of UTF-8) and digits that most languages start with; None: nothing against the file.

    Source: `standard_filter` in process_stack.py and process_github.py. `corrected` keeps what is a program for all its
    digits (`filters.code.tables`). The two differ on a file of whitespace only:
    the first divides by zero and stops (`blank_crashes`), the second keeps the file as far as this rule goes.
    `corrected` turns it away as `empty` in both.

    Raises `PublishedCrash` for the division by zero.
    """
    if len(file.text) > max_size or len(file.text.encode("utf-8")) > max_size:
        return Refused("too_large", f"more than {max_size} bytes")
    if rules == "corrected" and is_blank(file.text):
        return Refused("empty")
    if blank_crashes and not file.text[:4096].strip() and not file.text.strip():
        raise PublishedCrash("the published numerical density divides by zero: the file has only whitespace")
    density = numerical_density(file.text, rules)
    if density > max_density and not (rules == "corrected" and is_program(file.text, file.path)):
        return Refused("digits", f"density {density:.3f}, at most {max_density}")
    return None


def beginning(text: str, rules: Rules) -> str:
    """The first characters of `text`, for rules about how a file starts.

    `published` takes them as they stand; `corrected` looks past a byte order mark and blank space, which hid XML and
    JSON from the published rules.
    """
    if rules == "published":
        return text[:16]
    return text[:65536].lstrip(BYTE_ORDER_MARK + " \t\r\n\f\v")[:16]
