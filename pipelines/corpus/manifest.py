"""The manifest of a finished corpus: every ledger entry, with the recipe's hash and the program's version.

`manifest.json` is the same for every run of the same recipe. What differs between runs (runner, workers, times,
memory) goes to the journal `runs.jsonl`, which is no output and is not checked by `verify`.
"""

import hashlib
import json
import platform
import unicodedata
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import dedup
import filters
import manifests
import pipelines
from manifests import ledger
from manifests.ledger import FORMAT, MANIFEST_NAME, Entry
from manifests.recipe import Recipe
from manifests.records import to_json
from manifests.writing import sha256_of, write_text
from pipelines.corpus.folder import PROBE, PROBE_PLOT, RECIPE_NAME, public

SHAPING = (
    "brotli",
    "datasketch",
    "fasttext-community",
    "isal",
    "kenlm",
    "lxml",
    "lz4",
    "numba",
    "numpy",
    "pyarrow",
    "pydantic",
    "pygments",
    "pyyaml",
    "resiliparse",
    "sentencepiece",
    "tokenizers",
    "trafilatura",
    "tree-sitter",
    "tree-sitter-language-pack",
    "zstandard",
)
"""The libraries that read, parse, score, tokenize or write. Beam moves units and shapes nothing."""
PAGES = (RECIPE_NAME, "report.html", "overlap.html", "README.md", PROBE, PROBE_PLOT)
"""What a corpus has besides the outputs that its ledger lists, the manifest and the journal."""


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
    return {"version": version, "sha256": digest.hexdigest()}


def libraries() -> dict[str, str]:
    """The versions of what shapes the output besides this program: with others, bytes may differ."""
    found = {"python": platform.python_version(), "unicode": unicodedata.unidata_version}
    for name in SHAPING:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


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
        "libraries": libraries(),
        "totals": {
            stage: {source: part.as_json() for source, part in sorted(sources.items())}
            for stage, sources in sorted(sums.items())
        },
        "entries": [entry.as_json() for entry in entries],
    }


def write(root: Path, recipe: Recipe) -> None:
    """Write `manifest.json` for the corpus that a recipe became."""
    _write(root / MANIFEST_NAME, assemble(root, public(recipe).sha256, recipe.name, recipe.rules))


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
