"""What an edit is: it takes one text and gives the changed text with counts of what it changed, by kind."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict


class EditOptions(BaseModel):
    """Keys a recipe may set under an edit's `options`; subclasses add theirs."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Edited(NamedTuple):
    """The text after an edit, and how often it changed what: `{"email": 2}`; empty where nothing was found."""

    text: str
    counts: Mapping[str, int]


class Edit(ABC):
    """One rule that changes texts. Instances live in the worker that uses them and keep nothing between texts."""

    kind: ClassVar[str]
    """Its name in a recipe, in `meta` and in the ledger's numbers."""
    Options: ClassVar[type[EditOptions]] = EditOptions

    def __init__(self, options: Any = None) -> None:
        """`options` are checked ones; the defaults where there are none."""
        self.options = self.Options() if options is None else options

    @abstractmethod
    def edit(self, text: str) -> Edited:
        """The text as it is to stay. The same text always gives the same result, and an edited text stays as it is."""
