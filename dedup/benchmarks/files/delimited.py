"""Benchmarks in CSV or TSV whose first line names the columns (AIME 1983 to 2024, GPQA)."""

import csv
import io
from collections.abc import Iterator

from dedup.benchmarks.files.content import Content
from dedup.benchmarks.values import Row
from manifests.errors import UserError

LONGEST_FIELD = 64 << 20
csv.field_size_limit(LONGEST_FIELD)


def is_one(content: Content) -> bool:
    """Whether the file is called so."""
    return ".csv" in content.suffixes or ".tsv" in content.suffixes


def rows(content: Content) -> Iterator[Row]:
    """The rows. Raises UserError for a line that has more fields than there are columns."""
    delimiter = "\t" if ".tsv" in content.suffixes else _delimiter(content.text)
    try:
        reader = csv.DictReader(io.StringIO(content.text, newline=""), delimiter=delimiter, strict=True)
        for row in reader:
            if None in row:
                raise UserError(
                    f"{content.name}: line {reader.line_num} has more fields than the first line names columns"
                )
            yield row
    except csv.Error as error:
        raise UserError(f"{content.name}: is no CSV file: {error}") from error


def _delimiter(text: str) -> str:
    """What parts the columns' names: a comma, else a semicolon or a tabulator, as other countries' tables have it."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return next((mark for mark in ",;\t" if mark in first), ",")
