"""Builds the edits that a source names and runs them over a document, before it is scored.

What an edit found stands in the document's `meta` (`edits`: counts by edit and kind) and, summed, in the ledger's
numbers as `edit.KIND.WHAT`. Under `published` rules no edit runs: the published programs changed no text in this way.
"""

import json
from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from filters.edits.base import Edit
from filters.edits.registry import EDITS
from manifests.errors import UserError
from manifests.mistakes import explain
from manifests.recipe import EditEntry, SourceEntry
from manifests.records import Document, Rules, to_json
from manifests.user_classes import instance_of


def make_edits(entry: SourceEntry, rules: Rules, where: str = "recipe") -> list[Edit]:
    """The edits of a source, with checked options. Raises UserError for an unknown kind or option."""
    made = [_make(edit, f"{where}: sources.{entry.name}.edits.{place}") for place, edit in enumerate(entry.edits)]
    return [] if rules == "published" else made


def _make(entry: EditEntry, key: str) -> Edit:
    cls: type[Edit] = EDITS.load(entry.kind, f"{key}.kind")
    try:
        options = cls.Options.model_validate(entry.options)
    except ValidationError as error:
        raise UserError(explain(error, f"{key}.options", cls.Options)) from None
    return instance_of(entry.kind, cls, f"{key}.kind", options)


def edited(document: Document, edits: Sequence[Edit], numbers: Counter[str]) -> Document:
    """The document as its edits leave it; `numbers` gains what they found."""
    text = document.text
    found: dict[str, dict[str, int]] = {}
    for edit in edits:
        text, counts = edit.edit(text)
        if counts:
            found[edit.kind] = dict(counts)
            numbers.update({f"edit.{edit.kind}.{what}": count for what, count in counts.items()})
    if not found:
        return document
    meta = to_json({**json.loads(document.meta), "edits": found})
    return document._replace(text=text, meta=meta)
