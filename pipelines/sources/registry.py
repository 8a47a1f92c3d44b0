"""Finds the class of a source by the `kind` a recipe names: one of ours, or `module:Class` of the user's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from manifests.errors import UserError
from manifests.kinds import Kinds
from manifests.mistakes import explain
from manifests.recipe import SourceEntry
from manifests.records import Rules
from manifests.user_classes import instance_of
from pipelines.sources.base import Source

SOURCES = Kinds(
    {
        "web": "pipelines.sources.web:WebSource",
        "arxiv": "pipelines.sources.arxiv:ArxivSource",
        "code": "pipelines.sources.code:CodeSource",
        "dataset": "pipelines.sources.dataset:DatasetSource",
    },
    Source,
)


def source_class(kind: str, where: str = "kind") -> type[Source]:
    """The class of a kind of source. Raises UserError for an unknown kind."""
    found: type[Source] = SOURCES.load(kind, where)
    return found


def make_source(entry: SourceEntry, rules: Rules, assets: Mapping[str, Path], where: str = "recipe") -> Source:
    """Construct a recipe's source with checked options. Raises UserError naming the key."""
    key = f"{where}: sources.{entry.name}"
    cls = source_class(entry.kind, f"{key}.kind")
    try:
        options: Any = cls.Options.model_validate(entry.options)
    except ValidationError as error:
        raise UserError(explain(error, f"{key}.options", cls.Options)) from None
    settings = (entry.name, options, entry.rules or rules, entry.licence, assets)
    return instance_of(entry.kind, cls, f"{key}.kind", *settings)
