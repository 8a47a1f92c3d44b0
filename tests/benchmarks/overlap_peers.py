"""Ours beside its peers on one planted set, in one run: what each finds of what is planted, and what it takes for it.

    python -m tests.benchmarks.overlap_peers BENCHMARKS TEXTS... [--decon BINARY] [--datatrove PYTHON] [--items N]

Arguments as of `overlap_planted`. A peer says of a document whether it is contaminated, so recall is by document, and
of ours too. Written anew here are two rules: that of the published script (wellecks/overlap, 30 words of one field) and
that of open-r1 (scripts/decontaminate.py: eight words in lower case). decon (allenai/decon) is its binary, with its
defaults and with questions alone; datatrove is its own tokenizer, normalisation and hash (`pipeline/decont/n_grams.py`,
12 words, queries too), run by a Python that has it and spaCy. Times are processor time, start-up of a peer included.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from dedup.benchmarks import Item
from dedup.overlap import Overlap
from tests.benchmarks.overlap_plants import CLEAN, GROUPS, NEIGHBOURS, PAIRS, SHORT, Plants, planted_set, source_of
from tests.benchmarks.overlap_speed import PublishedMethod

Documents = Sequence[tuple[str, str]]
Peer = Callable[[Sequence[Item], Documents], set[int]]
"""Takes the items and all documents, returns the numbers of those that it calls contaminated."""
OPEN_R1_WORDS = 8
_DATATROVE = """
import json, sys
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
from datatrove.utils.text import ngrams, simplify_text
from datatrove.utils.typeshelper import Languages
config = NGramsDecontConfig(find_query_ngrams=True)
peer = NGramsDecontFilter(index_folder=sys.argv[1], config=config, language=Languages.english)
given = json.load(open(sys.argv[2]))
def hashes(text):
    words = peer.tokenizer.word_tokenize(simplify_text(text, config.norm_config))
    return [peer.hash_func(" ".join(gram)) if not isinstance(gram, str) else peer.hash_func(gram)
            for gram in ngrams(words, config.n_grams)]
peer._index_hashes = {one: "items" for text in given["items"] for one in hashes(text)}
flagged = [number for number, text in enumerate(given["documents"])
           if peer.filter(Document(text=text, id=str(number))) is not True]
json.dump(flagged, open(sys.argv[3], "w"))
"""


def ours(items: Sequence[Item], documents: Documents) -> set[int]:
    """Documents with a hit of the headline."""
    return {int(hit.document_id) for hit in Overlap(items, "exact").find(numbered(documents)) if hit.counted}


def ours_exact(items: Sequence[Item], documents: Documents) -> set[int]:
    """Documents with 13 equal words or a short item, whatever they say."""
    return {int(hit.document_id) for hit in Overlap(items, "exact", (13,), evident=False).find(numbered(documents))}


def published(items: Sequence[Item], documents: Documents) -> set[int]:
    """30 words of a problem or a solution, as the published script compares them."""
    methods = [PublishedMethod(list(items), field, 30) for field in ("problem", "solution")]
    return {number for number, (_, text) in enumerate(documents) if any(method.hits(text) for method in methods)}


def open_r1(items: Sequence[Item], documents: Documents) -> set[int]:
    """Eight words of a problem, in lower case."""

    def grams(text: str) -> set[str]:
        words = text.lower().split()
        return {" ".join(words[at : at + OPEN_R1_WORDS]) for at in range(len(words) - OPEN_R1_WORDS + 1)}

    known = {gram for item in items for field, text in item.fields if field == "problem" for gram in grams(text)}
    return {number for number, (_, text) in enumerate(documents) if not known.isdisjoint(grams(text))}


def datatrove(python: Path) -> Peer:
    """datatrove's twelve words of problem or solution, by a Python that has it."""

    def find(items: Sequence[Item], documents: Documents) -> set[int]:
        with tempfile.TemporaryDirectory() as folder:
            given, found = Path(folder) / "given.json", Path(folder) / "found.json"
            own = [text for item in items for _, text in item.fields]
            given.write_text(json.dumps({"items": own, "documents": [text for _, text in documents]}))
            run([str(python), "-c", _DATATROVE, folder, str(given), str(found)])
            return set(json.loads(found.read_text()))

    return find


def decon(binary: Path, answers: bool) -> Peer:
    """decon with its defaults, with the solutions as answers or without them."""

    def find(items: Sequence[Item], documents: Documents) -> set[int]:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("evals", "training", "report"):
                (folder / part).mkdir()
            rows = [
                {"eval_key": item.benchmark, "eval_instance_index": number, "split": "test", "doc_id": number,
                 "fingerprint": f"{number:016x}", "question": dict(item.fields)["problem"]}
                | ({"answer": dict(item.fields)["solution"]} if answers and "solution" in dict(item.fields) else {})
                for number, item in enumerate(items)
            ]  # fmt: skip
            lines(folder / "evals" / "items-1.jsonl", rows)
            lines(folder / "training" / "documents.jsonl", [{"text": text} for _, text in documents])
            places = {"training": "training-dir", "evals": "evals-dir", "report": "report-output-dir"}
            options = [word for part, option in places.items() for word in (f"--{option}", str(folder / part))]
            run([str(binary), "detect", *options, "--worker-threads", "1"])
            return {
                json.loads(line)["training_line"]
                for path in (folder / "report").rglob("*.jsonl")
                for line in path.read_text().splitlines()
            }

    return find


def lines(path: Path, rows: Sequence[object]) -> None:
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def run(command: list[str]) -> None:
    """Run a peer; what it says is only shown if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")


def numbered(documents: Documents) -> list[tuple[str, str]]:
    """Documents under their numbers, as ids of plants repeat."""
    return [(str(number), text) for number, (_, text) in enumerate(documents)]


def main() -> None:
    """Plant once, ask all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--items", type=int, default=100, help="items planted in each way (default 100)")
    parser.add_argument("--part", choices=("even", "odd", "all"), default="odd", help="which items are planted")
    parser.add_argument("--source", choices=("fitted", "others"), default="fitted", help="whose items (default fitted)")
    parser.add_argument("--benchmark", nargs="+", default=[], metavar="NAME=FILE", help="items of these files instead")
    parser.add_argument("--decon", type=Path, metavar="BINARY", help="decon, as cargo builds it")
    parser.add_argument("--datatrove", type=Path, metavar="PYTHON", help="a Python that has datatrove and spaCy")
    arguments = parser.parse_args()
    source = source_of(arguments.source, arguments.benchmark)
    made = planted_set(arguments.benchmarks, arguments.texts, arguments.items, arguments.part, source=source)
    groups = [plants for plants in made.plants if plants.group in (*GROUPS, SHORT, PAIRS)] + made.company[:2]
    peers: dict[str, Peer] = {"ours, headline": ours, "ours, exact 13": ours_exact}
    if arguments.decon:
        peers |= {"decon": decon(arguments.decon, True), "decon, questions": decon(arguments.decon, False)}
    peers |= {"open-r1, 8 words": open_r1}
    if arguments.datatrove:
        peers["datatrove, 12 words"] = datatrove(arguments.datatrove)
    peers["published, 30 words"] = published
    ours(made.sought[:10], groups[0].documents[:1])  # compiles
    ours_exact(made.sought[:10], groups[0].documents[:1])
    documents = [document for plants in groups for document in plants.documents]
    size = sum(len(text.encode()) for _, text in documents)
    print(f"{len(made.sought):,} items, {len(documents):,} documents, {size / 1e6:.1f} MB")
    columns = [*GROUPS, "all", SHORT, PAIRS]
    print("".join([f"{'recall':<21}", *(f"{column[:13]:>14}" for column in columns), "     precision",
                   "  clean/10,000  near/10,000      MB/s"]))  # fmt: skip
    for name, peer in peers.items():
        before = os.times()
        flagged = peer(made.sought, documents)
        after = os.times()
        seconds = sum(after[:4]) - sum(before[:4])
        print(f"{name:<21}{line(groups, flagged)}{size / seconds / 1e6:>10.1f}", flush=True)


def line(groups: Sequence[Plants], flagged: set[int]) -> str:
    """Recall by group, precision by document, and documents without an item that are called contaminated."""
    counts: dict[str, list[int]] = {}
    first = 0
    for plants in groups:
        last = first + len(plants.documents)
        for group in {plants.group, "all" if plants.group in GROUPS else plants.group}:
            sums = counts.setdefault(group, [0, 0])
            sums[0] += len(plants.documents)
            sums[1] += sum(first <= number < last for number in flagged)
        first = last
    guilty, blamed = counts["all"][1], counts[CLEAN][1] + counts[NEIGHBOURS][1]
    shares = [counts[group][1] / counts[group][0] for group in (*GROUPS, "all", SHORT, PAIRS)]
    rates = [1e4 * counts[group][1] / counts[group][0] for group in (CLEAN, NEIGHBOURS)]
    return (
        "".join(f"{share:>14.3f}" for share in shares)
        + f"{guilty / max(1, guilty + blamed):>14.3f}{rates[0]:>14.1f}{rates[1]:>13.1f}"
    )


if __name__ == "__main__":
    main()
