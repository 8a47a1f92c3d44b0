"""How near duplicates are found: one class a method, found here by the name that a recipe gives.

A method says three things: what is kept of a document (its record), by which keys documents meet, and from which
similarity of two records they are duplicates. Everything else (files, shuffles, survivors, lists) is the same for all.
A new method is a module here with a class, its entry in `METHODS`, and its keys in `manifests.settings.dedup`.
"""

import importlib
from collections.abc import Mapping
from functools import lru_cache

from dedup.methods.base import Method
from manifests.errors import UserError
from manifests.settings.dedup import DedupSettings

METHODS: Mapping[str, str] = {
    "minhash": "dedup.methods.minhash:MinHash",
    "simhash": "dedup.methods.simhash:SimHash",
    "exact": "dedup.methods.equal:OnlyEqual",
}
"""Where the class of each method is."""


@lru_cache(maxsize=8)
def make_method(settings: DedupSettings) -> Method:
    """The method that settings name. Raises UserError for an unknown one."""
    if settings.method not in METHODS:
        raise UserError(f"dedup.method: unknown method `{settings.method}`; expected one of {', '.join(METHODS)}")
    module, _, name = METHODS[settings.method].partition(":")
    method: Method = getattr(importlib.import_module(module), name)(settings)
    return method
