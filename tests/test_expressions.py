"""Regular expressions mean the same on every Python that the program runs on."""

import re
from pathlib import Path

from tests.test_imports import modules

POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+")


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5 loses matches of such a group; `(?>(?:…)*)` means the same and is right everywhere."""
    found = [
        f"{path}:{number}"
        for path in [*modules().values(), *Path(__file__).parent.glob("examples/*.py")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if POSSESSIVE_GROUP.search(line)
    ]
    assert found == []
