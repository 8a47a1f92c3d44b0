r"""What a submission's `00README` says of its files: which are papers, and which are not to be typeset by themselves.

Sources: arXiv, "The 00README File Format" (JSON, and YAML and TOML as they were taken for a time) and "00README.XXX"
(the old form, a file and a word on each line); arXiv's submission-tools, tex2pdf_tools/zerozeroreadme: names count in
any case, the new forms go before the old one, and a file of which nothing else is said is a paper.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import yaml

LONGEST = 200_000
_NAME = "00readme"
_PAPER, _OTHER = "toplevel", frozenset({"ignore", "include", "append"})
_OLD = (".xxx", "")
_READERS: Mapping[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".jsn": json.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
    ".toml": tomllib.loads,
}
_OLD_USAGE = {"toplevelfile": _PAPER} | {usage: usage for usage in (_PAPER, *_OTHER)}
_BROKEN = (ValueError, RecursionError, TypeError, AttributeError, yaml.YAMLError)


class Directives(NamedTuple):
    """The papers that are named, in order, and the files that are parts of others or nothing to read."""

    papers: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()


def is_directives(name: str) -> bool:
    """Whether a file of this name holds directives."""
    stem, dot, suffix = name.lower().partition(".")
    return stem == _NAME and (dot + suffix in _READERS or dot + suffix in _OLD)


def directives(names: Iterable[str], text: Callable[[str], str]) -> Directives:
    """The directives of a submission with these files; empty if there are none, or none that can be read."""
    found = {name.lower()[len(_NAME) :]: name for name in sorted(names, reverse=True) if is_directives(name)}
    for suffix in (*_READERS, *_OLD):
        if suffix not in found:
            continue
        content = text(found[suffix])[:LONGEST]
        try:
            pairs = _old(content) if suffix in _OLD else _new(_READERS[suffix](content))
        except _BROKEN:
            continue
        return Directives(
            tuple(dict.fromkeys(file for file, usage in pairs if usage == _PAPER)),
            frozenset(file for file, usage in pairs if usage in _OTHER),
        )
    return Directives()


def _old(content: str) -> list[tuple[str, str]]:
    words = [line.split() for line in content.split("\n")]
    return [(pair[0], _OLD_USAGE.get(pair[1], "")) for pair in words if len(pair) == 2]


def _new(content: Any) -> list[tuple[str, str]]:
    pairs = []
    for source in content.get("sources") or ():
        said = {key: value for key, value in source.items() if key != "filename" and value is not None}
        pairs.append((str(source["filename"]), str(said.get("usage", "")) if said else _PAPER))
    return pairs
