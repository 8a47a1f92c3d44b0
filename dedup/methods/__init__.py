"""How near duplicates are found: one class a method, found here by the name that a recipe gives.

A method says three things: what is kept of a document (its record), by which keys documents meet, and from which
similarity of two records they are duplicates. Everything else (files, shuffles, survivors, lists) is the same for all.
A new method is a module here with a class, its entry in `METHODS`, and its keys in `manifests.settings.dedup`.
"""

from functools import lru_cache

from dedup.methods.base import Method
from manifests.kinds import Kinds
from manifests.settings.dedup import DedupSettings

METHODS = Kinds(
    {
        "minhash": "dedup.methods.minhash:MinHash",
        "simhash": "dedup.methods.simhash:SimHash",
        "exact": "dedup.methods.equal:OnlyEqual",
    },
    Method,
    own=False,
)


@lru_cache(maxsize=8)
def make_method(settings: DedupSettings) -> Method:
    """The method that settings name. Raises UserError for an unknown one."""
    method: Method = METHODS.load(settings.method, "dedup.method")(settings)
    return method
