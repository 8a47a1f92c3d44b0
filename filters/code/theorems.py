"""Cuts the theorems of the provers' test sets out of Lean and Isabelle files, so that a model never trains on them.

Source: `transform_lean` and `transform_isabelle` in process_github.py (EleutherAI/math-lm). Lean's theorems are the
validation and test parts of LeanDojo's benchmarks (Lean 3 and 4, split `random`), Isabelle's are PISA's universal test
theorems. A cut runs from the theorem's keyword to the next blank line, or to the end of the file.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from manifests.records import Rules

_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_KEYWORD = re.compile(r"\b(?:theorem|lemma|corollary|proposition|schematic_goal)\b")
_PREFIX = 12


class Cut(NamedTuple):
    """The text that is left and how many theorems were taken out of it."""

    text: str
    removed: int


def _remove_until_blank(text: str, query: str) -> tuple[str, bool]:
    """`text` without its first `query` and all that follows it up to (not with) the next empty line."""
    start = text.find(query)
    if start < 0:
        return text, False
    end = text.find("\n\n", start)
    return text[:start] + (text[end:] if end >= 0 else ""), True


class LeanTheorems:
    """The theorems of LeanDojo's validation and test sets, by the file they stand in.

    `published` keeps one theorem a file: the original fills a dictionary from file to name, so that the last name of
    a file is the only one, and the others stay in the corpus. It then looks for `theorem NAME ` and `lemma NAME ` with
    every proper ending of the dotted name (`b.c ` and `c ` of `a.b.c`, never the whole, so that a name without a dot is
    never found), in any file whose path holds the benchmark's path. `corrected` cuts every theorem of the file, by its
    declaration: the keyword, any ending of the name, the whole included, and no letter of a longer name behind it.
    """

    def __init__(self, items: Iterable[Mapping[str, Any]], rules: Rules) -> None:
        """`items` are the benchmarks' entries with `file_path` and `full_name`, in the original's order: validation
        then test, in each Lean 3 then Lean 4."""
        self.rules = rules
        names: dict[str, dict[str, None]] = defaultdict(dict)
        for item in items:
            path, name = str(item["file_path"]), str(item["full_name"])
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
        removed = 0
        for benchmark_path in self._by_last.get(path.rsplit("/", 1)[-1], ()):
            if not ("/" + path).endswith("/" + benchmark_path):
                continue
            for name in self._names[benchmark_path]:
                text, count = _cut_declarations(text, name)
                removed += count
        return Cut(text, removed)

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


@lru_cache(maxsize=65536)
def _declaration(name: str) -> re.Pattern[str]:
    """`theorem` or `lemma` with any ending of `name`, at the start of a line, after modifiers or attributes."""
    parts = name.split(".")
    endings = "|".join(re.escape(".".join(parts[-length:])) for length in range(len(parts), 0, -1))
    return re.compile(rf"(?:\b(?:theorem|lemma)\s++)(?:_root_\.)?(?:{endings})(?![\w.'!?₀-₉])")


def _cut_declarations(text: str, name: str) -> tuple[str, int]:
    """`text` without every declaration of `name`, each up to the next blank line."""
    if name.rsplit(".", 1)[-1] not in text:
        return text, 0
    kept: list[str] = []
    position = removed = 0
    for match in _declaration(name).finditer(text):
        if match.start() < position:
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        lead = text[start : match.start()]
        if lead.lstrip().startswith(("--", "/-")):
            continue  # a comment speaks of the theorem
        # Attributes and modifiers on the same line (`@[simp] protected theorem`) belong to the declaration.
        kept.append(text[position : max(start, position)])
        end = _BLANK_LINE.search(text, match.end())
        position = end.start() if end else len(text)
        removed += 1
    kept.append(text[position:])
    return "".join(kept), removed


class IsabelleTheorems:
    """PISA's universal test theorems, by their statements.

    `published` cuts at what stands before the first colon of a statement, with the colon: `lemma foo:` of
    `lemma foo: "…"`; and, a fault, `lemma "(x:` of `lemma "(x::nat) = …"`, which takes every unnamed lemma about an `x`
    with a type. Of each name only the first place in a file goes. `corrected` cuts a named theorem by its keyword
    and name, an unnamed one only where its whole statement stands, blank space aside, at every place.
    """

    def __init__(self, statements: Iterable[str], rules: Rules) -> None:
        """`statements` as PISA's files hold them (`[[…, statement], …]`, the first entry's second field)."""
        self.rules = rules
        if rules == "published":
            # The original goes through a set, in an order that changes with every run; here it is sorted.
            self._queries = sorted({statement.split(":")[0] + ":" for statement in statements})
            self._by_prefix: dict[str, list[str]] = defaultdict(list)
            self._other: list[str] = []
            for query in self._queries:
                keyed = _KEYWORD.match(query) is not None and len(query) >= _PREFIX
                (self._by_prefix[query[:_PREFIX]] if keyed else self._other).append(query)
        else:
            self._named: set[tuple[str, str]] = set()
            self._unnamed: dict[str, set[str]] = defaultdict(set)
            for statement in statements:
                head = _ISABELLE_HEAD.match(statement)
                if head and head["name"]:
                    self._named.add((head["keyword"], head["name"]))
                elif head and len(_squeeze(statement)) >= _PREFIX:
                    squeezed = _squeeze(statement)
                    self._unnamed[squeezed[:_PREFIX]].add(squeezed)

    def cut(self, text: str) -> Cut:
        """`text` without the test set's theorems."""
        return self._cut_published(text) if self.rules == "published" else self._cut_corrected(text)

    def _cut_published(self, text: str) -> Cut:
        present = {text[match.start() : match.start() + _PREFIX] for match in _KEYWORD.finditer(text)}
        queries = [query for prefix in present for query in self._by_prefix.get(prefix, ())]
        removed = 0
        for query in sorted([*queries, *self._other]):
            text, found = _remove_until_blank(text, query)
            removed += found
        return Cut(text, removed)

    def _cut_corrected(self, text: str) -> Cut:
        kept: list[str] = []
        position = removed = 0
        for match in _ISABELLE_HEAD_ANYWHERE.finditer(text):
            if match.start() < position or not self._is_test(text, match):
                continue
            kept.append(text[position : match.start()])
            end = _BLANK_LINE.search(text, match.end())
            position = end.start() if end else len(text)
            removed += 1
        kept.append(text[position:])
        return Cut("".join(kept), removed)

    def _is_test(self, text: str, match: re.Match[str]) -> bool:
        if match["name"]:
            return (match["keyword"], match["name"]) in self._named
        squeezed = _squeeze(text[match.start() : match.start() + _UNNAMED_WINDOW])
        candidates = self._unnamed.get(squeezed[:_PREFIX], ())
        return any(squeezed.startswith(statement) for statement in candidates)


_UNNAMED_WINDOW = 8192
_ISABELLE_HEAD = re.compile(
    r"(?P<keyword>theorem|lemma|corollary|proposition|schematic_goal)\b\s*+(?:\(in\s++[\w.']++\)\s*+)?+"
    r"(?P<name>[^\W\d][\w.']*+)?+"
)
_ISABELLE_HEAD_ANYWHERE = re.compile(r"(?<![\w.'])" + _ISABELLE_HEAD.pattern)


def _squeeze(text: str) -> str:
    return "".join(text.split())
