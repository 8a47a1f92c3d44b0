"""Puts a finished corpus on Hugging Face's hub, as a dataset that opens there without further work.

What goes are the parts that a reader needs: shards, further forms, the lists of what was left out, and the pages at
the top; what stages keep for themselves stays. A file is compared with its sha256 in the ledger before it is sent, so
that what is published is what was recorded. The hub is asked what it has already: the same command goes on where an
earlier one was stopped, and the card is sent last, so that a half-sent corpus has none. Files of an earlier state that
the corpus no longer has are removed, because they would be read with the others.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from manifests import ledger
from manifests.errors import Fault, UserError
from manifests.ledger import MANIFEST_NAME
from manifests.writing import sha256_of
from pipelines.corpus.folder import FAILED, HITS, MIXTURE_PATH, PUBLIC_FORMS, REJECTED
from pipelines.corpus.manifest import PAGES
from pipelines.engine.progress import Progress

FOLDERS = (*PUBLIC_FORMS, HITS, REJECTED, FAILED, "overlap")
LAST = (*PAGES, MANIFEST_NAME)
"""Sent when all else is there."""
BATCH_FILES = 64
BATCH_BYTES = 2 << 30
"""A commit has at most so many files and, if they are several, bytes."""


class Sent(NamedTuple):
    """What was done: files sent now, files that were there, files removed, bytes sent."""

    files: int
    there: int
    removed: int
    bytes: int


def push(root: Path, repository: str, progress: Progress, *, private: bool = False, api: Any = None) -> Sent:
    """Send the corpus at `root` to the dataset `owner/name`; `api` is huggingface_hub's HfApi.

    Raises UserError for a corpus that is not finished and for what the hub refuses, Fault for a file that is not what
    was recorded and for a hub that does not answer.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    files = _files(root)
    api = HfApi() if api is None else api
    try:
        api.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        there = _there(api, repository)
        new = {path: digest for path, digest in files.items() if not _is_there(root / path, digest, there.get(path))}
        gone = [path for path in there if path not in files and path.split("/")[0] in FOLDERS]
        size = 0
        for batch in _batches(root, sorted(new)):
            adds = [CommitOperationAdd(path, str(_checked(root, path, files[path]))) for path in batch]
            api.create_commit(repository, adds, commit_message=f"Add {len(batch)} files", repo_type="dataset")
            size += sum((root / path).stat().st_size for path in batch)
            progress.say(f"push: {len(batch)} files, {size:,} bytes so far")
        if gone:
            deletes = [CommitOperationDelete(path) for path in sorted(gone)]
            api.create_commit(
                repository, deletes, commit_message="Remove what the corpus no longer has", repo_type="dataset"
            )
    except HFValidationError as error:
        raise UserError(f"hf:{repository}: {' '.join(str(error).split())}; expected hf:owner/name") from error
    except HfHubHTTPError as error:
        said = " ".join(str(error).split())[:300]
        if getattr(error.response, "status_code", None) in (401, 403, 404):
            raise UserError(f"hf:{repository}: the hub refuses ({said}); expected HF_TOKEN to allow writing") from error
        raise Fault(f"hf:{repository}: {said}; run the same command again to go on") from error
    except OSError as error:
        raise Fault(f"hf:{repository}: {error}; run the same command again to go on") from error
    return Sent(len(new), len(files) - len(new), len(gone), size)


def _files(root: Path) -> dict[str, str]:
    """The files to send, by path, and their recorded sha256. Raises UserError for a corpus that is not finished."""
    path = root / MANIFEST_NAME
    if not path.is_file():
        raise UserError(f"{root}: no {MANIFEST_NAME}; expected a finished corpus")
    data = json.loads(path.read_text(encoding="utf-8"))
    found = {
        fact.path: fact.sha256
        for entry in ledger.read_entries(root)
        for fact in entry.outputs
        if fact.path.split("/")[0] in FOLDERS or fact.path == MIXTURE_PATH
    }
    if not any(path.endswith(".parquet") for path in found):
        raise UserError(f"{root}: no shards; expected the output of `proofpile build` or `proofpile shard`")
    return {**found, **data.get("pages", {}), MANIFEST_NAME: sha256_of(path)}


def _there(api: Any, repository: str) -> Mapping[str, tuple[str, str | None]]:
    """What the hub has: by path the file's git id and, of large ones, its sha256."""
    tree = api.list_repo_tree(repository, recursive=True, repo_type="dataset")
    return {one.path: (one.blob_id, one.lfs.sha256 if one.lfs else None) for one in tree if hasattr(one, "blob_id")}


def _is_there(path: Path, digest: str, known: tuple[str, str | None] | None) -> bool:
    if known is None:
        return False
    blob, sha256 = known
    if sha256 is not None:
        return sha256 == digest
    data = path.read_bytes()
    # Git's name for a file (git-scm.com, "Git Internals - Git Objects").
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == blob


def _checked(root: Path, path: str, digest: str) -> Path:
    if not (root / path).is_file() or sha256_of(root / path) != digest:
        raise Fault(f"{root / path}: not what the ledger recorded; see `proofpile verify {root}`")
    return root / path


def _batches(root: Path, paths: Sequence[str]) -> Iterator[list[str]]:
    """The files of each commit, the card and its like in the last one."""
    batch: list[str] = []
    size = 0
    for path in (one for one in paths if one not in LAST):
        here = (root / path).stat().st_size if (root / path).is_file() else 0
        if batch and (len(batch) == BATCH_FILES or size + here > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += here
    if batch:
        yield batch
    if last := [path for path in paths if path in LAST]:
        yield last
