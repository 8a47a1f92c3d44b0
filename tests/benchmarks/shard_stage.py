"""The whole shard stage beside datatrove's tokenizer with merger, and beside libraries that only encode, in one run.

    python -m tests.benchmarks.shard_stage --text FOLDER --tokenizer tokenizer.json --work FOLDER [--megabytes 350] \\
        [--model tokenizer.model] [--peer PYTHON]

Ours and datatrove's read the same JSON lines and end with shuffled tokens on disk; `tokenizers` and `sentencepiece`
encode the first `--encoder-megabytes` of them and keep nothing. Times are processor time of all processes, start
included, and the peak is that of the largest process. The longest chain is what cannot be done side by side: the
command, the process that forks workers, and the worker that took most; on a busy machine it tells what workers save,
which the clock does not. datatrove runs under `--peer PYTHON`, where it is installed.
"""

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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
LOOK_SECONDS = 0.05
FILE_MEGABYTES = 8
"""Texts in a file of the input, some of which make a unit of work."""


class Taken(NamedTuple):
    """What a command took: processor seconds of all its processes, and of those that follow one on another."""

    seconds: float
    chain: float


def timed(about: str, size: int, command: list[str]) -> Taken:
    """Run, print rate, times and peak."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    used: dict[int, tuple[int, float]] = {}
    peaks = {0: 0}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            used |= (now := family(process.pid))
            peaks |= {pid: peak for pid in now if (peak := peak_of(pid))}
            time.sleep(LOOK_SECONDS)
    if process.returncode:
        raise SystemExit(f"{shlex.join(command)}: exit code {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    chain = max((chain_of(pid, used) for pid in used), default=seconds)
    print(
        f"{about:<32}{size / seconds / 1e6:8.2f} MB a processor second, {seconds:.1f} s, longest chain {chain:.1f} s, "
        f"{time.monotonic() - began:.1f} s by the clock, largest process {max(peaks.values()) >> 10} MiB",
        flush=True,
    )
    return Taken(seconds, chain)


def family(root: int) -> dict[int, tuple[int, float]]:
    """A process and all below it: the parent's number and the processor seconds so far, by number (proc(5))."""
    found: dict[int, tuple[int, float]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        ticks = int(fields[11]) + int(fields[12])
        found[int(path.parent.name)] = (int(fields[1]), ticks / os.sysconf("SC_CLK_TCK"))
    mine = {root}
    while below := {pid for pid, (parent, _) in found.items() if parent in mine and pid not in mine}:
        mine |= below
    return {pid: found[pid] for pid in mine if pid in found}


def peak_of(pid: int) -> int:
    """The most KiB that a process has held; 0 if it is gone. (What `wait` tells of a child counts its parent's.)"""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def chain_of(pid: int, used: Mapping[int, tuple[int, float]]) -> float:
    """Processor seconds of a process and of those it comes from."""
    parent, seconds = used.get(pid, (0, 0.0))
    return seconds + (chain_of(parent, used) if parent in used else 0.0)


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
    parser.add_argument("--encoder-megabytes", type=float, default=40)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peer", help="the python that has datatrove")
    arguments = parser.parse_args()
    shutil.rmtree(arguments.work, ignore_errors=True)
    chosen = [text for _, text in texts(arguments.text, int(arguments.megabytes * 1e6))]
    whole, part = arguments.work / "whole", arguments.work / "part"
    size = written(whole, chosen)
    total, few = 0, 0
    while few < len(chosen) and total < arguments.encoder_megabytes * 1e6:
        total += len(chosen[few].encode())
        few += 1
    part_size = written(part, chosen[:few])
    print(f"{len(chosen):,} texts, {size / 1e6:.0f} MB; of them {few:,}, {part_size / 1e6:.0f} MB, for encoders alone")
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    taken = {}
    for vocabulary in filter(None, (arguments.tokenizer, arguments.model)):
        shard = [sys.executable, "-m", "pipelines.commands.cli", "shard", "--quiet", "--tokenizer", str(vocabulary)]
        shard += ["--sequence-length", "4096"]
        timed("ours, compiling", part_size, [*shard, "--input", str(part), "--output", str(arguments.work / "warm")])
        shutil.rmtree(arguments.work / "warm")
        for workers in arguments.workers:
            out = arguments.work / "ours"
            command = [*shard, "--input", str(whole), "--workers", str(workers), "--output", str(out)]
            about = f"ours, {vocabulary.name[-15:]}, {workers}"
            taken[vocabulary, workers] = timed(about, size, command)
            shutil.rmtree(out)
        first, last = (taken[vocabulary, workers].chain for workers in (arguments.workers[0], arguments.workers[-1]))
        print(f"the longest chain is {first / last:.2f} times shorter with {arguments.workers[-1]} workers")
        name = "tokenizers" if vocabulary == arguments.tokenizer else "sentencepiece"
        command = [sys.executable, "-c", ENCODERS[name], str(vocabulary), *map(str, sorted(part.iterdir()))]
        alone = timed(name, part_size, command).seconds * size / part_size
        print(f"ours is {alone / taken[vocabulary, arguments.workers[0]].seconds:.1f} times as fast as {name} alone")
    if arguments.peer:
        command = [arguments.peer, "-c", DATATROVE, str(whole), str(arguments.tokenizer)]
        command += [str(arguments.work / "datatrove"), arguments.end]
        peer = timed("datatrove", size, command).seconds
        ours = taken[arguments.tokenizer, arguments.workers[0]].seconds
        print(f"ours is {peer / ours:.1f} times as fast as datatrove")


if __name__ == "__main__":
    main()
