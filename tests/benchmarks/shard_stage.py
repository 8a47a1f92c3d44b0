"""The whole shard stage beside datatrove's tokenizer with merger, on the same texts and vocabulary in one run.

    python -m tests.benchmarks.shard_stage --text FOLDER --tokenizer tokenizer.json --work FOLDER [--megabytes 60]

Both read JSON lines and end with shuffled tokens on disk. Times are processor time of all processes, start included,
and the peak is that of the largest process. datatrove runs under `--peer PYTHON`, where it is installed.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
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


def timed(about: str, size: int, command: list[str]) -> float:
    """Run, print rate, time and peak, return the processor seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{about:<24}{size / seconds / 1e6:8.2f} MB a processor second, {seconds:.1f} s, "
        f"{time.monotonic() - began:.1f} s by the clock, largest process so far {after.ru_maxrss >> 10} MiB",
        flush=True,
    )
    return seconds


def main() -> None:
    """Time both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of texts")
    parser.add_argument("--tokenizer", type=Path, required=True, help="a tokenizer.json")
    parser.add_argument("--work", type=Path, required=True, help="folder for input and output")
    parser.add_argument("--end", default="<|end_of_text|>", help="its end mark")
    parser.add_argument("--megabytes", type=float, default=60)
    parser.add_argument("--peer", help="the python that has datatrove")
    arguments = parser.parse_args()
    source = arguments.work / "source"
    shutil.rmtree(arguments.work, ignore_errors=True)
    source.mkdir(parents=True)
    size = 0
    with (source / "texts.jsonl").open("w", encoding="utf-8") as stream:
        for number, (_, text) in enumerate(texts(arguments.text, int(arguments.megabytes * 1e6))):
            stream.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
            size += len(text.encode())
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    shard = [sys.executable, "-m", "pipelines.commands.cli", "shard", "--quiet", "--input", str(source / "texts.jsonl")]
    shard += ["--tokenizer", str(arguments.tokenizer), "--output"]
    timed("ours, compiling", size, [*shard, str(arguments.work / "warm")])
    ours = timed("ours", size, [*shard, str(arguments.work / "ours")])
    if arguments.peer:
        out = str(arguments.work / "datatrove")
        command = [arguments.peer, "-c", DATATROVE, str(source), str(arguments.tokenizer), out, arguments.end]
        print(f"datatrove takes {timed('datatrove', size, command) / ours:.1f} times as long")


if __name__ == "__main__":
    main()
