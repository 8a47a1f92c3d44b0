r"""The head of a paper: title, authors, abstract and keywords, as data and in one readable form before the text.

Classes say them in many ways (`\title` in the preamble or behind it, `\abstract{…}` or an environment, one `\author`
for all or one each); what they mean is the same, so the text says it in LaTeX's own commands.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_SEPARATED = re.compile(r"\s*\\(?:and|And|AND)(?![a-zA-Z])\s*|\s*;\s+")
_NOTES = re.compile(
    r"\\(?:thanks|footnote|footnotemark|footnotetext|inst|corref|fnref|tnoteref|textsuperscript|orcidlink|orcid|altaffilmark|affiliation"
    r"|email|address|label|affil|ref|IEEEmembership|protect)\*?(?:\s*\[[^\[\]]{0,200}\])?(?:\s*\{(?:[^{}]|\{[^{}]{0,500}\}){0,2000}\})?"
)
_MARKS = re.compile(r"\$\^\{?[^$]{0,40}\}?\$|\\\\(?:\[[^\[\]]{0,20}\])?|\\(?:quad|qquad|hspace\*?\{[^{}]*\}|,|;)|~")
_SPACE = re.compile(r"\s+")
LONGEST_NAME = 200


class FrontMatter(NamedTuple):
    """What the head of a paper says; empty where it says nothing."""

    title: str = ""
    authors: tuple[str, ...] = ()
    abstract: str = ""
    keywords: str = ""

    def facts(self) -> dict[str, str | list[str]]:
        """As it stands in a document's `meta`."""
        found: dict[str, str | list[str]] = {}
        for name, value in (("title", self.title), ("abstract", self.abstract), ("keywords", self.keywords)):
            if value:
                found[name] = value
        if self.authors:
            found["authors"] = list(self.authors)
        return found


def front_matter(captured: Mapping[str, Sequence[str]]) -> FrontMatter:
    """The head of a paper from the parts that were found, in order."""
    authors = [name for text in captured.get("author", ()) for name in names(text)]
    return FrontMatter(
        title=_line(_NOTES.sub("", next(iter(captured.get("title", ())), ""))),
        authors=tuple(dict.fromkeys(authors)),
        abstract="\n\n".join(captured.get("abstract", ())).strip(),
        keywords=_line(" ".join(captured.get("keywords", ()))),
    )


def names(text: str) -> list[str]:
    """The names in an `\\author`, without notes and marks."""
    found = []
    for part in _SEPARATED.split(_NOTES.sub("", text)):
        name = _line(_MARKS.split(part.strip())[0] if "\\\\" in part else _MARKS.sub(" ", part))
        if name and len(name) <= LONGEST_NAME:
            found.append(name)
    return found


def _line(text: str) -> str:
    return _SPACE.sub(" ", text.replace("\\\\", " ")).strip(" ,;.")


def head(captured: Mapping[str, Sequence[str]], *, abstract: bool) -> str:
    r"""The lines that stand before the text: `\title`, `\author`, and the abstract where the text does not hold it."""
    lines = [f"\\title{{{_line(captured['title'][0])}}}"] if captured.get("title") else []
    if captured.get("author"):
        lines.append("\\author{" + " \\and ".join(_line(one) for one in captured["author"]) + "}")
    if captured.get("abstract") and abstract:
        inside = "\n\n".join(one.strip() for one in captured["abstract"])
        lines.append(f"\\begin{{abstract}}\n{inside}\n\\end{{abstract}}")
    if captured.get("keywords"):
        lines.append(f"\\keywords{{{_line(captured['keywords'][0])}}}")
    return "\n\n".join(lines)
