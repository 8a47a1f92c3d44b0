"""The manifest of a finished corpus, and the journal of its runs.

`manifest.json` gathers every ledger entry with the recipe's hash and the program's version; it is the same for every
run of the same recipe. What differs between runs (runner, workers, times, memory) goes to `runs.jsonl`, which is no
output and is not checked by `verify`.
"""

import hashlib
import json
import platform
import resource
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pyarrow as pa

import dedup
import filters
import manifests
import pipelines
from manifests import ledger
from manifests.ledger import FORMAT, JOURNAL_NAME, MANIFEST_NAME, Entry
from manifests.records import to_json
from manifests.writing import sha256_of, write_text
from pipelines import guard
from pipelines.build import Build
from pipelines.corpus import RECIPE_NAME, public

PAGES = (RECIPE_NAME, "report.html", "README.md")
"""What stands at the top of a corpus besides the manifest and the journal."""


def program() -> dict[str, str]:
    """The program's version, and the sha256 over all its source files: equal hashes mean equal code."""
    digest = hashlib.sha256()
    for package in (dedup, filters, manifests, pipelines):
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{folder.name}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    try:
        version = metadata.version("proofpile")
    except metadata.PackageNotFoundError:
        version = "not installed"
    return {"version": version, "sha256": digest.hexdigest(), "pyarrow": pa.__version__}


def assemble(root: Path, recipe_sha256: str, name: str, rules: str) -> dict[str, Any]:
    """The manifest as JSON values, from the ledger entries that are there."""
    entries: list[Entry] = list(ledger.read_entries(root))
    sums = ledger.totals(entries)
    return {
        "format": FORMAT,
        "name": name,
        "rules": rules,
        "recipe_sha256": recipe_sha256,
        "program": program(),
        "totals": {
            stage: {source: part.as_json() for source, part in sorted(sources.items())}
            for stage, sources in sorted(sums.items())
        },
        "entries": [entry.as_json() for entry in entries],
    }


def write(build: Build) -> None:
    """Write `manifest.json` for the corpus of a build."""
    data = assemble(build.root, public(build.recipe).sha256, build.recipe.name, build.recipe.rules)
    _write(build.root / MANIFEST_NAME, data)


def seal(root: Path) -> None:
    """Note in the manifest the sha256 of the pages at the top of the corpus, which no ledger entry lists.

    They are written after the manifest, since they quote it. Nothing is done where there is no manifest.
    """
    path = root / MANIFEST_NAME
    if path.is_file():
        data = json.loads(path.read_text(encoding="utf-8"))
        data["pages"] = {name: sha256_of(root / name) for name in PAGES if (root / name).is_file()}
        _write(path, data)


def _write(path: Path, data: Mapping[str, Any]) -> None:
    """Write the manifest with an entry a line, so that two of them can be compared by lines."""
    entries = ",\n  ".join(to_json(entry) for entry in data["entries"])
    rest = {key: value for key, value in data.items() if key != "entries"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, indent=1)
    write_text(path, '{\n "entries": [\n  ' + entries + "\n ]," + text.removeprefix("{") + "\n")


def journal(build: Build, started: float, stages: Mapping[str, float] | None = None) -> None:
    """Add a line about this run to `runs.jsonl`; `stages`: the seconds of each, where several ran."""
    peak_child = guard.stop_idle()
    line = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 1),
        "stages": dict(stages or {}),
        "runner": build.engine.runner,
        "mode": build.engine.mode,
        "workers": build.engine.workers,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "peak_bytes_driver": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "peak_bytes_largest_child": max(peak_child, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024),
    }
    with (build.root / JOURNAL_NAME).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, sort_keys=True) + "\n")
