"""The parts wired by hand: FastWARC, Resiliparse, fastText, equal texts dropped, tokens by the library of the model.

What somebody writes who needs no ledger and no second run: the least that makes token ids of pages. Near duplicates are
dropped where duplodocus is there (`--duplodocus`, the program of OLMo 3's data), with five words in a shingle and 16
bands of 8 rows. Run by `tests.benchmarks.whole_build`.
"""

import argparse
import hashlib
import json
import multiprocessing
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def extract(work: tuple[Path, Path, Path]) -> Path:
    """One archive to a file of English texts."""
    import fasttext
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    archive, model_path, output = work
    model = fasttext.load_model(str(model_path))
    texts = []
    with archive.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            raw = record.reader.read()
            text = extract_plain_text(bytes_to_str(raw, detect_encoding(raw)), main_content=True)
            line = text[:5000].replace("\n", " ")
            if line.strip() and (
                "__label__en" in [label for _, label in model.f.predict(line + "\n", 1, 0.5, "strict")]
            ):
                texts.append(text)
    path = output / "documents" / f"{archive.name}.parquet"
    pq.write_table(pa.table({"text": pa.array(texts, pa.large_string())}), path, compression="zstd")
    return path


def encoder(path: Path):  # type: ignore[no-untyped-def] # of either library
    """The function from texts to lists of ids."""
    if path.suffix == ".json":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(path))
        return lambda texts: [one.ids for one in tokenizer.encode_batch(texts)]
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(path))
    return processor.encode


def tokenize(work: tuple[Path, Path, Path]) -> None:
    """One file of texts to a file of ids."""
    path, tokenizer, output = work
    texts = pq.read_table(path).column("text").to_pylist()
    ids = pa.array(encoder(tokenizer)(texts), pa.list_(pa.int32()))
    pq.write_table(pa.table({"input_ids": ids}), output / "tokens" / path.name, compression="zstd")


def drop_equal(paths: list[Path]) -> None:
    """Rewrite the files without the texts that stand in an earlier place."""
    seen: set[bytes] = set()
    for path in paths:
        table = pq.read_table(path)
        digests = [hashlib.sha256(text.encode()).digest() for text in table.column("text").to_pylist()]
        keep = [not (one in seen or seen.add(one)) for one in digests]  # type: ignore[func-returns-value]
        pq.write_table(table.filter(pa.array(keep, pa.bool_())), path, compression="zstd")


def drop_near(paths: list[Path], program: Path, folder: Path, workers: int) -> None:
    """Rewrite the files without near duplicates, which duplodocus tells; it reads and writes JSON lines."""
    before, behind = folder / "before", folder / "behind"
    before.mkdir(parents=True)
    for path in paths:
        texts = pq.read_table(path).column("text").to_pylist()
        (before / f"{path.name}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [str(program), "--threads", str(workers), "minhash-memory", "--input-dir", str(before)]
    command += ["--storage-dir", str(folder / "store"), "--output-dir", str(behind), "--tokenizer", "uniseg"]
    command += ["--num-buckets", "16", "--bucket-size", "8", "--ngram-size", "5", "--permutation-seed", "1"]
    subprocess.run([*command, "--remove-duplicates", "true"], check=True, stdout=subprocess.DEVNULL)
    for path in paths:
        kept = behind / f"{path.name}.jsonl"
        lines = kept.read_text().splitlines() if kept.exists() else []
        texts = pa.array([json.loads(line)["text"] for line in lines], pa.large_string())
        pq.write_table(pa.table({"text": texts}), path, compression="zstd")


def main() -> None:
    """The chain."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", type=Path)
    for name in ("--model", "--tokenizer", "--output"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--duplodocus", type=Path)
    arguments = parser.parse_args()
    for name in ("documents", "tokens"):
        (arguments.output / name).mkdir(parents=True)
    with multiprocessing.Pool(arguments.workers) as pool:
        archives = sorted(arguments.archives.glob("*.warc.gz"))
        paths = pool.map(extract, [(one, arguments.model, arguments.output) for one in archives], chunksize=1)
        drop_equal(paths)
        if arguments.duplodocus is not None:
            drop_near(paths, arguments.duplodocus, arguments.output / "near", arguments.workers)
        pool.map(tokenize, [(one, arguments.tokenizer, arguments.output) for one in paths], chunksize=1)


if __name__ == "__main__":
    main()
