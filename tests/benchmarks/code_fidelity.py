"""Whether `published` decides as the original programs do, file by file, and what each costs.

The functions are taken out of process_stack.py and process_github.py (EleutherAI/math-lm) by their syntax, so that
nothing they import has to be there; their command lines are not run. Every file below the given folders is judged in
the language of its ending by the original, by `published` and by `corrected`; a crash of the original is a decision
too.

    python -m tests.benchmarks.code_fidelity math-lm/proof_pile_2/algebraic_stack FOLDER…
"""

import argparse
import ast
import functools
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filters.code.detection import ending, language_of, possible
from filters.code.general import PublishedCrash, SourceFile
from filters.code.registry import GITHUB_RULES, Origin, judge
from manifests.records import Rules

STACK = {
    "agda": "agda_filter", "c": "c_filter", "cpp": "cpp_filter", "fortran": "fortran_filter", "gap": "gap_filter",
    "haskell": "haskell_filter", "idris": "idris_filter", "isabelle": "isabelle_filter", "julia": "julia_filter",
    "jupyter-notebook": "jupyter_notebook_filter", "lean": "lean_filter", "maple": "maple_filter",
    "python": "python_map", "r": "r_filter", "tex": "tex_filter",
}  # fmt: skip
GITHUB = {"coq": "filter_coq", "isabelle": "filter_isabelle", "lean": "filter_lean", "matlab": "filter_matlab"}


class English:
    """Stands for the identifier of languages: every text is English to both programs."""

    def classify(self, _: str) -> tuple[str, float]:
        """English."""
        return "en", 1.0


def functions(path: Path) -> dict[str, Any]:
    """The functions and plain constants of a program, without running it."""
    tree = ast.parse(path.read_text())
    kept: list[ast.stmt] = [
        one
        for one in tree.body
        if isinstance(one, ast.FunctionDef)
        or (
            isinstance(one, ast.Assign)
            and not any(
                isinstance(part, ast.Name) and part.id in ("tokenizer", "tiktoken", "os")
                for part in ast.walk(one.value)
            )
        )
    ]
    for statement in kept:
        for part in ast.walk(statement):
            if isinstance(part, ast.FunctionDef):
                part.returns, part.decorator_list = None, []
                part.args.defaults = [
                    ast.Constant(None) if any(isinstance(inner, ast.Call) for inner in ast.walk(one)) else one
                    for one in part.args.defaults
                ]
                for argument in part.args.args:
                    argument.annotation = None
    space: dict[str, Any] = {"re": re, "reduce": functools.reduce, "partial": functools.partial}
    exec(compile(ast.fix_missing_locations(ast.Module(kept, [])), str(path), "exec"), space)
    return space


def original(space: dict[str, Any], name: str, origin: Origin, file: SourceFile) -> bool | str:
    """The original's decision, or that it crashes."""
    meta = {"path": file.path, "repo": file.repository}
    row = {"content": file.text, "text": file.text, "size": file.size, "ext": file.extension, "meta": meta}
    row |= {"max_stars_repo_path": file.path, "max_stars_repo_name": file.repository}
    try:
        found = space[name](row, English()) if name == "tex_filter" else space[name](row)
    except (IndexError, ZeroDivisionError):
        return "crash"
    del origin
    return bool(found["include"] if isinstance(found, dict) else found)


def ours(language: str, rules: Rules, origin: Origin, file: SourceFile) -> bool | str:
    """This program's decision."""
    try:
        return judge(language, file, rules, origin, lambda _: True) is None
    except PublishedCrash:
        return "crash"


def main() -> None:
    """Print one row a language and origin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("originals", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    chosen = parser.parse_args()
    programs = {
        "stack": functions(chosen.originals / "process_stack.py"),
        "github": functions(chosen.originals / "process_github.py"),
    }
    count: Counter[tuple[str, str]] = Counter()
    spent: Counter[str] = Counter()
    seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def timed(row: str, who: str, decide: Callable[[], bool | str]) -> bool | str:
        started = time.process_time()
        decision = decide()
        seconds[row, who] += time.process_time() - started
        return decision

    for folder in chosen.folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if not possible(name) or not path.is_file():
                continue
            raw = path.read_bytes()
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                continue
            language = language_of(name, text, "published")
            if language is None:
                continue
            file = SourceFile(text, name, folder.name, ending(name), len(raw))
            origins: list[tuple[Origin, dict[str, str]]] = [("stack", STACK), ("github", GITHUB)]
            for origin, table in origins:
                if language not in table or (origin == "github" and language not in GITHUB_RULES):
                    continue
                row = f"{language}, {origin}"
                theirs = timed(row, "original", lambda: original(programs[origin], table[language], origin, file))  # noqa: B023
                published = timed(row, "published", lambda: ours(language, "published", origin, file))  # noqa: B023
                corrected = timed(row, "corrected", lambda: ours(language, "corrected", origin, file))  # noqa: B023
                count[row, "files"] += 1
                spent[row] += len(raw)
                count[row, "kept"] += theirs is True
                count[row, "published differs"] += theirs != published
                count[row, "corrected differs"] += theirs != corrected
    print(
        "language, origin        files   kept     MB  published differs  corrected differs"
        "  MB/s: original published corrected"
    )
    rows = sorted(spent)
    for row in [*rows, "all"]:
        of = rows if row == "all" else [row]
        megabytes = sum(spent[one] for one in of) / 1e6
        speeds = [
            megabytes / max(sum(seconds[one, who] for one in of), 1e-9)
            for who in ("original", "published", "corrected")
        ]
        numbers = {
            what: sum(count[one, what] for one in of)
            for what in ("files", "kept", "published differs", "corrected differs")
        }
        print(
            f"{row:22} {numbers['files']:6} {numbers['kept']:6} {megabytes:6.1f} {numbers['published differs']:18} "
            f"{numbers['corrected differs']:18} {speeds[0]:15.0f} {speeds[1]:9.0f} {speeds[2]:9.0f}"
        )


if __name__ == "__main__":
    main()
