"""Threads take units in turn; after an error no other unit is begun."""

import time
from pathlib import Path

import pytest

from manifests.errors import Fault
from pipelines.engine import guard
from pipelines.engine.guard import Limits
from pipelines.engine.turns import Turns
from tests.pipelines.engine.test_guard import NONE, unit


def test_every_unit_is_done_by_however_many_threads(tmp_path: Path) -> None:
    units = [unit(tmp_path, "records", records=[NONE])._replace(key=f"u{number}") for number in range(5)]
    Turns(units, Limits()).done_by(3)
    guard.stop_idle()
    for number in range(5):
        assert (tmp_path / f"u{number}").read_text().splitlines() == ["begin", "0 done", "end"]


def test_after_an_error_no_other_unit_is_begun_and_it_comes_out(tmp_path: Path) -> None:
    wrong = unit(tmp_path, "raising", kind="Fault")._replace(key="wrong")
    right = unit(tmp_path, "records", records=[NONE])
    with pytest.raises(Fault, match="planted"):
        Turns([wrong, right], Limits()).done_by(1)
    guard.stop_idle()
    assert not (tmp_path / right.key).exists()


def test_what_is_to_be_done_meanwhile_is_done_here_while_the_units_are_under_way(tmp_path: Path) -> None:
    begun: list[bool] = []

    def meanwhile() -> None:
        end = time.monotonic() + 60
        while not (tmp_path / "unit").exists() and time.monotonic() < end:
            time.sleep(0.01)
        begun.append((tmp_path / "unit").exists())

    Turns([unit(tmp_path, "records", records=[NONE])], Limits()).done_by(1, meanwhile)
    guard.stop_idle()
    assert begun == [True]
