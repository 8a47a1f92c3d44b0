"""Titles' neighbours: categories, licence and dates of papers, from arXiv's published metadata.

The file is the one that arXiv publishes for bulk use (`arxiv-metadata-oai-snapshot.json`): an object a line with `id`,
`categories`, `license`, `versions`, over four gigabytes in all. Because papers come month by month, it is read once
for a month, by a search of bytes, and only that month is kept.
"""

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.corpus.lines import LongLine, read_lines
from pipelines.sources.arxiv_id import ArxivId, parse_arxiv_id


class Metadata(NamedTuple):
    """What is known of a paper besides its files.

    `created` (of the first version), `updated` and `versions` (one for each version) are ISO 8601.
    """

    categories: tuple[str, ...] = ()
    license: str | None = None
    created: str | None = None
    updated: str | None = None
    withdrawn: bool = False
    title: str | None = None
    versions: tuple[str, ...] = ()


class MetadataFile:
    """Answers for one paper at a time; months that follow each other in any order cost one reading each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.month = ""
        self.papers: dict[str, Metadata] = {}

    def of(self, identifier: ArxivId) -> Metadata | None:
        """The metadata of a paper, or None if the file does not list it."""
        if identifier.yymm != self.month:
            self.papers = self._read(identifier.yymm)
            self.month = identifier.yymm
        return self.papers.get(identifier.number)

    def _read(self, yymm: str) -> dict[str, Metadata]:
        marks = (f'"{yymm}.'.encode(), f"/{yymm}".encode(), f"\\/{yymm}".encode())
        papers: dict[str, Metadata] = {}
        for line in read_lines(self.path):
            if isinstance(line, LongLine) or not any(mark in line[:64] for mark in marks):
                continue
            try:
                row = json.loads(line)
            except ValueError:
                continue
            identifier = parse_arxiv_id(row["id"]) if isinstance(row, dict) and isinstance(row.get("id"), str) else None
            if identifier is not None and identifier.yymm == yymm:
                papers[identifier.number] = _metadata(row)
        return papers


def _metadata(row: Mapping[str, Any]) -> Metadata:
    categories = row.get("categories")
    versions = row.get("versions")
    first = versions[0] if isinstance(versions, list) and versions else None
    comments = row.get("comments")
    return Metadata(
        categories=tuple(categories.split()) if isinstance(categories, str) else tuple(map(str, categories or ())),
        license=row["license"] if isinstance(row.get("license"), str) and row["license"] else None,
        title=" ".join(row["title"].split()) if isinstance(row.get("title"), str) else None,
        versions=tuple(
            date
            for version in (versions if isinstance(versions, list) else ())
            if isinstance(version, Mapping) and (date := _date(version.get("created")))
        ),
        created=_date(first.get("created")) if isinstance(first, Mapping) else None,
        updated=row["update_date"] if isinstance(row.get("update_date"), str) else None,
        withdrawn=isinstance(comments, str) and "paper has been withdrawn" in comments.lower(),
    )


def _date(text: Any) -> str | None:
    try:
        return parsedate_to_datetime(text).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, IndexError):
        return None
