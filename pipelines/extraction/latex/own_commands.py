"""Everything that the engine does for commands by itself, gathered from the rooms that do it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pipelines.extraction.latex import (
    branches,
    commands,
    conditionals,
    definitions,
    environments,
    expansion,
    harvmac,
    hooks,
    key_values,
    listings,
    loops,
    numbers,
    options,
    own_environments,
    title_pages,
    verbatim,
)
from pipelines.extraction.latex.meanings import Special
from pipelines.extraction.latex.reading import EXPANSION_WORK

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

Table = Mapping[str, Special]


def _table() -> dict[str, Special]:
    found: dict[str, Special] = {}
    for handlers in (
        branches.HANDLERS,
        commands.HANDLERS,
        conditionals.HANDLERS,
        environments.HANDLERS,
        expansion.HANDLERS,
        harvmac.HANDLERS,
        listings.HANDLERS,
        loops.HANDLERS,
        numbers.WRITING,
        title_pages.HANDLERS,
        verbatim.HANDLERS,
    ):
        found.update({name: Special(work, name) for name, work in handlers.items()})
    for handlers in (
        definitions.HANDLERS,
        hooks.HANDLERS,
        key_values.HANDLERS,
        options.HANDLERS,
        own_environments.HANDLERS,
        numbers.SETTING,
    ):
        found.update({name: Special(_taken_out(work), name) for name, work in handlers.items()})
    return found


def _taken_out(work: Callable[["Engine", str], None]) -> Callable[["Engine", str], None]:
    """A definition, which leaves no blank line where it stood."""

    def take_out(engine: "Engine", name: str) -> None:
        if engine.mouth.frames and engine.mouth.frames[-1].macro:  # what stands in a file is as much as it is long
            engine.mouth.spend(EXPANSION_WORK)
        work(engine, name)
        engine.removed()

    return take_out


TABLE: Table = _table()
"""What the engine does for commands by itself."""
