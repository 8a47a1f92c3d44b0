"""What memory the shard stage takes by the size of its input: the sum over all of its processes.

    python -m tests.benchmarks.shard_memory --text FOLDER --tokenizer FILE --work FOLDER [--gigabytes 1 4] [--workers 2]

Rows are texts of FOLDER, each turned about a place of its own and with a number in it, in files of zstd with a long
window, which take little disk; the shards take about 1.4 times the text, and are removed. A page that several processes
share counts once (`Pss` of proc(5), smaps_rollup). Texts that are much alike are encoded faster than others are.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import zstandard

from tests.benchmarks.overlap_speed import texts
from tests.benchmarks.shard_stage import family

BASE_BYTES, FILE_BYTES = 40_000_000, 100_000_000
WINDOW_LOG = 27
LOOK_SECONDS = 0.3
UNIT_MB = 4
"""Packed bytes of a unit: about as much text as a unit has by default."""


def written(folder: Path, chosen: Sequence[str], size: float) -> None:
    """Write rows of about `size` bytes in all."""
    draw = random.Random(0)
    folder.mkdir(parents=True)
    packing = zstandard.ZstdCompressionParameters.from_level(1, window_log=WINDOW_LOG, enable_ldm=True)
    for number in range(max(1, round(size / FILE_BYTES))):
        packer = zstandard.ZstdCompressor(compression_params=packing)
        with (folder / f"{number:04}.jsonl.zst").open("wb") as raw, packer.stream_writer(raw) as stream:
            held = 0
            while held < FILE_BYTES:
                text = draw.choice(chosen)
                at = draw.randrange(len(text) or 1)
                row = {"id": f"{number}-{held}", "text": f"{text[at:]} {draw.random()} {text[:at]}"}
                line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
                stream.write(line)
                held += len(line)


def proportional(pid: int) -> int:
    """The KiB that a process holds, its part of what it shares; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def main() -> None:
    """Measure all sizes and print a line about each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for input and output")
    parser.add_argument("--gigabytes", type=float, nargs="+", default=[1.0, 4.0])
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    chosen = [text for _, text in texts(arguments.text, BASE_BYTES)]
    for size in arguments.gigabytes:
        shutil.rmtree(arguments.work, ignore_errors=True)
        written(arguments.work / "in", chosen, size * 1e9)
        command = [sys.executable, "-m", "pipelines.commands.cli", "shard", "--quiet", "--shard-mb", str(UNIT_MB)]
        command += ["--workers", str(arguments.workers), "--tokenizer", str(arguments.tokenizer)]
        command += ["--input", str(arguments.work / "in"), "--output", str(arguments.work / "out")]
        peak = 0
        with subprocess.Popen(command) as process:
            while process.poll() is None:
                peak = max(peak, sum(proportional(pid) for pid in family(process.pid)))
                time.sleep(LOOK_SECONDS)
        if process.returncode:
            sys.exit(f"exit code {process.returncode}")
        mixture = json.loads((arguments.work / "out" / "mixture.json").read_text(encoding="utf-8"))
        told = mixture["sources"]["input"]
        print(f"{told['bytes'] / 1e9:.2f} GB of text, {told['tokens']:,} tokens: {peak >> 10} MiB", flush=True)
    shutil.rmtree(arguments.work)


if __name__ == "__main__":
    main()
