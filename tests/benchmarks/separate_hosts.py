"""A build on hosts that share nothing but a bucket, beside one on this machine: are the bytes equal?

    python -m tests.benchmarks.separate_hosts RECIPE --folder runs [--hosts 3] [--kill] [--hide FOLDER …] [--fetched]

Hosts are namespaces of this machine (`tests.namespaces`; needs root and iproute2): one for an S3 server (moto's), one
for Flink's job manager and the build, and some with a task manager and its Python workers each. No host sees a file
that another writes; what lies in a hidden FOLDER (the recipe's inputs) only the build's host sees. With `--kill` the
plug of one host is pulled in the middle of extraction. Prints one sha256 over all outputs for each build.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pipelines.engine
from manifests import compiled
from pipelines.engine.flink.jars import FLINK
from tests.namespaces import Host, missing, switch
from tests.pipelines.engine.kills import combined, digests

PLACE = "s3://corpora/apart/corpus"
PORT = "6123"
KEPT = "/tmp/kernels"
"""Every host has a `/tmp` of its own; none of these paths is one of this machine."""
PYTHON = (sys.executable, "-W", "ignore")
SCRIPT = Path(pipelines.engine.__path__[0], "hosts", "flink-build.sh")
CLI = (*PYTHON, "-m", "pipelines.commands.cli")
WORKER = (*PYTHON, "-m", "pipelines.engine.flink", "worker")
WAIT_FOR_STORE = """
import boto3, time
from botocore.exceptions import ConnectionError
until = time.monotonic() + 120
while True:
    try:
        boto3.client("s3").create_bucket(Bucket="corpora")
        break
    except ConnectionError:  # it does not listen yet
        if time.monotonic() > until:
            raise
        time.sleep(0.3)
"""
WAIT_FOR_UNITS = """
import sys, time
from manifests.store import bucket
while len(bucket(sys.argv[1]).list("ledger/extract")) < int(sys.argv[2]):
    time.sleep(0.2)
"""
PUT_FETCHED = """
import sys
from pathlib import Path
from manifests.store import bucket
root = Path(sys.argv[2])
for name in ("recipe.yaml", "raw/**/*", "ledger/fetch/*"):
    for path in root.glob(name):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts):
            bucket(sys.argv[1]).put(path.relative_to(root).as_posix(), path)
"""
DIGESTS = """
import json, sys
from manifests import mirror
from tests.pipelines.engine.kills import digests
print(json.dumps(digests(mirror.opened(sys.argv[1]))))
"""


class Apart(NamedTuple):
    """What a build on separate hosts came to: its outputs' digests, its seconds with the cluster's start, its words."""

    found: dict[str, str]
    seconds: float
    said: str


def build(
    recipe: Path,
    logs: Path,
    shows: Sequence[Path],
    hides: Sequence[Path],
    hosts: int = 3,
    *,
    kill: bool = False,
    fetched: Path | None = None,
) -> Apart:
    """Build `recipe` on so many hosts with a task manager each; the plug of one is pulled if `kill` says so.

    `fetched`: a corpus whose raw files are in the bucket when the build begins.
    """
    with switch() as wire:
        own = [] if fetched is None else [fetched]
        store, first = wire.host(), wire.host(shows=[*shows, *own])
        workers = [wire.host(hides=[*hides, *own]) for _ in range(hosts)]
        environment = seen_by_hosts(store)
        kept = compiled.home().absolute()
        for host in (first, *workers):
            host.run(["sh", "-c", f"cp -r {kept} {KEPT} 2>/dev/null || mkdir -p {KEPT}"], environment)
        store.start([*PYTHON, "-m", "moto.server", "-H", store.address, "-p", "9000"], environment, subprocess.DEVNULL)
        first.run([*PYTHON, "-c", WAIT_FOR_STORE], environment)
        if fetched is not None:
            first.run([*PYTHON, "-c", PUT_FETCHED, PLACE, str(fetched)], environment)
        started = time.monotonic()
        with (logs / "build.log").open("wb") as stream:
            words = [str(SCRIPT), first.address, PORT, str(hosts), str(recipe), PLACE]
            building = first.start(words, environment, stream)
        for number, host in enumerate(workers):
            joined(host, f"{first.address}:{PORT}", environment, logs / f"host-{number}.log")
        if kill:
            threading.Thread(target=pull_the_plug, args=(first, workers[-1], environment), daemon=True).start()
        code, seconds = building.wait(), time.monotonic() - started
        said = (logs / "build.log").read_text(encoding="utf-8", errors="replace")
        if code:
            raise OSError(f"the build ended with {code}: {said[-4000:]}")
        return Apart(json.loads(first.run([*PYTHON, "-c", DIGESTS, PLACE], environment)), seconds, said)


def seen_by_hosts(store: Host) -> dict[str, str]:
    """The environment of what runs on the hosts."""
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry),
        "HOME": "/tmp",
        "XDG_CACHE_HOME": "/tmp/cache",
        "NUMBA_CACHE_DIR": KEPT,
        "PROOFPILE_FLINK": str(FLINK.home().absolute()),
        "AWS_ENDPOINT_URL": f"http://{store.address}:9000",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def joined(host: Host, manager: str, environment: Mapping[str, str], log: Path) -> None:
    """Let a host join the cluster; what its worker says goes to `log`. Raises OSError with it if that ended."""
    command = [*WORKER, "--job-manager", manager, "--host", host.address, "--folder", "/tmp/worker"]
    with log.open("wb") as stream:
        process = host.start(command, environment, stream)
    while "at work" not in log.read_text(encoding="utf-8", errors="replace"):
        if process.poll() is not None:
            raise OSError(f"{host.address}: the worker ended; see {log}")
        time.sleep(0.2)


def pull_the_plug(first: Host, victim: Host, environment: Mapping[str, str]) -> None:
    """End a host when some units of extraction are done."""
    first.run([*PYTHON, "-c", WAIT_FOR_UNITS, PLACE, "2"], environment)
    victim.kill()


def main(argv: Sequence[str] | None = None) -> int:
    """Run both builds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--hosts", type=int, default=3)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--hide", type=Path, action="append", default=[])
    parser.add_argument("--fetched", action="store_true", help="put what was fetched into the bucket first")
    parser.add_argument("--cache", type=Path, help="where this machine keeps downloads that are pinned")
    arguments = parser.parse_args(argv)
    why = missing()
    if why:
        print(f"separate_hosts: {why}", file=sys.stderr)
        return 2
    recipe, alone = arguments.recipe.absolute(), (arguments.folder / "alone").absolute()
    kept = [] if arguments.cache is None else ["--cache", str(arguments.cache.absolute())]
    subprocess.run([*CLI, "build", str(recipe), "--output", str(alone), "--quiet", *kept], check=True)
    here = digests(alone)
    print(f"alone  {len(here)} files {combined(here)}", flush=True)
    apart = build(
        recipe,
        arguments.folder,
        [recipe.parent],
        arguments.hide,
        arguments.hosts,
        kill=arguments.kill,
        fetched=alone if arguments.fetched else None,
    )
    there = apart.found
    print(f"apart  {len(there)} files {combined(there)} {apart.seconds:.0f} s\n{apart.said}".rstrip())
    differ = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
    print(f"differ: {differ}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
