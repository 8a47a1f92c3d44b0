"""A build done by many processes that know nothing of each other, as the tasks of a Slurm array do it.

`proofpile build RECIPE --output DIR --units i/n` does every n-th missing unit of the stages that look at documents one
by one (extract, filter). All n see one folder, or one bucket each from a machine of its own; any may be killed and
started again at any time, and the units that are done stay done. The stages that compare documents are left to one
ordinary build afterwards.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from manifests import mirror
from manifests.recipe import Recipe
from manifests.writing import WORK_FOLDER, DiskFaults
from pipelines.corpus.folder import Corpus, held_together
from pipelines.engine.engine import not_done
from pipelines.engine.sharing import Share
from pipelines.engine.worker import Unit
from pipelines.stages import extract, filter
from pipelines.stages.build import Build
from pipelines.stages.fetch import bring

STAGES = {"extract": extract.run, "filter": filter.run}
"""The stages of which each unit needs nothing of the others."""


def adopt(corpus: Corpus, recipe: Recipe, *, accept_changes: bool = False) -> None:
    """Make the folder that of the recipe; the first of many processes does, the others wait and find it done."""
    with one_at_a_time(corpus.root, "adopt.lock"):
        corpus.adopt(recipe, accept_changes=accept_changes)


def run(build: Build, share: Share) -> bool:
    """Do one share of the stages that can be shared; returns whether all of their units are done, of all shares."""
    with held_together(build.root):
        with one_at_a_time(build.root, "fetch.lock"):
            build = bring(build)
        for stage, work in STAGES.items():
            work(replace(build, share=share))
            mirror.pull(build.root, part=True)
            planned = build_plan(build, stage)
            left = not_done(planned)
            name = f"{stage}: share {share.number} of {share.parts} is done"
            if left:
                build.progress.say(f"{name}; {len(left)} of {len(planned)} units of other shares are not")
                return False
            build.progress.say(f"{name}, and so are all others")
    return True


def build_plan(build: Build, stage: str) -> Sequence[Unit]:
    """All units of a stage, of all shares."""
    if stage == "extract":
        return extract.plan(build.root, build.recipe, build.raw, build.assets, build.digests, build.folder)
    return filter.plan(build.root, build.recipe, build.corpus.documents())


@contextmanager
def one_at_a_time(root: Path, name: str) -> Iterator[None]:
    """Wait until no other process, on any machine that shares the corpus, is inside of the block of this name."""
    path = root / WORK_FOLDER / name
    with DiskFaults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.2)
        with mirror.turn(root, name):
            yield
    finally:
        os.close(handle)
