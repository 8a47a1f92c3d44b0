"""How many planted items are found, and how much clean text is taken for one.

    python -m tests.benchmarks.overlap_planted BENCHMARKS TEXTS... [--items N]

BENCHMARKS: the folder of math_test.jsonl and gsm8k_test.jsonl; half of the items of each are looked for and some
planted in turn, once each way below; the other half, which stem from the same sources and templates, are the hard
negatives (neighbours). TEXTS: LaTeX or text files, whose paragraphs are the company of the plants and, alone, the
clean documents. Prints recall by kind, documents of clean text and neighbours with a counted hit, precision by
document, and the curve of calibration. Everything is drawn from a fixed seed.
"""

import argparse
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from dedup.benchmarks import Item, read_benchmark
from dedup.overlap import Overlap

SEED = 20
Change = Callable[[str, random.Random], str]


def _words(share: float) -> Change:
    def change(text: str, draw: random.Random) -> str:
        pieces = text.split(" ")
        for at in draw.sample(range(len(pieces)), max(1, round(share * len(pieces)))):
            pieces[at] = draw.choice(("thing", "of", "other", "quick", "garden"))
        return " ".join(pieces)

    return change


def _fractions(text: str, _: random.Random) -> str:
    text = text.replace("\\frac", "\\dfrac").replace("\\le ", "\\leq ").replace("\\cdot", "\\times")
    return text.replace("(", "\\left(").replace(")", "\\right)")


def _unicode(text: str, _: random.Random) -> str:
    for command, sign in (("\\leq", "≤"), ("\\le", "≤"), ("\\cdot", "·"), ("\\pi", "π"), ("^2", "²"), ("$", "")):
        text = text.replace(command, sign)
    return re.sub(r"\\d?frac\{(\w+)\}\{(\w+)\}", r"\1/\2", text)


def _html(text: str, _: random.Random) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")
    return "<p>" + re.sub(r"\b(the|is|of) ", r"<em>\1</em>&nbsp;", text) + "</p>"


def _numbers(text: str, draw: random.Random) -> str:
    return re.sub(r"\d+", lambda _: str(draw.randint(2, 99)), text)


CHANGES: dict[str, Change] = {
    "verbatim": lambda text, _: text,
    "latex variants": _fractions,
    "unicode": _unicode,
    "html": _html,
    "zero width": lambda text, _: re.sub(r"(\w{3})(\w)", "\\1\u2060\\2", text),
    "wrapped": lambda text, _: re.sub(r"([a-z]{4})([a-z]{3})", "\\1-\n\\2", text, count=3),
    "words 10 %": _words(0.1),
    "words 20 %": _words(0.2),
    "numbers": _numbers,
}


def main() -> None:
    """Plant, search, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=300)
    arguments = parser.parse_args()
    draw = random.Random(SEED)
    everything = [
        item for name in ("math", "gsm8k") for item in read_benchmark(name, arguments.benchmarks / f"{name}_test.jsonl")
    ]
    draw.shuffle(everything)
    half = len(everything) // 2
    sought, others = everything[:half], everything[half:]
    paragraphs = [
        part
        for path in arguments.texts
        for part in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace"))
        if len(part) > 200
    ]
    overlap = Overlap(sought, "exact")
    print("kind              items  found  counted  template")
    calibration: dict[int, list[bool]] = defaultdict(list)
    guilty = 0
    for kind, change in CHANGES.items():
        documents = [
            (f"{item.benchmark}:{item.id}", _planted(item, change, paragraphs, draw))
            for item in sought[: arguments.items]
        ]
        found, counted, templates = set(), set(), set()
        for hit in overlap.find(documents):
            true = hit.document_id == f"{hit.benchmark}:{hit.item_id}"
            calibration[int(hit.probability * 10)].append(true)
            if true:
                found.add(hit.document_id)
                if hit.counted:
                    counted.add(hit.document_id)
                if hit.kind == "template":
                    templates.add(hit.document_id)
        guilty += len(counted)
        total = len(documents)
        print(
            f"{kind:<18}{total:>5}{len(found) / total:>7.3f}{len(counted) / total:>9.3f}{len(templates) / total:>10.3f}"
        )
    blamed = 0
    for name, documents in (
        ("clean", [(str(number), part) for number, part in enumerate(paragraphs)]),
        ("neighbours", [(f"{item.benchmark}:{item.id}", dict(item.fields)["problem"]) for item in others]),
    ):
        started = time.process_time()
        false = {hit.document_id for hit in overlap.find(documents) if hit.counted}
        size = sum(len(text) for _, text in documents)
        speed = size / 1e6 / (time.process_time() - started)
        blamed += len(false)
        rate = 1e4 * len(false) / len(documents)
        print(f"{name}: {len(false)} of {len(documents)} documents counted, {rate:.1f} in 10,000; {speed:.1f} MB/s")
    print(f"precision by document: {guilty / max(1, guilty + blamed):.3f}")
    for decile, truths in sorted(calibration.items()):
        print(f"probability from .{decile}: {sum(truths) / len(truths):.3f} true of {len(truths)}")


def _planted(item: Item, change: Change, paragraphs: list[str], draw: random.Random) -> str:
    before, after = draw.choice(paragraphs), draw.choice(paragraphs)
    return f"{before}\n\n{change(dict(item.fields)['problem'], draw)}\n\n{after}"


if __name__ == "__main__":
    main()
