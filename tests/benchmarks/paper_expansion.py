r"""Formulas as LaTeXML expands them: in a paper's sources, and in the text that the product makes of it.

    python -m tests.benchmarks.paper_expansion FOLDER [--limit N] [--seconds 60] [--work FOLDER] [--show]

Each folder in FOLDER is one submission. LaTeXML (Miller, NIST) carries out TeX's macros by itself and writes beside
every formula the TeX that it came to. It reads the sources with all their macros, and the product's text under the same
class and packages but without any of the author's definitions: where both give the same TeX, the macros were written
out as TeX expands them. A formula counts as one with macros if what LaTeXML came to stands nowhere in the sources.
`--work` keeps what LaTeXML made, so that sources are read once. Figures are a share of the sources' formulas.
"""

import argparse
import difflib
import html
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.latex.paper import Paper, paper_text
from pipelines.extraction.latex.project import distributed_names
from tests.benchmarks.bounded import called
from tests.benchmarks.paper_sources import expected_of

MEMORY = 3 << 30
"""Bytes that LaTeXML may hold."""
_MATH = re.compile(r'<Math\b[^>]*?\btex="([^"]*)"')
_LOADED = re.compile(r"\\(?:usepackage|RequirePackage)\s*(\[[^\]]*\])?\s*\{([^{}]*)\}")
_CLASS = re.compile(r"^[ \t]*\\document(?:class|style)\s*(\[[^\]]*\])?\s*\{([^{}]*)\}", re.MULTILINE)
_LIBRARY = re.compile(r"^[ \t]*\\(?:usetikzlibrary|tcbuselibrary|usepgfplotslibrary)\s*\{[^{}]*\}", re.MULTILINE)
_OPERATOR = re.compile(r"\\DeclareMathOperator\s*\*?\s*\{?\s*\\([a-zA-Z]+)\s*\}?\s*\{([^{}]*)\}")
_OWN_NAMES = re.compile(
    r"\\operatorname\*?|\\set@color|\\linebreak(?:\[\d\])?|\\mathpunct|\\color(?:\[\w+\])?\{[^{}]*\}"
)
_DRAWN = re.compile(
    r"\\mathrel\{\\hbox to[ \d.]+pt\{\\lower[ \d.]+pt\\hbox\{\\hskip[ \d.]+pt\$\\sim\$\}\\hss\}(?:%\n)?"
    r"\\raise[ \d.]+pt(?:%\n)?\\hbox\{\$([<>])\$\}\}"
)
"""A sign above another one, which the product calls by its name."""
_SPACE = re.compile(r"%\n|[\s~]+|\\[,;:! >]|\\(?:thinspace|quad|qquad|hspace\*?\{[^{}]*\}|hskip[-\d.]*[a-z]+)")
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_REFERENCE = re.compile(r"\\(?:label|nonumber|notag)\*?(?:\{[^{}]*\})?|[{}]")
_NOT_ALONE = frozenset({"standalone", "subfiles", "docmute", "inputenc", "import"})


class Comparison(NamedTuple):
    """A paper's formulas: how many LaTeXML finds in its sources, how many of them in its text, and what differs."""

    name: str
    formulas: int
    equal: int
    with_macros: int
    equal_with_macros: int
    differences: Sequence[tuple[str, str]]


def plain(formula: str) -> str:
    """A formula without spaces, braces and labels."""
    return _REFERENCE.sub("", _SPACE.sub("", formula))


def formulas_of(xml: str, operators: Mapping[str, str]) -> list[str]:
    r"""The TeX of every formula in LaTeXML's XML, in order; empty ones and single signs are left out.

    LaTeXML keeps the names of `operators` and takes `\boldsymbol` for `\bm` or not, by the packages that are loaded.
    """
    found = []
    for match in _MATH.finditer(xml):
        formula = _DRAWN.sub(lambda sign: "\\lesssim" if sign[1] == "<" else "\\gtrsim", html.unescape(match[1]))
        formula = _OWN_NAMES.sub("", formula).replace("\\boldsymbol", "\\bm")
        formula = _COMMAND.sub(lambda command: operators.get(command[1], command[0]), formula)
        if len(formula := plain(formula)) > 1:
            found.append(formula)
    return found


def frame_of(main: str, others: AbstractSet[str] = frozenset()) -> str:
    """The head under which a text is read: the paper's class and packages, as far as distributions have them.

    `others` are publishers' classes and styles that lie beside the paper.
    """
    known = distributed_names() | others
    found = _CLASS.search(main)
    name = found[2].strip() if found else "article"
    whole = found is not None and name.lower() in known and name not in _NOT_ALONE
    lines = [f"\\documentclass{(found[1] or '') if whole else ''}{{{name if whole else 'article'}}}"]
    lines.append("\\usepackage[utf8]{inputenc}\n\\usepackage{amsmath,amssymb,amsthm}")
    for match in _LOADED.finditer(main):
        names = [one.strip() for one in match[2].split(",")]
        names = [one for one in names if one.lower() in known and one not in _NOT_ALONE]
        if names:
            lines.append(f"\\usepackage{match[1] or ''}{{{','.join(names)}}}")
    lines += [match[0] for match in _LIBRARY.finditer(main)]
    return "\n".join(lines)


def latexml(folder: Path, main: str, seconds: float, *, styles: bool = False) -> str:
    """The XML that LaTeXML makes of a main file; empty if it does not finish. `styles`: it reads the folder's own."""

    options = ["--quiet", "--quiet", "--nocomments", "--noparse", *(["--includestyles"] if styles else [])]
    command = ["latexml", *options, Path(main).name]
    done = called(command, (folder / main).parent, seconds, MEMORY, patience=6)
    return done.stdout.decode("utf-8", "replace") if done is not None and done.returncode == 0 else ""


def compared(name: str, files: Mapping[str, bytes], work: Path | None, seconds: float) -> Comparison | None:
    """Both readings of one submission; None where there is nothing to compare."""
    expected = expected_of(files)
    paper = paper_text(files, main=expected.main) if expected.main else None
    if not isinstance(paper, Paper):
        return None
    kept = work / f"{name}.xml" if work else None
    if kept is not None and kept.exists():
        source = kept.read_text("utf-8")
    else:
        source = _in_folder(files, expected.main, seconds)
        if kept is not None:
            kept.write_text(source, "utf-8")
    if not source:
        return None
    text = f"{frame_of(expected.flat)}\n\\begin{{document}}\n{paper.text}\n\\end{{document}}\n"
    made = _in_folder({"text.tex": text.encode()}, "text.tex", seconds)
    if not made:
        return None
    operators = dict(_OPERATOR.findall(expected.flat))
    return compare(name, formulas_of(source, operators), formulas_of(made, operators), expected.flat)


def _in_folder(files: Mapping[str, bytes], main: str, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as folder:
        for name, raw in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        own = any(
            name.endswith((".sty", ".cls")) and Path(name).stem.lower() not in distributed_names() for name in files
        )
        return latexml(Path(folder), main, seconds, styles=own)


def compare(name: str, wanted: Sequence[str], made: Sequence[str], flat: str) -> Comparison:
    """Two readings of a paper, formula by formula in order."""
    written = plain(flat)
    changed = [formula not in written for formula in wanted]
    equal = [False] * len(wanted)
    differences: list[tuple[str, str]] = []
    for kind, first, last, start, end in difflib.SequenceMatcher(None, wanted, made, autojunk=False).get_opcodes():
        if kind == "equal":
            equal[first:last] = [True] * (last - first)
            continue
        others = [*made[start:end], *[""] * (last - first)]
        differences += zip(wanted[first:last], others, strict=False)
    return Comparison(
        name,
        len(wanted),
        sum(equal),
        sum(changed),
        sum(same for same, one in zip(equal, changed, strict=True) if one),
        differences,
    )


def submissions(folders: Sequence[Path]) -> Iterator[tuple[str, dict[str, bytes]]]:
    """The folders below `folders` with their files below 2 MB, the smallest first."""
    found = [path for folder in folders for path in folder.iterdir() if path.is_dir()]
    sizes = {path: sum(file.stat().st_size for file in path.rglob("*.tex")) for path in found}
    for path in sorted(found, key=lambda path: (sizes[path], path)):
        files = [file for file in sorted(path.rglob("*")) if file.is_file() and file.stat().st_size < 2 << 20]
        yield path.name, {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def main() -> None:
    """Print each paper's figures and their sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of submissions")
    parser.add_argument("--limit", type=int, default=0, help="only the N smallest submissions")
    parser.add_argument("--seconds", type=float, default=60, help="processor time for one reading")
    parser.add_argument("--work", type=Path, help="folder in which LaTeXML's readings of the sources are kept")
    parser.add_argument("--jobs", type=int, default=1, help="papers that are read at once")
    parser.add_argument("--show", action="store_true", help="print the formulas that differ")
    arguments = parser.parse_args()
    if not shutil.which("latexml"):
        parser.error("latexml is not installed")
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    chosen = [*submissions(arguments.folders)][: arguments.limit or None]
    done: list[Comparison] = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for found in pool.map(lambda one: compared(*one, arguments.work, arguments.seconds), chosen):
            if found is None:
                continue
            done.append(found)
            print(
                f"{found.name}\t{found.equal}/{found.formulas}\t{found.equal_with_macros}/{found.with_macros}",
                flush=True,
            )
            for wanted, made in found.differences if arguments.show else ():
                print(f"    {wanted[:200]}\n  > {made[:200]}", flush=True)
    formulas, macros = sum(found.formulas for found in done), sum(found.with_macros for found in done)
    equal, with_macros = sum(found.equal for found in done), sum(found.equal_with_macros for found in done)
    print(f"{len(done)} of {len(chosen)} papers compared")
    print(f"formulas equal: {equal}/{formulas} = {equal / max(formulas, 1):.4f}")
    print(f"with macros: {with_macros}/{macros} = {with_macros / max(macros, 1):.4f}")


if __name__ == "__main__":
    main()
