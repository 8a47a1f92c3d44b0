"""The records that stages exchange, each with one explicit Arrow schema.

The column names are a public interface: other programs read them. Schemas are never inferred from data. A document's
`scores` are kept beside its text so that a threshold can change without a new pass over the raw input.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import pyarrow as pa

Rules = Literal["published", "corrected"]
"""Which behaviour a rule follows where the published program had a fault: what it did, or what it meant."""


class Document(NamedTuple):
    """One text on its way into the corpus.

    `meta` is a JSON object (code: `path`, `repository`; papers: `arxiv_id`, `categories`; web: `crawled`,
    `math_found`, `math_kept` by kind). `created` is an ISO 8601 date or time, as exact as it is known. `scores`
    maps a score's name (`english`, `math_score`, `perplexity`, …) to its value.
    """

    id: str
    source: str
    subset: str
    text: str
    url: str | None = None
    license: str | None = None
    created: str | None = None
    meta: str = "{}"
    scores: Mapping[str, float] = {}


class Rejected(NamedTuple):
    """A record that a policy turned away. `reason` is one short fixed word (snake_case), `detail` may vary."""

    id: str
    source: str
    stage: str
    reason: str
    detail: str = ""


class RejectedText(NamedTuple):
    """What a rejected record held, kept of some so that a person can judge the rule that turned them away.

    `text` is the document's where the record got so far, else its bytes as UTF-8; its beginning where it is long.
    """

    id: str
    source: str
    reason: str
    text: str


class BadRecord(NamedTuple):
    """A record that could not be read although reading may go on (a damaged member, a wrong length)."""

    key: str
    error: str


class Failed(NamedTuple):
    """A record that a fault cost. `id` is empty where the fault came before the record had one."""

    id: str
    source: str
    shard: str
    stage: str
    error: str
    traceback: str = ""


class Duplicate(NamedTuple):
    """A document that another one stands for. `similarity` is verified; `cluster` is the kept document's id."""

    id: str
    kept_id: str
    method: str
    similarity: float
    cluster: str


class Hit(NamedTuple):
    """A benchmark item found in a document; positions are character offsets into the two texts, end excluded.

    `n` is 0 for a method without n-grams. `kind` is `whole`, `part`, `template` (all agrees but numbers) or
    `boilerplate` (a passage of many items); `counted` hits make the headline; the texts are those of both sides with
    some context.
    """

    document_id: str
    benchmark: str
    item_id: str
    field: str
    method: str
    n: int
    document_start: int
    document_end: int
    item_start: int
    item_end: int
    score: float
    kind: str = "part"
    probability: float = 0.0
    counted: bool = False
    document_text: str = ""
    item_text: str = ""


DOCUMENT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("subset", pa.string(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("license", pa.string()),
        pa.field("created", pa.string()),
        pa.field("meta", pa.string(), nullable=False),
        pa.field("scores", pa.map_(pa.string(), pa.float64()), nullable=False),
    ]
)
REJECTED = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("id", "source", "stage", "reason", "detail")]
)
REJECTED_TEXT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)
FAILED = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("id", "source", "shard", "stage", "error", "traceback")]
)
DUPLICATE = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("kept_id", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("cluster", pa.string(), nullable=False),
    ]
)
HIT = pa.schema(
    [
        pa.field("document_id", pa.string(), nullable=False),
        pa.field("benchmark", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("method", pa.string(), nullable=False),
        pa.field("n", pa.int32(), nullable=False),
        pa.field("document_start", pa.int64(), nullable=False),
        pa.field("document_end", pa.int64(), nullable=False),
        pa.field("item_start", pa.int64(), nullable=False),
        pa.field("item_end", pa.int64(), nullable=False),
        pa.field("score", pa.float64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("counted", pa.bool_(), nullable=False),
        pa.field("document_text", pa.large_string(), nullable=False),
        pa.field("item_text", pa.large_string(), nullable=False),
    ]
)
REMOVED = pa.schema(
    [pa.field(name, pa.string(), nullable=False) for name in ("document_id", "source", "action")]
    + [pa.field(name, pa.int64(), nullable=False) for name in ("start", "end")]
    + [pa.field(name, pa.string(), nullable=False) for name in ("benchmark", "item_id", "field")]
)
SEQUENCE = pa.schema(
    [
        pa.field("input_ids", pa.list_(pa.int32()), nullable=False),
        pa.field("lengths", pa.list_(pa.int32()), nullable=False),
        pa.field("ids", pa.list_(pa.string()), nullable=False),
        pa.field("positions", pa.list_(pa.int32()), nullable=False),
        pa.field("sources", pa.list_(pa.string()), nullable=False),
        pa.field("source", pa.string(), nullable=False),
    ]
)


def stable_id(source: str, *parts: str) -> str:
    """An id made from where a document came from: `source:` and 128 bits of BLAKE2b over the parts.

    The parts must not name a position in a file, a worker or a time of processing, so that the same document gets
    the same id in every build.
    """
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16)
    return f"{source}:{digest.hexdigest()}"


def order_key(identifier: str) -> bytes:
    """The key by which rows are sorted in every file: 64 bits of a hash of the id, then the id itself.

    Sorting by a hash spreads neighbours of one site or repository, and does not depend on the order of arrival.
    """
    raw = identifier.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=8).digest() + raw


_COMPACT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def to_json(value: Mapping[str, Any]) -> str:
    """`value` as compact JSON with sorted keys: the same bytes for the same content."""
    return _COMPACT.encode(value)
