"""Marks that people give, and what they make of an audit."""

import io
import json
from pathlib import Path

import pytest

from manifests.errors import UserError
from manifests.records import Hit
from pipelines.commands.cli import main
from pipelines.report.audit import marks
from pipelines.report.audit.cards import Card, Found, cards
from tests.pipelines.report.audit.made_audit import made_audit


def card(number: int, probability: float, kind: str = "whole", *, counted: bool = True) -> Card:
    hit = Hit(f"d{number}", "b", f"i{number}", "problem", "exact", 10, 0, 1, 0, 1, 1.0, kind, probability, counted)
    return Card("s", hit.document_id, "b", hit.item_id, (Found(hit, "exact 10"),))


def test_precision_is_of_what_is_counted_and_who_is_unsure_is_left_out() -> None:
    made = [card(0, 0.9), card(1, 0.8), card(2, 0.7), card(3, 0.3, "template", counted=False), card(4, 0.6)]
    said = dict(zip(map(marks.pair_of, made), ("true", "false", "unsure", "false"), strict=False))
    judgement = marks.judge(made, said)
    assert (judgement.precision.hits, judgement.precision.trials) == (1, 2)
    assert judgement.by_kind["template"].value == 0.0
    assert judgement.marks == {"true": 1, "false": 2, "unsure": 1}


def test_the_threshold_is_the_least_that_reaches_the_aim() -> None:
    made = [card(number, number / 10) for number in range(10)]
    said = {marks.pair_of(one): "true" if one.best.probability >= 0.4 else "false" for one in made}
    found = marks.judge(made, said, aim=1.0).threshold
    assert found is not None and found[0] == 0.4 and found[1].trials == 6
    assert marks.judge(made, dict.fromkeys(said, "false")).threshold is None


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_audit(tmp_path_factory.mktemp("audit"))


def review(audit: Path, monkeypatch: pytest.MonkeyPatch, keys: str, *more: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
    assert main(["review", str(audit), *more]) == 0


def test_keys_mark_what_is_shown_and_marks_outlive_a_rerun(
    audit: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    total = sum(one.best.counted for one in cards(audit)[0])
    assert total >= 3
    review(audit, monkeypatch, "tbfq")
    first = capsys.readouterr().out
    assert (f"1 of {total}" in first and "three red tiles" in first) or "train leaves" in first or "divisors" in first
    assert list(marks.read(audit).values()) == ["false"], "the last mark of a pair counts"
    review(audit, monkeypatch, "xtq")
    assert f"1 of {total - 1}" in capsys.readouterr().out, "what is marked is not asked again; other keys do nothing"
    before = (audit / marks.NAME).read_text()
    made_audit(audit.parent, "--exact", "10", "--accept-changes")
    assert (audit / marks.NAME).read_text() == before
    review(audit, monkeypatch, "", "--report")
    shown = capsys.readouterr().out
    assert main(["verify", str(audit)]) == 0, "marks are no stray file"
    assert "1 true, 1 false, 0 unsure" in shown and "precision of what is counted: 50.0" in shown


def test_the_order_is_drawn_by_a_seed_and_lets_choose(
    audit: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    review(audit, monkeypatch, "q", "--again", "--seed", "1")
    one = capsys.readouterr().out
    review(audit, monkeypatch, "q", "--again", "--seed", "1")
    assert capsys.readouterr().out == one
    review(audit, monkeypatch, "q", "--again", "--benchmark", "other")
    told = capsys.readouterr().out
    assert "1 of" not in told.split("pairs")[0].splitlines()[0]
    assert ("no hit that counts is left to mark; --listed" in told) == any(
        not one.best.counted for one in cards(audit)[0]
    )


def test_a_line_that_is_no_mark_is_named(tmp_path: Path) -> None:
    (tmp_path / marks.NAME).write_text(json.dumps({"benchmark": "b", "item_id": "i", "document_id": "d", "mark": "?"}))
    with pytest.raises(UserError, match=r"review\.jsonl: line 1: expected .* and mark \(true, false, unsure\)"):
        marks.read(tmp_path)


def test_an_aim_that_is_none_is_refused(audit: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(audit), "--aim", "95"]) == 2
    assert "expected a share above 0, up to 1" in capsys.readouterr().err
