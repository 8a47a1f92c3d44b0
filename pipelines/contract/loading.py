"""Which part of the program a class of the user's own is: a source, an edit or a score."""

from typing import NamedTuple

from filters.edits.base import Edit
from manifests.errors import UserError
from manifests.user_classes import load_class, place_of
from pipelines.sources.base import Source


class Part(NamedTuple):
    """A kind of class that a recipe can name, and the methods that its author writes."""

    name: str
    methods: tuple[str, ...]


SOURCE = Part("source", ("records", "document"))
EDIT = Part("edit", ("edit",))
SCORE = Part("score", ("score",))


def load(name: str) -> tuple[Part, type]:
    """The class that `module:Class` names, and which part it is. Raises UserError with file and line."""
    found: type = load_class(name, object)
    for base, part in ((Source, SOURCE), (Edit, EDIT)):
        if issubclass(found, base):
            load_class(name, base)
            return part, found
    if callable(getattr(found, "score", None)):
        return SCORE, found
    raise UserError(
        f"{place_of(found)}: `{found.__name__}` is no source, edit or score; expected a subclass of"
        " pipelines.sources.base:Source or filters.edits.base:Edit, or a class with a method `score`"
    )
