"""Builds the scorers that a recipe names and runs them over a document.

Numbers become the document's `scores`; words (such as the recognised language) go to its `meta`.
"""

import inspect
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from filters.registry import SCORES
from filters.scorer import Scorer
from manifests.errors import UserError
from manifests.recipe import Score
from manifests.records import Document, Rules, to_json
from manifests.user_classes import instance_of


def make_scorer(
    name: str, score: Score, assets: Mapping[str, Path], rules: Rules = "corrected", where: str = "recipe"
) -> Scorer:
    """Construct one scorer, which follows `rules` if it knows any. Raises UserError for an unknown kind or option."""
    key = f"{where}: scores.{name}"
    cls = SCORES.load(score.kind, f"{key}.kind")
    arguments: dict[str, Any] = dict(score.options)
    if score.model is not None:
        arguments["model"] = assets[score.model]
    signature = inspect.signature(cls)
    if "rules" in signature.parameters:
        arguments.setdefault("rules", rules)
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise UserError(f"{key}: {error}") from None
    scorer: Scorer = instance_of(score.kind, cls, f"{key}.kind", **arguments)
    return scorer


def scores_of(scorer: object) -> frozenset[str] | None:
    """The names of the numbers that a scorer (or its class) gives; None where it does not say (`gives`)."""
    names = getattr(scorer, "gives", None)
    return None if names is None else frozenset(names)


def kind_scores(kind: str) -> frozenset[str] | None:
    """The names of the numbers that one of our own kinds of scores gives."""
    return scores_of(SCORES.load(kind, kind))


def scored(document: Document, scorers: Sequence[Scorer]) -> Document:
    """The document with the scorers' results added."""
    if not scorers:
        return document
    scores = dict(document.scores)
    words: dict[str, str] = {}
    for scorer in scorers:
        for key, value in scorer.score(document.text).items():
            if isinstance(value, str):
                words[key] = value
            else:
                scores[key] = float(value)
    meta = to_json({**json.loads(document.meta), **words}) if words else document.meta
    return document._replace(scores=scores, meta=meta)
