"""What a Flink cluster can take, asked of its job manager before a job is handed in.

Flink itself waits five minutes in silence for slots that are not there.
"""

import json
import time
import urllib.request
from typing import NamedTuple

from manifests.errors import Fault

LOOK_SECONDS = 0.5
PATIENCE = 4.0
"""How long a cluster may take to offer what a first job wants: its task managers may just be coming up."""
RETURN_SECONDS = 60.0
"""How long a cluster that lost a worker may take to offer any slot again."""


class Slots(NamedTuple):
    """The slots of all task managers that reported to the job manager."""

    total: int
    free: int
    task_managers: int


def slots(master: str) -> Slots | None:
    """The slots of the cluster at `HOST:PORT`; None while its job manager does not answer."""
    try:
        with urllib.request.urlopen(f"http://{master.removeprefix('http://')}/overview", timeout=2) as answer:
            found = json.load(answer)
        return Slots(int(found["slots-total"]), int(found["slots-available"]), int(found["taskmanagers"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


_SERVED: set[str] = set()
"""Clusters that had all the slots that a job of this process wanted."""


def offered(master: str, wanted: int) -> int:
    """Wait for `wanted` free slots; returns how many the job gets. Raises Fault in five seconds if they are missing.

    A cluster that had them for an earlier job has lost a worker since: a later job, or the same one handed in again,
    takes what is left, and waits longer for that.
    """
    began = time.monotonic()
    while True:
        found, waited = slots(master), time.monotonic() - began
        enough = 1 if master in _SERVED and waited > PATIENCE else wanted
        if found is not None and found.free >= enough:
            _SERVED.add(master)
            return min(wanted, found.free)
        if waited > (RETURN_SECONDS if master in _SERVED else PATIENCE):
            break
        time.sleep(LOOK_SECONDS)
    if found is None:
        raise Fault(f"--flink_master={master}: no job manager answers there; start one, or name another")
    raise Fault(
        f"--flink_master={master}: {found.free} of {found.total} slots are free ({found.task_managers} task managers), "
        f"{wanted} wanted; start more task managers, or ask for fewer --workers"
    )
