"""Check a finished corpus against its ledger: every balance, every checksum, nothing missing and nothing surplus."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from manifests import ledger
from manifests.errors import UserError
from manifests.ledger import JOURNAL_NAME, MANIFEST_NAME, Entry
from manifests.writing import WORK_FOLDER, sha256_of
from pipelines.corpus import folder as places
from pipelines.corpus.manifest import PAGES, assemble

LOOSE = frozenset({MANIFEST_NAME, JOURNAL_NAME, places.REVIEW_NAME, *PAGES})
"""Files at the top of a corpus that no entry lists."""


class Finding(NamedTuple):
    """Something wrong: `kind` is missing, changed, surplus, unbalanced or unreadable."""

    kind: str
    path: str
    detail: str


def verify(root: Path) -> Iterator[Finding]:
    """Yield what is wrong with the corpus at `root`; nothing when all is well.

    Raises UserError if `root` is no corpus. Raw files may have been removed as a whole (`raw/` is absent), which is
    no finding.
    """
    corpus = places.Corpus(root).require()
    listed: set[str] = set()
    raw_is_gone = not (root / places.RAW).exists()
    entries: list[Entry] = []
    for one in (one for stage in ledger.stages(root) for one in ledger.written(root, stage)):
        try:
            entries.append(one.entry())
        except UserError as error:
            kind = "unbalanced" if "kept + rejected" in str(error) else "unreadable"
            yield Finding(kind, _relative(root, one.path), str(error))
    for entry in entries:
        for fact in entry.outputs:
            listed.add(fact.path)
            path = root / fact.path
            if fact.path.startswith(f"{places.RAW}/") and raw_is_gone:
                continue
            if not path.is_file():
                yield Finding("missing", fact.path, f"an output of {entry.stage}/{entry.unit}")
            elif path.stat().st_size != fact.bytes or sha256_of(path) != fact.sha256:
                yield Finding("changed", fact.path, f"its bytes are not those that {entry.stage}/{entry.unit} wrote")
        yield from _counts(root, entry)
    yield from _surplus(root, listed)
    yield from _manifest(corpus, entries)


def _counts(root: Path, entry: Entry) -> Iterator[Finding]:
    """Compare an entry's counts with the rows that its outputs hold."""
    rows = {places.DOCUMENTS: 0, places.REJECTED: 0, places.FAILED: 0, places.DUPLICATES: 0}
    for fact in entry.outputs:
        top = fact.path.split("/", 1)[0]
        path = root / fact.path
        if top in rows and path.suffix == ".parquet" and path.is_file():
            try:
                rows[top] += pq.read_metadata(path).num_rows
            except (OSError, ValueError) as error:
                yield Finding("unreadable", fact.path, str(error))
    expected = {places.FAILED: entry.failed}
    if entry.stage == "extract":
        expected[places.DOCUMENTS] = entry.kept
    if entry.stage in ("extract", "filter"):
        expected[places.REJECTED] = sum(entry.rejected.values())
    if entry.stage == "dedup":
        expected[places.DUPLICATES] = sum(entry.rejected.values())
    for top, count in expected.items():
        if rows[top] != count:
            detail = f"the ledger counts {count} in {top}, the files hold {rows[top]}"
            yield Finding("unbalanced", f"{ledger.LEDGER_FOLDER}/{entry.stage}/{entry.unit}.json", detail)


def _surplus(root: Path, listed: set[str]) -> Iterator[Finding]:
    for path in sorted(root.rglob("*")):
        relative = _relative(root, path)
        if path.is_dir() or relative in listed or relative in LOOSE:
            continue
        top = relative.split("/", 1)[0]
        if top in (WORK_FOLDER, ledger.LEDGER_FOLDER) or relative.startswith(f"{places.PROBE_MODEL}/"):
            continue
        if top == places.RAW and any(part.startswith(".") for part in path.relative_to(root).parts):
            continue  # what fetching remembers between runs
        yield Finding("surplus", relative, "no ledger entry names it")


def _manifest(corpus: places.Corpus, entries: list[Entry]) -> Iterator[Finding]:
    path = corpus.root / MANIFEST_NAME
    if not path.is_file():
        yield Finding("missing", MANIFEST_NAME, "the build has not ended; run it again")
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        expected = assemble(corpus.root, found["recipe_sha256"], found["name"], found["rules"])
    except (ValueError, KeyError, TypeError, UserError) as error:
        yield Finding("unreadable", MANIFEST_NAME, str(error))
        return
    for name, digest in found.get("pages", {}).items():
        page = corpus.root / name
        if not page.is_file():
            yield Finding("missing", name, "the manifest names it")
        elif sha256_of(page) != digest:
            yield Finding("changed", name, "its bytes are not those that the build wrote")
    for key in ("totals", "entries"):
        if json.dumps(found.get(key), sort_keys=True) != json.dumps(expected[key], sort_keys=True):
            yield Finding("changed", MANIFEST_NAME, f"its {key} are not those of the ledger's {len(entries)} entries")


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()
