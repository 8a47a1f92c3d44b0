"""Trains what judges the lines of a text (`pipelines.extraction.pages.line_judge`) and says what it would do.

    python -m tests.benchmarks.web_lines SET... --manuals FOLDER... --output manifests/models/lines.npz

The SETs are those of `web_gold`, the folders those of `web_quality`. Only development halves are learned from: pages
that people marked (a line is right if most of its runs of four words are in the marked text, or if it holds a phrase
that must be there and none that must not), and pages of manuals whose template names their text. A page counts alike
however long it is. Printed are precision and recall of the lines themselves, at several thresholds, by trees that
never saw the page: five times a fifth of the pages is held back. The same pages make the same file.
"""

import argparse
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trafilatura
from lxml import etree
from numpy.typing import NDArray

from manifests.writing import atomic
from pipelines.extraction.html.charset import decode, to_utf8
from pipelines.extraction.html.tree import Tree
from pipelines.extraction.pages import blocks, page
from pipelines.extraction.pages.inline_kernel import START
from pipelines.extraction.pages.line_features import BUCKETS, CODE, MEAN_WEIGHT, PLAIN, WEIGHT, look_at
from pipelines.extraction.pages.line_judge import Model, scores
from pipelines.extraction.pages.source import readable
from tests.benchmarks.line_boosting import SCALE, Growth, Words, grow, learn_words, weigh
from tests.benchmarks.web_generators import half_of, samples
from tests.benchmarks.web_gold import RUN, SETS, WORD, Marked
from tests.benchmarks.web_truth import NOT_TEXT, strip_math

FOLDS = 5
PAGE_WEIGHT, PHRASE_WEIGHT, MANUAL_WEIGHT = 20.0, 1.0, 18.0
"""What the lines of a marked page count together, what one with a phrase counts, what a manual's page counts."""
GUESS_WEIGHT = 0.05
"""What a line counts that no phrase tells about: whether trafilatura keeps it."""
NEAR_WEIGHTS = 4


class Lines(NamedTuple):
    """The lines of one page that can be judged: their numbers, words, whether each is right, and what it counts."""

    name: str
    kind: str
    numbers: NDArray[np.int32]
    words: list[NDArray[np.int32]]
    right: NDArray[np.bool_]
    weight: NDArray[np.float64]


def written(data: bytes) -> tuple[Tree, int, bool, NDArray[np.uint8], NDArray[np.int64]]:
    """The lines of a page's text before they are judged; see `write_blocks`."""
    tree = page.parse(readable(to_utf8(data, None)))
    page.lift_formulas(tree, "corrected")
    verdicts = page.judge(tree)
    choice = page.choose(tree, verdicts)
    row = choice.row if choice.sure else page.densest(tree, verdicts, choice.row)
    left = page.without_side_matter(tree, verdicts, row)
    return tree, row, choice.sure, *blocks.write_lines(tree, left, row, choice.sure)


def _runs(text: str) -> set[tuple[str, ...]]:
    words = WORD.findall(text)
    return {tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}


class Truth:
    """The text of a page as it is known, asked line by line."""

    def __init__(self, text: str) -> None:
        words = WORD.findall(strip_math(text))
        self._runs = _runs(" ".join(words))
        self._words = f" {' '.join(words)} "

    def holds(self, line: str) -> bool | None:
        """Whether a line is of the text; None if it has no word."""
        words = WORD.findall(strip_math(line))
        if not words:
            return None
        if len(words) < RUN:
            return f" {' '.join(words)} " in self._words
        runs = _runs(" ".join(words))
        return 2 * len(runs & self._runs) >= len(runs)


def _judged(marked: Marked, texts: list[str]) -> Iterator[tuple[bool, float]]:
    """Whether each line is right, and what it counts; 0 where nobody knows."""
    truth = Truth(marked.text or trafilatura.extract(decode(marked.data), include_comments=True) or "")
    for text in texts:
        if marked.wanted:
            good = any(phrase in text for phrase in marked.wanted)
            bad = any(phrase in text for phrase in marked.unwanted)
            if good != bad:
                yield good, PHRASE_WEIGHT
            else:
                yield bool(truth.holds(text)), 0.0 if good else GUESS_WEIGHT
        else:
            right = truth.holds(text)
            yield bool(right), 0.0 if right is None else float(len(WORD.findall(text)))


def _lines(name: str, kind: str, data: bytes, marked: Marked, whole: float) -> Lines | None:
    try:
        tree, row, sure, text, lines = written(data)
    except ValueError:
        return None
    numbers, kinds, hashes = look_at(tree, row, sure, text, lines, np.zeros(2 * BUCKETS, np.int16))
    ends = np.append(lines[:, START], text.size)[1:]
    texts = [str(text[a : b - 1].data, "utf-8") for a, b in zip(lines[:, START].tolist(), ends.tolist(), strict=True)]
    rows = list(_judged(marked, texts))
    right, weight = np.array([r for r, _ in rows], bool), np.array([w for _, w in rows], float)
    weight[kinds != PLAIN] = 0.0
    if not marked.wanted and weight.sum() > 0:
        weight *= whole / weight.sum()
    chosen = np.flatnonzero(kinds != CODE)
    words = [hashes.of[hashes.start[at] : hashes.start[at + 1]].copy() for at in chosen.tolist()]
    return Lines(name, kind, numbers[chosen], words, right[chosen], weight[chosen])


def marked_pages(folders: list[Path], half: str) -> Iterator[tuple[str, Marked]]:
    """The English pages of the checkouts that belong to a half, each with the name of its set."""
    for folder in folders:
        for name, mark, read in SETS:
            if (folder / mark).exists():
                yield from ((name, one) for one in read(folder) if one.english and one.half == half)


def manuals(folders: list[Path], half: str, most: int) -> Iterator[tuple[str, Marked]]:
    """Pages of the generators of a half, with the text of the element that their template names."""
    for sample in samples(folders, most, 200_000):
        if not sample.generator.main or half_of(sample.generator.name) != half:
            continue
        parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
        found = etree.fromstring(decode(sample.data).encode(), parser).xpath(sample.generator.main)
        if found:
            besides = found[0].xpath("|".join(filter(None, (NOT_TEXT.split("|.//math")[0], sample.generator.besides))))
            for element in besides:
                element.clear(keep_tail=True)
            text = " ".join(found[0].itertext())
            yield sample.generator.name, Marked(str(sample.path), sample.data, text)


class _Set:
    """Pages put together as the learners want them."""

    def __init__(self, pages: list[Lines]) -> None:
        self.pages = pages
        self.right = np.concatenate([p.right for p in pages])
        self.weight = np.concatenate([p.weight for p in pages])
        words = [one for p in pages for one in p.words]
        self.words = Words(np.concatenate(words), np.concatenate([[0], np.cumsum([len(w) for w in words])]))
        self.places = np.concatenate([[0], np.cumsum([len(p.right) for p in pages])])

    def rows_of(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """The lines of some pages."""
        return np.concatenate([np.arange(self.places[at], self.places[at + 1]) for at in chosen])

    def part(self, chosen: NDArray[np.int64]) -> "_Set":
        """Some of the pages."""
        return _Set([self.pages[at] for at in chosen])

    def numbers(self, weights: NDArray[np.int64]) -> NDArray[np.int32]:
        """The numbers of all lines with the weights of their words filled in."""
        out = []
        for at, one in enumerate(self.pages):
            numbers = one.numbers.copy()
            fill(numbers, weights[self.places[at] : self.places[at + 1]])
            out.append(numbers)
        return np.concatenate(out)


def fill(numbers: NDArray[np.int32], weights: NDArray[np.int64]) -> None:
    """Put the weights of the words of a page's lines where `look_at` puts them."""
    numbers[:, WEIGHT] = weights
    count = len(weights)
    numbers[:, MEAN_WEIGHT] = int(weights.sum() / max(count, 1))
    near = (numbers.shape[1] - MEAN_WEIGHT - 1) // NEAR_WEIGHTS
    for place, offset in enumerate((-2, -1, 1, 2)):
        column = MEAN_WEIGHT + near * (place + 1)
        other = np.arange(count) + offset
        inside = (other >= 0) & (other < count)
        numbers[:, column] = -1
        numbers[inside, column] = weights[other[inside]]


def _fold(name: str) -> int:
    return hashlib.sha256(b"fold " + name.encode()).digest()[0] % FOLDS


def train(pages: list[Lines], how: Growth) -> tuple[Model, NDArray[np.float64]]:
    """The model of all pages, and the scores of their lines by trees that did not see the page."""
    whole = _Set(pages)
    folds = np.array([_fold(p.name) for p in pages])
    fair = np.zeros(len(whole.right), np.int64)
    for fold in range(FOLDS):
        learn = whole.part(np.flatnonzero(folds != fold))
        weights = learn_words(learn.words, learn.right, learn.weight, 2 * BUCKETS)
        rows = whole.rows_of(np.flatnonzero(folds == fold))
        fair[rows] = weigh(whole.words, weights)[rows]
    numbers = whole.numbers(fair)
    known = whole.weight > 0
    unseen = np.zeros(len(fair))
    nothing = np.zeros(2 * BUCKETS, np.int16)
    for fold in range(FOLDS):
        rows = whole.rows_of(np.flatnonzero(folds != fold))
        rows = rows[known[rows]]
        trees = grow(numbers[rows], whole.right[rows], whole.weight[rows], how)
        back = whole.rows_of(np.flatnonzero(folds == fold))
        unseen[back] = scores(Model(nothing, *trees, 0, 0), numbers[back])
    trees = grow(numbers[known], whole.right[known], whole.weight[known], how)
    return Model(learn_words(whole.words, whole.right, whole.weight, 2 * BUCKETS), *trees, 0, 0), unseen


def table(pages: list[Lines], unseen: NDArray[np.float64], thresholds: list[float]) -> Iterator[str]:
    """Precision and share kept of the right lines, weighted, at thresholds of log-odds, for each set."""
    whole = _Set(pages)
    kinds = np.repeat([p.kind for p in pages], [len(p.right) for p in pages])
    yield "| set | lines known | " + " | ".join(f"{t:+.1f}" for t in thresholds) + " |"
    yield "|---" * (2 + len(thresholds)) + "|"
    for kind in dict.fromkeys(kinds.tolist()):
        here = (kinds == kind) & (whole.weight > 0)
        cells = []
        for threshold in thresholds:
            stays = here & (unseen >= SCALE * threshold)
            good = whole.weight[stays & whole.right].sum()
            cells.append(
                f"{good / max(whole.weight[stays].sum(), 1e-9):.3f} / "
                f"{good / max(whole.weight[here & whole.right].sum(), 1e-9):.3f}"
            )
        yield f"| {kind} | {here.sum()} | " + " | ".join(cells) + " |"


def save(model: Model, target: Path) -> None:
    """Write a model so that the same model is the same bytes."""
    buffer = io.BytesIO()
    least = np.array([model.least, model.least_with_formulas], np.int32)
    np.savez_compressed(
        buffer, weights=model.weights, features=model.features, thresholds=model.thresholds, leaves=model.leaves,
        least=least,
    )  # fmt: skip
    with atomic(target) as temporary:
        temporary.write_bytes(buffer.getvalue())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--manuals", nargs="*", type=Path, default=[])
    parser.add_argument("--per-collection", type=int, default=30)
    parser.add_argument("--least", type=float, default=0.25, help="log-odds below which a line goes")
    parser.add_argument("--least-with-formulas", type=float, default=-1.5)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    pages = []
    for kind, marked in marked_pages(options.sets, "development"):
        pages.append(_lines(marked.name, kind, marked.data, marked, PAGE_WEIGHT))
    for name, marked in manuals(options.manuals, "development", options.per_collection):
        pages.append(_lines(f"{name} {marked.name}", "manuals", marked.data, marked, MANUAL_WEIGHT))
    found = [one for one in pages if one is not None and len(one.right)]
    model, unseen = train(found, Growth())
    print("\n".join(table(found, unseen, [-9.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5])))
    if options.output:
        least, formulas = round(SCALE * options.least), round(SCALE * options.least_with_formulas)
        save(model._replace(least=least, least_with_formulas=formulas), options.output)


if __name__ == "__main__":
    main()
