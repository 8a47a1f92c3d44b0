"""One trial of a user's class in a process of its own: `python -m pipelines.contract.trial TASK`, TASK being JSON."""

import json
import os
import resource
import sys
from pathlib import Path

from manifests.errors import UserError
from manifests.user_classes import place_of
from pipelines.contract.loading import SOURCE
from pipelines.contract.source_trial import try_source
from pipelines.contract.telling import Told, Trial
from pipelines.contract.text_trial import try_texts

MEMORY = 8 << 30
"""Bytes of address space a trial may take beyond what it has when it begins."""


def main() -> None:
    """Do the trial; messages go to the descriptor that the task names."""
    task = json.loads(sys.argv[1])
    pipe = os.fdopen(task["pipe"], "w", encoding="utf-8")
    kind, places = "", {}
    try:
        with Path(task["watch"]).open("w") as watch:
            bound_memory()
            trial = Trial(task["name"], pipe, task["records"], watch, task["seconds"])
            kind = trial.part.name
            for method in trial.part.methods:
                places[f"{trial.cls.__name__}.{method}"] = place_of(getattr(trial.cls, method))
            (try_source if trial.part is SOURCE else try_texts)(trial, task["inputs"], task["options"])
    except Told:
        pass
    except UserError as error:
        pipe.write(json.dumps({"mistake": [str(error), ""]}) + "\n")
    pipe.write(json.dumps({"done": kind, "places": places}) + "\n")
    pipe.flush()


def bound_memory() -> None:
    """What takes all memory gets a MemoryError, with a line, instead of the machine's killer."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        held = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
