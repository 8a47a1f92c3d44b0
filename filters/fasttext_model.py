"""Loads a fastText model and asks it, around two traps of the library.

`FastText.predict` breaks on numpy 2 (it copies where numpy refuses to), so the compiled object beneath is called; and
loading prints a warning on standard error in some versions. Scores are rounded to six decimals: the library sums in
single precision, and a probability can come out a hair above 1.

Source: python/fasttext_module/fasttext/FastText.py of facebookresearch/fastText, v0.9.2.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from manifests.errors import UserError

LABEL = "__label__"
DECIMALS = 6


@lru_cache(maxsize=8)
def load(path: Path) -> Any:
    """The model in `path`, kept for the life of the process. Raises UserError if it is no fastText model."""
    import fasttext

    fasttext.FastText.eprint = lambda *_, **__: None
    if not path.is_file():
        raise UserError(f"{path}: no such model; expected a fastText model (.bin or .ftz)")
    try:
        return fasttext.load_model(str(path))
    except (ValueError, RuntimeError, MemoryError) as error:
        raise UserError(f"{path}: not a fastText model: {error}") from None


def predict(model: Any, text: str, labels: int = -1) -> dict[str, float]:
    """The `labels` likeliest labels of `text` (all: -1), without their prefix, and their probabilities.

    `text` is taken as one line: fastText would stop at the first line end.
    """
    line = text.replace("\n", " ").encode("utf-8", "replace").decode() + "\n"
    found = model.f.predict(line, labels, 0.0, "strict")
    return {label.removeprefix(LABEL): min(1.0, round(probability, DECIMALS)) for probability, label in found}
