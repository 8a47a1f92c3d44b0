"""How much of a page survives extraction: formulas by kind, and words of the main text, ours beside the peers.

    python -m tests.benchmarks.web_quality FOLDER... [--per-collection 40] [--half development|held-out|all]
        [--extractors blocks,trafilatura,resiliparse,openwebmath] [--markdown FILE] [--worst 20]

A folder holds HTML files; the folder just below it names the collection. What is true is said in `web_generators`
(where a template keeps its text) and `web_truth` (formulas and words). Generators are split in two halves by a hash of
their names: rules are made while looking at one, and the other is for the final judgement. Figures are
micro-averages.
"""

import argparse
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipelines.extraction.html.charset import decode
from tests.benchmarks.web_extractors import Extractor, extractors
from tests.benchmarks.web_generators import Sample, half_of, samples
from tests.benchmarks.web_truth import Formula, Words, formulas_in, kept, strip_math, words, words_of

MARGIN = 0.01
"""A peer is better on a page if its F is higher by this much, or if it kept more formulas."""
LOW_PRECISION, LOW_RECALL = 0.95, 0.93


@dataclass
class Score:
    """What one extractor kept of a group of pages."""

    found: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    said: int = 0
    right: int = 0
    wanted: int = 0
    got: int = 0
    seconds: float = 0.0
    size: int = 0

    def add(self, other: "Score") -> None:
        self.found.update(other.found)
        self.kept.update(other.kept)
        for name in ("said", "right", "wanted", "got", "seconds", "size"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def judged(self) -> bool:
        return self.wanted > 0

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        return self.got / self.wanted if self.wanted else 0.0

    @property
    def f(self) -> float:
        return 2 * self.precision * self.recall / ((self.precision + self.recall) or 1.0)

    @property
    def share(self) -> float:
        return self.kept.total() / self.found.total() if self.found else 1.0


class Result(NamedTuple):
    """One page through one extractor."""

    score: Score
    lost: list[Formula]


def _processor_seconds() -> float:
    """Of this process and of the programs that it ran."""
    return sum(os.times()[:4])


def measure(sample: Sample, run: Extractor, formulas: list[Formula], expected: Words | None) -> Result:
    """One page through one extractor; one that raises has said nothing."""
    score = Score(size=len(sample.data))
    start = _processor_seconds()
    try:
        text = run(sample.data)
    except Exception as error:
        print(f"failed: {sample.path}: {error!r}", file=sys.stderr)
        text = ""
    score.seconds = _processor_seconds() - start
    score.found, score.kept, lost = kept(formulas, text)
    if expected is not None:
        said = words(strip_math(text))
        score.said, score.wanted = said.total(), expected.demanded.total()
        score.right, score.got = (said & expected.allowed).total(), (said & expected.demanded).total()
    return Result(score, lost)


def _figures(score: Score) -> str:
    text = f"{score.precision:.3f} / {score.recall:.3f}" if score.judged else "–"
    return text + (f" · {score.share:.3f}" if score.found else "")


def table(title: str, groups: dict[str, list[dict[str, Result]]], names: list[str]) -> list[str]:
    """Precision / recall of words and the share of formulas kept, a row a group, a column an extractor."""
    lines = [f"| {title} | pages | formulas | " + " | ".join(names) + " |", "|---" * (3 + len(names)) + "|"]
    for group, pages in groups.items():
        totals = {name: Score() for name in names}
        for page in pages:
            for name in names:
                totals[name].add(page[name].score)
        found = totals[names[0]].found.total()
        lines.append(f"| {group} | {len(pages)} | {found} | " + " | ".join(_figures(totals[n]) for n in names) + " |")
    return lines


def kinds_table(pages: list[dict[str, Result]], names: list[str]) -> list[str]:
    """The share of formulas kept, a row a kind of source."""
    totals = {name: Score() for name in names}
    for page in pages:
        for name in names:
            totals[name].add(page[name].score)
    lines = ["| kind | formulas | " + " | ".join(names) + " |", "|---" * (2 + len(names)) + "|"]
    for kind, count in totals[names[0]].found.most_common():
        lines.append(f"| {kind} | {count} | " + " | ".join(f"{totals[n].kept[kind] / count:.3f}" for n in names) + " |")
    speeds = " | ".join(f"{totals[n].size / 1e6 / max(totals[n].seconds, 1e-9):.1f}" for n in names)
    return [*lines, f"| MB/s of one core | | {speeds} |"]


def worse_than_a_peer(rows: list[tuple[Sample, dict[str, Result]]], peers: list[str], ours: str) -> list[str]:
    """Pages where a peer kept more formulas, or found the words better by more than `MARGIN`; the worst first."""
    out: list[tuple[float, str]] = []
    for sample, page in rows:
        mine = page[ours].score
        for peer in peers:
            theirs = page[peer].score
            words_lost = theirs.f - mine.f if mine.judged else 0.0
            formulas_lost = theirs.kept.total() - mine.kept.total()
            if words_lost > MARGIN or formulas_lost > 0:
                deficit = max(words_lost, formulas_lost / max(1, mine.found.total()))
                where = f"{'/'.join(sample.path.parts[-3:])} ({sample.generator.name})"
                text = f"{where}: ours {_figures(mine)}, {peer} {_figures(theirs)}"
                out.append((-deficit, text))
    return [text for _, text in sorted(out)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--per-collection", type=int, default=40)
    parser.add_argument("--largest", type=int, default=600_000, help="bytes of the largest page to take")
    parser.add_argument("--smallest", type=int, default=3000, help="bytes of the smallest page to take")
    parser.add_argument("--half", choices=("development", "held-out", "all"), default="all")
    parser.add_argument("--generators", default="", help="only these, by name, with commas")
    parser.add_argument("--extractors", default="blocks,trafilatura,resiliparse")
    parser.add_argument("--markdown", type=Path, help="write the tables there")
    parser.add_argument("--worst", type=int, default=0, help="show the pages where the first extractor did worst")
    options = parser.parse_args()
    runs = extractors(options.extractors)
    names = list(runs)
    only = set(filter(None, options.generators.split(",")))
    rows: list[tuple[Sample, dict[str, Result]]] = []
    for sample in samples(options.folders, options.per_collection, options.largest, options.smallest):
        if options.half not in ("all", half_of(sample.generator.name)) or (only and sample.generator.name not in only):
            continue
        formulas, expected = list(formulas_in(decode(sample.data))), words_of(sample)
        if not rows:
            for run in runs.values():  # loads models and compiles patterns before the clock runs
                measure(sample, run, formulas, expected)
        rows.append((sample, {name: measure(sample, run, formulas, expected) for name, run in runs.items()}))
    if not rows:
        parser.error("no page to judge")
    groups: dict[str, list[dict[str, Result]]] = {}
    for sample, page in sorted(rows, key=lambda row: row[0].generator.name):
        groups.setdefault(sample.generator.name, []).append(page)
    groups["**all**"] = [page for _, page in rows]
    judged = sum(page[names[0]].score.judged for _, page in rows)
    size = sum(len(sample.data) for sample, _ in rows) / 1e6
    head = f"{len(rows)} pages ({judged} with a known main element), {size:.1f} MB, {len(groups) - 1} generators, "
    lines = [
        f"{head}half: {options.half}. Words: precision / recall · share of formulas kept.",
        "",
        *table("generator", groups, names),
        "",
        *kinds_table(groups["**all**"], names),
    ]
    worse = worse_than_a_peer(rows, [name for name in names[1:] if not name.startswith("with-")], names[0])
    lines += ["", f"{len(worse)} times a peer is better on a page:", "", *(f"- {line}" for line in worse[:40])]
    print("\n".join(lines))
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")
    if options.worst:
        _show_worst(rows, names[0], options.worst)


def _show_worst(rows: list[tuple[Sample, dict[str, Result]]], ours: str, count: int) -> None:
    low = [
        (
            min(score.precision, score.recall),
            f"P {score.precision:.3f} R {score.recall:.3f} {s.generator.name} {s.path}",
        )
        for s, page in rows
        if (score := page[ours].score).judged and (score.precision < LOW_PRECISION or score.recall < LOW_RECALL)
    ]
    print(f"\n{len(low)} pages below {LOW_PRECISION} or {LOW_RECALL}")
    print("\n".join(line for _, line in sorted(low)[:count]))
    losses = [(s, loss) for s, page in rows for loss in page[ours].lost]
    print(f"\n{len(losses)} formulas lost")
    shown: Counter[Path] = Counter()
    for sample, loss in losses:
        shown[sample.path] += 1
        if shown[sample.path] <= 2 and len(shown) <= count:
            print(f"{sample.generator.name} {sample.path}: {loss.kind}: {loss.text[:120]!r}")


if __name__ == "__main__":
    main()
