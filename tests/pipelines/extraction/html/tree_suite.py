"""The tests of html5lib (github.com/html5lib/html5lib-tests, tree-construction; MIT, see `suite/LICENSE`), as rows.

A part of them lies in `suite/`; the whole is checked by `python -m tests.benchmarks.web_tree FOLDER`. Comments and
document types are left out on both sides, and what a template holds stands in it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.html import parser as html_parser
from pipelines.extraction.html.tree import Node, Tree

SUITE = Path(__file__).parent / "suite"
PARTS = ("data", "errors", "new-errors", "document-fragment", "document", "script-off", "script-on")
Row = tuple[int, str, str]
"""Depth, `E` for an element or `T` for a text, and its name or the text."""
NOTHING: list[Row] = [(0, "E", "html"), (1, "E", "head"), (1, "E", "body")]
"""The tree of a page that says nothing: we keep no rows for it."""


class Case(NamedTuple):
    """A page and the rows of its tree."""

    page: str
    rows: list[Row]


def cases(path: Path) -> Iterator[Case]:
    """The tests of a file that are about whole pages without scripts."""
    parts: dict[str, list[str]] = {}
    name = ""
    for line in [*path.read_text(encoding="utf-8").split("\n"), "#data"]:
        if line.startswith("#") and line[1:] in PARTS:
            if line == "#data" and "document" in parts and not {"document-fragment", "script-on"} & parts.keys():
                yield Case("\n".join(parts["data"]), _rows(parts["document"]))
            if line == "#data":
                parts = {}
            name = line[1:]
            parts[name] = []
        elif name:
            parts[name].append(line)


def _rows(document: list[str]) -> list[Row]:
    lines: list[str] = []
    for line in document:
        if line.startswith("| "):
            lines.append(line[2:])
        elif lines:
            lines[-1] += f"\n{line}"
    lines[-1:] = [line.rstrip("\n") for line in lines[-1:]]
    rows: list[Row] = []
    contents: list[int] = []
    for line in lines:
        body = line.lstrip(" ")
        depth = (len(line) - len(body)) // 2
        while contents and depth <= contents[-1]:
            contents.pop()
        if body == "content":
            contents.append(depth)
            continue
        depth -= len(contents)
        if body.startswith('"'):
            _say(rows, depth, body[1:-1])
        elif body.startswith("<") and not body.startswith(("<!", "<?")):
            name = body[1:-1].split(" ")[-1].lower()
            rows.append((depth, "E", "div" if name == "template" else name))
    return rows


def _say(rows: list[Row], depth: int, text: str) -> None:
    if rows and rows[-1][:2] == (depth, "T"):
        text = rows.pop()[2] + text
    rows.append((depth, "T", text))


def rows_of(page: str) -> list[Row]:
    """The rows of our own tree."""
    source = re.sub("\r\n?", "\n", page).encode("utf-8", "replace")
    parsed = html_parser.parse(source)
    if len(parsed.nodes) == 0:
        return NOTHING
    rows: list[Row] = []
    _walk(Node(Tree(parsed, source), 0), 0, rows)
    return rows


def _walk(node: Node, depth: int, rows: list[Row]) -> None:
    rows.append((depth, "E", node.tag))
    if node.text:
        _say(rows, depth + 1, node.text)
    for child in node:
        _walk(child, depth + 1, rows)
        if child.tail:
            _say(rows, depth + 1, child.tail)


def text_of(rows: list[Row]) -> str:
    """The text of a tree in its order."""
    return "".join(text for _, kind, text in rows if kind == "T")
