"""What units cost is noted beside them: after each in a folder, now and then in a bucket, where a note costs money."""

from pathlib import Path

import pytest

from manifests import mirror, notes
from manifests.errors import Fault
from pipelines.engine import spending
from pipelines.engine.spending import Spending, spent

ADDRESS = "s3://corpora/costs/corpus"


def test_in_a_bucket_a_process_leaves_few_notes_and_one_when_it_turns_to_another_stage(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = mirror.opened(ADDRESS)
    left: list[str] = []
    put = notes.note
    monkeypatch.setattr(notes, "note", lambda *words: (left.append(words[1].split("/")[1]), put(*words)))
    cost = Spending()
    for number in range(5):
        with cost.unit(root, "extract", f"u{number}"):
            pass
    assert left == ["extract"]
    with cost.unit(root, "filter", "u0"):
        assert left == ["extract", "extract", "filter"]
    assert [note.units for note in spent(root)["extract"]] == [5]
    monkeypatch.setattr(spending, "NOTE_SECONDS", 0.0)
    with cost.unit(root, "filter", "u1"):
        assert [note.at for note in spent(root)["filter"]] == ["u1"]


def test_in_a_folder_every_unit_is_noted(tmp_path: Path) -> None:
    cost = Spending()
    for number in range(3):
        with cost.unit(tmp_path, "extract", f"u{number}"):
            assert [note.at for note in spent(tmp_path)["extract"]] == [f"u{number}"]
    assert [note.units for note in spent(tmp_path)["extract"]] == [3]


def test_a_note_that_cannot_be_left_costs_no_unit(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = mirror.opened(ADDRESS)

    def away(*_: str) -> None:
        raise Fault("the store answers 503")

    monkeypatch.setattr(notes, "note", away)
    with Spending().unit(root, "extract", "u0"):
        pass
