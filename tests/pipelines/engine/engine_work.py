"""A unit for tests of the engine: writes one file, or raises or dies as its payload says."""

import os
import signal
import time
from pathlib import Path

from manifests.errors import Fault, UserError
from manifests.ledger import Entry, entry_path, write_entry
from manifests.writing import Workspace, atomic
from pipelines.engine.worker import Unit


def work(unit: Unit) -> None:
    """Write `documents/KEY.txt` and the entry."""
    plan = unit.settings()
    if plan.get("raises"):
        raise {"UserError": UserError, "Fault": Fault}[plan["raises"]](f"planted in {unit.key}: expected no fault")
    time.sleep(plan.get("seconds", 0))
    root = Path(unit.root)
    with (root / "runs.txt").open("a") as stream:
        stream.write(unit.key + "\n")
    workspace = Workspace(root, unit.stage, unit.key)
    names = plan.get("names", [f"documents/{unit.key}.txt"])
    for name in names:
        workspace.path(name).write_text(unit.key)
    facts = [workspace.fact(name, 1) for name in names]
    workspace.publish(facts)
    if plan.get("no_entry"):
        return
    if plan.get("dies_over_entry") and not (root / "died").exists():
        (root / "died").touch()
        with atomic(entry_path(root, unit.stage, unit.key)) as unfinished:
            unfinished.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    entry = Entry(unit.stage, unit.key, unit.source, unit.fingerprint, 1, 1, outputs=tuple(facts))
    write_entry(root, entry)
