"""Recall and precision by true similarity, against all pairs of real documents, beside datasketch and datatrove.

    python -m tests.benchmarks.dedup_recall --text FOLDER [FOLDER …] [--documents 20000] [--plot FILE.png] \\
        [--duplodocus PROGRAM]

Documents are real files and, on top, copies with 1 to 40 % of the words replaced. The true Jaccard similarity of all
pairs is counted through an index of shingles. Then the candidates of each program at the same bands and rows, from
the same shingle hashes, are compared with it: recall within each band of similarity beside the S-curve's promise,
and precision of what is finally called a duplicate. Ours is verified; the peers call every candidate a duplicate.

What decides about dropping is who ends in one cluster: that table stands behind the other, and there duplodocus (the
program of OLMo 3's data, `cargo build --release` of its repository) joins, which tells clusters and no pairs.
"""

import argparse
import itertools
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from dedup.buckets import all_pairs, buckets, unique_pairs
from dedup.minhash import Bands, band_hashes, meeting_probability, recall_bands, signature
from dedup.shingles import Shingler, as_bytes
from tests.benchmarks.dedup_signatures import texts

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]

LEAST = 0.2
"""Pairs below this similarity are only counted where a program proposes them."""
STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0001)
EDITED_SHARE = 0.3
LONGEST = 20_000


def corpus(folders: list[Path], count: int) -> list[str]:
    """`count` documents, of which 3 in 10 are edited copies of others; long files are cut into pieces."""
    pieces = [
        text[start : start + LONGEST] for text in texts(folders, 1 << 31) for start in range(0, len(text), LONGEST)
    ]
    pieces = [piece for piece in pieces if len(piece) > 300]
    generator = np.random.default_rng(1)
    own = min(len(pieces), round(count * (1 - EDITED_SHARE)))
    chosen = [pieces[place] for place in sorted(generator.permutation(len(pieces))[:own].tolist())]
    originals = generator.integers(own, size=count - own).tolist()
    return chosen + [edited(chosen[place], generator) for place in originals]


def edited(text: str, generator: np.random.Generator) -> str:
    """A copy with 1 to 40 % of its words replaced, evenly over the logarithm of the share."""
    words = text.split(" ")
    share = float(np.exp(generator.uniform(np.log(0.01), np.log(0.4))))
    for place in np.flatnonzero(generator.random(len(words)) < share).tolist():
        words[place] = f"w{generator.integers(1 << 30)}"
    return " ".join(words)


@njit(cache=True)
def _row(  # type: ignore[no-untyped-def]
    row, values, value_bounds, owners, owner_bounds, counts, sizes, least, out_right, out_similarity
):
    """Documents after `row` whose Jaccard with it is at least `least`."""
    touched = np.empty(len(sizes), np.int64)
    found = 0
    for position in range(value_bounds[row], value_bounds[row + 1]):
        shingle = values[position]
        for place in range(owner_bounds[shingle], owner_bounds[shingle + 1]):
            other = owners[place]
            if other > row:
                if counts[other] == 0:
                    touched[found] = other
                    found += 1
                counts[other] += 1
    kept = 0
    for place in range(found):
        other = touched[place]
        shared = counts[other]
        counts[other] = 0
        similarity = shared / (sizes[row] + sizes[other] - shared)
        if similarity >= least:
            out_right[kept] = other
            out_similarity[kept] = similarity
            kept += 1
    return kept


class Truth(NamedTuple):
    """All pairs at or above `LEAST`, packed left << 32 | right and sorted, with their similarity."""

    pairs: U64
    similarity: F64


def all_pairs_truth(sets: list[U32]) -> Truth:
    """Count the shared shingles of all pairs."""
    sizes = np.array([len(one) for one in sets])
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    names, values = np.unique(np.concatenate(sets), return_inverse=True)
    owners = np.repeat(np.arange(len(sets)), sizes)[np.argsort(values, kind="stable")]
    owner_bounds = np.concatenate([[0], np.cumsum(np.bincount(values, minlength=len(names)))])
    counts = np.zeros(len(sets), np.int64)
    right, similarity = np.empty(len(sets), np.int64), np.empty(len(sets))
    pairs, similarities = [], []
    for row in range(len(sets)):
        kept = _row(row, values, bounds, owners, owner_bounds, counts, sizes, LEAST, right, similarity)
        pairs.append((np.uint64(row) << np.uint64(32)) + right[:kept].astype(np.uint64))
        similarities.append(similarity[:kept].copy())
    packed, flat = np.concatenate(pairs), np.concatenate(similarities)
    order = np.argsort(packed)
    return Truth(packed[order], flat[order])


def pairs_of_keys(keys: U64) -> U64:
    """The distinct pairs that share a key in any band, packed and sorted."""
    documents = np.repeat(np.arange(len(keys), dtype=np.uint64), keys.shape[1])
    found = buckets(keys.reshape(-1), documents)
    left, right = unique_pairs(*all_pairs(found, 1 << 30))
    result: U64 = (left << np.uint64(32)) + right
    return result


def ours(sets: list[U32], bands: Bands) -> U64:
    """Candidates of this project's kernels."""
    return pairs_of_keys(band_hashes(np.stack([signature(one) for one in sets]), bands))


def datasketch(sets: list[U32], bands: Bands) -> U64:
    """Candidates of datasketch's MinHashLSH with the same shingle hashes."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=128, params=(bands.bands, bands.rows))
    found = []
    for number, one in enumerate(sets):
        sketch = MinHash(num_perm=128, scheme="affine32", hashfunc=int)
        sketch.update_batch(one.tolist())
        found += [(int(other) << 32) + number for other in index.query(sketch)]
        index.insert(number, sketch)
    return np.unique(np.array(found, np.uint64))


def datatrove(sets: list[U32], bands: Bands) -> U64:
    """Candidates of datatrove's signatures (its own 64-bit permutations) with the same bands and rows."""
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step: Any = MinhashDedupSignature.__new__(MinhashDedupSignature)
    step.config = MinhashConfig(num_buckets=bands.bands, hashes_per_bucket=bands.rows)
    step.num_hashes, step._parameters = bands.bands * bands.rows, None
    signatures = np.array([step.get_signature(one.astype(np.uint64).reshape(-1, 1)) for one in sets], np.uint64)
    numbered = [np.unique(signatures[:, band], axis=0, return_inverse=True)[1] for band in range(bands.bands)]
    keys = np.stack(numbered, axis=1).reshape(len(sets), -1).astype(np.uint64)
    return pairs_of_keys(keys * np.uint64(bands.bands) + np.arange(bands.bands, dtype=np.uint64))


def similarities(pairs: U64, truth: Truth) -> F64:
    """The true similarity of packed pairs; 0 for those below `LEAST`."""
    place = np.minimum(np.searchsorted(truth.pairs, pairs), len(truth.pairs) - 1)
    return np.where(truth.pairs[place] == pairs, truth.similarity[place], 0.0)


def table(found: dict[str, U64], truth: Truth, bands: Bands, threshold: float) -> Iterator[str]:
    """Recall by band of similarity, then recall and precision over all."""
    yield f"{'similarity':>12} {'pairs':>9} {'theory':>8} " + " ".join(f"{name:>12}" for name in found)
    for low, high in itertools.pairwise(STEPS):
        use = (truth.similarity >= low) & (truth.similarity < high)
        if not use.any():
            continue
        promised = float(np.mean([meeting_probability(value, bands) for value in truth.similarity[use]]))
        shown = " ".join(f"{np.isin(truth.pairs[use], pairs).mean():12.4f}" for pairs in found.values())
        yield f"{low:5.2f}–{min(high, 1):5.2f}  {use.sum():9,} {promised:8.4f} {shown}"
    above = truth.pairs[truth.similarity >= threshold]
    yield f"at {threshold}: {len(above):,} true pairs"
    for name, pairs in found.items():
        good = int((similarities(pairs, truth) >= threshold).sum())
        listed = good if name == "ours" else len(pairs)
        yield (
            f"  {name:12} candidates {len(pairs):9,}  recall {good / len(above):.4f}  "
            f"precision of candidates {good / len(pairs):.4f}  of what is called a duplicate {good / listed:.4f}"
        )


def clustered(pairs: U64, count: int) -> U64:
    """A number of its cluster for each of `count` documents that such pairs join."""
    from dedup.components import components

    roots = np.arange(count, dtype=np.uint64)
    found = components(pairs >> np.uint64(32), pairs & np.uint64((1 << 32) - 1))
    roots[found.members.astype(np.int64)] = found.roots
    return roots


def duplodocus(documents: list[str], bands: Bands, program: Path) -> U64:
    """The clusters of duplodocus's own words and signatures, at the same bands and rows."""
    roots = np.arange(len(documents), dtype=np.uint64)
    with tempfile.TemporaryDirectory() as folder:
        before, behind = Path(folder, "before"), Path(folder, "behind")
        before.mkdir()
        lines = (json.dumps({"id": number, "text": text}) for number, text in enumerate(documents))
        (before / "all.jsonl").write_text("\n".join(lines) + "\n")
        command = [str(program), "--threads", "2", "minhash-memory", "--input-dir", str(before)]
        command += ["--storage-dir", str(Path(folder, "store")), "--output-dir", str(behind), "--tokenizer", "uniseg"]
        command += ["--num-buckets", str(bands.bands), "--bucket-size", str(bands.rows), "--ngram-size", "5"]
        command += ["--permutation-seed", "1", "--annotate", "true", "--annotate-key", "near"]
        subprocess.run([*command, "--remove-duplicates", "false"], check=True, stdout=subprocess.DEVNULL)
        for path in behind.glob("*.jsonl"):
            for row in map(json.loads, path.read_bytes().splitlines()):
                if row.get("near"):
                    roots[row["id"]] = len(documents) + row["near"]["cc_id"]
    return roots


def cluster_table(roots: dict[str, U64], truth: Truth, threshold: float) -> Iterator[str]:
    """The share of pairs that end in one cluster by band of similarity, and how many of all such pairs are true."""
    ends = (truth.pairs >> np.uint64(32)).astype(np.int64), (truth.pairs & np.uint64((1 << 32) - 1)).astype(np.int64)
    together = {name: root[ends[0]] == root[ends[1]] for name, root in roots.items()}
    yield f"{'in one cluster':>14} {'pairs':>7} " + " ".join(f"{name:>12}" for name in roots)
    for low, high in itertools.pairwise(STEPS):
        use = (truth.similarity >= low) & (truth.similarity < high)
        if use.any():
            shown = " ".join(f"{one[use].mean():12.4f}" for one in together.values())
            yield f"{low:5.2f}–{min(high, 1):5.2f}  {use.sum():9,} {shown}"
    above = truth.similarity >= threshold
    for name, root in roots.items():
        sizes = np.unique(root, return_counts=True)[1]
        pairs = int((sizes * (sizes - 1) // 2).sum())
        part = int(together[name][above].sum()) / max(1, pairs)
        yield f"  {name:12} pairs in one cluster {pairs:9,}, at {threshold} and above {part:.4f} of them"


def plot(path: Path, found: dict[str, U64], truth: Truth, bands: Bands) -> None:
    """The S-curve measured and promised."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    edges = np.linspace(LEAST, 1, 33)
    middles = (edges[1:] + edges[:-1]) / 2
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    line = np.linspace(LEAST, 1, 200)
    axes.plot(line, [meeting_probability(value, bands) for value in line], "k-", label="theory")
    for name, pairs in found.items():
        hit = np.isin(truth.pairs, pairs)
        where = np.clip(np.digitize(truth.similarity, edges) - 1, 0, len(middles) - 1)
        total = np.bincount(where, minlength=len(middles))
        share = np.bincount(where, weights=hit, minlength=len(middles)) / np.maximum(total, 1)
        look = {"markersize": 9, "fillstyle": "none"} if name == "ours" else {"markersize": 4}
        axes.plot(middles[total > 20], share[total > 20], "o", label=name, **look)
    axes.set(xlabel="true Jaccard similarity", ylabel="share of pairs that are candidates")
    axes.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, nargs="+", required=True, help="folders of real files")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--threshold", type=float, default=0.8)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--duplodocus", type=Path, metavar="PROGRAM", help="what cargo has built of it")
    arguments = parser.parse_args()
    shingler = Shingler(5)
    documents, sets = [], []
    for text in corpus(arguments.text, arguments.documents):
        if len(one := np.unique(shingler(as_bytes(text))[0])):
            documents.append(text)
            sets.append(one)
    bands = recall_bands(arguments.threshold)
    truth = all_pairs_truth(sets)
    print(f"{len(sets):,} documents, {bands.bands} bands of {bands.rows} rows, {len(truth.pairs):,} pairs >= {LEAST}")
    found = {"ours": ours(sets, bands)}
    for name, peer in (("datasketch", datasketch), ("datatrove", datatrove)):
        try:
            found[name] = peer(sets, bands)
        except ImportError as error:
            print(f"{name}: left out ({error})")
    for text in table(found, truth, bands, arguments.threshold):
        print(text)
    roots = {
        name: clustered(
            pairs[similarities(pairs, truth) >= arguments.threshold] if name == "ours" else pairs, len(sets)
        )
        for name, pairs in found.items()
    }
    if arguments.duplodocus is not None:
        roots["duplodocus"] = duplodocus(documents, bands, arguments.duplodocus.resolve())
    for text in cluster_table(roots, truth, arguments.threshold):
        print(text)
    if arguments.plot is not None:
        plot(arguments.plot, found, truth, bands)


if __name__ == "__main__":
    main()
