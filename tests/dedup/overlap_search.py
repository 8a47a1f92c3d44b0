"""Items and a search for them in a text, as tests write them."""

from dedup.benchmarks import Item
from dedup.overlap import Overlap
from dedup.overlap.splitting import (
    Method,
)
from manifests.records import Hit


def item(text: str, identifier: str = "0", field: str = "problem") -> Item:
    return Item("math", identifier, ((field, text),))


def find(items: list[Item], text: str, method: Method = "exact", **options: object) -> list[Hit]:
    return list(Overlap(items, method, **options).find([("d", text)]))  # type: ignore[arg-type] # keywords vary
