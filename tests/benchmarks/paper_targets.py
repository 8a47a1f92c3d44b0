r"""The ten corrections of papers, each with its target and what is reached, in one table.

    python -m tests.benchmarks.paper_targets FOLDER [--styles FOLDER] [--texts FOLDER] [--tex] [--rendered]
        [--work FOLDER] [--limit N]

Each folder in FOLDER is one submission. `--styles` holds unpacked classes and styles of distributions (`paper_styles`),
`--texts` a text for each language (`paper_encodings`). `--tex` asks TeX for formulas (`paper_formulas`), for the files
that a paper opens (`paper_inputs`) and, with `--rendered`, for the words on its page (`paper_rendering`). A line whose
means are not given is left out. Where no paper's source tells a target, small papers that were judged by TeX do: they
are the tests of `tests/pipelines/extraction/latex`.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.paper_encodings import judged
from tests.benchmarks.paper_inputs import placed
from tests.benchmarks.paper_rendering import rendered
from tests.benchmarks.paper_styles import outcome, styles
from tests.benchmarks.paper_tools import Outcome, Tool, available
from tests.benchmarks.papers import LEAST, LEAST_TEXT, Scores, Submission, as_tex_expands, read, score

ENCODED = 200
LEAST_LINE = 12
"""Characters by which a line is known."""
_VERBATIM = re.compile(
    r"\\begin\{(verbatim|lstlisting|Verbatim)\}(?:\[[^\]]*\])?[ \t]*\n(.*?)\n[ \t]*\\end\{\1\}", re.DOTALL
)
_HIDDEN = re.compile(r"\\iffalse(?![a-zA-Z])((?:(?!\\(?:if|else|fi)).)*)\\fi(?![a-zA-Z])", re.DOTALL)
_LONG_WORDS = re.compile(r"[a-z]{4,}(?: [a-z]{2,}){4,}")
_OWN = re.compile(r"\\(?:newtheorem|newenvironment)\*?\s*\{([a-zA-Z]{1,40})\}")


class Target(NamedTuple):
    """A line of the table: what is asked for and what is reached."""

    number: int
    what: str
    asked: str
    found: str


def share(part: float, whole: float) -> str:
    """A share with its two numbers."""
    return f"{part / whole:.4f} ({part:g} of {whole:g})" if whole else "nothing to measure"


def trusted(folder: Path) -> Iterator[Target]:
    """1: classes and styles of distributions change nothing."""
    found = [outcome(path.read_bytes(), path.suffix) for path in styles(folder)]
    changed = [one for one in found if one.change == "text"]
    signs = sum("@" in line for one in changed for line in one.lines)
    yield Target(
        1,
        "styles of distributions that change a neutral text; `@` in it",
        "0; 0",
        f"{len(changed)} of {len(found)}; {signs}",
    )


def texts(tool: Tool, submissions: Sequence[Submission], seconds: float) -> list[Outcome]:
    """The product's text of each submission."""
    return [tool.run(one.files, one.packed, one.expected.main, seconds) for one in submissions]


def told(submissions: Sequence[Submission], made: Sequence[Outcome]) -> Iterator[Target]:
    """2 to 6, 9 and 10, as far as sources tell them."""
    scores: list[Scores] = [score(one.expected, found, False) for one, found in zip(submissions, made, strict=True)]
    reached = [one.reached for one in scores if one.reached is not None]
    inner = sum(found.text.count("\\begin{document}") for found in made)
    yield Target(
        2,
        "papers kept; below a fifth of their text; `\\begin{document}` in them",
        "all; 0; 0",
        f"{sum(one.kept for one in scores)} of {len(scores)}; {sum(one < LEAST_TEXT for one in reached)}; {inner}",
    )
    for name, found in (
        ("titles", [one.title for one in scores if one.title is not None]),
        ("abstracts", [one.abstract for one in scores if one.abstract is not None]),
    ):
        yield Target(3, f"{name} of papers that have one", ".995", share(sum(found), len(found)))
    yield Target(
        4,
        "formulas with macros, as TeX expands them",
        ".99",
        share(*(sum(one.with_macros[at] for one in scores) for at in (0, 1))),
    )
    yield Target(4, "uses of the author's macros left over", "< 1,000", str(sum(one.left_over for one in scores)))
    blocks = [(block, found.text) for one, found in zip(submissions, made, strict=True) for block in listings(one)]
    yield Target(
        5,
        "listings that stand in the text to the letter",
        "all",
        share(sum(_plain(block) in _plain(text) for block, text in blocks), len(blocks)),
    )
    hidden = [
        (words, found.text)
        for one, found in zip(submissions, made, strict=True)
        for part in _HIDDEN.finditer(one.expected.flat)
        for words in _LONG_WORDS.findall(part[1])
        if one.expected.flat.count(words) == 1
    ]
    yield Target(
        6,
        "runs of five words or more in `\\iffalse` that stand in the text",
        "0",
        f"{sum(words in text for words, text in hidden)} of {len(hidden)}",
    )
    left: Counter[str] = Counter()
    for one, found in zip(submissions, made, strict=True):
        names = set(_OWN.findall(one.expected.flat))
        left.update(
            name
            for name in re.findall(r"\\begin\{([a-zA-Z]{1,40})\}", found.text)
            if name in names and f"{{{name}}}{{" not in found.text
        )
    yield Target(
        9,
        "the author's own environments by their own names, less those that are called so in print",
        "-",
        str(left.total()),
    )
    sizes = [sum(len(raw) for name, raw in one.files.items() if name.endswith(".tex")) for one in submissions]
    slowest = max(
        (found.seconds / size * 1e6 for found, size in zip(made, sizes, strict=True) if size > LEAST), default=0
    )
    yield Target(
        10,
        "MB of TeX a second of one core, unpacking included",
        "10",
        f"{sum(sizes) / 1e6 / max(sum(one.seconds for one in made), 1e-9):.1f}",
    )
    yield Target(10, "slowest paper, seconds for a MB", "1", f"{slowest:.2f}")


def listings(submission: Submission) -> Iterator[str]:
    """What stands in the listings of the files that a paper reads, which a line without a comment sign tells."""
    for name, raw in submission.files.items():
        for block in _VERBATIM.finditer(raw.decode("utf-8", "replace") if name.endswith(".tex") else ""):
            lines = [line.strip() for line in block[2].split("\n") if "%" not in line]
            if any(len(line) >= LEAST_LINE and line in submission.expected.flat for line in lines):
                yield block[2]


def _plain(text: str) -> str:
    return "".join(text.split())


def typeset(submissions: Sequence[Submission], work: Path | None, seconds: float) -> Iterator[Target]:
    """4: the same words on the page."""
    found = [page for one in submissions if (page := rendered(one.folder.name, one.files, seconds, work))]
    clean = [page for page in found if page.compiles]
    yield Target(4, "papers that compile and say the same", ".95", share(sum(page.same for page in clean), len(clean)))
    yield Target(
        4,
        "words on both of their pages",
        "-",
        share(sum(page.common for page in clean), sum(page.words for page in clean)),
    )


def in_place(submissions: Sequence[Submission], work: Path | None) -> Iterator[Target]:
    """7: files where TeX reads them."""
    found = [paper for one in submissions if (paper := placed(one.folder.name, one.files, work))]
    yield Target(
        7,
        f"files that TeX opens, in place ({len(found)} papers)",
        ".995",
        share(sum(paper.right for paper in found), sum(len(paper.wanted) for paper in found)),
    )


def encoded(folder: Path) -> Iterator[Target]:
    """8: files in other encodings."""
    right, total = judged(folder, ENCODED)
    yield Target(8, "files that are not UTF-8, as written", ".98", share(right.total(), total.total()))


def main() -> None:
    """Print the table, each line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of submissions")
    parser.add_argument("--styles", type=Path, help="folder of unpacked classes and styles")
    parser.add_argument("--texts", type=Path, help="folder of texts in many languages")
    parser.add_argument("--tex", action="store_true", help="ask TeX for formulas and files")
    parser.add_argument("--rendered", action="store_true", help="typeset papers and their texts")
    parser.add_argument("--work", type=Path, help="folder in which is kept what TeX makes of the sources")
    parser.add_argument("--limit", type=int, default=0, help="only the first N submissions")
    parser.add_argument("--seconds", type=float, default=60, help="time for one paper")
    arguments = parser.parse_args()
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    folders = [path for folder in arguments.folders for path in sorted(folder.iterdir()) if path.is_dir()]
    submissions = [one for path in folders[: arguments.limit or None] if (one := read(path)).expected.main]
    if arguments.tex:
        submissions = [as_tex_expands(one, arguments.work) for one in submissions]
    (tool,) = available(["corrected"])
    parts = [told(submissions, texts(tool, submissions, arguments.seconds))]
    parts += [trusted(arguments.styles)] if arguments.styles else []
    parts += [encoded(arguments.texts)] if arguments.texts else []
    parts += [in_place(submissions, arguments.work)] if arguments.tex else []
    parts += [typeset(submissions, arguments.work, arguments.seconds)] if arguments.rendered else []
    print("| correction | what | target | reached |\n|---|---|---|---|")
    for part in parts:
        for line in part:
            print(f"| {line.number} | {line.what} | {line.asked} | {line.found} |", flush=True)


if __name__ == "__main__":
    main()
