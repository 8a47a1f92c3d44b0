"""Cuts the theorems of the provers' test sets out of Lean and Isabelle files, so that a model never trains on them.

Source: `transform_lean` and `transform_isabelle` in process_github.py (EleutherAI/math-lm). Lean's theorems are the
validation and test parts of LeanDojo's benchmarks (Lean 3 and 4, split `random`), Isabelle's are PISA's universal test
theorems. There a cut runs from the theorem's keyword to the next blank line, or to the end of the file. `corrected`
reads the file's declarations (`filters.code.declarations`) and takes whole ones out, with what belongs to them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from filters.code.benchmark_names import is_benchmark_name, may_hold_benchmark
from filters.code.declarations import coq, isabelle, lean
from filters.code.declarations.declaration import Declaration, normal
from manifests.records import Rules

_KEYWORD = re.compile(r"\b(?:theorem|lemma|corollary|proposition|schematic_goal)\b")
_PREFIX = 12
TELLING = 20
"""A statement of fewer characters, blank space aside, may stand in another file by chance."""

PARSERS: Mapping[str, Callable[[str], Iterator[Declaration]]] = {
    "coq": coq.declarations,
    "isabelle": isabelle.declarations,
    "lean": lean.declarations,
}
THEOREMS = lean.THEOREMS | isabelle.GOALS | coq.GOALS


class Place(NamedTuple):
    """Where something was cut out: the theorem's name (empty without one) and the line it began in, from 1."""

    name: str
    line: int


class Cut(NamedTuple):
    """The text that is left, how many theorems were taken out of it, and (`corrected`) where they stood."""

    text: str
    removed: int
    places: tuple[Place, ...] = ()


def without(text: str, tests: Sequence[Declaration]) -> Cut:
    """`text` without these declarations, which are in order; nothing else of it changes."""
    if not tests:
        return Cut(text, 0)
    kept: list[str] = []
    places: list[Place] = []
    position, line = 0, 1
    for one in tests:
        kept.append(text[position : one.start])
        line += text.count("\n", position, one.start)
        places.append(Place(one.name, line))
        line += text.count("\n", one.start, one.end)
        position = one.end
    rest = text[position:]
    kept.append(rest if rest.strip() else "")
    return Cut("".join(kept), len(places), tuple(places))


def _remove_until_blank(text: str, query: str) -> tuple[str, bool]:
    """`text` without its first `query` and all that follows it up to (not with) the next empty line."""
    start = text.find(query)
    if start < 0:
        return text, False
    end = text.find("\n\n", start)
    return text[:start] + (text[end:] if end >= 0 else ""), True


_DEPENDENCY = re.compile(r"\A(?:\.lake/packages|lake-packages|_target/deps)/[^/]+/(?:src/lean/)?")
"""Where Lake and leanpkg keep what a project needs: tests in there stand in a repository of their own as well."""


class LeanTheorems:
    """The theorems of LeanDojo's validation and test sets, by the file they stand in.

    `published` keeps one theorem a file: the original fills a dictionary from file to name, so that the last name of
    a file is the only one, and the others stay in the corpus. It then looks for `theorem NAME ` and `lemma NAME ` with
    every proper ending of the dotted name (`b.c ` and `c ` of `a.b.c`, never the whole, so that a name without a dot is
    never found), in any file whose path holds the benchmark's path. `corrected` cuts every declaration of the file
    whose full name, with its namespaces, is a test's, also in the repository of a dependency.
    """

    def __init__(self, items: Iterable[Mapping[str, Any]], rules: Rules) -> None:
        """`items` are the benchmarks' entries with `file_path` and `full_name`, in the original's order: validation
        then test, in each Lean 3 then Lean 4."""
        self.rules = rules
        names: dict[str, dict[str, None]] = defaultdict(dict)
        for item in items:
            path, name = str(item["file_path"]), str(item["full_name"])
            if rules == "corrected":
                path = _DEPENDENCY.sub("", path)
            if rules == "published":
                # A later theorem takes the place of an earlier one, at the earlier one's turn.
                names[path].clear()
            names[path][name] = None
        self._names = {path: tuple(found) for path, found in names.items()}
        self._by_last: dict[str, list[str]] = defaultdict(list)
        for path in self._names:
            self._by_last[path.rsplit("/", 1)[-1]].append(path)

    def cut(self, text: str, path: str) -> Cut:
        """`text` of the file at `path` without the benchmark's theorems."""
        if self.rules == "published":
            return self._cut_published(text, path)
        names: set[str] = set()
        for benchmark_path in self._by_last.get(path.rsplit("/", 1)[-1], ()):
            if ("/" + path).endswith("/" + benchmark_path):
                names.update(self._names[benchmark_path])
        if not names:
            return Cut(text, 0)
        found = list(lean.declarations(text))
        tests = _resolved(names, {one.name for one in found if one.name})
        return without(text, [one for one in found if one.name in tests])

    def _cut_published(self, text: str, path: str) -> Cut:
        removed = 0
        for benchmark_path, (name,) in self._names.items():
            if benchmark_path not in path:
                continue
            parts = name.split(".")
            for keyword in ("theorem ", "lemma "):
                for length in range(1, len(parts)):
                    text, found = _remove_until_blank(text, f"{keyword}{'.'.join(parts[-length:])} ")
                    if found:
                        removed += 1
                        break
        return Cut(text, removed)


def _resolved(tests: set[str], declared: set[str]) -> set[str]:
    """The declared names that are tests; of a test that no name equals, the longest name that ends it alike.

    A namespace may be opened in another way than by a line of its own (`theorem foo` in a file whose test is `x.foo`).
    """
    resolved = tests & declared
    for test in tests - declared:
        parts = test.split(".")
        endings = (".".join(parts[-length:]) for length in range(len(parts) - 1, 0, -1))
        if (ending := next((ending for ending in endings if ending in declared), None)) and ending not in tests:
            resolved.add(ending)
    return resolved


class IsabelleTheorems:
    """PISA's universal test theorems, by their statements.

    `published` cuts at what stands before the first colon of a statement, with the colon: `lemma foo:` of
    `lemma foo: "…"`; and, a fault, `lemma "(x:` of `lemma "(x::nat) = …"`, which takes every unnamed lemma about an `x`
    with a type. Of each name only the first place in a file goes. `corrected` cuts, at every place, the whole goal and
    proof whose name (where it has one) and statement are the test's, blank space, comments and attributes aside. An
    unnamed test of a few characters, such as `lemma "x = x"`, must stand in the file that the test set names.
    """

    def __init__(self, statements: Iterable[str | tuple[str, str]], rules: Rules) -> None:
        """`statements` as PISA's files hold them (`[[path, statement], …]`), with or without their paths."""
        self.rules = rules
        pairs = [("", item) if isinstance(item, str) else item for item in statements]
        if rules == "published":
            # The original goes through a set, in an order that changes with every run; here it is sorted.
            self._queries = sorted({statement.split(":")[0] + ":" for _, statement in pairs})
            self._by_prefix: dict[str, list[str]] = defaultdict(list)
            self._other: list[str] = []
            for query in self._queries:
                keyed = _KEYWORD.match(query) is not None and len(query) >= _PREFIX
                (self._by_prefix[query[:_PREFIX]] if keyed else self._other).append(query)
        else:
            self._tests: dict[tuple[str, str], set[str]] = defaultdict(set)
            for path, statement in pairs:
                for one in isabelle.declarations(statement):
                    self._tests[one.name, normal(one.statement)].add(path)

    def cut(self, text: str, path: str = "") -> Cut:
        """`text` of the theory at `path` without the test set's theorems."""
        return self._cut_published(text) if self.rules == "published" else self._cut_corrected(text, path)

    def _cut_published(self, text: str) -> Cut:
        present = {text[match.start() : match.start() + _PREFIX] for match in _KEYWORD.finditer(text)}
        queries = [query for prefix in present for query in self._by_prefix.get(prefix, ())]
        removed = 0
        for query in sorted([*queries, *self._other]):
            text, found = _remove_until_blank(text, query)
            removed += found
        return Cut(text, removed)

    def _cut_corrected(self, text: str, path: str) -> Cut:
        return without(text, [one for one in isabelle.declarations(text) if self._is_test(one, path)])

    def states_test(self, statement: str) -> bool:
        """Whether a statement, alone, is one of the test set's (`corrected`) or an item of a benchmark by its name."""
        return any(self._is_test(one, "") or is_benchmark_name(one.name) for one in isabelle.declarations(statement))

    def _is_test(self, one: Declaration, path: str) -> bool:
        key = (one.name, normal(one.statement))
        if key not in self._tests:
            return False
        if one.name or len(key[1]) >= TELLING:
            return True
        places = {place.rsplit("/", 1)[-1] for place in self._tests[key]} - {""}
        return not places or not path or path.rsplit("/", 1)[-1] in places


class BenchmarkTheorems:
    """Items of benchmarks that are copied from file to file: found in any file of any repository.

    By name where the name is one that only a benchmark gives (`benchmark_names`), and by statement for those of the
    test files that are handed in. There is no published counterpart: the published rules turn away two repositories by
    their names (`github_rules.lean`).
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """`texts` are test sets' own sources or formal statements, of any prover."""
        self._statements: dict[str, set[str]] = {prover: set() for prover in PARSERS}
        self._named: dict[str, set[tuple[str, str]]] = {prover: set() for prover in PARSERS}
        for text in texts:
            for prover, parse in PARSERS.items():
                for one in parse(text):
                    if one.keyword in THEOREMS and (statement := normal(one.statement)):
                        self._statements[prover].add(statement)
                        self._named[prover].add((one.name, statement))

    def cut(self, text: str, language: str) -> Cut:
        """`text`, written in `language`, without the items; a language that is no prover's has none."""
        parse = PARSERS.get(language)
        if parse is None or not (self._statements[language] or may_hold_benchmark(text)):
            return Cut(text, 0)
        return without(text, [one for one in parse(text) if self._is_test(one, language)])

    def _is_test(self, one: Declaration, language: str) -> bool:
        if one.name and is_benchmark_name(one.name):
            return True
        if one.keyword not in THEOREMS:
            return False
        statement = normal(one.statement)
        if len(statement) >= TELLING:
            return statement in self._statements[language]
        return (one.name, statement) in self._named[language]
