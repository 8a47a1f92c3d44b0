"""A source of your own: the articles of a MediaWiki XML dump, with their formulas."""

import bz2
import itertools
import re
from collections.abc import Iterator

from lxml import etree

from manifests.records import BadRecord, Document
from pipelines.sources.base import RawFile, Record, Refusal, Source

MATH = re.compile(r"<math\b[^<>]*>((?>(?:[^<]++|<(?!/?math))*))</math>")
INNERMOST = re.compile(r"\{\{[^{}]*\}\}|\{\|[^{}]*\|\}")  # a template or a table that holds no other
LINK = re.compile(r"\[\[(?:[^\[\]]*\|)?([^\[\]|]*)\]\]")
TAG = re.compile(r"<ref\b[^<>]*(?<!/)>[^<]*</ref>|</?[a-zA-Z!][^<>]*>|'''?")


class MediaWikiSource(Source):
    kind = "mediawiki"
    suffixes = (".xml", ".xml.bz2")

    def records(self, file: RawFile) -> Iterator[Record | BadRecord]:
        with bz2.open(file.path) if file.name.endswith(".bz2") else file.path.open("rb") as dump:
            # No entity is expanded, nothing is fetched, and a page that is done is freed: memory stays flat.
            for _, page in etree.iterparse(dump, tag="{*}page", resolve_entities=False, no_network=True):
                title, kind, time, text = (
                    page.findtext("{*}" + path, "")
                    for path in ("title", "ns", "revision/{*}timestamp", "revision/{*}text")
                )
                yield Record(title, text.encode(), {"namespace": kind, "created": time})
                page.clear()
                while page.getprevious() is not None:
                    del page.getparent()[0]

    def document(self, record: Record) -> Document | Refusal:
        text = record.payload.decode()
        if record.info["namespace"] != "0" or text[:9].upper() == "#REDIRECT":
            return Refusal("not_an_article")
        formulas, number = MATH.findall(text), itertools.count()
        text = MATH.sub(lambda _: f"\0{next(number)}\0", text)  # out of the way: their braces are no templates
        for _ in range(20):  # templates go from the inside out, as deep as they are nested in practice
            text = INNERMOST.sub("", text)
        text = TAG.sub("", LINK.sub(r"\1", text))
        text = re.sub("\0(\\d+)\0", lambda place: f"${formulas[int(place[1])].strip()}$", text)
        return self.make(record, text.strip(), created=record.info["created"], license="CC BY-SA 4.0")
