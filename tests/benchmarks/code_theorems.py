"""What the cutting of test theorems leaves and takes: judged from the texts, without the product's own parsers.

Over every theory of the Archive of Formal Proofs, with PISA's test theorems:

- left: test theorems of that theory (the name and statement as PISA has them) that still stand in it after the cut;
- others: cut passages in which no test theorem stands, its keyword, locale, attributes, blank space and comments aside;
- eaten: cut passages with more goals at the beginning of a line than one;
- fragments: what follows a cut begins as something inside of a proof or statement does; unbalanced: the words that open
  and close proofs are in balance otherwise than before.

With `--copies`, folders of benchmarks' own sources, whose names are not used: how many of their theorems stay.

    python -m tests.benchmarks.code_theorems AFP/thys --tests universal_test_theorems.tar.gz --copies miniF2F Putnam
"""

import argparse
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from filters.code.theorems import BenchmarkTheorems, Cut, IsabelleTheorems
from manifests.records import Rules
from pipelines.sources.test_sets import benchmark_texts, pisa_statements

_COMMENT = re.compile(r"\(\*(?!\))(?>(?:[^*]|\*(?!\)))*)\*\)|\\<comment>\s*\\<open>.*?\\<close>", re.DOTALL)
_ATTRIBUTES = re.compile(r"\[[A-Za-z][^\]\"]*\]\s*(?=:)|\s?\[[A-Za-z][\w ,.!:?]*\](?=[\s:])")
_LEAD = re.compile(r"\b(?:lemma|theorem|corollary|proposition)\b(?:\s*\(in [\w.]+\))?")
_GOAL_LINE = re.compile(
    r"^(?:private |qualified )?(?:lemma|theorem|corollary|proposition|schematic_goal)\b", re.MULTILINE
)
_INSIDE = re.compile(
    r"\s*(?:by|proof|qed|apply|done|using|unfolding|have|show|hence|thus|then|next|moreover|ultimately|also|finally"
    r"|assume|fix|obtain|case|from|with|where|shows|assumes|and|is|for|let|note|ultimately|\.\.?)\b"
)
_THEOREM = {
    ".thy": re.compile(r"^\s*(?:lemma|theorem)\b", re.MULTILINE),
    ".lean": re.compile(r"^\s*(?:theorem|lemma|example)\b", re.MULTILINE),
    ".v": re.compile(r"^\s*(?:Theorem|Lemma|Example|Goal)\b", re.MULTILINE),
}
_LANGUAGES = {".thy": "isabelle", ".lean": "lean", ".v": "coq"}


def squeezed(text: str) -> str:
    """A text without blank space, comments and attributes of names, and without keywords and locales of theorems."""
    return "".join(_LEAD.sub("§", _ATTRIBUTES.sub(" ", _COMMENT.sub(" ", text))).split())


def passages(before: str, after: str, cut: Cut) -> Iterator[tuple[str, str]]:
    """What was cut, each with what follows it in the text that is left; `published` does not tell its places."""
    if not cut.places:
        return
    starts = [0]
    for line in before.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    places = [starts[place.line - 1] for place in cut.places]
    places = [start + len(before[start:]) - len(before[start:].lstrip(" \t")) for start in places]
    position = left = 0
    for start, limit in zip(places, [*places[1:], len(before)], strict=True):
        left += start - position
        rest = limit if limit < len(before) else len(before.rstrip())
        # What stands between this passage and the next one is the longest end of it with which the rest goes on.
        end = next(
            end
            for end in range(start, rest + 1)
            if after.startswith(before[end : min(rest, end + 80)], left) and after.startswith(before[end:rest], left)
        )
        yield before[start:end], after[left : left + 300]
        position = end


def balance(text: str) -> int:
    """Opened proofs less closed ones."""
    text = _COMMENT.sub(" ", text)
    return len(re.findall(r"\bproof\b", text)) - len(re.findall(r"\bqed\b", text))


def theories(folder: Path, tests: Sequence[tuple[str, str]], rules: Rules, looked_at: int) -> Counter[str]:
    """Counts over an archive of theories."""
    cutter = IsabelleTheorems(tests, rules)
    known = {squeezed(statement) for _, statement in tests}
    by_theory: dict[str, list[str]] = defaultdict(list)
    for place, statement in tests:
        by_theory["/".join(place.split("/")[-2:])].append(statement)
    count: Counter[str] = Counter()
    seen: list[str] = []
    for path in sorted(folder.rglob("*.thy")):
        text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        relative = path.relative_to(folder).as_posix()
        cut = cutter.cut(text, relative)
        count["theories"] += 1
        count["goals"] += len(_GOAL_LINE.findall(text))
        count["cut"] += cut.removed
        before, after = squeezed(text), squeezed(cut.text)
        for statement in by_theory.get("/".join(relative.split("/")[-2:]), ()):
            one = squeezed(statement)
            count["tests in their theory"] += one in before
            if one in after:
                count["left"] += 1
                seen.append(f"left in {relative}: {statement[:200]}")
        if not cut.removed:
            continue
        count["unbalanced"] += balance(text) != balance(cut.text)
        for gone, following in passages(text, cut.text, cut):
            short = squeezed(gone)
            goals = len(_GOAL_LINE.findall(_COMMENT.sub(" ", gone)))
            count["passages"] += 1
            is_test = any(one in short for one in known if one[:12] in short)
            if not is_test:
                count["others"] += 1
                seen.append(f"other in {relative}: {gone[:300]!r}")
            tested = sum(short.count(one) for one in known if one in short) if goals > 1 else 1
            if goals > max(tested, 1):
                count["eaten"] += 1
                seen.append(f"eaten in {relative}: {gone[:400]!r}")
            if _INSIDE.match(following):
                count["fragments"] += 1
                seen.append(f"fragment in {relative}: {gone[-200:]!r} || {following[:100]!r}")
    for line in seen[:looked_at]:
        print("   ", line)
    return count


def copies(folders: Sequence[Path], statements: Sequence[Path]) -> None:
    """How many theorems of benchmarks' sources stay."""
    cutter = BenchmarkTheorems(text for path in statements for text in benchmark_texts(path))
    for folder in folders:
        before: Counter[str] = Counter()
        after: Counter[str] = Counter()
        left: list[str] = []
        for path in sorted(folder.rglob("*")):
            if path.suffix in _LANGUAGES and path.is_file():
                text = path.read_bytes().decode("utf-8", "replace")
                cut = cutter.cut(text, _LANGUAGES[path.suffix])
                before[path.suffix] += len(_THEOREM[path.suffix].findall(text))
                after[path.suffix] += (stay := len(_THEOREM[path.suffix].findall(cut.text)))
                left += [str(path)] * bool(stay)
        print(
            f"{folder.name}: theorems {dict(before)}, left {dict(after)}",
            random.Random(0).sample(left, min(4, len(left))),
        )


def main() -> None:
    """Print the counts under both rules, and those of the copies."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("theories", type=Path)
    parser.add_argument("--tests", type=Path, required=True)
    parser.add_argument("--copies", type=Path, nargs="*", default=[])
    parser.add_argument("--statements", type=Path, nargs="*", default=[], help="benchmarks told by their statements")
    parser.add_argument("--look", type=int, default=0, help="so many of what is wrong is printed")
    chosen = parser.parse_args()
    copies(chosen.copies, chosen.statements)
    tests = list(pisa_statements(chosen.tests))
    for rules in ("corrected", "published"):
        print(rules, dict(theories(chosen.theories, tests, rules, chosen.look if rules == "corrected" else 0)))


if __name__ == "__main__":
    main()
