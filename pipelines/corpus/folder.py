"""A corpus folder: where its parts lie, which documents files it has, and which recipe it belongs to.

The unit of every stage after extraction is one documents file. What a stage lists for it (rejections, duplicates,
hits) lies under the same name in the stage's own folder, so that later stages join files and never search.
"""

import contextlib
import difflib
import fcntl
import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from manifests import ledger, mirror, partly, segments
from manifests.errors import UserError
from manifests.ledger import InputFact
from manifests.names import Names
from manifests.paged import Paged, in_order
from manifests.recipe import Recipe, recipe_from
from manifests.records import to_json
from manifests.writing import WORK_FOLDER, disk_faults, write_text
from pipelines.corpus import soundness
from pipelines.fetching.address import parse
from pipelines.fetching.redaction import shown

RECIPE_NAME = "recipe.yaml"
REVIEW_NAME = "review.jsonl"
DOCUMENTS = "documents"
REJECTED = "rejected"
REJECTED_TEXTS = "rejected_texts"
FAILED = "failed"
DUPLICATES = "duplicates"
CLUSTERS = "clusters"
HITS = "hits"
REMOVED = "removed"
SHARDS = "shards"
TOKENS = "tokens"
TEXTS = "texts"
RAW = "raw"
PUBLIC_FORMS = (SHARDS, TEXTS, "jsonl", "megatron", "nanotron", "olmo", "mds", "litdata")
"""Folders of the finished corpus in its several forms."""
OUTPUTS = (
    DOCUMENTS,
    REJECTED,
    REJECTED_TEXTS,
    FAILED,
    DUPLICATES,
    HITS,
    REMOVED,
    *PUBLIC_FORMS,
    TOKENS,
    CLUSTERS,
    "address",
    "chunks",
    "signatures",
    "overlap",
)
"""The folders that stages write into. What lies there is named by a ledger entry, or is left over from a dead run."""
MIXTURE_PATH = "mixture.json"
"""What each source has of the training stream, and what was asked."""
PROBE, PROBE_PLOT, PROBE_MODEL = "probe/probe.json", "probe/loss.svg", "probe/model"
"""What a small model learnt from the stream, its drawing, and the model."""
SUMMARY_PATH = "overlap/summary.parquet"
OVERLAP_PAGE = "overlap.html"
"""The page of an audit in a corpus that was built: `report.html` there is the whole build's."""
BENCHMARKS_PATH = "overlap/benchmarks.json"
LEVELS_PATH = "overlap/levels.parquet"
TOTALS_PATH = "overlap/totals.json"
IDS_PATH = "overlap/ids.txt"
ITEMS_PATH = "overlap/items.parquet"
"""The counts of hits by benchmark, source and field."""
MATCHING = "matching"
"""The part of `.work` that the dedup stage goes on from after an interruption."""
SPENT = "spent"
"""The part of `.work` that says what units cost (`pipelines.engine.spending`)."""


SWEPT_AT_ONCE = 1 << 12


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

    def documents(self) -> Paged[DocumentsFile]:
        """All documents files, in a fixed order, as the ledger of the extract stage names them."""
        entries = (one.listing() for one in ledger.written(self.root, "extract"))
        found = (file for entry in entries for file in documents_of(entry))
        return in_order(DocumentsFile, found, key=lambda file: file.path)

    def adopt(self, recipe: Recipe, *, accept_changes: bool = False) -> None:
        """Make this the folder of `recipe`. Raises UserError where it `takes` no such recipe."""
        if not self.takes(recipe, accept_changes=accept_changes):
            return
        # A run that is under way must not find another recipe in its folder.
        with _held(self.root):
            write_text(self.root / RECIPE_NAME, recipe_text(recipe))

    def takes(self, recipe: Recipe, *, accept_changes: bool = False) -> bool:
        """Whether this can become the folder of `recipe`; false if it is.

        Raises UserError when the folder belongs to another recipe (with the lines that differ) unless
        `accept_changes` is set, when it has lost its own and nothing else tells which that was (again unless
        `accept_changes`), or when it holds something that is no corpus. A folder in which nothing but fetching was
        done, because the recipe that made it named a file that is not there or cannot be read, takes the next one.
        """
        path = self.root / RECIPE_NAME
        try:
            known = path.is_file()
        except OSError as error:
            raise _no_folder(self.root, error) from error
        if known:
            before = _as_written_now(path).splitlines()
            after = recipe_text(recipe).splitlines()
            if before == after:
                return False
            begun = partly.begun(self.root, (one for one in partly.stages(self.root) if one != soundness.FETCH))
            if not accept_changes and begun and not _was_built_from(self.root, recipe):
                changed = [
                    line
                    for line in difflib.unified_diff(before, after, "this folder", "the recipe", lineterm="", n=0)
                    if line[:1] in "+-" and line[:3] not in ("+++", "---")
                ]
                shown_lines = "\n".join(f"  {line}" for line in changed[:40])
                raise UserError(
                    f"{path}: this folder was built from another recipe; use another --output, or --accept-changes "
                    f"to redo what the change touches. It differs in:\n{shown_lines}"
                )
        elif self.root.is_dir() and not self._is_empty() and not _was_built_from(self.root, recipe):
            if not (self.root / ledger.LEDGER_FOLDER).is_dir():
                raise UserError(f"{self.root}: not empty and not a corpus (no {RECIPE_NAME}); expected a new folder")
            if not accept_changes:  # recipe and manifest are both lost or damaged: nothing tells what this is
                hint = "put it back, or --accept-changes to go on with this recipe"
                raise UserError(f"{self.root}: a corpus that has lost its {RECIPE_NAME}; {hint}")
        elif self.root.exists() and not self.root.is_dir():
            raise UserError(f"{self.root}: a file; expected a folder for the corpus, or a new name for one")
        return True

    def _is_empty(self) -> bool:
        return all(path.name == WORK_FOLDER for path in self.root.iterdir())

    def require(self) -> "Corpus":
        """Check that this is a corpus folder. Raises UserError."""
        if not (self.root / ledger.LEDGER_FOLDER).is_dir() and not partly.stages(self.root):
            missing = f"not a corpus (no {ledger.LEDGER_FOLDER} folder)"
            raise UserError(f"{mirror.shown(self.root)}: {missing}; expected the --output of a run")
        return self


def documents_of(entry: ledger.Listing) -> Iterator[DocumentsFile]:
    """The documents files among the outputs of a unit of the extract stage."""
    for fact in entry.outputs:
        if fact.path.startswith(f"{DOCUMENTS}/"):
            key = f"{entry.source}-{Path(fact.path).stem}"
            yield DocumentsFile(key, entry.source, fact.path, fact.rows, fact.bytes, fact.sha256)


def _was_built_from(root: Path, recipe: Recipe) -> bool:
    """Whether a finished corpus's manifest names this recipe: then the recipe that lies there was damaged."""
    try:
        found = json.loads((root / ledger.MANIFEST_NAME).read_text(encoding="utf-8"))
        return bool(found["recipe_sha256"] == public(recipe).sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextlib.contextmanager
def locked(root: Path, tell: Callable[[str], None] = lambda _: None, *, thorough: bool = False) -> Iterator[None]:
    """Hold the corpus folder for one run at a time; take back what was damaged, clear away what a dead run left.

    `tell` gets a line about what was damaged; `thorough` as for `soundness.heal`. Raises UserError when
    another run holds the folder, or when no folder can be there.
    """
    with _held(root):
        listed = Names()
        soundness.heal(root, tell, thorough=thorough, listed=listed)
        sweep(root, listed)
        yield


@contextlib.contextmanager
def held_together(root: Path) -> Iterator[None]:
    """Hold the corpus folder beside others who do the same; a run that is alone is kept out and waits for none.

    Nothing is cleared away. Raises UserError when a run that is alone holds the folder.
    """
    with _held(root, shared=True):
        yield


@contextlib.contextmanager
def _held(root: Path, *, shared: bool = False) -> Iterator[None]:
    folder = root / WORK_FOLDER
    try:
        with disk_faults(folder):
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _no_folder(root, error) from error
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                f"{mirror.shown(root)}: another run is writing to this folder; wait for it or choose another --output"
            ) from None
        with mirror.held_beside(root) if shared else mirror.held(root):
            yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)  # a process that was forked meanwhile has the handle too
        os.close(handle)


def _no_folder(root: Path, error: OSError) -> UserError:
    why = os.strerror(error.errno) if error.errno else str(error)
    return UserError(f"{root}: cannot be made: {why}; expected a place where a folder can be")


def sweep(root: Path, listed: Names) -> None:
    """Remove what a dead run left: unfinished files, workspaces, and outputs that are not `listed` by a ledger entry.

    A run can end between moving its outputs into place and writing its entry. The next one may write fewer files or
    other names, as its recipe may have changed, and later stages take every list they find for valid.
    """
    for top in OUTPUTS:
        _sweep(str(root), top, listed)
    for folder in (root, root / ledger.LEDGER_FOLDER, *(root / ledger.LEDGER_FOLDER).glob("*/")):
        segments.sweep(folder)
    for path in (root / WORK_FOLDER).glob("*"):
        if path.is_dir() and path.name not in (MATCHING, SPENT):
            shutil.rmtree(path, ignore_errors=True)


def _sweep(root: str, below: str, listed: Names) -> None:
    """Sweep one folder of outputs, which goes when nothing is left in it; there may be a million files."""
    try:
        found = os.scandir(f"{root}/{below}")
    except OSError:
        return
    with found:
        while batch := list(itertools.islice(found, SWEPT_AT_ONCE)):
            names = [f"{below}/{one.name}" for one in batch]
            for one, name, known in zip(batch, names, listed.among(names), strict=True):
                if one.is_dir(follow_symlinks=False):
                    _sweep(root, name, listed)
                elif not known or one.is_dir():
                    Path(one.path).unlink()
    with contextlib.suppress(OSError):
        os.rmdir(f"{root}/{below}")  # noqa: PTH106 - as all of this


def recipe_text(recipe: Recipe) -> str:
    """The recipe as it is kept in its corpus: `public`, every setting spelled out, keys in a fixed order."""
    data = public(recipe).model_dump(mode="json", by_alias=True)
    return yaml.safe_dump(data, sort_keys=True, allow_unicode=True, width=110)


def _as_written_now(path: Path) -> str:
    """A kept recipe as this version would write it, so that a setting that is new since then is no difference."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        data = yaml.safe_load(text)
        return recipe_text(recipe_from(data, str(path))) if isinstance(data, dict) else text
    except (yaml.YAMLError, UserError):
        return text


def public(recipe: Recipe) -> Recipe:
    """The recipe as anyone may see it: no secret of an address, no folder of this machine.

    It is what the corpus keeps and what the manifest's hash is of, so that neither tells a token, and both are the
    same wherever the input lay.
    """
    assets = {
        name: asset.model_copy(update={"address": public_address(asset.address)})
        for name, asset in recipe.assets.items()
    }
    scores = {
        name: score.model_copy(update={"options": _public_options(score.options)})
        for name, score in recipe.scores.items()
    }
    sources = tuple(
        source.model_copy(
            update={
                "inputs": tuple(
                    item.model_copy(update={"address": public_address(item.address)}) for item in source.inputs
                ),
                "options": _public_options(source.options),
            }
        )
        for source in recipe.sources
    )
    dedup = recipe.dedup
    if dedup is not None:
        dedup = dedup.model_copy(update={"against": tuple(public_address(place) for place in dedup.against)})
    return recipe.model_copy(update={"assets": assets, "scores": scores, "sources": sources, "dedup": dedup})


def public_address(address: str) -> str:
    """An address without its secrets; of an absolute path only the last part is told.

    >>> public_address("https://me:pw@host/a.gz?token=0f"), public_address("/home/me/pages/*.warc.gz")
    ('https://host/a.gz?token=***', '…/*.warc.gz')
    """
    try:
        parsed = parse(address)
    except UserError:
        return shown(address)
    if parsed.scheme == "local" and parsed.place.startswith(("/", "~")):
        return str(parsed).replace(parsed.place, f"…/{Path(parsed.place).name}", 1)
    return str(parsed)


def _public_options(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _public_options(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_public_options(inner) for inner in value]
    return shown(value) if isinstance(value, str) else value


def fingerprint(*parts: Any) -> str:
    """A hash of everything that decides a unit's outputs; parts are JSON values."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def fingerprints(*parts: Any) -> Callable[..., str]:
    """`fingerprint` of these parts and more, for very many others."""
    head = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":")).removesuffix("]")
    before = hashlib.sha256(head.encode("utf-8", "surrogatepass"))

    def mark(*more: Any) -> str:
        digest = before.copy()
        tail = json.dumps(more, sort_keys=True, ensure_ascii=False, separators=(",", ":")).removeprefix("[")
        digest.update(f",{tail}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    return mark


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
    """A unit's payload: JSON with sorted keys. Paths in bytes that are no UTF-8 (surrogates) stand in it as escapes."""
    text = to_json(settings)
    return text if text.isascii() else re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def sources_of(files: Iterable[DocumentsFile]) -> list[str]:
    """The names of the sources that have documents files, sorted."""
    return sorted({file.source for file in files})
