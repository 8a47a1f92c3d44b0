"""A whole build: every stage of a recipe, in order, into one corpus folder.

Each stage module has `run(build)`, which plans its units, does what is missing and leaves ledger entries. What runs
after what, and what is written at the end (manifest, report, card), is said here and nowhere else.
"""

from __future__ import annotations

import contextlib
import importlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from manifests import ledger
from manifests.errors import Fault
from manifests.recipe import Recipe
from pipelines.corpus import Corpus, locked
from pipelines.progress import Progress
from pipelines.worker import Unit

if TYPE_CHECKING:
    # Workers import the stages, which import this; they have no use for Beam, which takes seconds to load.
    from pipelines.engine import Engine

STAGES = ("fetch", "extract", "filter", "dedup", "audit", "shard")


class Raw(NamedTuple):
    """A raw file as the plan knows it; `path` may differ between machines, the rest may not.

    `remote` holds an address's fields (JSON) when the worker is to fetch the file itself.
    """

    path: str
    name: str
    bytes: int
    sha256: str
    remote: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Build:
    """What every stage needs to know. `assets` maps an asset's name to its file, `digests` to its sha256."""

    recipe: Recipe
    corpus: Corpus
    engine: Engine
    progress: Progress
    where: str = "recipe"
    folder: Path = field(default_factory=Path.cwd)
    cache: Path | None = None
    assets: Mapping[str, Path] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Sequence[Raw]] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The corpus folder, as a path that workers in other folders understand."""
        return self.corpus.root.absolute()

    def do(self, stage: str, units: Sequence[Unit]) -> None:
        """Withdraw what is no longer planned, do what is missing, and stop if too much failed."""
        planned = {unit.key for unit in units}
        for entry in list(ledger.read_entries(self.root, stage)):
            if entry.unit not in planned:
                ledger.withdraw(self.root, stage, entry.unit)
        done = self.engine.run_units(units, self.progress)
        self.check_failures(stage)
        kept = "" if done == len(units) else f", {len(units) - done} were done already"
        units_done = "1 unit done" if done == 1 else f"{done} units done"
        self.progress.say(f"{stage}: {units_done}{kept}; {summary(self.root, stage)}")

    def check_failures(self, stage: str) -> None:
        """Stop when a source failed more often than the recipe allows. Raises Fault naming the source."""
        limits = self.recipe.limits
        for source, sums in ledger.totals(ledger.read_entries(self.root, stage)).get(stage, {}).items():
            if sums.failed > max(limits.failures_allowed, limits.failure_rate * sums.read):
                raise Fault(
                    f"{stage}: {sums.failed} of {sums.read} records of `{source}` failed, more than "
                    f"limits.failure_rate = {limits.failure_rate:g} allows; see {self.root}/failed/{stage}/{source}"
                )

    def check_input(self) -> None:
        """Stop when not one record of a source could be read, few as they may be; say where there was none at all.

        Raises Fault naming the source.
        """
        for source, sums in ledger.totals(ledger.read_entries(self.root, "extract")).get("extract", {}).items():
            if sums.failed and sums.failed == sums.read:
                raise Fault(
                    f"extract: every record of `{source}` failed ({sums.failed}); is it input of another kind? "
                    f"see {self.root}/failed/extract/{source}"
                )
            if not sums.read:
                self.progress.say(f"extract: not one record in the files of `{source}`; is it input of another kind?")


def run(build: Build, stages: Sequence[str] = STAGES) -> None:
    """Do the stages in order and write manifest, report and card. Raises UserError or Fault."""
    from pipelines import audit, card, manifest, report, shard
    from pipelines.fetch import bring

    started = time.time()
    seconds: dict[str, float] = {}
    with locked(build.root):
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
                importlib.import_module(f"pipelines.{stage}").run(build)
            if stage == "extract":
                build.check_input()
        manifest.write(build)
        report.write(build.corpus)
        if "shard" in stages:
            card.write(build.corpus)
        manifest.seal(build.root)
        manifest.journal(build, started, seconds)


@contextlib.contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Note how long a stage took."""
    began = time.monotonic()
    yield
    seconds[stage] = round(time.monotonic() - began, 2)


def summary(root: Path, stage: str) -> str:
    """What a stage did, in a few words."""
    sums = ledger.totals(ledger.read_entries(root, stage)).get(stage, {})
    read = sum(part.read for part in sums.values())
    kept = sum(part.kept for part in sums.values())
    failed = sum(part.failed for part in sums.values())
    return f"{read:,} read = {kept:,} kept + {read - kept - failed:,} rejected + {failed:,} failed"
