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
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from manifests import ledger, mirror, packing, partly, segments
from manifests.paged import Paged
from manifests.recipe import Recipe
from manifests.writing import WORK_FOLDER, disk_faults
from pipelines.corpus.folder import Corpus, held_together
from pipelines.corpus.soundness import FETCH
from pipelines.engine.engine import not_done
from pipelines.engine.sharing import Share
from pipelines.engine.worker import Unit
from pipelines.stages import extract, filter
from pipelines.stages.build import Build, totals_of
from pipelines.stages.fetch import ASSETS, bring

STAGES = {"extract": extract.run, "filter": filter.run}
"""The stages of which each unit needs nothing of the others."""


def adopt(corpus: Corpus, recipe: Recipe, *, accept_changes: bool = False) -> None:
    """Make the folder that of the recipe; the first of many processes does, the others wait and find it done."""
    if corpus.takes(recipe, accept_changes=accept_changes):
        with one_at_a_time(corpus.root, "adopt.lock"):
            corpus.adopt(recipe, accept_changes=accept_changes)


def run(build: Build, share: Share) -> bool:
    """Do one share of the stages that can be shared; returns whether all of their units are done, of all shares."""
    with held_together(build.root):
        build = fetched(build)
        for stage, work in STAGES.items():
            work(replace(build, share=share))
            planned = Paged(Unit, build_plan(build, stage))
            left = not_done_of_all(build.root, stage, planned)
            build.check_failures(stage, totals_of(build.root, stage))
            name = f"{stage}: share {share.number} of {share.parts} is done"
            if left:
                build.progress.say(f"{name}; {left} of {len(planned)} units of other shares are not")
                return False
            pack(build.root, stage)
            build.progress.say(f"{name}, and so are all others")
    return True


def fetched(build: Build) -> Build:
    """Fetch; the first of many processes asks what the recipe's addresses stand for, the others wait for its answer."""
    mirror.pull(build.root, part=True)
    known = set(ledger.units(build.root, FETCH))
    named = {source.name for source in build.recipe.sources} | ({ASSETS} if build.recipe.assets else set())
    with one_at_a_time(build.root, "fetch.lock", on_all_machines=not named <= known):
        return bring(build)


def not_done_of_all(root: Path, stage: str, planned: Sequence[Unit]) -> int:
    """How many units of all shares are not done; the entries of others are brought only when every unit has one."""
    mirror.pull(root, part=True)
    if not segments.segments(root / ledger.LEDGER_FOLDER / stage):
        without = {unit.key for unit in planned} - partly.loose(root, stage)
        if without:
            return len(without)
    partly.bring(root, stage)
    return len(not_done(planned))


def pack(root: Path, stage: str) -> None:
    """Pack the entries of a stage that is done; the first of many processes does, the others find it done."""
    if len(segments.Loose(root / ledger.LEDGER_FOLDER / stage)) > segments.MOST_FILES:
        with one_at_a_time(root, "pack.lock"):
            partly.bring(root, stage)
            packing.pack(root, stage)


def build_plan(build: Build, stage: str) -> Iterator[Unit]:
    """All units of a stage, of all shares."""
    if stage == "extract":
        return extract.plan(build.root, build.recipe, build.raw, build.assets, build.digests, build.folder)
    return filter.plan(build.root, build.recipe, build.corpus.documents())


@contextmanager
def one_at_a_time(root: Path, name: str, *, on_all_machines: bool = True) -> Iterator[None]:
    """Wait until no other process is inside of the block of this name, on any machine that shares the corpus."""
    path = root / WORK_FOLDER / name
    with disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.2)
        with mirror.turn(root, name) if on_all_machines else nullcontext():
            yield
    finally:
        os.close(handle)
