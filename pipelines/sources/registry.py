"""Finds the class of a source by the `kind` a recipe names: one of ours, or `module:Class` of the user's own."""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from manifests.errors import UserError
from manifests.mistakes import explain
from manifests.recipe import SourceEntry
from manifests.records import Rules
from pipelines.sources.base import Source

KINDS: Mapping[str, str] = {
    "web": "pipelines.sources.web:WebSource",
    "arxiv": "pipelines.sources.arxiv:ArxivSource",
    "code": "pipelines.sources.code:CodeSource",
    "dataset": "pipelines.sources.dataset:DatasetSource",
}


def load_class(name: str, expected: type, where: str) -> Any:
    """The class that `module:Class` names. `where` (file and key) begins every error.

    The current folder is searched too, and those named by `search_in`; after the libraries, so that nothing of
    theirs is hidden by a file that has the same name.
    """
    module_name, _, class_name = name.partition(":")
    search_in(Path.cwd())
    try:
        module = importlib.import_module(module_name)
    except (ImportError, SyntaxError, ValueError) as error:
        raise UserError(f"{where}: cannot import module `{module_name}`: {error}") from None
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, expected)):
        raise UserError(f"{where}: `{name}` is not a subclass of {expected.__module__}:{expected.__name__}")
    return found


def search_in(folder: Path) -> None:
    """Look for users' modules in a folder too, such as the recipe's."""
    place = str(folder.absolute())
    if place not in sys.path:
        sys.path.append(place)
        importlib.invalidate_caches()


def code_hash(name: str) -> str:
    """The sha256 of the file of `module:Class`; empty for one of our own kinds, whose version their stage knows.

    It belongs to the fingerprint of what the class makes, so that a change of the code is a reason to run it again.
    """
    if ":" not in name:
        return ""
    spec = importlib.util.find_spec(name.partition(":")[0])
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return ""
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()


def source_class(kind: str, where: str = "kind") -> type[Source]:
    """The class of a kind of source. Raises UserError for an unknown kind."""
    if ":" not in kind and kind not in KINDS:
        raise UserError(f"{where}: unknown kind `{kind}`; expected one of {', '.join(KINDS)}, or module:Class")
    found: type[Source] = load_class(KINDS.get(kind, kind), Source, where)
    return found


def make_source(entry: SourceEntry, rules: Rules, assets: Mapping[str, Path], where: str = "recipe") -> Source:
    """Construct a recipe's source with checked options. Raises UserError naming the key."""
    key = f"{where}: sources.{entry.name}"
    cls = source_class(entry.kind, f"{key}.kind")
    if inspect.isabstract(cls):
        lacking = ", ".join(f"`{name}`" for name in sorted(cls.__abstractmethods__))
        raise UserError(f"{key}.kind: `{entry.kind}` lacks {lacking}; expected a class with `records` and `document`")
    try:
        options: Any = cls.Options.model_validate(entry.options)
    except ValidationError as error:
        raise UserError(explain(error, f"{key}.options", cls.Options)) from None
    return cls(entry.name, options, entry.rules or rules, entry.licence, assets)
