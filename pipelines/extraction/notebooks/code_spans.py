"""Code inside of Markdown: fenced blocks and code spans, which what strips HTML and images must leave as they are.

Source: CommonMark 0.31, sections 4.5 (fenced code blocks) and 6.1 (code spans: a run of backticks up to the next run of
the same length). Blocks by indentation are not told, since in lists they are text.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*+)$", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*+(?=\n)")
_TICKS = re.compile(r"`+")
_MARK = "\0"


def code_of(text: str) -> Iterator[tuple[int, int]]:
    """Where code begins and ends in `text`, in order; linear in its length."""
    position, opened, fence = 0, -1, ""
    for line in _FENCE.finditer(text):
        if opened < 0:
            if line["fence"][0] == "`" and "`" in line["info"]:
                continue  # a span, not a fence
            yield from _spans(text, position, line.start())
            opened, fence = line.start(), line["fence"]
        elif line["fence"][0] == fence[0] and len(line["fence"]) >= len(fence) and not line["info"].strip():
            yield opened, line.end()
            position, opened = line.end(), -1
    if opened >= 0:
        yield opened, len(text)
    else:
        yield from _spans(text, position, len(text))


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for blank in _BLANK_LINE.finditer(text, start, end):
        yield from _spans_of_paragraph(text, start, blank.start())
        start = blank.end()
    yield from _spans_of_paragraph(text, start, end)


def _spans_of_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    runs = [(run.start(), run.end()) for run in _TICKS.finditer(text, start, end)]
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, (first, last) in enumerate(runs):
        by_length[last - first].append(index)
    index = 0
    while index < len(runs):
        first, last = runs[index]
        alike = by_length[last - first]
        closing = bisect_right(alike, index)
        if closing == len(alike):
            index += 1
            continue
        yield first, runs[alike[closing]][1]
        index = alike[closing] + 1


def outside_code(text: str, strip: Callable[[str], str]) -> str:
    """`strip(text)`, but for the code in it. What is stripped whole, such as a script, goes with the code inside."""
    if ("`" not in text and "~~~" not in text) or _MARK in text:
        return strip(text)
    pieces: list[str] = []
    masked: list[str] = []
    position = 0
    for start, end in code_of(text):
        masked += [text[position:start], f"{_MARK}{len(pieces)}{_MARK}"]
        pieces.append(text[start:end])
        position = end
    stripped = strip("".join([*masked, text[position:]]))
    return re.sub(rf"{_MARK}(\d++){_MARK}", lambda mark: pieces[int(mark[1])], stripped)
