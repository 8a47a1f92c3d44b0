"""The one recursion of MathML to LaTeX: which function writes an element, by its name.

`pipelines.extraction.math.mathml` fills `HANDLERS`; the modules for tables and for content markup call `convert` for
what stands inside their elements, so that none of them has to know the others.
"""

from collections.abc import Callable
from typing import Any

from pipelines.extraction.math.mathml_symbols import symbol
from pipelines.extraction.math.mathml_tokens import local, text_of

MAX_DEPTH = 150
"""Elements deeper than this become their text; the interpreter's stack is never at risk."""

OTHER = ""
"""The name under which the handler of all elements without one of their own stands."""
HANDLERS: dict[str, Callable[[Any, int], str]] = {}


def convert(element: Any, depth: int) -> str:
    """One element, presentation or content markup, as LaTeX."""
    if depth > MAX_DEPTH:
        return "".join(symbol(character) for character in text_of(element)[:200])
    return HANDLERS.get(local(element), HANDLERS[OTHER])(element, depth)
