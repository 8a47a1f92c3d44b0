"""What a command says about the texts that it could not read: an answer that left some out must not look complete."""

from pathlib import Path

from manifests import ledger
from manifests.errors import Fault
from pipelines.engine.progress import Progress


def tell(root: Path, stage: str, progress: Progress) -> None:
    """Say how many records of `stage` were not read. Raises Fault if there were records and none could be read.

    `limits.failures_allowed` lets a few failures pass whatever their share, so a small input may fail as a whole.
    """
    sums = ledger.totals(ledger.read_entries(root, stage)).get(stage, {}).values()
    read, failed = sum(one.read for one in sums), sum(one.failed for one in sums)
    if read == 0:
        progress.say(f"{stage}: the input holds no texts")
    elif failed == read:
        raise Fault(f"{stage}: none of the {read:,} records could be read; see proofpile inspect {root} failed")
    elif failed:
        progress.say(f"{stage}: {failed:,} of {read:,} records could not be read; see proofpile inspect {root} failed")
