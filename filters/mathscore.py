"""Scores how likely a text is about mathematics, whether or not it holds a formula.

The method is OpenWebMath's (paper, section 3; `score_text` in extract_from_cc/extract_from_warc.py of
keirp/OpenWebMath): a fastText classifier trained on pages labelled by the LaTeX commands they hold, which never sees
LaTeX itself. Their rule keeps a score above 0.17 where formulas were found and above 0.8 where not. The model is
trained by `proofpile train-mathscore`; what it is asked and what it learned from are the same function, `features`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from filters.fasttext_model import load, look, predict
from filters.normalise import CODE, EQUATION, normalise, prose
from manifests.records import Rules

POSITIVE = "positive"
NEGATIVE = "negative"

WITH_FORMULAS_ABOVE = 0.17
WITHOUT_FORMULAS_ABOVE = 0.8
"""OpenWebMath's thresholds, for their model; one trained on other pages has its own (its card tells them)."""

_PUNCTUATION = re.compile(r"[^\w\s]")


class MathScorer:
    """Scores `math_score`, the probability that the text is about mathematics. `model` is the path of the model."""

    name = "math_score"

    gives: ClassVar[tuple[str, ...]] = ("math_score",)
    """The scores it gives by name, so that a threshold on another one is refused."""

    def __init__(self, model: Path, rules: Rules = "corrected") -> None:
        self.model = Path(model)
        self.rules = rules

    def look(self) -> None:
        """See that the model is one, without loading it. Raises UserError if not."""
        look(self.model)

    def score(self, text: str) -> Mapping[str, float | str]:
        """`math_score` in [0, 1]."""
        return {"math_score": predict(load(self.model), features(text, self.rules)).get(POSITIVE, 0.0)}


def features(text: str, rules: Rules = "corrected") -> str:
    """The line of words that the classifier sees. Linear in the text.

    `published`: normalised text with formulas taken out, everything else as it stands (commands outside of dollar
    signs too). `corrected`: no LaTeX of any kind, line ends kept as spaces, and words without the punctuation that
    clings to them (`group`, `group.` and `(group` are one word).
    """
    if rules == "published":
        return normalise(text, "published").replace(EQUATION.lower(), "").replace(EQUATION, "")
    line = normalise(prose(text)).replace(CODE, " ")
    return " ".join(_PUNCTUATION.sub(" ", line).split())
