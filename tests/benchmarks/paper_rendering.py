r"""Papers typeset by pdfTeX from their sources, and from the text that the product makes of them: the same words?

    python -m tests.benchmarks.paper_rendering FOLDER [--limit N] [--seconds 60] [--work FOLDER] [--show]

Each folder in FOLDER is one submission. Its sources go through pdfTeX once, without the list of references; so does the
text, under the same class and packages but without any of the author's definitions. Both pages are read by `pdftotext`
(poppler). Words of four letters or more are compared, whatever their order; a paper says the same if so many of them
are on both pages. What the paper's class prints on the first page of a paper without a word (a notice of rights, the
name of the conference) is not missed, nor what `latexdiff` marks as deleted. Papers whose sources give no page are left
out; each slide is set once.

A paper compiles if TeX finds no error in its sources, figures apart that are not there. Of the others TeX's page is not
what their authors see (a package is not installed, code is to be coloured by another program), so that they
are counted apart. `--work` keeps the words of both pages, which are
made again only where a file or the text has changed.
"""

import argparse
import hashlib
import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.latex.paper import Paper, paper_text
from pipelines.extraction.latex.project import is_distributed, without_comments
from tests.benchmarks.bounded import called
from tests.benchmarks.paper_expansion import frame_of, submissions
from tests.benchmarks.paper_formulas import NO_MICROTYPE
from tests.benchmarks.paper_sources import expected_of

MEMORY = 2 << 30
SAME_WORDS = 0.98
FRONT_WORDS = 40
"""So many words may differ in any case: front matter is data, each place once; classes print notes of their own."""
LEAST_WORDS = 100
"""A page with fewer words is no paper."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_REFERENCES = re.compile(rb"\\begin\{thebibliography\}.*?\\end\{thebibliography\}", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\begin\{([^{}\\]{1,60})\}")
_READABLE = r"""\PassOptionsToClass{handout}{beamer}\long\def\DIFdel#1{}\long\def\DIFdeltex#1{}\long\def\DIFdelFL#1{}
\input{glyphtounicode}\pdfgentounicode=1 \pdfinterwordspaceon\RequirePackage{cmap}
\AddToHook{begindocument/end}{\pagestyle{empty}\def\pagestyle#1{}\def\thispagestyle#1{}%
\hyphenpenalty=10000 \exhyphenpenalty=10000 \lefthyphenmin=99
\ifdefined\lstset\lstset{columns=fullflexible}\fi}
"""
"""What makes words whole on a page: ligatures as their letters, a space between words, none parted at a line's end."""
_WORDLESS = r"\AddToHook{begindocument/end}{\title{}\author{}\date{}\maketitle\csname @@end\endcsname}"
_JOB = "page-to-read"
_ERROR = re.compile(r"^! (.*)", re.MULTILINE)
_NO_FIGURE = re.compile(r"Package pdftex\.def Error: File|LaTeX Error: (?:Cannot determine size of|Unknown) graphic")
_FRONT = r"""\def\title#1{#1\par}\def\subtitle#1{#1\par}\def\author#1{#1\par}\def\affiliation#1{#1\par}
\def\thanks#1{#1\par}
\def\keywords#1{#1\par}\renewenvironment{abstract}{\par}{\par}
"""


class Page(NamedTuple):
    """The words on a page and how many errors TeX found on the way."""

    words: Counter[str]
    errors: int


class Rendering(NamedTuple):
    """The words on both pages: how many the sources give, how many of these the text gives too, and those it lacks.

    `compiles`: TeX finds no error in the sources.
    """

    name: str
    words: int
    common: int
    lost: Counter[str]
    added: Counter[str]
    compiles: bool

    @property
    def same(self) -> bool:
        """Whether both pages say the same."""
        return max(self.lost.total(), self.added.total()) <= max(FRONT_WORDS, (1 - SAME_WORDS) * self.words)


def page(folder: Path, main: str, seconds: float, first: str = "") -> Page:
    """What is on the page that pdfTeX makes of a main file, `first` read before it; no words if it makes no page."""

    place = (folder / main).parent
    for made in place.glob(f"{_JOB}.*"):
        made.unlink()
    (place / f"{_JOB}.tex").write_text(f"{_READABLE}{first}\\input{{{Path(main).name}}}\n", "utf-8")
    (place / "microtype.sty").write_text(NO_MICROTYPE, "utf-8")
    for command in (
        ["pdflatex", "-interaction=nonstopmode", "-no-shell-escape", f"{_JOB}.tex"],
        ["pdftotext", "-q", f"{_JOB}.pdf", f"{_JOB}.txt"],
    ):
        if called(command, place, seconds, MEMORY) is None:
            return Page(Counter(), 1)
    made, log = (place / f"{_JOB}.{ending}" for ending in ("txt", "log"))
    text = made.read_text("utf-8", "replace") if made.exists() else ""
    errors = _ERROR.findall(log.read_text("utf-8", "replace") if log.exists() else "! ")
    return Page(Counter(word.lower() for word in _WORD.findall(text)), sum(not _NO_FIGURE.match(one) for one in errors))


def kept_pages(
    work: Path | None, files: Mapping[str, bytes], main: str, seconds: float, firsts: Sequence[str]
) -> list[Page]:
    """The pages of a main file, one for each text read before it; those in the folder `work` are not made again.

    Where the first is without a word, so are the others.
    """
    given = hashlib.sha256(f"{_READABLE}{''.join(firsts)}{main}".encode())
    for path in sorted(files, key=Path):
        given.update(f"{path}\n".encode() + hashlib.sha256(files[path]).digest())
    kept = work / f"page-{given.hexdigest()}.json" if work else None
    if kept is not None and kept.exists():
        return [Page(Counter(words), errors) for words, errors in json.loads(kept.read_text("utf-8"))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, raw in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(raw)
        pages = [page(folder, main, seconds, firsts[0])]
        for first in firsts[1:]:
            pages.append(page(folder, main, seconds, first) if pages[0].words else pages[0])
    if kept is not None:
        kept.write_text(json.dumps(pages), "utf-8")
    return pages


def wrapped(text: str, flat: str, files: Mapping[str, bytes]) -> str:
    """A text as a whole document; theorems, which nothing defines there, print their names before what they hold.

    Its head has the paper's class, one that lies beside it as well, and loads what the paper and its own styles do.
    """
    defined = ""
    for name in sorted(set(_ENVIRONMENT.findall(text))):
        printed = name if name[0].isupper() else ""
        begin = f"\\newenvironment{{{name}}}[1][]{{\\par {printed} #1 }}{{\\par}}"
        defined += f"\\csname @ifundefined\\endcsname{{{name}}}{{{begin}}}{{}}\n"
    styles = {
        Path(name).stem: without_comments(raw.decode("latin-1"))
        for name, raw in files.items()
        if name.endswith((".sty", ".cls"))
    }
    publishers = {Path(name).stem.lower() for name in files if name.endswith(".cls")}
    publishers |= {name.lower() for name, style in styles.items() if is_distributed(name, style)}
    head = flat.partition("\\begin{document}")[0].replace(",", "}{")
    own = [style for name, style in styles.items() if name.lower() not in publishers and f"{{{name}}}" in head]
    frame = frame_of("\n".join([flat, *own]), publishers)
    return f"{frame}\n{defined}\\begin{{document}}\n{_FRONT}{text}\n\\end{{document}}\n"


def rendered(name: str, files: Mapping[str, bytes], seconds: float, work: Path | None = None) -> Rendering | None:
    """Both pages of one submission; None where the sources give none."""
    expected = expected_of(files)
    paper = paper_text(files, main=expected.main) if expected.main else None
    if not isinstance(paper, Paper):
        return None
    laid = {
        path: _REFERENCES.sub(b"", raw) if path.endswith(".tex") else raw
        for path, raw in files.items()
        if not path.endswith(".bbl")
    }
    wanted, alone = kept_pages(work, laid, expected.main, seconds, ("", _WORDLESS))
    if wanted.words.total() < LEAST_WORDS:
        return None
    main = (Path(expected.main).parent / "written-out.tex").as_posix()
    laid[main] = wrapped(paper.text, expected.flat, files).encode()
    found = kept_pages(work, laid, main, seconds, ("",))[0].words
    lost = wanted.words - found - alone.words
    total = wanted.words.total()
    return Rendering(name, total, total - lost.total(), lost, found - wanted.words, not wanted.errors)


def main() -> None:
    """Print each paper's figures and how many say the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of submissions")
    parser.add_argument("--limit", type=int, default=0, help="only the N smallest submissions")
    parser.add_argument("--seconds", type=float, default=60, help="processor time for one page")
    parser.add_argument("--work", type=Path, help="folder in which the words of the pages are kept")
    parser.add_argument("--show", action="store_true", help="print the words that differ")
    arguments = parser.parse_args()
    if not (shutil.which("pdflatex") and shutil.which("pdftotext")):
        parser.error("pdflatex and pdftotext are needed")
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    done: list[Rendering] = []
    chosen = [*submissions(arguments.folders)][: arguments.limit or None]
    for name, files in chosen:
        found = rendered(name, files, arguments.seconds, arguments.work)
        if found is None:
            continue
        done.append(found)
        state = "" if found.compiles else "errors"
        print(f"{name}\t{found.common}/{found.words}\t{found.added.total()} added\t{found.same}\t{state}", flush=True)
        if arguments.show and not found.same:
            print("    lost ", found.lost.most_common(25))
            print("    added", found.added.most_common(25), flush=True)
    for kind, some in (
        ("compile", [one for one in done if one.compiles]),
        ("give a page with errors in it", [one for one in done if not one.compiles]),
    ):
        same, common, words = (
            sum(one.same for one in some),
            sum(one.common for one in some),
            sum(one.words for one in some),
        )
        print(f"{len(some)} of {len(chosen)} {kind}; {same} say the same = {same / max(len(some), 1):.4f}")
        print(f"words on both pages: {common}/{words} = {common / max(words, 1):.4f}")


if __name__ == "__main__":
    main()
