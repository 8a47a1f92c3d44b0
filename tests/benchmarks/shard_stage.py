"""The whole shard stage beside datatrove's tokenizer with merger, and beside libraries that only encode, in one run.

    python -m tests.benchmarks.shard_stage --text FOLDER --tokenizer tokenizer.json --work FOLDER [--megabytes 350] \\
        [--model tokenizer.model] [--peer PYTHON]

Ours and datatrove's read JSON lines and end with shuffled tokens on disk; `tokenizers` and `sentencepiece` read the
same lines and keep nothing. Times are processor time of all processes, start included, and the peak is that of the
largest process. The peers take `--peer-megabytes` of the same texts, since their rate does not depend on how much it
is. datatrove runs under `--peer PYTHON`, where it is installed.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.overlap_speed import texts

DATATROVE = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import DocumentTokenizer, DocumentTokenizerMerger
source, tokenizer, out, end = sys.argv[1:]
LocalPipelineExecutor(
    [JsonlReader(source), DocumentTokenizer(out + "/parts", tokenizer_name_or_path=tokenizer, eos_token=end, shuffle_documents=True)],
    tasks=1, logging_dir=out + "/log1",
).run()
LocalPipelineExecutor(
    [DocumentTokenizerMerger(out + "/parts", out + "/merged", save_filename="all")], tasks=1, logging_dir=out + "/log2"
).run()
"""  # noqa: E501
ENCODERS = {
    "tokenizers": """
import fileinput, json, sys, tokenizers
encode = tokenizers.Tokenizer.from_file(sys.argv[1]).encode
print(sum(len(encode(json.loads(line)["text"]).ids) for line in fileinput.input(sys.argv[2:], encoding="utf-8")))
""",
    "sentencepiece": """
import fileinput, json, sys, sentencepiece
encode = sentencepiece.SentencePieceProcessor(model_file=sys.argv[1]).encode
print(sum(len(encode(json.loads(line)["text"])) for line in fileinput.input(sys.argv[2:], encoding="utf-8")))
""",
}
FILE_MEGABYTES = 32
"""Texts in a file of the input, as a unit of the stage has them."""


def timed(about: str, size: int, command: list[str]) -> float:
    """Run, print rate, time and peak, return the processor seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{about:<32}{size / seconds / 1e6:8.2f} MB a processor second, {seconds:.1f} s, "
        f"{time.monotonic() - began:.1f} s by the clock, largest process so far {after.ru_maxrss >> 10} MiB",
        flush=True,
    )
    return seconds


def written(folder: Path, chosen: Sequence[str]) -> int:
    """Write texts as files of JSON lines; returns their bytes."""
    folder.mkdir(parents=True)
    size, number, stream = 0, -1, None
    for place, text in enumerate(chosen):
        if size // (FILE_MEGABYTES * 1_000_000) > number:
            number += 1
            if stream is not None:
                stream.close()
            stream = (folder / f"{number:03}.jsonl").open("w", encoding="utf-8")
        assert stream is not None
        stream.write(json.dumps({"id": str(place), "text": text}, ensure_ascii=False) + "\n")
        size += len(text.encode())
    if stream is not None:
        stream.close()
    return size


def main() -> None:
    """Time all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    parser.add_argument("--model", type=Path, help="a SentencePiece model")
    parser.add_argument("--work", type=Path, required=True, help="folder for input and output")
    parser.add_argument("--end", default="<|end_of_text|>", help="the end mark of the tokenizer.json")
    parser.add_argument("--megabytes", type=float, default=350)
    parser.add_argument("--peer-megabytes", type=float, default=60)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peer", help="the python that has datatrove")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    chosen = [text for _, text in texts(arguments.text, int(arguments.megabytes * 1e6))]
    whole, part = arguments.work / "whole", arguments.work / "part"
    size = written(whole, chosen)
    total, few = 0, 0
    while few < len(chosen) and total < arguments.peer_megabytes * 1e6:
        total += len(chosen[few].encode())
        few += 1
    part_size = written(part, chosen[:few])
    print(f"{len(chosen):,} texts, {size / 1e6:.0f} MB; of them {few:,}, {part_size / 1e6:.0f} MB, for the peers")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    rates = {}
    for vocabulary in filter(None, (arguments.tokenizer, arguments.model)):
        shard = [sys.executable, "-m", "pipelines.commands.cli", "shard", "--quiet", "--tokenizer", str(vocabulary)]
        shard += ["--sequence-length", "4096"]
        timed("ours, compiling", part_size, [*shard, "--input", str(part), "--output", str(arguments.work / "warm")])
        shutil.rmtree(arguments.work / "warm")
        for workers in arguments.workers:
            out = arguments.work / "ours"
            command = [*shard, "--input", str(whole), "--workers", str(workers), "--output", str(out)]
            about = f"ours, {vocabulary.name[-15:]}, {workers}"
            rates[vocabulary, workers] = size / timed(about, size, command)
            shutil.rmtree(out)
        name = "tokenizers" if vocabulary == arguments.tokenizer else "sentencepiece"
        encoder = part_size / timed(
            name, part_size, [sys.executable, "-c", ENCODERS[name], str(vocabulary), *map(str, sorted(part.iterdir()))]
        )
        print(f"ours is {rates[vocabulary, arguments.workers[0]] / encoder:.1f} times as fast as {name} alone")
    if arguments.peer:
        command = [arguments.peer, "-c", DATATROVE, str(part), str(arguments.tokenizer)]
        command += [str(arguments.work / "datatrove"), arguments.end]
        rate = part_size / timed("datatrove", part_size, command)
        print(f"ours is {rates[arguments.tokenizer, arguments.workers[0]] / rate:.1f} times as fast as datatrove")


if __name__ == "__main__":
    main()
