"""How a program's imports are best found: the published substrings, our scanner, or tree-sitter's grammar.

For every Python, Haskell, C and C++ file in the given archives or folders, compares the sets of imported modules with
those of tree-sitter (and, for Python that compiles, of the compiler), counts the keep decisions that differ, and times
each.

    python -m tests.benchmarks.code_imports sympy-1.13.3.tar.gz scipy-1.11.4.tar.gz
"""

import argparse
import ast
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tree_sitter import Language, Parser, Query, QueryCursor
from tree_sitter_language_pack import get_language

from filters.code.detection import language_of, possible
from filters.code.imports import haskell_imports, included_headers, python_imports
from filters.code.stack_rules import (
    _HASKELL_PUBLISHED,
    C_HEADERS,
    C_INCLUDES_PUBLISHED,
    CPP_LIBRARIES,
    HASKELL_MODULES,
    PYTHON_PACKAGES,
    _of_library,
)
from pipelines.extraction.archives import packed_files as archives

QUERIES = {
    "python": "(import_statement name: (dotted_name) @m)"
    " (import_statement name: (aliased_import name: (dotted_name) @m))"
    " (import_from_statement module_name: (dotted_name) @m)",
    "haskell": "(import module: (module) @m)",
    "c": "(preproc_include path: (system_lib_string) @m) (preproc_include path: (string_literal) @m)",
    "cpp": "(preproc_include path: (system_lib_string) @m) (preproc_include path: (string_literal) @m)",
}


class Grammar:
    """tree-sitter's answer for one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        grammar: Language = get_language(language)  # type: ignore[arg-type]
        self.parser = Parser(grammar)
        self.query = Query(grammar, QUERIES[language])

    def __call__(self, text: str) -> set[str]:
        tree = self.parser.parse(text.encode())
        nodes = QueryCursor(self.query).captures(tree.root_node).get("m", [])
        names = {(node.text or b"").decode().strip('<>" ') for node in nodes}
        if self.language != "python":
            return names
        # The grammar has a statement of its own for the future, which no rule asks for.
        return {name.split(".")[0] for name in names} - {""}


SCANNERS: dict[str, Callable[[str], Iterator[str]]] = {
    "python": python_imports,
    "haskell": haskell_imports,
    "c": included_headers,
    "cpp": included_headers,
}


def keeps(language: str, modules: set[str]) -> bool:
    """The corrected rule's decision from a set of modules."""
    if language == "python":
        return bool(modules & set(PYTHON_PACKAGES))
    if language == "haskell":
        return any(name == wanted or name.startswith(wanted + ".") for name in modules for wanted in HASKELL_MODULES)
    if language == "c":
        return any(m.startswith(w) if w.endswith("/") else m == w for m in modules for w in C_HEADERS)
    return any(map(_of_library, modules))


def keeps_published(language: str, text: str) -> bool:
    """The published rule's decision."""
    if language == "python":
        return any(f"import {name}" in text or f"from {name}" in text for name in PYTHON_PACKAGES)
    if language == "haskell":
        return _HASKELL_PUBLISHED.search(text) is not None
    if language == "c":
        return any(include in text for include in C_INCLUDES_PUBLISHED)
    return any(f"#include <{library}" in text for library in CPP_LIBRARIES)


def compiled(text: str) -> set[str] | None:
    """What Python's own compiler imports, or None for text of another version."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").split(".")[0])
    return found - {"__future__"}


def texts(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """Language and text of every file."""
    seen: set[int] = set()
    for path in paths:
        if path.is_dir():
            files = ((str(file), file.read_bytes()) for file in sorted(path.rglob("*")) if file.is_file())
        else:
            files = ((member.path, member.content or b"") for member in archives.members(path, wanted=possible))
        for name, raw in files:
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError:
                continue
            language = language_of(name, text)
            if language in QUERIES and hash(text) not in seen:
                seen.add(hash(text))
                yield str(language), text


def main() -> None:
    """Print one row a language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    grammars = {language: Grammar(language) for language in QUERIES}
    count: Counter[tuple[str, str]] = Counter()
    seconds: Counter[tuple[str, str]] = Counter()
    for language, text in texts(parser.parse_args().paths):
        started = time.perf_counter()
        ours = set(SCANNERS[language](text))
        middle = time.perf_counter()
        theirs = grammars[language](text)
        seconds[language, "ours"] += middle - started
        seconds[language, "theirs"] += time.perf_counter() - middle
        truth = compiled(text) if language == "python" else None
        ours -= {"__future__"}
        published = keeps_published(language, text)
        count[language, "files"] += 1
        count[language, "bytes"] += len(text.encode())
        count[language, "sets"] += ours != theirs
        count[language, "decisions"] += keeps(language, ours) != keeps(language, theirs)
        count[language, "published"] += published != keeps(language, ours)
        if truth is not None:
            count[language, "compiled"] += 1
            count[language, "ours_wrong"] += ours != truth
            count[language, "theirs_wrong"] += theirs != truth
    print("language  files   MB    MB/s ours/tree-sitter   sets differ  decisions differ  published decides otherwise")
    for language in QUERIES:
        if not count[language, "files"]:
            continue
        megabytes = count[language, "bytes"] / 1e6
        speeds = [megabytes / seconds[language, who] for who in ("ours", "theirs")]
        print(
            f"{language:8} {count[language, 'files']:6} {megabytes:6.1f} {speeds[0]:8.1f} {speeds[1]:8.1f} "
            f"{count[language, 'sets']:12} {count[language, 'decisions']:14} {count[language, 'published']:14}"
        )
    print(
        f"against Python's compiler, {count['python', 'compiled']} files: ours wrong {count['python', 'ours_wrong']}, "
        f"tree-sitter wrong {count['python', 'theirs_wrong']}"
    )


if __name__ == "__main__":
    main()
