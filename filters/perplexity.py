"""Scores how far a text is from the corpus's own papers and code: the perplexity of a KenLM language model.

OpenWebMath (`document_perplexity` in extract_from_cc/extract_from_warc.py of keirp/OpenWebMath): an n-gram model of
words trained on Proof-Pile, no subword pieces; text normalised as for the classifiers, the whole document one sentence;
10 to the power of the negative log10 probability per word. Kept up to 15,000 (30,000 in a first pass). A model is
trained by `proofpile train-perplexity`, or by KenLM's lmplz.

Faults of the published formula, mended under `corrected`: the end of the sentence is scored but not counted, an empty
text divides by zero (there is no score then), and the library sums in single precision.

The package `kenlm` is an extra of this program (`pip install 'proofpile[perplexity]'`) and is built from source.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from filters.normalise import normalise, prose
from manifests.errors import UserError
from manifests.records import Rules

DIGITS = 6
"""Significant digits kept of a perplexity."""


class PerplexityScorer:
    """Scores `perplexity` (1 or more; less is closer). `model` is the path of a KenLM model, ARPA or binary."""

    name = "perplexity"

    gives: ClassVar[tuple[str, ...]] = ("perplexity",)
    """The scores it gives by name, so that a threshold on another one is refused."""

    def __init__(self, model: Path, rules: Rules = "corrected") -> None:
        self.model = Path(model)
        self.rules = rules

    def score(self, text: str) -> Mapping[str, float | str]:
        """`perplexity`, or no score for a text without words."""
        line = features(text, self.rules)
        words = len(line.split())
        if not words:
            return {}
        model = load(self.model)
        if self.rules == "published":
            logarithm, tokens = model.score(line), words
        else:
            logarithm = math.fsum(part for part, _, _ in model.full_scores(line))
            tokens = words + 1
        return {"perplexity": float(f"{10.0 ** min(-logarithm / tokens, 300.0):.{DIGITS}g}")}


def features(text: str, rules: Rules = "corrected") -> str:
    """The words that the language model sees, on one line. Linear in the text.

    `published` keeps `[EQUATION]` for every formula; `corrected` takes formulas and commands out, because papers (with
    LaTeX) and pages (with rendered formulas) would differ in nothing but that.
    """
    line = normalise(text, "published") if rules == "published" else normalise(prose(text))
    return line.encode("utf-8", "replace").decode().replace("\0", " ")


@lru_cache(maxsize=4)
def load(path: Path) -> Any:
    """The model in `path`, kept for the life of the process. Raises UserError without the package or the model."""
    try:
        import kenlm
    except ImportError:
        raise UserError(
            "the score perplexity needs the package kenlm; install it with: pip install 'proofpile[perplexity]'"
        ) from None
    if not path.is_file():
        raise UserError(f"{path}: no such model; expected a KenLM model (.arpa or .binary)")
    config = kenlm.Config()
    config.show_progress = False
    config.arpa_complain = kenlm.ARPALoadComplain.NONE
    try:
        return kenlm.Model(str(path), config)
    except (OSError, RuntimeError) as error:
        raise UserError(f"{path}: not a KenLM model: {' '.join(str(error).split())[:300]}") from None
