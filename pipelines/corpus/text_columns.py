"""Which columns of a foreign corpus hold its texts, and a row's text from them.

A text may be a string, a list of strings, or the messages of a chat (`messages` of OpenAI's form with `role` and
`content`, `conversations` of ShareGPT's with `from` and `value`); several columns (a prompt and its completion) are
joined by a blank line, in their order.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from manifests.errors import UserError
from manifests.records import BadRecord
from pipelines.corpus.formats.row import Row, row_key
from pipelines.corpus.lines import DAMAGE
from pipelines.corpus.nested import pick

LOOKED_AT = 100
"""So many first rows tell the columns."""
BETWEEN = "\n\n"
ALONE = (
    "text", "content", "raw_content", "document", "body", "page_content", "markdown", "contents", "article",
    "full_text", "raw_text", "texts", "passage", "code",
)  # fmt: skip
CHATS = ("messages", "conversations", "conversation", "chat", "dialogue", "dialog", "turns")
TOGETHER = (
    ("instruction", "input", "output"),
    ("instruction", "input", "response"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("prompt", "chosen", "rejected"),
    ("prompt", "output"),
    ("question", "answer"),
    ("question", "solution"),
    ("question", "response"),
    ("question", "generated_solution"),
    ("problem", "generated_solution"),
    ("problem", "solution"),
    ("problem", "response"),
    ("problem", "answer"),
    ("query", "response"),
    ("query", "answer"),
    ("input", "output"),
    ("inputs", "targets"),
    ("source", "target"),
)
"""Columns that make up a text together: the forms of instruction data (Alpaca, Dolly, FLAN, MetaMath and others)."""
LAST = ("transcript", "sections", "paragraphs", "html", "abstract")
"""Columns that hold a text where none of the others is there."""
_SAID = ("content", "value", "text")


def text_columns(path: Path, rows: Iterator[Row | BadRecord]) -> tuple[str, ...]:
    """The columns of the texts in a file, told from its first rows. Raises UserError that names the columns there are.

    A file whose first rows cannot be read is taken to have a column `text`; damage ends these rows.
    """
    seen: dict[str, None] = {}
    inner: dict[str, None] = {}
    held: set[str] = set()
    some = False
    for row in _to_the_damage(islice(rows, LOOKED_AT)):
        if isinstance(row, BadRecord):
            continue
        some = True
        seen.update(dict.fromkeys(row))
        held.update(name for name, value in row.items() if value is not None)
        for key, value in row.items():
            if isinstance(value, Mapping):
                inner.update({f"{key}.{name}": None for name in ALONE if isinstance(value.get(name), str)})
    if not some:
        return ALONE[:1]
    usual = [(name,) for name in (*ALONE, *CHATS)] + list(TOGETHER) + [(name,) for name in LAST]
    for there in (held, seen):  # one in which some row has something goes before one in which none has
        plain = {name.lower(): name for name in reversed(list(there))} | {name: name for name in there}
        for group in usual:
            if all(name in plain for name in group):
                return tuple(plain[name] for name in group)
    if inner:
        return tuple(inner)[:1]
    raise UserError(
        f"{path}: no column `text` for the text, nor another usual one; the columns that are there: "
        f"{', '.join(seen) or 'none'}; name one with --text-key, several by repeating it"
    )


def _to_the_damage(rows: Iterator[Row | BadRecord]) -> Iterator[Row | BadRecord]:
    """The rows before the place where a file is damaged; whoever reads the file for its texts meets the error."""
    with contextlib.suppress(*DAMAGE):
        yield from rows


def as_text(value: Any) -> str | None:
    """A value as text; None where it holds none."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return next((text for key in _SAID if (text := as_text(value.get(key))) is not None), None)
    if isinstance(value, list | tuple):
        texts = [text for element in value if (text := as_text(element))]
        return BETWEEN.join(texts) if texts else None
    return None


def text_from(row: Row, keys: Sequence[str]) -> str | BadRecord:
    """The text under one key or several, or what is wrong with it."""
    values = [pick(row, key) for key in keys]
    texts = [text for value in values if (text := as_text(value)) is not None]
    if texts:
        return texts[0] if len(texts) == 1 else BETWEEN.join(text for text in texts if text)
    found = next((value for value in values if value is not None), None)
    what = "is missing" if found is None else f"is {type(found).__name__}, not a string"
    return BadRecord(row_key(row), f"no text: `{'`, `'.join(keys)}` {what}")
