"""Whole submissions through the published and the corrected rules, beside pandoc, LaTeXML and pylatexenc.

    python -m tests.benchmarks.papers FOLDER [--tools published,corrected,pandoc,latexml,pylatexenc] [--limit N]
        [--original arxiv_cleaner.py] [--work FOLDER] [--tex]

Each folder in FOLDER is one submission. What a text should hold is read from its sources by `paper_sources`, which
shares no code with the product: the words that a reader reaches, formulas with and without the author's macros, the
title and the abstract. Tools that are not installed are left out; one that does not finish a paper in `--seconds`
loses it. Seconds are processor time in this process, real time of
tools that run in their own. `--render` adds a column that renders source and text with
pandoc and compares the words. With `--tex`, formulas with macros are what TeX itself makes of them, in all papers of
which it tells any (`paper_formulas`).
"""

import argparse
import io
import posixpath
import re
import tarfile
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.paper_expansion import frame_of
from tests.benchmarks.paper_formulas import is_whole, kept_expansions
from tests.benchmarks.paper_sources import (
    MOST_FORMULAS,
    Expected,
    expected_of,
    formulas_of_document,
    plain_formula,
    words_of,
)
from tests.benchmarks.paper_tools import Outcome, Tool, available, rendered

LEAST_TEXT = 0.2
"""A paper below this share of its words has lost its text."""
LEAST = 100_000
"""Bytes of TeX from which on a paper counts for the slowest; the start of a tool is not its speed."""
SAME_WORDS = 0.98
"""Two renderings with this share of words in common say the same; footers and numbers of sections differ."""
_COMMENT = re.compile(r"(?<!\\)%(?![0-9A-Fa-f]{2})")
_VERBATIM = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|Verbatim|alltt)\}.*?\\end\{\1\}|\\(?:url|href|path)\{[^{}]*\}", re.DOTALL
)
_MOJIBAKE = re.compile("\ufffd|[\x80-\x9f]|[ÂÃ][\x80-\xbf]|â[€\x80]|Ð[\x80-\xbf°-¿]")
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
FOUND = 0.9
"""Share of an abstract's or a title's words that must be there."""


class Submission(NamedTuple):
    """A folder as a tool gets it: files by their paths, the same packed, and what its text should hold."""

    folder: Path
    files: dict[str, bytes]
    packed: bytes
    expected: Expected


class Scores(NamedTuple):
    """What one tool made of one submission; None where the submission has nothing to compare."""

    kept: bool
    reached: float | None
    formulas: tuple[int, int]
    with_macros: tuple[int, int]
    title: bool | None
    abstract: bool | None
    left_over: int
    comments: int
    mojibake: int
    same_words: bool | None


def read(folder: Path) -> Submission:
    """A submission with its files below 2 MB."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size < 2 << 20]
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for name, raw in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return Submission(folder, files, buffer.getvalue(), expected_of(files))


def as_tex_expands(submission: Submission, work: Path | None) -> Submission:
    """The same submission with its formulas with macros as TeX expands them, if it can tell any."""
    expected = submission.expected
    formulas = [found for found in formulas_of_document(expected.flat) if is_whole(found[2])]
    place = posixpath.dirname(expected.main)
    found = kept_expansions(work, expected.flat, frame_of(expected.flat), submission.files, place, formulas)
    written = [plain_formula(formula) for _, _, formula in formulas]
    told = [text for number in sorted(found) if (text := plain_formula(found[number])) != written[number]]
    if not found:
        return submission
    return submission._replace(expected=expected._replace(macro_formulas=told[:MOST_FORMULAS], by_tex=True))


def score(expected: Expected, outcome: Outcome, render: bool) -> Scores:
    """Compare one text with what its sources hold."""
    text = outcome.text
    found = Counter(words_of(text))
    wanted = Counter(expected.words)
    formulas = {plain_formula(piece) for piece in _pieces(text)}
    whole = plain_formula(text)
    outside = _VERBATIM.sub("", text)
    defined = {name for name in expected.macros if f"\\{name}" in text and not _defined_in(name, text)}
    same = None
    if render and text and (pair := rendered(expected.flat, text)) is not None:
        first, second = (Counter(words_of(side)) for side in pair)
        same = (first & second).total() >= SAME_WORDS * max(first.total(), 1)
    return Scores(
        kept=bool(text.strip()),
        reached=(wanted & found).total() / wanted.total() if wanted else None,
        formulas=_hits(expected.formulas, formulas, whole),
        with_macros=_hits(expected.macro_formulas, formulas, whole),
        title=_holds(text, expected.title) if expected.title else None,
        abstract=_holds(text, expected.abstract) if expected.abstract else None,
        left_over=sum(1 for command in _COMMAND.finditer(text) if command[1] in defined),
        comments=len(_COMMENT.findall(outside)),
        mojibake=len(_MOJIBAKE.findall(text)),
        same_words=same,
    )


def _pieces(text: str) -> Iterable[str]:
    return re.findall(r"\$([^$]{1,3000})\$", text)


def _hits(wanted: Sequence[str], formulas: set[str], whole: str) -> tuple[int, int]:
    return sum(formula in formulas or formula in whole for formula in wanted), len(wanted)


def _defined_in(name: str, text: str) -> bool:
    return (
        re.search(
            rf"\\(?:(?:re)?newcommand|providecommand|def|let|DeclareMathOperator)\*?\s*\{{?\\{name}(?![a-zA-Z])", text
        )
        is not None
    )


def _holds(text: str, wanted: str) -> bool:
    words = words_of(wanted)
    present = set(words_of(text))
    return sum(word in present for word in words) >= FOUND * len(words) if words else True


def row(tool: str, scores: Sequence[Scores], seconds: float, size: int) -> dict[str, str]:
    """One line of the table."""
    reached = [found.reached for found in scores if found.reached is not None]
    same = [found.same_words for found in scores if found.same_words is not None]
    titles = [found.title for found in scores if found.title is not None]
    abstracts = [found.abstract for found in scores if found.abstract is not None]
    return {
        "tool": tool,
        "kept": f"{sum(found.kept for found in scores)}/{len(scores)}",
        "text": _share(sum(reached), len(reached)),
        "<20%": str(sum(share < LEAST_TEXT for share in reached)),
        "formulas": _share(*map(sum, zip(*(found.formulas for found in scores), strict=True))),
        "with macros": _share(*map(sum, zip(*(found.with_macros for found in scores), strict=True))),
        "titles": _share(sum(titles), len(titles)),
        "abstracts": _share(sum(abstracts), len(abstracts)),
        "left over": str(sum(found.left_over for found in scores)),
        "comments": str(sum(found.comments for found in scores)),
        "mojibake": str(sum(found.mojibake for found in scores)),
        "same words": _share(sum(same), len(same)),
        "MB/s": f"{size / 1e6 / seconds:.2f}" if seconds else "-",
    }


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.4f}" if whole else "-"


def measure(tool: Tool, submissions: Sequence[Submission], render: bool, seconds: float, show: bool) -> dict[str, str]:
    """Run one tool over all submissions."""

    def one(submission: Submission) -> tuple[Scores, float]:
        outcome = tool.run(submission.files, submission.packed, submission.expected.main, seconds)
        scores = score(submission.expected, outcome, render)
        if show:
            print(f"{tool.name}\t{submission.folder.name}\t{scores}", flush=True)
        return scores, outcome.seconds

    with ThreadPoolExecutor(tool.parallel) as pool:
        results = list(pool.map(one, submissions))
    sizes = [sum(len(raw) for name, raw in one.files.items() if name.endswith(".tex")) for one in submissions]
    slowest = max(
        (spent / size * 1e6 for (_, spent), size in zip(results, sizes, strict=True) if size > LEAST), default=0
    )
    table = row(tool.name, [scores for scores, _ in results], sum(spent for _, spent in results), sum(sizes))
    return table | {"slowest s/MB": f"{slowest:.2f}"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of submissions")
    parser.add_argument("--tools", default="published,original,corrected,pandoc,latexml,pylatexenc")
    parser.add_argument("--original", type=Path, help="arxiv_cleaner.py of RedPajama-Data, branch rp_v1")
    parser.add_argument(
        "--work", type=Path, help="folder in which the texts of pandoc and LaTeXML and TeX's formulas are kept"
    )
    parser.add_argument("--limit", type=int, default=0, help="only the first N submissions")
    parser.add_argument("--seconds", type=float, default=60, help="time for one paper")
    parser.add_argument("--tex", action="store_true", help="formulas with macros as TeX expands them")
    parser.add_argument("--render", action="store_true", help="compare words as pandoc renders them (slow)")
    parser.add_argument("--show", action="store_true", help="print every paper's figures too")
    arguments = parser.parse_args()
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    folders = [path for folder in arguments.folders for path in sorted(folder.iterdir()) if path.is_dir()]
    submissions = [read(path) for path in folders[: arguments.limit or None]]
    submissions = [submission for submission in submissions if submission.expected.main]
    print(f"{len(submissions)} submissions with a main file of {len(folders)} folders")
    if arguments.tex:
        submissions = [as_tex_expands(submission, arguments.work) for submission in submissions]
        print(f"TeX tells formulas of {sum(submission.expected.by_tex for submission in submissions)} submissions")
    for tool in available(arguments.tools.split(","), arguments.original, arguments.work):
        found = measure(tool, submissions, arguments.render, arguments.seconds, arguments.show)
        print(", ".join(f"{name}: {value}" for name, value in found.items()), flush=True)


if __name__ == "__main__":
    main()
