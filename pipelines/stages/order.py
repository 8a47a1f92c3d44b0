"""What runs after what in a build, and what is written at its end: manifest, report, card and journal."""

from __future__ import annotations

import contextlib
import importlib
import json
import platform
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from manifests.errors import Fault
from manifests.ledger import JOURNAL_NAME
from pipelines.corpus import manifest, soundness
from pipelines.corpus.folder import OVERLAP_PAGE, SUMMARY_PATH, locked
from pipelines.engine import guard
from pipelines.fetching.redaction import shown
from pipelines.stages.build import Build

ROUNDS = 4
"""So often a build goes back to make again what was damaged while it ran."""
STAGES = ("fetch", "extract", "filter", "dedup", "audit", "shard")


def run(build: Build, stages: Sequence[str] = STAGES) -> None:
    """Do the stages in order and write manifest, report and card. Raises UserError or Fault."""
    started = time.time()
    seconds: dict[str, float] = {}
    build = replace(build, engine=replace(build.engine, meanwhile=partial(load, stages)))
    with locked(build.root, build.progress.say):
        for left in reversed(range(ROUNDS)):
            try:
                if do_stages(build, stages, seconds):
                    break
            except Exception:
                # Whatever went wrong: outputs that were hit while we worked are made again. Input of the user's that
                # changed is not ours to mend, nor is an error that no damage explains.
                if not left or not soundness.heal(build.root, build.progress.say, under_way=True):
                    raise
        else:
            raise Fault(f"{build.root}: outputs were damaged {ROUNDS} times while the build ran; is the disk sound?")
        from pipelines.report import card, report

        manifest.write(build.root, build.recipe)
        measured = build.engine.limits.profile
        profile = build.engine.profile.collected(build.root, build.engine.workers) if measured else {}
        report.write(build.corpus, profile)
        _write_overlap(build)
        if "shard" in stages:
            card.write(build.corpus)
        manifest.seal(build.root)
        journal(build, started, seconds, profile)


def load(stages: Sequence[str]) -> None:
    """Load what the later of these stages, and the end of a build, need of libraries in this process."""
    for stage in stages:
        importlib.import_module(f"pipelines.stages.{stage}")
    for module in ("report", "card"):
        importlib.import_module(f"pipelines.report.{module}")


def _write_overlap(build: Build) -> None:
    """Write the page of what benchmarks were found, if they were looked for."""
    if not (build.root / SUMMARY_PATH).is_file():
        (build.root / OVERLAP_PAGE).unlink(missing_ok=True)
        return
    from pipelines.report.audit import page

    page.write(build.corpus, OVERLAP_PAGE)


def do_stages(build: Build, stages: Sequence[str], seconds: dict[str, float]) -> bool:
    """Do the stages in order; False where outputs were hit behind a stage and were taken back."""
    from pipelines.stages import audit, shard, share
    from pipelines.stages.fetch import bring

    with timed(seconds, "fetch"):
        build = bring(build)
    # A file of another kind must not be found out after days of extraction.
    if "audit" in stages:
        audit.ready(build)
    if "shard" in stages:
        shard.ready(build)
    for stage in stages:
        if stage == "fetch":
            continue
        with timed(seconds, stage):
            # Units that look at one document are done anywhere; what compares them reads the whole corpus.
            job = build if stage in share.STAGES else replace(build, engine=build.engine.near(build.root))
            importlib.import_module(f"pipelines.stages.{stage}").run(job)
        if stage == "extract":
            build.check_input()
        if soundness.heal(build.root, build.progress.say, under_way=True):
            return False
    return True


@contextlib.contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long a stage took."""
    began = time.monotonic()
    yield
    seconds[stage] = round(seconds.get(stage, 0.0) + time.monotonic() - began, 2)


def kept_words(command: Sequence[str]) -> list[str]:
    """A command as the journal keeps it; nothing of one that names a secret."""
    return [] if any(shown(word) != word for word in command) else list(command)


def journal(
    build: Build,
    started: float,
    stages: Mapping[str, float] | None = None,
    profile: Mapping[str, Any] | None = None,
) -> None:
    """Add a line about this run to `runs.jsonl`.

    `stages`: the seconds of each, where several ran; `profile`: where they went (`engine.timing`), if that was asked.
    """
    peak_child = guard.stop_idle()
    line = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 1),
        "stages": dict(stages or {}),
        "command": kept_words(build.command),
        "folder": str(Path.cwd()),
        **({"profile": dict(profile)} if profile else {}),
        "runner": build.engine.runner,
        "mode": build.engine.mode,
        "workers": build.engine.workers,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "peak_bytes_driver": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "peak_bytes_largest_child": max(peak_child, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024),
    }
    with (build.root / JOURNAL_NAME).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, sort_keys=True) + "\n")
