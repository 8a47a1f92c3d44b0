"""A build done by many processes that know nothing of each other, as the tasks of a Slurm array do it.

`proofpile build RECIPE --output DIR --units i/n` does every n-th unit of the stages that look at documents one by one
(extract, filter) as far as it is missing. All n see one folder, or one bucket each from a machine of its own; any may
be killed and started again at any time, and the units that are done stay done. The stages that compare documents are
left to one ordinary build afterwards.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from manifests import ledger, mirror
from manifests.paged import in_order
from manifests.recipe import Recipe
from manifests.writing import WORK_FOLDER, disk_faults
from pipelines.corpus.folder import Corpus, DocumentsFile, documents_of, held_together
from pipelines.corpus.soundness import FETCH
from pipelines.engine.sharing import Share
from pipelines.report.status import plan_noted
from pipelines.stages import extract, filter
from pipelines.stages.build import Build
from pipelines.stages.fetch import ASSETS, bring

EXTRACT = "extract"
STAGES = (EXTRACT, filter.STAGE)
"""The stages of which each unit needs nothing of the others."""


def adopt(corpus: Corpus, recipe: Recipe, *, accept_changes: bool = False) -> None:
    """Make the folder that of the recipe; the first of many processes does, the others wait and find it done."""
    if corpus.takes(recipe, accept_changes=accept_changes):
        with one_at_a_time(corpus.root, "adopt.lock"):
            corpus.adopt(recipe, accept_changes=accept_changes)


def run(build: Build, share: Share) -> None:
    """Do one share of what can be shared: every n-th unit of extraction, and what follows from its documents.

    So no share waits for another, and none lists or brings what others did.
    """
    with held_together(build.root):
        build = replace(fetched(build), share=share)
        units, count = share.of(extract.every_unit(build))
        plan_noted(build.root, EXTRACT, count)
        extract.do(build, units)
        done = ledger.written_of(build.root, EXTRACT, (unit.key for unit in units))
        found = (file for one in done for file in documents_of(one.listing()))
        files = in_order(DocumentsFile, found, key=lambda file: file.path)
        plan_noted(build.root, filter.STAGE, len(files), part=(share.number, share.parts))
        build.do(filter.STAGE, filter.plan(build.root, build.recipe, files))
        build.progress.say(f"share {share.number} of {share.parts} is done")


def fetched(build: Build) -> Build:
    """Fetch; the first of many processes asks what the recipe's addresses stand for, the others wait for its answer."""
    known = set(ledger.units(build.root, FETCH))
    named = {source.name for source in build.recipe.sources} | ({ASSETS} if build.recipe.assets else set())
    with one_at_a_time(build.root, "fetch.lock", on_all_machines=not named <= known):
        return bring(build)


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
