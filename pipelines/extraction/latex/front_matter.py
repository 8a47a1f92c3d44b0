r"""What stands before a paper's first section, as data: title, authors, affiliations, notes, abstract and keywords.

Classes write these in many ways, in the preamble or behind `\begin{document}`: as commands with one argument (article,
amsart, JHEP, ACM), one for each author (revtex, aastex, elsarticle), with five (A&A's `\abstract`, lipics' `\author`),
as environments (IEEE, elsarticle), up to a closing command (AMS-TeX) or as a section. The names are those of the
classes' manuals. `front_matter` reads them all and takes them out; `FrontMatter.text` writes them in one form.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipelines.extraction.latex.names import authors_of, groups, keywords_of, one_line, places_of

LONGEST_FRONT = 120_000
"""Characters of a document in which its first section is looked for."""
LONGEST_PREAMBLE = 400_000
"""Characters of a preamble, from its end, that are searched."""
LONGEST_ABSTRACT = 60_000
LONGEST_FIELD = 40_000
LONGEST_LINE = 1000
"""Characters of keywords that no braces hold."""
MOST_DROPPED = 3
"""Arguments of a command that is passed over; more of them are text that follows it."""
_LIPICS_ARGUMENTS = 5
"""`\\author{name}{place}{mail}{number}{funding}`."""
_TITLES = frozenset({"title", "Title", "icmltitle", "plaintitle"})
_SUBTITLES = frozenset({"subtitle", "Subtitle"})
_AUTHORS = frozenset({"author", "Author", "authors", "icmlauthor", "authorinfo", "IEEEauthorblockN", "spauthor"})
_AFFILIATIONS = frozenset(
    {
        "affiliation",
        "affil",
        "address",
        "institute",
        "icmlaffiliation",
        "institution",
        "IEEEauthorblockA",
        "affiliations",
        "altaffiliation",
    }
)
_MARKED_AFFILIATIONS = frozenset({"altaffiltext", "icmlaffiliation"})
"""Their first argument is the mark, the second the affiliation."""
_NOTES = frozenset({"thanks", "tnotetext", "fntext", "cortext", "dedicatory", "titlenote", "authornote", "corres"})
_ABSTRACTS = frozenset({"abstract", "Abstract", "abstracts", "abst"})
_KEYWORDS = frozenset({"keywords", "Keywords", "keyword", "Keyword", "kwd", "indexterms", "keys"})
_DROPPED = frozenset(
    """maketitle date email ead authorrunning titlerunning shorttitle shortauthors received accepted revised published
    pagestyle thispagestyle titlepage altaffilmark orcid correspondingauthor pubyear volume runninghead frontmatter
    IEEEpeerreviewmaketitle titleformat shortauthor leftheader rightheader pacs PACS subjclass ccsdesc setcopyright
    copyrightyear acmDOI acmISBN acmConference acmYear acmPrice acmJournal acmVolume acmNumber acmArticle acmMonth
    icmltitlerunning printAffiliationsAndNotice icmlcorrespondingauthor icmlkeywords
    icmlsetsymbol Plaintitle Plainauthor
    Plainkeywords Shorttitle subclass submitto articletype subjectindex
    equalcont authormark presentaddress jnlcitation homepage tnotemark cormark fnmark credit correspondance
    correspondence eads extraAuth pubdiscuss firstpage leadauthor runtitle runauthor
    preprint journalname topmatter endtopmatter curraddr urladdr dateSubmitted markboth authorcr
    """.split()
)
"""Bookkeeping that readers do not see as text, or see in the page's head."""
_CLOSED = frozenset(
    {
        "title",
        "author",
        "affil",
        "address",
        "abstract",
        "keywords",
        "thanks",
        "date",
        "subjclass",
        "email",
        "curraddr",
        "urladdr",
        "dedicatory",
    }
)
"""Commands of AMS-TeX whose argument ends at `\\end` and the command's name."""
_ABSTRACT_NAMES = frozenset(
    {"abstract", "abstract*", "Abstract", "onecolabstract", "sciabstract", "aopabstract", "abstractpage"}
)
_KEYWORD_NAMES = frozenset({"keywords", "keyword", "IEEEkeywords", "Keywords", "kwd"})
_TRANSPARENT = frozenset({"frontmatter", "aug", "icmlauthorlist", "titlepage", "fmtext"})
_KIND_OF = {
    name: kind
    for kind, names in (
        ("title", _TITLES),
        ("subtitle", _SUBTITLES),
        ("author", _AUTHORS),
        ("affiliation", _AFFILIATIONS | _MARKED_AFFILIATIONS),
        ("note", _NOTES),
        ("abstract", _ABSTRACTS),
        ("keywords", _KEYWORDS),
        ("dropped", _DROPPED),
    )
    for name in names
}
NAMES = frozenset(_TITLES | _AUTHORS | _AFFILIATIONS | _ABSTRACTS | _KEYWORDS) - {"abst", "keys"}
"""Commands whose argument is front matter, whatever a class of the paper's own makes of it."""
UNDERSTOOD = frozenset(_KIND_OF)
"""Commands that are read here, or are no text."""
_COMMAND = re.compile(r"\\(?:([a-zA-Z]+)(\*?)|.)", re.DOTALL)
_SECTION = frozenset({"section", "chapter", "part", "subsection", "heading", "head"})
_DEFINES = frozenset(
    {"newcommand", "renewcommand", "providecommand", "def", "let", "newenvironment", "renewenvironment"}
)
_NAME_TO_DEFINE = re.compile(r"\*?\s{0,9}\{?\s{0,9}\\[a-zA-Z@]{1,60}")
_ENVIRONMENT = re.compile(r"\s{0,9}\{([a-zA-Z]{1,40}\*?)\}")
_SPACE = re.compile(r"\s{0,200}")
_OPTION = re.compile(r"\s{0,20}\[[^\[\]]{0,400}\]")
_KEYED = re.compile(r"\[[^\[\]=]{1,40}=[^\[\]]{0,400}\]")
"""What Elsevier's newer classes say of an author behind the name."""
_HEADED = re.compile(r"\\section\*?\s{0,9}\{\s{0,9}\}\s{0,9}")
_INNER_KEYWORDS = re.compile(
    r"(?:\\tiny\s{0,9})?(?:\\helveticabold\s{0,9})?\{?\s{0,9}\\section\*?\s{0,9}\{\s{0,9}Key\s?words:?\s{0,9}\}([^{}]{0,1000})\}?\s{0,9}\Z"
)
"""Headings inside of an abstract, as Frontiers' class has them."""
_PRINTED = re.compile(r"\\(?:@|the)(title|author|date)(?![a-zA-Z@])\s?")
"""Where a page of titles of the paper's own prints them."""
_AUTHOR = re.compile(r"\s{0,200}(\\author)")
"""Behind an `\\and` that stands between authors; elsewhere it belongs to a rule of inference."""
_ABSTRACT_HEADING = re.compile(
    r"\s{0,9}\{\s{0,9}(?:\\\w{1,20}\s{0,9}){0,3}abstract\s{0,9}[.:]?\s{0,9}\}", re.IGNORECASE
)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n|\\(?:end|begin|par|section|PACS|subclass)(?![a-zA-Z])")
_LABEL = re.compile(r"\\label\s{0,3}\{[^{}]{0,200}\}")
_PDF_FIELD = re.compile(r"pdftitle\s{0,9}=\s{0,9}\{((?:[^{}]|\{[^{}]{0,200}\}){1,500})\}")


class FrontMatter(NamedTuple):
    """A paper's front matter as LaTeX source without layout; what a paper lacks is empty.

    `title`, `authors`, `affiliations` and `keywords` are single lines, `notes` what stands in its footnotes (thanks,
    funding), `abstract` keeps its paragraphs.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    subtitle: str = ""

    def text(self) -> str:
        r"""The fixed form in which it opens a text: `\title`, `\author`, …, the abstract's environment, `\keywords`."""
        lines = [f"\\title{{{self.title}}}"] if self.title else []
        if self.subtitle:
            lines.append(f"\\subtitle{{{self.subtitle}}}")
        if self.authors:
            lines.append(f"\\author{{{', '.join(self.authors)}}}")
        lines += [f"\\affiliation{{{place}}}" for place in self.affiliations]
        lines += [f"\\thanks{{{note}}}" for note in self.notes]
        if self.abstract:
            lines.append(f"\\begin{{abstract}}\n{self.abstract}\n\\end{{abstract}}")
        if self.keywords:
            lines.append(f"\\keywords{{{', '.join(self.keywords)}}}")
        return "\n".join(lines)


class _Found(NamedTuple):
    kind: str
    value: str
    start: int
    end: int


def front_matter(preamble: str, document: str) -> tuple[FrontMatter, str]:
    r"""The front matter of a paper, and its document without it.

    `preamble` and `document` are what stands before and behind `\begin{document}`, without comments and with macros
    written out. Of two titles the last counts, as in TeX. What is not understood stays in the document.
    """
    end = _front_end(document)
    found = [*_Front(preamble[-LONGEST_PREAMBLE:]).fields(), *(inside := list(_Front(document[:end]).fields()))]
    if not any(field.kind == "abstract" for field in found) and (late := _late_abstract(document, end)):
        found.append(late)
        inside.append(late)
    values = {kind: [field.value for field in found if field.kind == kind] for kind in _KINDS}
    title, title_notes = one_line(values["title"][-1]) if values["title"] else ("", [])
    people = authors_of(values["author"])
    notes = [*title_notes, *people.notes, *(one_line(note)[0] for note in values["note"])]
    places = list(people.affiliations)
    for source in values["affiliation"]:
        found_places, found_notes = places_of(source)
        places += found_places
        notes += found_notes
    abstracts = []
    for text in values["abstract"]:
        within = [field for field in _Front(text).fields() if field.kind in ("keywords", "dropped")]
        values["keywords"] += [field.value for field in within if field.kind == "keywords"]
        plain = _LABEL.sub("", _without(text, [(field.start, field.end) for field in within])).strip()
        if "\\section" in plain:
            plain = _HEADED.sub("", plain)
            if inner := _INNER_KEYWORDS.search(plain):
                values["keywords"].append(inner[1])
                plain = plain[: inner.start()].strip()
        abstracts.append(plain)
    keywords = [word for words in values["keywords"] for word in keywords_of(words)]
    matter = FrontMatter(
        title or _pdf_title(preamble),
        tuple(dict.fromkeys(people.names)),
        tuple(dict.fromkeys(filter(None, places))),
        tuple(dict.fromkeys(filter(None, notes))),
        "\n\n".join(dict.fromkeys(filter(None, abstracts))),
        tuple(dict.fromkeys(keywords)),
        one_line(values["subtitle"][-1])[0] if values["subtitle"] else "",
    )
    printed = {"title": matter.title, "author": ", ".join(matter.authors), "date": ""}
    rest = _without(document, [(field.start, field.end) for field in inside])
    return matter, _PRINTED.sub(lambda command: printed[command[1]], rest)


_KINDS = ("title", "subtitle", "author", "affiliation", "note", "abstract", "keywords")


def _front_end(document: str) -> int:
    inside = False
    for command in _COMMAND.finditer(document, 0, min(len(document), LONGEST_FRONT)):
        if command[1] in ("begin", "end") and document.startswith("{abstract}", command.end()):
            inside = command[1] == "begin"
        if command[1] in _SECTION and not inside and not _ABSTRACT_HEADING.match(document, command.end()):
            return command.start()
    return min(len(document), LONGEST_FRONT)


class _Front:
    """A preamble, or the part of a document before its first section, with where its groups end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ends = groups(text)
        self._last: dict[str, int] = {}

    def fields(self) -> Iterator[_Found]:
        """The front matter in order."""
        at = 0
        while (command := _COMMAND.search(self.text, at)) is not None:
            at = command.end()
            name = command[1]
            if name is None:
                continue
            if name in _DEFINES:
                named = _NAME_TO_DEFINE.match(self.text, at)
                at = named.end() if named else at
                continue
            found = self.environment(command) if name in ("begin", "end") else self._command(command)
            if found is not None:
                yield found
                at = found.end

    def environment(self, command: "re.Match[str]") -> _Found | None:
        """The abstract or the keywords whose `\\begin` this is."""
        match = _ENVIRONMENT.match(self.text, command.end())
        if match is None:
            return None
        name, start, at = match[1], command.start(), match.end()
        option = _OPTION.match(self.text, at)
        if name in _TRANSPARENT:
            return _Found("dropped", "", start, option.end() if option else at)
        kind = "abstract" if name in _ABSTRACT_NAMES else "keywords" if name in _KEYWORD_NAMES else ""
        end = self._find(f"\\end{{{name}}}", at, LONGEST_ABSTRACT) if kind and command[1] == "begin" else -1
        if end < 0:
            return None
        value = self.text[option.end() if option and option.end() <= end else at : end]
        return _Found(kind, value, start, end + len(name) + 6)

    def _command(self, command: "re.Match[str]") -> _Found | None:
        name, start, at = command[1], command.start(), command.end()
        kind = _KIND_OF.get(name, "")
        if name == "and" and (behind := _AUTHOR.match(self.text, at)):
            return _Found("dropped", "", start, behind.start(1))
        if not kind:
            heading = _ABSTRACT_HEADING.match(self.text, at) if name in _SECTION else None
            return heading and _Found("abstract", self.text[heading.end() :], start, len(self.text))
        closed = self._find(f"\\end{name}", at, LONGEST_FIELD) if name in _CLOSED else -1
        if closed >= 0 and not self.text[closed + 4 + len(name) : closed + 5 + len(name)].isalpha():
            return _Found(kind, self.text[at:closed], start, closed + 4 + len(name))
        arguments, end = self._arguments(at)
        if kind == "dropped":
            if not arguments and (option := _OPTION.match(self.text, at)):
                end = option.end()
            return _Found(kind, "", start, end if len(arguments) <= MOST_DROPPED else at)
        if not arguments:
            if kind != "keywords":
                return None
            stop = _PARAGRAPH_END.search(self.text, at, at + LONGEST_LINE)
            end = stop.start() if stop else min(len(self.text), at + LONGEST_LINE)
            return _Found(kind, self.text[at:end], start, end)
        if kind == "abstract":
            return _Found(kind, "\n".join(filter(None, (part.strip() for part in arguments))), start, end)
        if name in _MARKED_AFFILIATIONS or name == "corres":
            return _Found(kind, arguments[-1], start, end)
        if name == "Title" and len(arguments) == 2:  # harvmac's number of the report, then the title
            return _Found(kind, arguments[1], start, end)
        if name == "Author" and len(arguments) == 2:  # Copernicus: given and family name
            return _Found(kind, " ".join(arguments), start, end)
        if name == "icmlauthor":
            return _Found(kind, arguments[0], start, end)
        if kind == "author" and len(arguments) > 1 and (name == "authorinfo" or len(arguments) == _LIPICS_ARGUMENTS):
            place = arguments[1].split("\\and")[0]
            return _Found(kind, f"{arguments[0]}\\\\{place}", start, end)
        arguments, end = self._arguments(at, most=1)
        if kind == "author" and (keyed := _KEYED.match(self.text, end)):
            end = keyed.end()
        return _Found(kind, arguments[0], start, end)

    def _find(self, what: str, at: int, longest: int) -> int:
        if what not in self._last:
            self._last[what] = self.text.rfind(what)
        return self.text.find(what, at, at + longest) if at <= self._last[what] else -1

    def _arguments(self, at: int, most: int = 5) -> tuple[list[str], int]:
        """The arguments in braces at `at` (options in brackets are passed over), and where they end."""
        arguments: list[str] = []
        end = at
        while len(arguments) < most:
            while option := _OPTION.match(self.text, at):
                at = option.end()
            space = _SPACE.match(self.text, at)
            if arguments and space and space[0].count("\n") > 1:
                break
            opened = space.end() if space else at
            closed = self.ends.get(opened, -1)
            if closed < 0 or closed - opened > LONGEST_FIELD:
                break
            arguments.append(self.text[opened + 1 : closed - 1])
            at = end = closed
        return arguments, end


def _late_abstract(document: str, front: int) -> _Found | None:
    """An abstract behind the first section, as in theses and in papers that begin with a list of contents."""
    at = document.find("\\begin{abstract}", front)
    if at < 0:
        return None
    part = _Front(document[at : at + LONGEST_ABSTRACT])
    command = _COMMAND.match(part.text)
    found = part.environment(command) if command else None
    return found and found._replace(start=at, end=at + found.end)


def _pdf_title(preamble: str) -> str:
    field = _PDF_FIELD.search(preamble)
    return one_line(field[1])[0] if field else ""


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if start >= done:
            kept.append(text[done:start])
            done = end
    kept.append(text[done:])
    return "".join(kept)
