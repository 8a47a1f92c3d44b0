r"""How RedPajama v1 cleaned arXiv papers, which Proof-Pile-2 took as they were: the rules and their faults.

Source of every rule: togethercomputer/RedPajama-Data, branch rp_v1, data_prep/arxiv/arxiv_cleaner.py. The results are
equal character for character; the ways there differ, because the originals take quadratic time on hostile input.
Faults that are kept: `\paragraph` counts as a heading only where a `\subparagraph` follows some closing brace; a
trailing comment takes the character before its `%` with it; `\\%` does not start a comment; a macro must end where its
line ends; of two uses in a row only the first is expanded; a macro whose value holds a character outside ASCII costs
the paper; nothing follows `\input`.
"""

import re
from collections.abc import Mapping, Sequence

MOST_WORK = 2_000_000_000
"""Characters that expansion may read in all; a paper of 1 MB with 100 macros that occur takes a twentieth of it."""
MOST_TEXT = 8 << 20
"""Characters that a file may grow to, or twice its length if it is longer than this."""

_HEADING = re.compile(r"\\(chapter|part|section|subsection|subsubsection|paragraph)\b\*?([\[{])")
_AFTER_PARAGRAPH = re.compile(r"\}\\subparagraph\b\*?([\[{])")
_COMMENT_LINE = re.compile(r"^%.*\n?", re.MULTILINE)
_TRAILING_COMMENT = re.compile(r"[^\\]%.+$", re.MULTILINE)
_ENDS = (r"\appendix", r"\begin{references}", r"\begin{REFERENCES}", r"\begin{thebibliography}")
_BIBLIOGRAPHY = r"\bibliography{"
_DEFINITIONS = (
    re.compile(r"\\newcommand\b\*?\{(\\[a-zA-Z0-9]+)\}\{"),
    re.compile(r"\\def\s*(\\[a-zA-Z0-9]+)\s*\{"),
)
_NAME = re.compile(r"\\[a-zA-Z0-9]+")
# Tab and carriage return survive the original's way of writing a value; every other such character breaks it.
_UNWRITABLE = re.compile(r"[^\x20-\x7e\t\r]")


class CannotExpand(ValueError):
    """The original fails on this paper: `reason` is a fixed word, the message says what it fails on."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def clean(files: Sequence[str]) -> str:
    """The text of a paper whose `.tex` files are given in archive order.

    Raises `CannotExpand` where the original raised (`macro_not_ascii`), and where expansion goes
    beyond `MOST_WORK` or `MOST_TEXT` (`macro_bomb`), which no paper's does.
    """
    macros: dict[str, str] = {}
    for text in files:
        macros.update(macros_of(text))
    return "\n".join(clean_file(text, macros) for text in files)


def clean_file(text: str, macros: Mapping[str, str]) -> str:
    """One file: from its first heading to its first appendix or bibliography, without comments, macros expanded."""
    start = first_heading(text)
    if start < 0:
        return ""
    text = _COMMENT_LINE.sub("", text[start:])
    text = _TRAILING_COMMENT.sub("", text)
    return _expand(text[: _end(text)], macros)


def first_heading(text: str) -> int:
    """Where the first heading starts that the published pattern accepts, or -1.

    The pattern's parts match across anything, so that a heading counts if its title's closing brace comes anywhere
    later. That is decided from the last places of each part instead of by search.
    """
    last_brace = text.rfind("}")
    last_optional = text.rfind("]{", 0, max(last_brace, 0))
    last_join = -1
    for join in _AFTER_PARAGRAPH.finditer(text):
        if (last_brace >= join.end()) if join[1] == "{" else (last_optional >= join.end()):
            last_join = join.start()
    join_optional = text.rfind("]{", 0, max(last_join, 0))
    for heading in _HEADING.finditer(text):
        if heading[1] == "paragraph":
            reach = last_join if heading[2] == "{" else join_optional
        else:
            reach = last_brace if heading[2] == "{" else last_optional
        if reach >= heading.end():
            return heading.start()
    return -1


def macros_of(text: str) -> dict[str, str]:
    r"""Names and values of the macros without arguments that `\newcommand{\name}{…}` and `\def\name{…}` define.

    A value reaches to the closing brace at the end of its line; without one there is no definition.
    """
    macros: dict[str, str] = {}
    for definition in _DEFINITIONS:
        at = 0
        while head := definition.search(text, at):
            at = text.find("\n", head.end())
            if at < 0:
                at = len(text)
            if at > head.end() and text[at - 1] == "}":
                macros[head[1]] = text[head.end() : at - 1]
    return macros


def _end(text: str) -> int:
    ends = [at for mark in _ENDS if (at := text.find(mark)) >= 0]
    bibliography = text.find(_BIBLIOGRAPHY)
    if bibliography >= 0 and text.rfind("}") >= bibliography + len(_BIBLIOGRAPHY):
        ends.append(bibliography)
    return min(ends, default=len(text))


def _expand(text: str, macros: Mapping[str, str]) -> str:
    for name, value in macros.items():
        if bad := _UNWRITABLE.search(value):
            raise CannotExpand("macro_not_ascii", f"{name} stands for text with the character {bad[0]!r}")
    present = set(_NAME.findall(text))
    work = 0
    most = max(MOST_TEXT, 2 * len(text))
    for name, value in macros.items():
        if name not in present:
            continue
        work += len(text)
        if work > MOST_WORK or len(text) > most:
            raise CannotExpand("macro_bomb", f"expansion reads {work} characters and makes {len(text)}")
        # The character after a name is part of the match: a name that follows at once is not seen in this pass.
        text = re.sub(re.escape(name) + "([^a-zA-Z0-9])", lambda use, value=value: value + use[1], text)  # type: ignore[misc]
        present = set(_NAME.findall(text))
    return text
