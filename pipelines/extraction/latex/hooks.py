r"""What a paper puts off to the beginning or end of its document: `\AtBeginDocument`, `\AtEndDocument`, `\AddToHook`.

Sources: LaTeX's usrguide and clsguide, and lthooks for the names of its newer hooks. Hooks mostly set the page; what
one of them leaves in the text stays only if there are words in it.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine

BEGIN, END = "begindocument", "enddocument"
_SETS = re.compile(r"\\[a-zA-Z@]+\*?(?:\s{0,9}(?:\[[^\[\]]{0,200}\]|\{[^{}]{0,400}\})){0,9}|\\.", re.DOTALL)
"""A command with its arguments, which is no word by itself."""


class Hook(NamedTuple):
    """A text that is put off, whether `@` is a letter in it, and whether it stands in a style of the paper's own."""

    text: str
    letters: bool
    in_package: bool


def put_off(engine: "Engine", name: str) -> None:
    r"""`\AtBeginDocument{…}`, `\AtEndDocument{…}` and `\AddToHook{begindocument}[label]{…}`."""
    place = engine.mouth.argument() or "" if name == "AddToHook" else BEGIN if name == "AtBeginDocument" else END
    if name == "AddToHook":
        engine.mouth.option()
    text = engine.mouth.argument()
    place = place.strip().partition("/")[0]
    if text is not None and not (place == BEGIN and engine.document_begun):
        engine.hooks.setdefault(place, []).append(Hook(text, engine.letters, engine.in_package))


def run(engine: "Engine", place: str) -> None:
    """Read what was put off up to here, in its order; what stands in styles only defines."""
    for hook in engine.hooks.pop(place, ()):
        silent, inside = engine.out.silent, engine.in_package
        engine.out.silent, engine.in_package = hook.in_package, hook.in_package
        try:
            text = engine.expanded(hook.text, letters=hook.letters)
        finally:
            engine.out.silent, engine.in_package = silent, inside
        if not hook.in_package and any(map(str.isalpha, _SETS.sub("", text))):
            engine.out.add(text)


def at_once(engine: "Engine", _: str) -> None:
    r"""`\AtEndOfPackage{…}` and `\AtEndOfClass{…}`: what they define holds."""
    engine.push(engine.mouth.argument() or "")


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    **dict.fromkeys(("AtBeginDocument", "AtEndDocument", "AddToHook"), put_off),
    **dict.fromkeys(("AtEndOfPackage", "AtEndOfClass"), at_once),
}
"""The commands of this room."""
