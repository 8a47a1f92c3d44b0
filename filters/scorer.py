"""What a scorer is: it gives one document numbers (its scores) or words (facts for its `meta`), and decides nothing."""

from collections.abc import Mapping
from typing import Protocol


class Scorer(Protocol):
    """Anything with a `score` method. Models load on first use, because planning constructs scorers too."""

    def score(self, text: str) -> Mapping[str, float | str]:
        """The scores of one text by name: numbers go to `scores`, strings to `meta`."""
        ...
