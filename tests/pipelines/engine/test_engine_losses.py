"""A runner that loses work without an error: the ledger tells, and the work is handed out again."""

from pathlib import Path

import pytest

from manifests.errors import Fault
from pipelines.engine import spreading
from pipelines.engine.engine import TRIES, Engine
from pipelines.engine.spreading import TakeUnits
from tests.pipelines.stages.test_frame import build, column, files


def test_units_that_the_runner_lost_are_handed_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path, ["first " * 30], ["second " * 30], ["third " * 30])
    handed: list[int] = []

    def lossy(self: Engine, construct: object) -> None:
        queue = spreading._OFFERS[construct.__self__.name].queue  # type: ignore[attr-defined]
        handed.append(queue.qsize())
        while queue.qsize() > 1:
            queue.get()
        whole(self, construct)

    whole = Engine.run_pipeline
    monkeypatch.setattr(Engine, "run_pipeline", lossy)
    root = build(tmp_path, Engine(workers=2)).root
    assert handed[:2] == [3, 2]  # the last one is not spread
    assert len(column(root, "documents", "id")) == 3


def test_a_runner_that_loses_everything_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path, ["first " * 30], ["second " * 30])
    asked: list[object] = []
    monkeypatch.setattr(Engine, "run_pipeline", lambda self, construct: asked.append(construct))
    with pytest.raises(Fault, match="2 units are not done"):
        build(tmp_path, Engine(workers=2))
    assert len(asked) == TRIES
    assert all(isinstance(construct.__self__, TakeUnits) for construct in asked)  # type: ignore[attr-defined]
