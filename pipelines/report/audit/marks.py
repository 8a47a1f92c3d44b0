"""What people say about the hits of an audit: true, false or unsure, and what that makes of the audit.

Marks lie in `review.jsonl` beside the audit, a line each, and are never rewritten: the last one of a pair counts. A
pair is known by benchmark, item and document, so marks outlive a rerun with other settings.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, cast

from manifests.errors import UserError
from pipelines.corpus.folder import REVIEW_NAME as NAME
from pipelines.report.audit.cards import Card
from pipelines.report.intervals import Share, share

Mark = Literal["true", "false", "unsure"]
MARKS: tuple[Mark, ...] = ("true", "false", "unsure")
AIM = 0.95
"""The precision for which a threshold is suggested."""

Pair = tuple[str, str, str]
"""Benchmark, item and document."""


class Judgement(NamedTuple):
    """What the marks say of the cards they are about.

    `precision` is of those that the headline counts, `by_kind` of all that were marked; who is unsure is left out of
    both. `threshold` is the least probability from which on the marked ones reach the aim, with their precision;
    None where they never do.
    """

    marks: Mapping[Mark, int]
    precision: Share
    by_kind: Mapping[str, Share]
    threshold: tuple[float, Share] | None


def pair_of(card: Card) -> Pair:
    """What a card's mark is kept under."""
    return card.benchmark, card.item_id, card.document_id


def read(root: Path) -> dict[Pair, Mark]:
    """The marks of an audit. Raises UserError naming a line that is none."""
    path = root / NAME
    found: dict[Pair, Mark] = {}
    if not path.is_file():
        return found
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            pair = (str(row["benchmark"]), str(row["item_id"]), str(row["document_id"]))
            mark = row["mark"]
        except (ValueError, KeyError, TypeError):
            mark = None
        if mark not in MARKS:
            raise UserError(f"{path}: line {number}: expected benchmark, item_id, document_id and mark ({_listed()})")
        found[pair] = cast("Mark", mark)
    return found


def add(root: Path, card: Card, mark: Mark) -> None:
    """Keep a mark."""
    benchmark, item, document = pair_of(card)
    line = {"benchmark": benchmark, "item_id": item, "document_id": document, "mark": mark}
    with (root / NAME).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")


def judge(cards: Iterable[Card], marks: Mapping[Pair, Mark], aim: float = AIM) -> Judgement:
    """What the marks say of the cards."""
    marked = [(card, marks[pair_of(card)]) for card in cards if pair_of(card) in marks]
    sure = [(card, mark == "true") for card, mark in marked if mark != "unsure"]
    counted = [right for card, right in sure if card.best.counted]
    kinds = sorted({card.best.kind for card, _ in sure})
    by_kind = {kind: _share([right for card, right in sure if card.best.kind == kind]) for kind in kinds}
    return Judgement(Counter(mark for _, mark in marked), _share(counted), by_kind, _threshold(sure, aim))


def _share(rights: Sequence[bool]) -> Share:
    return share(sum(rights), len(rights))


def _threshold(sure: Sequence[tuple[Card, bool]], aim: float) -> tuple[float, Share] | None:
    for least in sorted({card.best.probability for card, _ in sure}):
        above = _share([right for card, right in sure if card.best.probability >= least])
        if above.value >= aim:
            return least, above
    return None


def _listed() -> str:
    return ", ".join(MARKS)
