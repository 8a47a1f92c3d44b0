r"""Papers typeset by pdfTeX from their sources, and from the text that the product makes of them: the same words?

    python -m tests.benchmarks.paper_rendering FOLDER [--limit N] [--seconds 60] [--show]

Each folder in FOLDER is one submission. Its sources go through pdfTeX once, without the list of references; so does the
text, under the same class and packages but without any of the author's definitions. Both pages are read by `pdftotext`
(poppler). Words of four letters or more are compared, whatever their order; a paper says the same if so many of them
are on both pages. Papers whose sources give no page are left out; each slide is set once.
"""

import argparse
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.latex.paper import Paper, paper_text
from tests.benchmarks.bounded import called
from tests.benchmarks.paper_expansion import frame_of, submissions
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
_QUIET = (
    r"\PassOptionsToClass{handout}{beamer}\input{glyphtounicode}\pdfgentounicode=1 "
    r"\AtBeginDocument{\pagestyle{empty}\def\thispagestyle#1{}\hyphenpenalty=10000 \exhyphenpenalty=10000 "
    r"\lefthyphenmin=99 }\input{%s}"
)
_FRONT = r"""\def\title#1{#1\par}\def\author#1{#1\par}\def\affiliation#1{#1\par}\def\thanks#1{#1\par}
\def\keywords#1{#1\par}\renewenvironment{abstract}{\par}{\par}
"""


class Rendering(NamedTuple):
    """The words on both pages: how many the sources give, how many of these the text gives too, and those it lacks."""

    name: str
    words: int
    common: int
    lost: Counter[str]
    added: Counter[str]

    @property
    def same(self) -> bool:
        """Whether both pages say the same."""
        differ = max(self.words - self.common, self.added.total())
        return differ <= max(FRONT_WORDS, (1 - SAME_WORDS) * self.words)


def page(folder: Path, main: str, seconds: float) -> Counter[str]:
    """The words on the page that pdfTeX makes of a main file; none if it makes no page."""

    place = (folder / main).parent
    options = ["-interaction=nonstopmode", "-no-shell-escape", "-jobname=page", _QUIET % Path(main).name]
    for command in (["pdflatex", *options], ["pdftotext", "-q", "page.pdf", "page.txt"]):
        if called(command, place, seconds, MEMORY) is None:
            return Counter()
    made = place / "page.txt"
    text = made.read_text("utf-8", "replace") if made.exists() else ""
    return Counter(word.lower() for word in _WORD.findall(text))


def wrapped(text: str, flat: str) -> str:
    """A text as a whole document; theorems, which nothing defines there, print their names before what they hold."""
    defined = ""
    for name in sorted(set(_ENVIRONMENT.findall(text))):
        printed = name if name[0].isupper() else ""
        begin = f"\\newenvironment{{{name}}}[1][]{{\\par {printed} #1 }}{{\\par}}"
        defined += f"\\csname @ifundefined\\endcsname{{{name}}}{{{begin}}}{{}}\n"
    return f"{frame_of(flat)}\n{defined}\\begin{{document}}\n{_FRONT}{text}\n\\end{{document}}\n"


def rendered(name: str, files: Mapping[str, bytes], seconds: float) -> Rendering | None:
    """Both pages of one submission; None where the sources give none."""
    expected = expected_of(files)
    paper = paper_text(files, main=expected.main) if expected.main else None
    if not isinstance(paper, Paper):
        return None
    with tempfile.TemporaryDirectory() as folder:
        for path, raw in files.items():
            place = Path(folder) / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if not path.endswith(".bbl"):
                place.write_bytes(_REFERENCES.sub(b"", raw) if path.endswith(".tex") else raw)
        wanted = page(Path(folder), expected.main, seconds)
        if wanted.total() < LEAST_WORDS:
            return None
        main = (Path(expected.main).parent / "written-out.tex").as_posix()
        (Path(folder) / main).write_text(wrapped(paper.text, expected.flat), "utf-8")
        for made in (Path(folder) / expected.main).parent.glob("page.*"):
            made.unlink()
        found = page(Path(folder), main, seconds)
    return Rendering(name, wanted.total(), (wanted & found).total(), wanted - found, found - wanted)


def main() -> None:
    """Print each paper's figures and how many say the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of submissions")
    parser.add_argument("--limit", type=int, default=0, help="only the N smallest submissions")
    parser.add_argument("--seconds", type=float, default=60, help="processor time for one page")
    parser.add_argument("--show", action="store_true", help="print the words that differ")
    arguments = parser.parse_args()
    if not (shutil.which("pdflatex") and shutil.which("pdftotext")):
        parser.error("pdflatex and pdftotext are needed")
    done: list[Rendering] = []
    chosen = [*submissions(arguments.folders)][: arguments.limit or None]
    for name, files in chosen:
        found = rendered(name, files, arguments.seconds)
        if found is None:
            continue
        done.append(found)
        print(f"{name}\t{found.common}/{found.words}\t{found.added.total()} added\t{found.same}", flush=True)
        if arguments.show and not found.same:
            print("    lost ", found.lost.most_common(25))
            print("    added", found.added.most_common(25), flush=True)
    same = sum(one.same for one in done)
    common, words = sum(one.common for one in done), sum(one.words for one in done)
    print(f"{len(done)} of {len(chosen)} give a page; {same} say the same = {same / max(len(done), 1):.4f}")
    print(f"words on both pages: {common}/{words} = {common / max(words, 1):.4f}")


if __name__ == "__main__":
    main()
