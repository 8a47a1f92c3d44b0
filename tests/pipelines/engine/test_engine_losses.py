"""A runner that loses work without an error: the ledger tells, and the work is handed out again."""

from pathlib import Path

import pytest

from manifests.errors import Fault
from pipelines.engine.engine import TRIES, Engine
from pipelines.engine.guard import Limits
from pipelines.engine.spreading import DoUnits
from pipelines.engine.turns import Turns
from pipelines.engine.worker import Unit
from tests.pipelines.stages.test_frame import build, column, files

PROCESSES = Engine(workers=2, mode="processes")
"""Units go through a pipeline of Beam's; the tests put themselves in its place."""


def test_units_that_the_runner_lost_are_handed_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path, ["first " * 30], ["second " * 30], ["third " * 30])
    handed: list[int] = []

    def lossy(_: Engine, construct: object) -> None:
        units = construct.__self__.units  # type: ignore[attr-defined]
        handed.append(len(units))
        Turns([Unit(*units[-1])], Limits()).done_by(1)

    monkeypatch.setattr(Engine, "run_pipeline", lossy)
    root = build(tmp_path, PROCESSES).root
    assert handed[:2] == [3, 2]  # the last one is not spread
    assert len(column(root, "documents", "id")) == 3


def test_a_runner_that_loses_everything_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path, ["first " * 30], ["second " * 30])
    asked: list[object] = []
    monkeypatch.setattr(Engine, "run_pipeline", lambda self, construct: asked.append(construct))
    with pytest.raises(Fault, match="2 units are not done"):
        build(tmp_path, PROCESSES)
    assert len(asked) == TRIES
    assert all(isinstance(construct.__self__, DoUnits) for construct in asked)  # type: ignore[attr-defined]
