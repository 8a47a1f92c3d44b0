"""Names that recipes use for classes: one table a thing (sources, scores, edits, methods), all of one form.

A table is a `Kinds`: the class that they all extend, and for each name the `module:Class` that is loaded when a recipe
asks for it, and not before. Where a thing may be the user's own, a recipe writes `module:Class` instead of a name.
A new one of ours is a file with the class and a line in its table.
"""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from manifests.errors import UserError
from manifests.user_classes import load_class


class Kinds(NamedTuple):
    """The kinds of one thing: `module:Class` by name, the class that each extends, whether users bring their own."""

    classes: Mapping[str, str]
    base: type
    own: bool = True

    @property
    def names(self) -> Iterator[str]:
        """The names, in the order of the table."""
        return iter(self.classes)

    def load(self, name: str, where: str) -> Any:
        """The class of that name, or of the user's `module:Class`. Raises UserError, which begins with `where`."""
        if name in self.classes:
            return load_class(self.classes[name], self.base, where)
        if self.own and ":" in name:
            return load_class(name, self.base, where)
        near = difflib.get_close_matches(name, self.classes, 1)
        if near:
            raise UserError(f"{where}: unknown kind `{name}`; did you mean `{near[0]}`?")
        own = ", or module:Class" if self.own else ""
        raise UserError(f"{where}: unknown kind `{name}`; expected one of {', '.join(self.classes)}{own}")
