"""Every table of kinds: its classes are there and of the right kind, and a wrong name is answered with a right one."""

import pytest

from dedup.methods import METHODS
from dedup.methods.base import Method
from filters.edits.base import Edit
from filters.edits.registry import EDITS
from filters.registry import SCORES
from manifests.errors import UserError
from manifests.kinds import Kinds
from pipelines.sources.base import Source
from pipelines.sources.registry import SOURCES

TABLES = {
    "sources": (SOURCES, Source),
    "scores": (SCORES, object),
    "edits": (EDITS, Edit),
    "methods": (METHODS, Method),
}


@pytest.mark.parametrize(
    ("table", "name"), [(table, name) for table, (kinds, _) in TABLES.items() for name in kinds.names]
)
def test_a_name_gives_a_complete_class_of_that_thing(table: str, name: str) -> None:
    kinds, base = TABLES[table]
    assert issubclass(kinds.load(name, "here"), base)


def test_a_name_is_told_from_a_class_of_the_users_own() -> None:
    assert SOURCES.load("tests.pipelines.sources.toy_source:ToySource", "here").__name__ == "ToySource"
    with pytest.raises(
        UserError, match=r"^here: unknown kind `dedup.methods.minhash:MinHash`; expected one of minhash"
    ):
        METHODS.load("dedup.methods.minhash:MinHash", "here")


def test_the_nearest_name_is_offered_else_all_of_them() -> None:
    with pytest.raises(UserError, match=r"^a.yaml: kind: unknown kind `arxvi`; did you mean `arxiv`\?$"):
        SOURCES.load("arxvi", "a.yaml: kind")
    every = r"expected one of web, arxiv, code, dataset, or module:Class$"
    with pytest.raises(UserError, match=every):
        SOURCES.load("gopher", "a.yaml: kind")
    with pytest.raises(UserError, match=r"expected one of minhash, simhash, exact$"):
        METHODS.load("sorting", "dedup.method")


def test_a_class_of_another_thing_is_refused() -> None:
    mixed = Kinds({"exact": "dedup.methods.equal:OnlyEqual"}, Source)
    with pytest.raises(UserError, match=r"is not a subclass of pipelines\.sources\.base:Source"):
        mixed.load("exact", "here")
