"""Texts of a foreign corpus that is no file of rows: web archives and saved pages, and token shards of this program.

`audit` reads every corpus here; files of rows are handed to `pipelines.corpus.rows`.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

from manifests.errors import UserError
from manifests.recipe import Input, SourceEntry
from manifests.records import BadRecord, Document
from manifests.writing import sha256_of
from pipelines.corpus.rows import Text, TextKeys, read_texts, text_keys
from pipelines.shards.streaming import about_of
from pipelines.shards.tokenizer import Tokenizer, load_tokenizer
from pipelines.sources.base import RawFile, Source
from pipelines.sources.registry import make_source
from pipelines.sources.web import ARCHIVE_ENDS, PAGE_ENDS

BATCH_ROWS = 64
_IDS, _LENGTHS, _NAMES = "input_ids", "lengths", "ids"


def texts_of(
    path: Path, id_key: str | None = None, text_key: TextKeys = None, tokenizer: str | None = None
) -> Iterator[Text | BadRecord]:
    """The texts of a file of any kind. `tokenizer`: the file by which token ids are made text again.

    Records of a web archive that are no pages with a text (requests, images, redirects) are no texts. A document that
    shards cut in two is two texts of one id. Raises UserError for a file that holds no texts.
    """
    if path.name.lower().endswith((*ARCHIVE_ENDS, *PAGE_ENDS)):
        return _pages(path)
    if is_shard(path):
        return _documents(path, tokenizer)
    return read_texts(path, id_key, text_key)


def columns_of(path: Path, text_key: TextKeys) -> tuple[str, ...]:
    """The columns that the texts of a file come from; none where it has no rows."""
    if path.name.lower().endswith((*ARCHIVE_ENDS, *PAGE_ENDS)) or is_shard(path):
        return ()
    return text_keys(path, text_key)


def is_shard(path: Path) -> bool:
    """Whether a file holds token ids: a Parquet file of the shards that this program writes."""
    with path.open("rb") as stream:
        if stream.read(4) != b"PAR1":
            return False
    return {_IDS, _LENGTHS, _NAMES} <= set(pq.read_schema(path).names)


@lru_cache(maxsize=1)
def _web() -> Source:
    """A source that takes every page."""
    options = {"prefilter": "off", "banned_addresses": False, "record_types": ["response", "resource", "conversion"]}
    entry = SourceEntry(name="page", kind="web", inputs=(Input.model_validate({"from": "-"}),), options=options)
    return make_source(entry, "corrected", {}, "audit")


def _pages(path: Path) -> Iterator[Text | BadRecord]:
    source = _web()
    for record in source.records(RawFile(path, path.name)):
        if isinstance(record, BadRecord):
            yield record
            continue
        try:
            document = source.document(record)
        except Exception as error:  # one page that cannot be read is one bad record
            yield BadRecord(record.key, f"{type(error).__name__}: {error}"[:300])
            continue
        if isinstance(document, Document):
            yield Text(document.url or record.key, document.text)


def _documents(path: Path, tokenizer: str | None) -> Iterator[Text | BadRecord]:
    needed = about_of(path).get("tokenizer_sha256")
    if tokenizer is None:
        which = f" (sha256 {str(needed)[:12]}…)" if needed else ""
        raise UserError(f"{path}: holds token ids; expected --tokenizer FILE, the tokenizer they were made with{which}")
    if needed and sha256_of(Path(tokenizer)) != needed:
        raise UserError(f"{tokenizer}: is not the tokenizer of {path}, whose sha256 is {str(needed)[:12]}…")
    made = _tokenizer(tokenizer)
    marks = {made.bos, made.eos} - {None}
    with pq.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches(columns=[_IDS, _LENGTHS, _NAMES], batch_size=BATCH_ROWS):
            for row in batch.to_pylist():
                start = 0
                for length, name in zip(row[_LENGTHS], row[_NAMES], strict=True):
                    ids = row[_IDS][start : start + length]
                    start += length
                    yield Text(name, made.decode([one for one in ids if one not in marks]))


@lru_cache(maxsize=1)
def _tokenizer(path: str) -> Tokenizer:
    return load_tokenizer(Path(path))
