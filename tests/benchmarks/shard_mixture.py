"""The mixture of a corpus's training stream by prefix, what packing costs, copies' distance, and short rows by split.

    python -m tests.benchmarks.shard_mixture CORPUS [CORPUS …]

Read from the shards alone; the shares that were asked for are those of `mixture.json`. Ends with an error where a
prefix of a hundredth or more is off by more than a point (or by more than one row, where a row is more than that),
copies lie closer than a quarter of an epoch, or a split has more than one short row (beside those of sources that are
passed over more often than others and are small: at most one each). Copies are told by what a row holds: ids and
positions of its documents. A row of several sources counts for each by its tokens.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

PREFIXES = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
MOST_OFF, LEAST_APART = 0.01, 0.25


class Stream(NamedTuple):
    """The rows of a split in their order, each of shape (rows,): source, tokens of documents, a hash of what is in it.

    `of`: by source its tokens in each row, of the same shape. `short`: how many rows, copies not counted, have fewer
    tokens than the others; `longest`: tokens of a row, at most.
    """

    sources: NDArray[np.str_]
    tokens: NDArray[np.int64]
    names: NDArray[np.int64]
    of: dict[str, NDArray[np.int64]]
    short: int
    longest: int


def stream_of(folder: Path) -> Stream:
    """Read a split."""
    sources: list[str] = []
    tokens: list[int] = []
    names: list[int] = []
    of: dict[str, dict[int, int]] = {}
    length = 0
    for path in sorted(folder.glob("*.parquet")):
        table = pq.read_table(path, columns=["source", "sources", "lengths", "ids", "positions"])
        about = json.loads(pq.read_schema(path).metadata[b"proofpile"])
        sources += table["source"].to_pylist()
        length = about["sequence_length"] if about["packing"] == "concatenated" else 0
        for row, (whose, lengths) in enumerate(
            zip(table["sources"].to_pylist(), table["lengths"].to_pylist(), strict=True)
        ):
            for source, count in zip(whose, lengths, strict=True):
                mine = of.setdefault(source, {})
                mine[len(tokens) + row] = mine.get(len(tokens) + row, 0) + count
        tokens += [sum(lengths) for lengths in table["lengths"].to_pylist()]
        pairs = zip(table["ids"].to_pylist(), table["positions"].to_pylist(), strict=True)
        names += [hash((tuple(ids), tuple(positions))) for ids, positions in pairs]
    short = {name for name, count in zip(names, tokens, strict=True) if count < length}
    parts = {source: np.zeros(len(tokens), dtype=np.int64) for source in of}
    for source, mine in of.items():
        parts[source][list(mine)] = list(mine.values())
    return Stream(np.array(sources), np.array(tokens), np.array(names), parts, len(short), max(tokens, default=0))


def apart(stream: Stream) -> Iterator[tuple[str, float]]:
    """By source with copies, the least distance of two copies of a row in epochs of their source, in its own rows."""
    for source in np.unique(stream.sources):
        names = stream.names[stream.sources == source]
        order = np.argsort(names, kind="stable")
        same = names[order][1:] == names[order][:-1]
        if same.any():
            yield str(source), float(np.diff(order)[same].min() / len(np.unique(names)))


def look_at(corpus: Path) -> bool:
    """Print the tables of one corpus; whether all is as it should be."""
    mixture = json.loads((corpus / "mixture.json").read_text(encoding="utf-8"))
    key = "asked_share" if mixture["repeated_in_shards"] else "share"
    asked = {name: one[key] for name, one in mixture["sources"].items() if one["stream_tokens"]}
    train = stream_of(corpus / "shards" / "train")
    whole = np.cumsum(train.tokens)
    sums = {name: np.cumsum(train.of[name]) for name in asked}
    print(f"{corpus}: {len(train.tokens):,} rows, {whole[-1]:,} tokens")
    print(f"{'prefix':<10}" + "".join(f"{name[:14]:>16}" for name in asked))
    print(f"{'asked':<10}" + "".join(f"{100 * share:>14.2f} %" for share in asked.values()))
    for prefix in PREFIXES:
        place = int(np.searchsorted(whole, prefix * whole[-1]))
        shares = (sums[name][place] / whole[place] for name in asked)
        print(f"{prefix:<10.0%}" + "".join(f"{100 * share:>14.2f} %" for share in shares))
    first = int(np.searchsorted(whole, MOST_OFF * whole[-1]))
    off = max(float(np.abs(sums[name][first:] / whole[first:] - share).max()) for name, share in asked.items())
    row = train.longest / int(whole[first])
    print(f"largest deviation of any prefix of 1 % or more: {100 * off:.2f} points; a row of it is {100 * row:.2f}")
    sound = off <= max(MOST_OFF, row)
    parts = mixture["sources"].values()
    tokens, documents = (sum(one[what] for one in parts) for what in ("tokens", "documents"))
    padding, cut, fitting = (mixture[what] for what in ("padding", "cut", "cut_that_fit"))
    print(f"packing: {padding:,} tokens of padding beside {tokens:,} ({100 * padding / tokens:.3f} %)")
    print(f"packing: of {documents:,} documents {cut:,} lie in several rows, {fitting:,} of which would fit one")
    for source, epochs in apart(train):
        print(f"copies of {source}: {epochs:.2f} epochs apart at least")
        sound &= epochs >= LEAST_APART
    for split in ("train", "validation", "test"):
        if (corpus / "shards" / split).is_dir():
            found = stream_of(corpus / "shards" / split)
            print(f"{split}: {found.short} short rows of {len(found.tokens):,}, {len(found.of)} sources")
            alike = split != "train" or len({round(one["epochs"], 2) for one in parts}) == 1
            sound &= found.short <= (1 if alike else len(found.of))
    return sound


def main() -> None:
    """Look at all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+", metavar="CORPUS")
    wrong = [corpus for corpus in parser.parse_args().corpora if not look_at(corpus)]
    if wrong:
        sys.exit(f"not as it should be: {wrong[0]}")


if __name__ == "__main__":
    main()
