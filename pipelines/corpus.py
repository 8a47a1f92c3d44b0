"""A corpus folder: where its parts lie, which documents files it has, and which recipe it belongs to.

The unit of every stage after extraction is one documents file. What a stage lists for it (rejections, duplicates,
hits) lies under the same name in the stage's own folder, so that later stages join files and never search.
"""

import difflib
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import InputFact
from manifests.recipe import Recipe
from manifests.records import to_json
from manifests.writing import disk_faults, write_text

RECIPE_NAME = "recipe.yaml"
DOCUMENTS = "documents"
REJECTED = "rejected"
FAILED = "failed"
DUPLICATES = "duplicates"
HITS = "hits"
SHARDS = "shards"
RAW = "raw"


class DocumentsFile(NamedTuple):
    """One documents file: `key` names it in every later stage, `path` is relative to the corpus folder."""

    key: str
    source: str
    path: str
    rows: int
    bytes: int
    sha256: str

    @property
    def stem(self) -> str:
        """The part of its path that the other stages' files share: `SOURCE/NAME`."""
        return self.path.removeprefix(f"{DOCUMENTS}/").removesuffix(".parquet")

    def input(self) -> InputFact:
        """It as an input of a later stage."""
        return InputFact(self.path, self.bytes, self.sha256)


class Corpus:
    """An output folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def documents(self) -> list[DocumentsFile]:
        """All documents files, in a fixed order, as the ledger of the extract stage names them."""
        found = []
        for entry in ledger.read_entries(self.root, "extract"):
            for fact in entry.outputs:
                if fact.path.startswith(f"{DOCUMENTS}/"):
                    key = f"{entry.source}-{Path(fact.path).stem}"
                    found.append(DocumentsFile(key, entry.source, fact.path, fact.rows, fact.bytes, fact.sha256))
        return sorted(found, key=lambda file: file.path)

    def adopt(self, recipe: Recipe, *, accept_changes: bool = False) -> None:
        """Make this the folder of `recipe`.

        Raises UserError when the folder belongs to another recipe (with the lines that differ) unless
        `accept_changes` is set, or when it holds something that is no corpus.
        """
        path = self.root / RECIPE_NAME
        if path.is_file():
            before = path.read_text(encoding="utf-8").splitlines()
            after = recipe_text(recipe).splitlines()
            if before == after:
                return
            if not accept_changes:
                changed = [
                    line
                    for line in difflib.unified_diff(before, after, "this folder", "the recipe", lineterm="", n=0)
                    if line[:1] in "+-" and line[:3] not in ("+++", "---")
                ]
                shown = "\n".join(f"  {line}" for line in changed[:40])
                raise UserError(
                    f"{path}: this folder was built from another recipe; use another --output, or --accept-changes "
                    f"to redo what the change touches. It differs in:\n{shown}"
                )
        elif self.root.is_dir() and any(self.root.iterdir()):
            raise UserError(f"{self.root}: not empty and not a corpus (no {RECIPE_NAME}); expected a new folder")
        with disk_faults(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            write_text(path, recipe_text(recipe))

    def require(self) -> "Corpus":
        """Check that this is a corpus folder. Raises UserError."""
        if not (self.root / ledger.LEDGER_FOLDER).is_dir():
            raise UserError(
                f"{self.root}: not a corpus (no {ledger.LEDGER_FOLDER} folder); expected the --output of a run"
            )
        return self


def recipe_text(recipe: Recipe) -> str:
    """The recipe as it is kept in its corpus: every setting spelled out, keys in a fixed order."""
    data = recipe.model_dump(mode="json", by_alias=True)
    return yaml.safe_dump(data, sort_keys=True, allow_unicode=True, width=110)


def fingerprint(*parts: Any) -> str:
    """A hash of everything that decides a unit's outputs; parts are JSON values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_list(root: Path, folder: str, stem: str, columns: Sequence[str]) -> pa.Table | None:
    """The rows that a stage listed for a documents file (`folder` such as `rejected/filter`); None when none."""
    path = root / folder / f"{stem}.parquet"
    if not path.is_file():
        return None
    return pq.read_table(path, columns=list(columns), partitioning=None)


def listed_ids(root: Path, folder: str, stem: str, column: str = "id") -> frozenset[str]:
    """The ids that a stage listed for a documents file."""
    table = read_list(root, folder, stem, [column])
    return frozenset() if table is None else frozenset(table.column(column).to_pylist())


def payload(**settings: Any) -> str:
    """A unit's payload: JSON with sorted keys."""
    return to_json(settings)


def sources_of(files: Iterable[DocumentsFile]) -> list[str]:
    """The names of the sources that have documents files, sorted."""
    return sorted({file.source for file in files})
