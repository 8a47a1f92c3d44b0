"""Recognises the language of a text: how surely it is English, and which language is the likeliest.

The model is fastText's lid.176 (176 languages; Joulin et al. 2016),
as OpenWebMath used it: keep English at 0.5 or more. The decision is not made here: the probability is kept.

`published` gives the model what OpenWebMath gave it (`is_english` in extract_from_cc/extract_from_warc.py): lower case,
no accents, formulas as `[EQUATION]`, lines run together. lid.176 was trained on text as it is written, so `corrected`
leaves case, accents and word boundaries and takes formulas, commands, addresses, code, numbers and single letters away,
which belong to no language. Of a short text the model is never sure: what counts there is how English compares with the
likeliest other language, not with 175 of them.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from filters.fasttext_model import likeliest, look
from filters.language_kernel import KINDS, keep_words
from filters.normalise import normalise, prose
from manifests.records import Rules

ENGLISH_AT_LEAST = 0.5
"""OpenWebMath's threshold (`is_english`)."""
UNKNOWN = "und"
"""The code for a language that cannot be told (ISO 639-2): there are no letters to tell it from."""

SHORT = 400
"""Characters below which a text is short. Of 1,057 pages of Giac's English manual half are shorter."""
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")


class LanguageScorer:
    """Scores `english`, the probability of English, and tells `language`, the code of the likeliest one.

    `model` is the path of lid.176 (`.bin` or `.ftz`). A text without letters is `und` with probability 0.
    """

    name = "language"

    gives: ClassVar[tuple[str, ...]] = ("english",)
    """The scores it gives by name, so that a threshold on another one is refused."""

    def __init__(self, model: Path, rules: Rules = "corrected") -> None:
        self.model = Path(model)
        self.rules = rules

    def look(self) -> None:
        """See that the model is one, without loading it. Raises UserError if not."""
        look(self.model)

    def score(self, text: str) -> Mapping[str, float | str]:
        """`english` in [0, 1] and `language`, an ISO 639 code."""
        line = features(text, self.rules)
        if not _LETTER.search(line):
            return {"english": 0.0, "language": UNKNOWN}
        english, other, language = likeliest(self.model, line, "en")
        if self.rules == "corrected" and english and len(line) < SHORT:
            english /= english + other
        return {"english": english, "language": language or UNKNOWN}


def features(text: str, rules: Rules = "corrected") -> str:
    """What the model is asked about. Linear in the text.

    Corrected, it is the words of a language: no address, no piece of a program or a formula, no single letter but `a`
    and `I`. Of a word beyond ASCII that is not asked.
    """
    if rules == "published":
        return normalise(text, "published")
    data = np.frombuffer(prose(_CODE.sub(" ", text)).encode("utf-8", "surrogatepass"), np.uint8)
    out = np.empty(len(data), np.uint8)
    return out[: keep_words(data, KINDS, out)].tobytes().decode("utf-8", "surrogatepass")
