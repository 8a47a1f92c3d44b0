"""An engine that does units in this process: for tests of what a unit does, not of how it is run."""

from collections.abc import Sequence
from pathlib import Path

from manifests import ledger
from manifests.survey import Survey
from pipelines.engine.engine import Engine
from pipelines.engine.progress import Progress
from pipelines.engine.worker import Unit, resolve


class InlineEngine(Engine):
    """Does what is missing, one unit after the other."""

    def run_units(
        self,
        units: Sequence[Unit],
        progress: Progress | None = None,
        *,
        alone: bool = True,
        looked: Survey | None = None,
    ) -> int:
        """Do the units that are not done yet; returns how many that were."""
        count = 0
        for unit in units:
            root = Path(unit.root)
            if not ledger.is_done(root, unit.stage, unit.key, unit.fingerprint):
                ledger.withdraw(root, unit.stage, unit.key)
                resolve(unit.work)(unit)
                count += 1
        return count
