"""The text of a paper as the published rules meant it: every file in its place, every character kept.

Puts together decoding, files, the engine that reads them, and the head of the paper. What a submission is that holds no
paper (a PDF, a note of withdrawal) is said by a fixed word.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pipelines.extraction.latex.decoding import declared_encoding
from pipelines.extraction.latex.dialects import PLAIN
from pipelines.extraction.latex.engine import Engine
from pipelines.extraction.latex.front_matter import FrontMatter, front_matter
from pipelines.extraction.latex.meanings import NO_VALUE, Macro, commands_in
from pipelines.extraction.latex.parts import KEPT, without_acknowledgements
from pipelines.extraction.latex.project import TEX_SUFFIXES, Project, TooLong, standard_commands
from pipelines.extraction.latex.reading import OutOfWork, Runaway

_WITHDRAWN = re.compile(r"withdr[ae]wn|withdrawal|retracted", re.IGNORECASE)
_TEXLIKE = re.compile(rb"\\(?:document(?:class|style)|begin|input|section|magnification|def|end|bye)(?![a-zA-Z])|\$")
_COMMENT_SIGN = re.compile(r"(?m)^[ \t]*%+")
_FORMS = {"pdf": {".pdf"}, "ps": {".ps"}, "html": {".html", ".htm"}, "docx": {".docx", ".doc"}}
_CLASS = re.compile(r"\\document(?:class|style)(?![a-zA-Z])")
_BLANK_LINES = re.compile(r"\n\n\n+")
_FRAME = re.compile(r"\\(?:begin|end)\s{0,9}\{document\}")
LONGEST_NOTE = 2000
"""Characters of a note of withdrawal; a paper is longer."""


class Paper(NamedTuple):
    """A paper's text with what was found on the way.

    `mains` are its main files, `missing` files that it reads and that are not in the submission, `expanded` how many
    uses of macros were written out, and `exhausted` whether the bound on that work was reached.
    """

    text: str
    front: FrontMatter
    mains: tuple[str, ...]
    missing: int
    refused: int
    expanded: int
    exhausted: bool


class NoPaper(NamedTuple):
    """Why a submission is no paper: a fixed word and a detail."""

    reason: str
    detail: str = ""


def kind_of(raw: bytes) -> str:
    """What a single file is by its content: `tex`, `pdf`, `ps`, `html`, `docx`, `empty` or `unknown`."""
    head = raw[:1024].lstrip()
    if not raw.strip():
        return "empty"
    if head.startswith(b"%PDF"):
        return "pdf"
    if head.startswith((b"%!PS", b"%!")):
        return "ps"
    if head[:100].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return "html"
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    if _TEXLIKE.search(raw) or head.startswith(b"%"):
        return "tex"
    return "unknown"


def form_of(names: Iterable[str]) -> str | None:
    """What a submission without TeX is by the names of its files: `pdf_only`, `ps_only`, `html_only`, `docx_only`."""
    endings = {posixpath.splitext(name.lower().removesuffix(".gz"))[1] for name in names}
    return next((f"{form}_only" for form, suffixes in _FORMS.items() if endings & suffixes), None)


def withdrawn(text: str) -> bool:
    """Whether a single file is a note that its paper was withdrawn, as arXiv keeps in the paper's place."""
    words = _COMMENT_SIGN.sub("", text).strip()
    return len(words) <= LONGEST_NOTE and "\\begin{document}" not in words and _WITHDRAWN.search(words) is not None


def paper_text(
    files: Mapping[str, bytes], *, main: str | None = None, keep: AbstractSet[str] = KEPT
) -> Paper | NoPaper:
    """The text of the paper whose files are given by their paths; with `main`, of that main file alone.

    A submission of several papers (an article and its supplement) gives the texts of all, in arXiv's order. `keep`
    names the parts of a paper that stay (`parts.PARTS`).
    """
    named = [main] if main else [name for name in sorted(files) if name.lower().endswith(TEX_SUFFIXES)]
    project = Project(files, declared_encoding(files[name] for name in named or sorted(files)))
    sources = [main] if main else project.sources()
    if not sources:
        return NoPaper(form_of(files) or "no_tex")
    if len(sources) == 1 and withdrawn(project.decoded(sources[0])):
        return NoPaper("withdrawn")
    mains = [main] if main is not None else project.mains()
    texts: list[str] = []
    fronts: list[FrontMatter] = []
    expanded, exhausted = 0, False
    for name in mains:
        try:
            engine = _read(project, name, keep)
        except TooLong as error:
            return NoPaper("too_long", str(error))
        body = "".join(engine.out.pieces).replace(NO_VALUE, "")
        aside = _settled(engine, "".join(engine.out.aside)).replace(NO_VALUE, "")
        front, body = front_matter(aside, body)
        fronts.append(front)
        if "acknowledgements" not in keep:
            body = without_acknowledgements(body)
        head = "\n".join(filter(None, (*engine.needed.values(), front.text())))
        texts.append(tidy(f"{head}\n\n{body.lstrip()}") if head or body.strip() else "")
        expanded += engine.expansions
        exhausted |= engine.exhausted
    text = "\n\n".join(filter(None, texts))
    if not _FRAME.sub("", text).strip():
        return NoPaper("empty")
    front = max(fronts, key=lambda front: bool(front.title) + bool(front.authors) + bool(front.abstract))
    return Paper(text, front, tuple(mains), len(project.missing), len(project.refused), expanded, exhausted)


def _read(project: Project, main: str, keep: AbstractSet[str]) -> Engine:
    """Read a main file: in silence up to its `\\begin{document}`, or all of it where there is none."""
    text = project.decoded(main)
    for muted in (True, False):
        engine = Engine(
            len(text),
            project.reading(posixpath.dirname(main)),
            package=project.package(posixpath.dirname(main)),
            listing=project.listing(posixpath.dirname(main)),
            known=standard_commands(),
            keep=keep,
        )
        engine.out.muted = muted
        if not muted and not _CLASS.search(text):
            engine.read_prelude(PLAIN)
        engine.read(text, file=main)
        if engine.document_begun or not muted:
            break
    return engine


def _settled(engine: Engine, aside: str) -> str:
    r"""A preamble with macros that were defined behind their use, as in a `\title`, which is set later."""
    table, needed = engine.meanings.table, dict(engine.needed)
    if any(isinstance(table.get(name), Macro) for name in commands_in(aside)):
        try:
            return engine.expanded(aside)
        except (OutOfWork, Runaway):
            engine.exhausted = True
        finally:
            engine.needed = needed
    return aside


def tidy(text: str) -> str:
    """`text` without spaces at line ends, and with at most one blank line in a row."""
    lines = "\n".join([line.rstrip(" \t") for line in text.split("\n")])
    return _BLANK_LINES.sub("\n\n", lines).strip()
