"""Glob patterns over names that use `/`, and names that are safe to create below a folder.

`*`, `?` and `[…]` stay within one part of a path, `**` spans any number of parts, `{a,b}` is either. Matching one name
takes time in proportion to the pattern's parts times the name's parts, whatever the two contain.
"""

import fnmatch
import hashlib
import re
from functools import lru_cache
from urllib.parse import quote

from manifests.errors import UserError

MOST_ALTERNATIVES = 1024
LONGEST_PART = 200  # bytes; file systems allow 255, and temporary names need some of them


def has_pattern(text: str) -> bool:
    """Whether `text` holds any character that means something in a pattern."""
    return any(character in text for character in "*?[{")


def alternatives(pattern: str) -> list[str]:
    """`pattern` with every `{a,b}` written out, in the order given; braces may be nested.

    Raises UserError for a brace that is not closed or for more than 1,024 alternatives.
    """
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        text = waiting.pop()
        opening = text.find("{")
        if opening < 0:
            done.append(text)
        else:
            head, choices, tail = _first_braces(text, opening, pattern)
            waiting.extend(head + choice + tail for choice in reversed(choices))
        if len(done) + len(waiting) > MOST_ALTERNATIVES:
            raise UserError(f"pattern {pattern[:80]!r}: more than {MOST_ALTERNATIVES} alternatives")
    return done


def _first_braces(text: str, opening: int, pattern: str) -> tuple[str, list[str], str]:
    depth, start, choices = 0, opening + 1, []
    for place in range(opening, len(text)):
        character = text[place]
        if character == "{":
            depth += 1
        elif character == "," and depth == 1:
            choices.append(text[start:place])
            start = place + 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return text[:opening], [*choices, text[start:place]], text[place + 1 :]
    raise UserError(f"pattern {pattern!r}: a {{ is not closed by }}")


class Pattern:
    """A compiled pattern; `matches` tells whether a name with `/` between its parts fits it as a whole."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._alternatives = [_parts(alternative) for alternative in alternatives(text)]

    def matches(self, name: str) -> bool:
        parts = name.split("/")
        return any(_fits(wanted, parts) for wanted in self._alternatives)


@lru_cache(maxsize=4096)
def _part(text: str) -> re.Pattern[str]:
    # The standard library writes each star as an atomic step, so a part is matched without backtracking.
    return re.compile(fnmatch.translate(text), re.DOTALL)


def _parts(pattern: str) -> list[re.Pattern[str] | None]:
    """One entry a part; None stands for `**`."""
    return [None if part == "**" else _part(part) for part in pattern.split("/")]


def _fits(wanted: list[re.Pattern[str] | None], parts: list[str]) -> bool:
    reached = {0}  # how many parts of the name the pattern read so far can stand for
    for part in wanted:
        if part is None:
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {place + 1 for place in reached if place < len(parts) and part.match(parts[place])}
        if not reached:
            return False
    return len(parts) in reached


def fixed_prefix(pattern: str) -> str:
    """The folders before the first part that is a pattern, with a closing `/`; empty if there are none."""
    places = [place for character in "*?[{" if (place := pattern.find(character)) >= 0]
    return pattern[: pattern.rfind("/", 0, min(places)) + 1] if places else pattern


_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")


def safe_name(name: str) -> str:
    """`name` as a relative path that can be created below a folder on any system.

    Characters and parts that could leave the folder, or that some file system refuses, are percent-encoded; a part
    that is too long keeps its beginning and its end (where the suffix is) around a hash of the whole.

    >>> safe_name("../a//b:c.tex")
    '%2E%2E/a/b%3Ac.tex'
    """
    parts = [part for part in name.split("/") if part not in {"", "."}]
    return "/".join(_safe_part(part) for part in parts) or "file"


def _safe_part(part: str) -> str:
    if set(part) <= {"."}:
        return "%2E" * len(part)
    cleaned = _UNSAFE.sub(lambda found: quote(found.group(), safe=""), part)
    raw = cleaned.encode("utf-8", "backslashreplace")
    if len(raw) <= LONGEST_PART:
        return raw.decode()
    middle = "~" + hashlib.blake2b(raw, digest_size=6).hexdigest() + "~"
    half = (LONGEST_PART - len(middle)) // 2
    return raw[:half].decode("utf-8", "ignore") + middle + raw[-half:].decode("utf-8", "ignore")
