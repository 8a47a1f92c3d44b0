"""How fast text becomes a MinHash signature, beside datasketch, rensa and datatrove on the same files in one run.

    python -m tests.benchmarks.dedup_signatures --text FOLDER [FOLDER …] [--megabytes 60]

Everybody gets shingles of 5 words and 128 permutations (datatrove 14 x 9 = 126) on one core; times are processor
time. Ours starts from UTF-8 bytes. datasketch and rensa get the same words from the fastest way Python has (one
compiled expression over lower-case text) and hash shingles as their documentation does. Peers that are not installed
are left out; slow ones get a part of the text.
"""

import argparse
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from dedup.columns import Ragged, Texts, hash_texts
from dedup.minhash import permutations, signatures
from dedup.shingle_sets import shingle_sets
from dedup.shingles import Shingler, as_bytes

N, PERMUTATIONS = 5, 128
WORD = re.compile(r"\\[A-Za-z]+|[^\W_]+")


def texts(folders: list[Path], most: int) -> list[str]:
    """Texts of the files below `folders`, in a fixed order, up to `most` bytes in all."""
    found, total = [], 0
    paths = (path for folder in folders for path in folder.rglob("*"))
    for path in sorted(path for path in paths if path.is_file() and path.stat().st_size < 1_000_000):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if len(text) >= 200 and "\0" not in text:
            found.append(text)
            total += len(text.encode())
            if total >= most:
                break
    return found


def shingles(text: str) -> list[str]:
    """Shingles as strings, for the peers."""
    words = WORD.findall(text.lower())
    return [" ".join(words[start : start + N]) for start in range(max(len(words) - N + 1, min(len(words), 1)))]


def ours(full: bool) -> Callable[[str], object]:
    """Our signature of one text at a time; `full`: also both exact hashes and the sorted set, as the stage computes."""
    shingler, numbers = Shingler(N), permutations(PERMUTATIONS)

    def sign(text: str) -> object:
        data = as_bytes(text)
        if not full:
            hashes = shingler(data)[0]
            return signatures(Ragged(hashes, np.array([0, len(hashes)])), *numbers)
        hashed = hash_texts(shingler, Texts(data, np.array([0, len(data)])))
        return hashed, signatures(shingle_sets(hashed.shingles), *numbers)

    return sign


def datasketch_batch() -> Callable[[str], object]:
    """datasketch with its fastest interface and its default hash."""
    from datasketch import MinHash

    def sign(text: str) -> object:
        sketch = MinHash(num_perm=PERMUTATIONS, scheme="affine32")
        sketch.update_batch([shingle.encode() for shingle in shingles(text)])
        return sketch.hashvalues

    return sign


def rensa() -> Callable[[str], object]:
    """rensa's R-MinHash."""
    from rensa import RMinHash

    def sign(text: str) -> object:
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update(shingles(text))
        return sketch.digest()

    return sign


def datatrove() -> Callable[[str], object]:
    """datatrove's signature step; with words split at spaces where its own tokenizer is not installed."""
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step = MinhashDedupSignature.__new__(MinhashDedupSignature)
    step.config = MinhashConfig(n_grams=N, num_buckets=14, hashes_per_bucket=9)
    step.num_hashes, step._parameters = 126, None
    from datatrove.utils.hashing import create_hash_func

    step._hash_func = create_hash_func(step.config.hash_config)

    class Split:
        def word_tokenize(self, text: str) -> list[str]:
            return text.split()

    step.word_tokenizer = Split()

    def sign(text: str) -> object:
        found = step.get_shingles(text)
        return step.get_signature(found) if len(found) else None

    return sign


CANDIDATES: tuple[tuple[str, Callable[[], Callable[[str], object]], float], ...] = (
    ("ours: signature", lambda: ours(False), 1.0),
    ("ours: with set and exact hashes", lambda: ours(True), 1.0),
    ("datasketch update_batch", datasketch_batch, 0.1),
    ("rensa R-MinHash", rensa, 0.3),
    ("datatrove (words split at spaces)", datatrove, 0.02),
)


def measured(sign: Callable[[str], object], some: list[str]) -> float:
    """Megabytes of UTF-8 a second; the best of three, because machines are shared."""
    for text in some[:20]:
        sign(text)
    size = sum(len(text.encode()) for text in some)
    best = 0.0
    for _ in range(3):
        started = time.process_time()
        for text in some:
            sign(text)
        best = max(best, size / 1e6 / (time.process_time() - started))
    return best


def shares(all_texts: list[str], share: float) -> list[str]:
    """Every so many texts, so that parts are like the whole."""
    return all_texts[:: max(1, round(1 / share))]


def rows(all_texts: list[str]) -> Iterator[tuple[str, float]]:
    """Measure every candidate that is installed."""
    for name, make, share in CANDIDATES:
        try:
            sign = make()
        except ImportError as error:
            print(f"{name}: left out ({error})")
            continue
        yield name, measured(sign, shares(all_texts, share))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, nargs="+", required=True, help="folders of real files")
    parser.add_argument("--megabytes", type=float, default=60.0)
    arguments = parser.parse_args()
    all_texts = texts(arguments.text, int(arguments.megabytes * 1e6))
    sizes = np.array([len(text) for text in all_texts])
    print(f"{len(all_texts):,} texts, {sizes.sum() / 1e6:.1f} MB, median {int(np.median(sizes)):,} characters")
    first = None
    for name, speed in rows(all_texts):
        first = first or speed
        print(f"{name:36} {speed:8.2f} MB/s   1 : {first / speed:.1f}", flush=True)


if __name__ == "__main__":
    main()
