"""Trains the math classifier so that the same pages make the same model file, byte for byte.

fastText is deterministic with one thread and lines in a fixed order, the same on Python 3.11 to 3.14. Its release 0.9.3
reads memory that it has not written and may give NaN; the pinned one does not. `judge` refuses such a model.

Sums of single precision depend on the processor's mathematical functions: the same file is promised for machines of
one kind (x86-64 with FMA), which is why a recipe pins the model's sha256.
"""

import math
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from filters.fasttext_model import LABEL, load, predict
from filters.mathscore import NEGATIVE, POSITIVE
from manifests.errors import Fault
from manifests.writing import atomic
from pipelines.training.judgement import Scored
from pipelines.training.labelled import Example


class FastTextSettings(NamedTuple):
    """How fastText trains. The dimension and the vocabulary make the size: (words + buckets) · 4 · dimension bytes.

    `buckets` holds hashed word pairs and only counts with `word_ngrams` above 1.
    """

    dimension: int = 16
    epochs: int = 25
    learning_rate: float = 0.3
    word_ngrams: int = 1
    least_count: int = 5
    buckets: int = 200_000


def train(examples: Iterable[Example], settings: FastTextSettings, target: Path) -> None:
    """Train on `examples`, in their order, and write the model to `target`. Raises Fault for an unusable model."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.txt"
        with lines.open("w", encoding="utf-8", newline="\n") as stream:
            for example in examples:
                label = POSITIVE if example.positive else NEGATIVE
                # A word that looks like a label would be taken for one.
                stream.write(f"{LABEL}{label} {example.line.replace(LABEL, '')}\n")
        model = fasttext.train_supervised(
            str(lines),
            lr=settings.learning_rate,
            dim=settings.dimension,
            epoch=settings.epochs,
            minCount=settings.least_count,
            wordNgrams=settings.word_ngrams,
            bucket=settings.buckets if settings.word_ngrams > 1 else 0,
            loss="softmax",
            thread=1,
            verbose=0,
        )
        # The library stores the path it read from nowhere, so the file depends on the lines alone.
        with atomic(target) as temporary:
            model.save_model(str(temporary))


def judge(model: Path, examples: Iterable[Example]) -> list[Scored]:
    """Score `examples` with the model in `model`. Raises Fault if it gives anything but probabilities."""
    loaded = load(model)
    scored = []
    for example in examples:
        score = predict(loaded, example.line).get(POSITIVE, math.nan)
        if not 0.0 <= score <= 1.0:
            raise Fault(f"{model}: training failed: a score of {score}; use the fastText release named in the README")
        scored.append(Scored(score, example.positive, example.kind))
    return scored
