"""The arguments that xparse's letters describe (The LaTeX Project, usrguide and xparse, 2022)."""

import re

from pipelines.extraction.latex.frames import closing
from pipelines.extraction.latex.meanings import NO_VALUE, Parameter

LONGEST_PATTERN = 300
_BEFORE = re.compile(r"[\s+!]*(>?)")
_SPLIT = re.compile(r"\\Split(?:Argument\s*\{\s*(\d)\s*\}|List)\s*(?:\{(.{1,20})\}|(\S.{0,20}))\s*\Z", re.DOTALL)
_TOKEN = re.compile(r"\s*(\\[a-zA-Z]+|\\.|[^\s\\])", re.DOTALL)


def xparse(pattern: str) -> tuple[Parameter, ...] | None:
    r"""The arguments that xparse's letters describe; None for letters that are not known.

    A processor (`>{\TrimSpaces}`) belongs to the argument behind it.
    """
    reader = _Pattern(pattern.rstrip())
    found: list[Parameter] = []
    while (letter := reader.letter()) is not None:
        place = len(found)
        if letter == "m":
            found.append(Parameter())
        elif letter in "oO":
            found.append(Parameter("optional", reader.value() if letter == "O" else NO_VALUE))
        elif letter in "dDrR":
            marks = (reader.token() or "[") + (reader.token() or "]")
            found.append(Parameter("optional", reader.value() if letter in "DR" else NO_VALUE, marks))
        elif letter in "gG":
            found.append(Parameter("braced", reader.value() if letter == "G" else NO_VALUE))
        elif letter in "st":
            found.append(Parameter("star", mark=(reader.token() or "*") if letter == "t" else "*"))
        elif letter in "eE":
            marks = "".join((reader.value() or "").split())
            defaults = reader.values() if letter == "E" else []
            for place, mark in enumerate(marks):
                default = defaults[place] if place < len(defaults) else NO_VALUE
                found.append(Parameter("embellishment", default, mark))
        elif letter == "v":
            found.append(Parameter("verbatim"))
        elif letter == "b":
            found.append(Parameter("body"))
        else:
            return None
        if reader.processors:
            found[place:] = [one._replace(processors=tuple(reader.processors)) for one in found[place:]]
    return tuple(found)


def processed(value: str, processors: tuple[str, ...]) -> str:
    r"""A value as xparse's processors leave it: `\TrimSpaces`, `\ReverseBoolean`, `\SplitArgument{1}{,}` and others.

    Processors of the paper's own are passed over.
    """
    for one in reversed(processors):
        if one.strip() == "\\ReverseBoolean":
            value = "*" if value == NO_VALUE else NO_VALUE
        elif value == NO_VALUE:
            return value
        elif one.strip() == "\\TrimSpaces":
            value = value.strip()
        elif split := _SPLIT.match(one.strip()):
            items = [item.strip() for item in _split(value, split[2] or split[3])]
            if split[1] is not None:
                most = int(split[1]) + 1
                items = items[:most] + [NO_VALUE] * (most - len(items))
            value = "".join(f"{{{item}}}" for item in items)
    return value


def _split(text: str, mark: str) -> list[str]:
    """The parts of a text between marks that stand in no braces."""
    parts, done, depth = [], 0, 0
    for found in re.finditer(rf"\\.|[{{}}]|{re.escape(mark)}", text, re.DOTALL):
        if found[0] == mark and depth == 0:
            parts.append(text[done : found.start()])
            done = found.end()
        depth += (found[0] == "{") - (found[0] == "}")
    return [*parts, text[done:]]


class _Pattern:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.processors: list[str] = []
        """Those of the argument whose letter was read last."""

    def letter(self) -> str | None:
        self.processors = []
        while match := _BEFORE.match(self.text, self.at):
            self.at = match.end()
            if not match[1]:
                break
            self.processors.append(self.value())
        return self.token()

    def token(self) -> str | None:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return match[1]

    def value(self) -> str:
        """What stands in braces, or one token."""
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if self.text[self.at : self.at + 1] != "{":
            return self.token() or ""
        end = closing(self.text, self.at)
        if end < 0:
            end = len(self.text) + 1
        inside, self.at = self.text[self.at + 1 : end - 1], min(end, len(self.text))
        return inside

    def values(self) -> list[str]:
        """The tokens, or groups in braces, of the next value."""
        inside = _Pattern(self.value())
        found = []
        while inside.text[inside.at :].strip():
            found.append(inside.value())
        return found
