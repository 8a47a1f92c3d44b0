r"""Options of the author's own classes and styles: what those that a paper asks for define.

Source: LaTeX's clsguide (`\DeclareOption`, `\ExecuteOptions`, `\ProcessOptions`). An option may hide a draft's remarks
or choose a longer version of a paper; options of distributions do nothing here, since such files are not read.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.extraction.latex.engine import Engine


def given(option: str | None) -> list[str]:
    r"""The options in the brackets of `\usepackage[…]{x}`."""
    return [one.strip() for one in (option or "").split(",") if one.strip()]


def declare(engine: "Engine", _: str) -> None:
    r"""`\DeclareOption{x}{…}`; with a star, what is done for all that are not declared, which names no option here."""
    if engine.mouth.take("*"):
        engine.mouth.argument()
        return
    name, code = engine.mouth.argument(), engine.mouth.argument()
    if name is not None and code is not None:
        engine.declared_options[name.strip()] = code


def execute(engine: "Engine", _: str) -> None:
    r"""`\ExecuteOptions{a,b}`: what holds unless the paper asks for something else."""
    names = engine.mouth.argument() or ""
    engine.push("".join(engine.declared_options.get(one.strip(), "") for one in names.split(",")))


def process(engine: "Engine", _: str) -> None:
    r"""`\ProcessOptions`: in the order of their declarations; with a star, in the order of the paper."""
    if engine.mouth.take("*"):
        chosen = [one for one in engine.options if one in engine.declared_options]
    else:
        chosen = [one for one in engine.declared_options if one in engine.options]
    engine.push("".join(engine.declared_options[one] for one in chosen))
    engine.declared_options = {}


HANDLERS: Mapping[str, Callable[["Engine", str], None]] = {
    "DeclareOption": declare,
    "ExecuteOptions": execute,
    "ProcessOptions": process,
}
"""The commands of this room."""
