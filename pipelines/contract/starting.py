"""Writes the beginning of a source, an edit or a score of one's own: a class that works, and its test."""

import keyword
import re
from pathlib import Path
from typing import NamedTuple

from manifests.errors import UserError

TEMPLATES = Path(__file__).parent / "templates"
PARTS = ("source", "edit", "score")
NAME = re.compile(r"[a-z][a-z0-9_]*")


class Started(NamedTuple):
    """The files that were written, and `module:Class` as a recipe names it."""

    module: Path
    test: Path
    name: str


def start(part: str, name: str, folder: Path) -> Started:
    """Write `NAME_PART.py` and `test_NAME_PART.py`. Raises UserError for a bad name; overwrites nothing."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UserError(f"{name}: expected a name of lower-case letters, digits and _, such as lecture_notes")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: expected a folder, or a place for one ({error.strerror})") from error
    module = f"{name}_{part}"
    words = {
        "@NAME@": name,
        "@MODULE@": module,
        "@CLASS@": "".join(word.capitalize() for word in name.split("_")) + part.capitalize(),
        "@TITLE@": name.replace("_", " ").capitalize(),
    }
    places = folder / f"{module}.py", folder / f"test_{module}.py"
    for place in places:
        if place.exists():
            raise UserError(f"{place}: is there already")
    for place, template in zip(places, (part, f"{part}_test"), strict=True):
        text = (TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
        for key, value in words.items():
            text = text.replace(key, value)
        place.write_text(text, encoding="utf-8")
    return Started(*places, f"{module}:{words['@CLASS@']}")
