"""Reads web archives and saved pages, and turns each page with mathematics into a document.

The way of a page: a capture of the archive (`pipelines.extraction.archives.captures`), the HTTP response in it
(`pipelines.extraction.archives.http_messages`), the prefilter on its bytes (`pipelines.extraction.pages.prefilter`),
the banned addresses (`filters.page_rules`), and the extraction of text and formulas
(`pipelines.extraction.pages.page`). What turns a page away before extraction is cheap; what needs the text is left to
scores and thresholds, except the rules that change the text.
"""

import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from filters import page_rules
from filters.page_rules import count_formulas
from manifests.records import BadRecord, Document
from pipelines.extraction.archives import captures as archives
from pipelines.extraction.archives import http_messages as messages
from pipelines.extraction.archives.containers import blocks
from pipelines.extraction.archives.framing import Capture, Damage, Head
from pipelines.extraction.html import charset
from pipelines.extraction.html.limits import check_bytes
from pipelines.extraction.pages.engines import DEFAULT_ENGINE, Engine
from pipelines.sources.base import RawFile, Record, Refusal, Source, SourceOptions
from pipelines.sources.web_index import PLACE_COLUMNS, records_at

if TYPE_CHECKING:
    # Whoever plans makes a source and reads no page; the kernels of pages take a good part of its start.
    from pipelines.extraction.pages.prefilter import Evidence
    from pipelines.extraction.pages.seen import Seen

_PACKED = ("", ".gz", ".zst", ".lz4")
ARCHIVE_ENDS = (".wacz", *(end + packed for end in (".warc", ".arc", ".wet", ".wat") for packed in _PACKED))
PAGE_ENDS = tuple(end + packed for end in (".html", ".htm", ".xhtml") for packed in _PACKED)
HTML_TYPES = ("text/html", "application/xhtml+xml")
VAGUE_TYPES = ("", "text/plain", "application/octet-stream", "application/xml", "text/xml", "unknown")
"""Types under which pages are sent by mistake: their first bytes decide."""
MARKUP = re.compile(rb"<(?:!doctype\s{1,8}html|html|head|body)[\s>]", re.IGNORECASE)
MARKUP_SIGHT = 1024
SAVED_FROM = re.compile(rb"<!-- saved from url=\([0-9]{1,5}\)([^\s<>]{1,2000}) -->")
SAVED_SIGHT = 4096
CRAWL = re.compile(r"CC-(?:MAIN|NEWS)-[0-9]{4}-[0-9]{2}")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SLACK = 2
"""A coded body may be this many times larger than the largest page."""


class WebOptions(SourceOptions):
    """Options of a `web` source."""

    engine: Engine = Field(default=DEFAULT_ENGINE, description="What chooses the main text; the default measured best.")
    prefilter: Literal["score", "command", "off"] = Field(
        default="score",
        description="Which pages are parsed. `score`: as published; pages whose only sign is a backslash go on, and "
        "thresholds on `math_score` decide. `command`: those need a LaTeX command in their plain text. "
        "`off`: every HTML page.",
    )
    prefilter_model: str | None = Field(
        default=None,
        description="Asset with a math score model. With it `prefilter: score` decides at once, exactly as published.",
    )
    banned_addresses: bool = Field(default=True, description="Turn away the addresses that OpenWebMath banned by hand.")
    record_types: tuple[Literal["response", "resource", "conversion"], ...] | None = Field(
        default=None,
        description="Kinds of WARC records that are pages: by default `response`, and when corrected `resource` too. "
        "`conversion` is the text of WET files.",
    )
    max_bytes: int = Field(
        default=10_000_000, ge=1_000, le=1_000_000_000, description="Largest page in bytes, decoded."
    )


class Reply(NamedTuple):
    """A page as it was sent: decoded bytes and what is known about them. `status` is 0 where there was no response."""

    html: bytes
    content_type: str
    status: int = 0
    broken: bool = False


GIVEN_SCORES = frozenset({"prefilter", "math_found", "math_kept", "characters", "accented"})
"""What thresholds may ask of a page without any scorer."""


class WebSource(Source):
    """WARC, ARC and WACZ files, and folders of saved pages.

    Reasons of refusal: `record_type` (not a page: request, metadata …), `revisit`, `too_large`, `status`, `not_html`,
    `empty`, `banned_address`, `prefilter`. Scores: `prefilter` (an `Evidence`), `math_found`, `math_kept`,
    `characters`, `accented`. What OpenWebMath kept, with `prefilter: score` and without a `prefilter_model`, is
    `math_score` above 0.8 where `prefilter` is at most 1 (and `characters` above 500), `math_score` at least 0.17
    where `math_found` is at least 1 and above 0.8 elsewhere, `accented` at most 0.015, `characters` at least 100.
    """

    kind: ClassVar[str] = "web"
    Options: ClassVar[type[SourceOptions]] = WebOptions
    suffixes: ClassVar[tuple[str, ...]] = ARCHIVE_ENDS + PAGE_ENDS
    by_index: ClassVar[bool] = True
    options: WebOptions

    @classmethod
    def prepare(cls) -> None:
        """Compile the kernels of extraction, which takes most of a minute where they were never compiled before."""
        from pipelines.extraction.pages.page import warm_up

        warm_up()

    def gives(self) -> frozenset[str] | None:
        return GIVEN_SCORES

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        """Every record of an archive, or the one page of a saved file.

        A record's key is its address, the time of its capture and its id (ARC has no ids: a hash of its bytes). Where
        an archive repeats all three, a hash of the bytes is added. A saved page's key is its name.
        """
        if file.name.lower().endswith(PAGE_ENDS):
            yield self._saved_page(file)
            return
        seen: set[bytes] = set()
        if file.places:
            for place, found in records_at(file, self._block_limit):
                crawl = _crawl(place.archive)
                if isinstance(found, Damage):
                    yield BadRecord(place.url, f"{found.error} ({place.archive} at byte {place.offset})")
                else:
                    yield self._record(found, crawl, seen, {"place": place})
            return
        crawl = _crawl(file.name)
        for found in archives.read(file.path, self._block_limit):
            if isinstance(found, Damage):
                yield BadRecord(
                    " ".join(part for part in (found.url, found.date, found.record_id) if part), found.error
                )
                continue
            yield self._record(found, crawl, seen, {})

    def _record(self, found: Capture, crawl: str, seen: set[bytes], known: Mapping[str, Any]) -> Record:
        key = _key(found)
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in seen:
            key = f"{key} {_content_hash(found.block)}"
        seen.add(digest)
        block = found.block if found.head.kind in self._pages else b""
        return Record(key, block, {"head": found.head, "crawl": crawl, "oversized": found.oversized, **known})

    @functools.cached_property
    def _pages(self) -> tuple[str, ...]:
        """Kinds of records that are pages."""
        if self.options.record_types is not None:
            return self.options.record_types
        return ("response",) if self.rules == "published" else ("response", "resource")

    def record_id(self, record: Record | BadRecord) -> str:
        """As for every source; empty for a damage that was no record's."""
        return super().record_id(record) if record.key else ""

    @property
    def _block_limit(self) -> int:
        """Largest record held: its body may be coded in a way that is longer than the page."""
        return self.options.max_bytes * SLACK + messages.MOST_HEAD

    def _saved_page(self, file: RawFile) -> Record | BadRecord:
        page = bytearray()
        with file.path.open("rb") as raw:
            for block in blocks(raw):
                if block.error:
                    return BadRecord(file.name, block.error)
                page += block.data
                if len(page) > self.options.max_bytes:
                    return Record(file.name, b"", {"oversized": True})
        return Record(file.name, bytes(page))

    def document(self, record: Record) -> Document | Refusal:
        """A page's text with its formulas, or the reason it is none."""
        head: Head | None = record.info.get("head")
        if head is not None and head.kind not in self._pages:
            return Refusal("revisit") if head.kind == "revisit" else Refusal("record_type", head.kind)
        if record.info.get("oversized"):
            return Refusal("too_large", f"{head.length} bytes" if head else "")
        reply = Reply(record.payload, HTML_TYPES[0]) if head is None else self._reply(head, record.payload)
        if isinstance(reply, Refusal):
            return reply
        if not reply.html.strip():
            return Refusal("empty")
        url = head.url if head else _saved_from(reply.html)
        if self.options.banned_addresses and url and (rule := page_rules.banned_by(url, self.rules)):
            return Refusal("banned_address", rule)
        meta: dict[str, Any] = {}
        from pipelines.extraction.pages.page import EmptyPageError, extract
        from pipelines.extraction.pages.seen import Seen

        if head is not None:
            meta = {"crawled": head.date, "status": reply.status or None, "truncated": head.truncated or None}
            if reply.broken:
                meta["truncated"] = "broken"
        if head is not None and head.kind == "conversion":
            text = reply.html.decode("utf-8", "replace")
            from pipelines.extraction.pages.prefilter import Evidence, holds_command

            evidence = Evidence.COMMAND if holds_command(text) else Evidence.NONE
            return self._finished(record, text, url, evidence, meta, {}, {})
        seen = Seen(reply.html)
        passed = self._evidence(reply, seen)
        if passed is None:
            return Refusal("prefilter")
        try:
            page = extract(
                reply.html,
                url=url,
                rules=self.rules,
                engine=self.options.engine,
                content_type=reply.content_type,
                seen=seen,
            )
        except EmptyPageError:
            return Refusal("empty")
        meta["title"] = page.title or None
        return self._finished(record, page.text, url, passed, meta, page.math_found, page.math_kept)

    def _reply(self, head: Head, block: bytes) -> Reply | Refusal:
        """The page inside a record: out of its HTTP response, out of its codings, if it is one."""
        if head.kind == "conversion":
            return Reply(block, head.content_type)
        content_type, status, broken = head.content_type, 0, False
        if head.content_type.lower().startswith("application/http") or block[:5].upper() == b"HTTP/":
            message = messages.parse(block)
            status = message.status
            if self.rules == "corrected" and not 200 <= status < 300:
                return Refusal("status", str(status))
            content_type = message.fields.get("content-type", "")
            if not self._may_be_html(content_type, head.payload_type):
                return Refusal("not_html", content_type)
            body = messages.decode(message, self.options.max_bytes)
            if body.oversized:
                return Refusal("too_large", f"more than {self.options.max_bytes} bytes")
            block, broken = body.data, body.broken
        elif not self._may_be_html(content_type, head.payload_type):
            return Refusal("not_html", content_type)
        elif len(block) > self.options.max_bytes:
            return Refusal("too_large", f"{len(block)} bytes")
        if not _is_html_type(content_type) and not MARKUP.search(block, 0, MARKUP_SIGHT):
            return Refusal("not_html", content_type)
        return Reply(block, content_type, status, broken)

    def _may_be_html(self, content_type: str, payload_type: str) -> bool:
        """By what the server said; `corrected` also looks into pages whose server said nothing useful."""
        if _is_html_type(content_type):
            return True
        if self.rules == "published":
            return False
        return _bare_type(content_type) in VAGUE_TYPES or _is_html_type(payload_type)

    def _evidence(self, reply: Reply, seen: "Seen") -> "Evidence | None":
        """What the prefilter found, or None if it turns the page away; `seen`: what is known of its bytes."""
        from pipelines.extraction.pages import prefilter
        from pipelines.extraction.pages.prefilter import Evidence
        from pipelines.extraction.pages.seen import Seen

        html = reply.html
        if html.startswith(UTF16_MARKS) or "utf-16" in reply.content_type.lower():
            html = charset.decode(html, reply.content_type).encode("utf-8", "replace")
            seen = Seen(html)
        evidence = prefilter.scan(seen, self.rules)
        if self.options.prefilter == "off" or evidence == Evidence.KEYWORD:
            return evidence
        if evidence == Evidence.NONE:
            return None
        if self.options.prefilter == "command" and not prefilter.may_hold_command(html):
            return None
        check_bytes(reply.html)
        passage = prefilter.second_stage(charset.decode(reply.html, reply.content_type), self._math_score, self.rules)
        if self.options.prefilter == "command" and passage.evidence < Evidence.COMMAND:
            return None
        return passage.evidence if passage.passes else None

    @functools.cached_property
    def _math_score(self) -> Callable[[str], float] | None:
        """The math score of a text, if the recipe names a model for the prefilter."""
        if self.options.prefilter_model is None:
            return None
        from filters.mathscore import MathScorer

        scorer = MathScorer(self.assets[self.options.prefilter_model], self.rules)
        return lambda text: float(scorer.score(text)["math_score"])

    def _finished(
        self,
        record: Record,
        text: str,
        url: str | None,
        evidence: "Evidence",
        meta: Mapping[str, Any],
        found: Mapping[str, int],
        kept: Mapping[str, int],
    ) -> Document | Refusal:
        text = page_rules.without_macro_lines(text, self.rules)
        if not text.strip():
            return Refusal("empty")
        if self.options.banned_addresses and url and page_rules.needs_formula(url) and not count_formulas(text):
            return Refusal("banned_address", "libretexts without a formula")
        meta = {key: value for key, value in meta.items() if value is not None}
        if (place := record.info.get("place")) is not None:
            meta |= dict(zip(PLACE_COLUMNS, place[1:], strict=True))
        return self.make(
            record,
            text,
            subset=record.info.get("crawl", ""),
            url=url,
            created=str(meta.get("crawled", "")) or None,
            meta={**meta, "math_found": dict(found), "math_kept": dict(kept)},
            scores={
                "prefilter": float(evidence),
                "math_found": float(sum(found.values())),
                "math_kept": float(sum(kept.values())),
                **page_rules.scores(text, self.rules),
            },
        )


def _crawl(name: str) -> str:
    """The crawl that an archive's path names."""
    found = CRAWL.search(name)
    return found.group() if found else ""


def _key(capture: Capture) -> str:
    head = capture.head
    return " ".join((head.url, head.date, head.record_id or _content_hash(capture.block)))


def _content_hash(block: bytes) -> str:
    return hashlib.blake2b(block, digest_size=16).hexdigest()


def _bare_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_html_type(content_type: str) -> bool:
    return _bare_type(content_type) in HTML_TYPES


def _saved_from(html: bytes) -> str | None:
    """The address that browsers write into a page they save."""
    found = SAVED_FROM.search(html, 0, SAVED_SIGHT)
    return found.group(1).decode("utf-8", "replace") if found else None
