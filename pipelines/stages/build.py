"""The job that every stage is given: the recipe, the corpus it becomes, and where its work runs.

A stage has `run(build)`, which plans its units, does what is missing and leaves ledger entries. Stages know the job
and not each other; their order is `pipelines.stages.order`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from manifests import ledger, packing, partly
from manifests.errors import Fault
from manifests.paged import Paged
from manifests.recipe import Recipe
from manifests.survey import survey
from pipelines.corpus.folder import Corpus
from pipelines.corpus.texts import Raw
from pipelines.engine.progress import Progress
from pipelines.engine.sharing import Share
from pipelines.engine.worker import Unit
from pipelines.report.status import plan_noted

if TYPE_CHECKING:
    # Workers import the stages, which import this; they have no use for Beam, which takes seconds to load.
    from pipelines.engine.engine import Engine


@dataclass(frozen=True)
class Build:
    """What every stage needs to know. `assets` maps an asset's name to its file, `digests` to its sha256.

    `command` are the words after `proofpile` that asked for it, for the journal.
    With a `share` only its units are done, beside other processes that do theirs.
    """

    recipe: Recipe
    corpus: Corpus
    engine: Engine
    progress: Progress
    where: str = "recipe"
    folder: Path = field(default_factory=Path.cwd)
    cache: Path | None = None
    command: Sequence[str] = ()
    assets: Mapping[str, Path] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Sequence[Raw]] = field(default_factory=dict)
    share: Share | None = None

    @property
    def root(self) -> Path:
        """The corpus folder, as a path that workers in other folders understand."""
        return self.corpus.root.absolute()

    def do(self, stage: str, plan: Iterable[Unit]) -> None:
        """Withdraw what is no longer planned, do what is missing, and stop if too much failed."""
        units = plan if isinstance(plan, Paged) else Paged(Unit, plan)
        plan_noted(self.root, stage, len(units))
        if self.share is not None:
            # Others are at work in the folder: nothing of theirs is touched.
            own = self.share.of(units)
            partly.bring(self.root, stage, [unit.key for unit in own])
            self.engine.run_units(own, alone=False)
            return
        before = survey(self.root, stage, ((unit.key, unit.fingerprint) for unit in units))
        ledger.withdraw_all(self.root, stage, before.surplus)
        done = self.engine.run_units(units, self.progress, looked=before)
        packing.pack(self.root, stage)
        sums = totals_of(self.root, stage) if done or before.surplus else before.totals
        self.check_failures(stage, sums)
        kept = "" if done == len(units) else f", {len(units) - done} were done already"
        units_done = "1 unit done" if done == 1 else f"{done} units done"
        self.progress.say(f"{stage}: {units_done}{kept}; {summary(sums)}")

    def check_failures(self, stage: str, totals: Mapping[str, ledger.Totals]) -> None:
        """Stop when a source failed more often than the recipe allows. Raises Fault naming the source."""
        limits = self.recipe.limits
        for source, sums in totals.items():
            if sums.failed > max(limits.failures_allowed, limits.failure_rate * sums.read):
                raise Fault(
                    f"{stage}: {sums.failed} of {sums.read} records of `{source}` failed, more than "
                    f"limits.failure_rate = {limits.failure_rate:g} allows; see {self.root}/failed/{stage}/{source}"
                )

    def check_input(self) -> None:
        """Stop when not one record of a source could be read, few as they may be; say where there was none at all.

        Raises Fault naming the source.
        """
        for source, sums in totals_of(self.root, "extract").items():
            if sums.failed and sums.failed == sums.read:
                raise Fault(
                    f"extract: every record of `{source}` failed ({sums.failed}); is it input of another kind? "
                    f"The first: {first_failure(self.root, source)}; see `proofpile inspect {self.root} failed`"
                )
            if not sums.read:
                self.progress.say(f"extract: not one record in the files of `{source}`; is it input of another kind?")


def first_failure(root: Path, source: str) -> str:
    """The first error that the extract stage lists for a source, with the line of code that raised it."""
    for path in sorted((root / "failed" / "extract" / source).rglob("*.parquet")):
        for row in pq.read_table(path, columns=["shard", "error", "traceback"]).slice(0, 1).to_pylist():
            where = (row["traceback"] or "").strip().splitlines()
            return f"{row['shard']}: {row['error']}" + (f" ({where[-1]})" if where else "")
    return "not listed"


def totals_of(root: Path, stage: str) -> dict[str, ledger.Totals]:
    """What a stage did, by source."""
    return ledger.totals(ledger.read_entries(root, stage)).get(stage, {})


def summary(totals: Mapping[str, ledger.Totals]) -> str:
    """What a stage did, in a few words."""
    read = sum(part.read for part in totals.values())
    kept = sum(part.kept for part in totals.values())
    failed = sum(part.failed for part in totals.values())
    return f"{read:,} read = {kept:,} kept + {read - kept - failed:,} rejected + {failed:,} failed"
