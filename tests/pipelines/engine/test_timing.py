"""What `--profile` measures: steps of units in their workers, stages in the process that plans them."""

import json
import time
from pathlib import Path

import pytest
import yaml

from pipelines.commands.cli import main
from pipelines.engine.timing import OTHER, Profile, Steps


def spin(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_the_steps_of_a_unit_and_what_lies_outside_of_them(tmp_path: Path) -> None:
    steps, profile = Steps(), Profile()
    with profile.stage("extract"), steps.unit(tmp_path, "extract", "one"):
        assert list(steps.each("read", range(3))) == [0, 1, 2]
        for _ in range(2):
            with steps("work"):
                spin(0.05)
        with steps("sleep"):
            time.sleep(0.1)
        spin(0.05)
    took = profile.collected(tmp_path, 2)["extract"]
    assert {name: step["times"] for name, step in took["steps"].items()} == {"sleep": 1, "work": 2, "read": 4, OTHER: 1}
    assert took["steps"]["work"]["processor"] >= 0.09
    assert took["steps"]["sleep"]["processor"] < 0.05 <= took["steps"]["sleep"]["wall"]
    assert took["steps"][OTHER]["processor"] >= 0.04
    assert list(took["steps"])[-1] == OTHER
    assert took["waiting"] >= 0.05
    assert took["units"] == 1
    assert took["idle"] == pytest.approx(2 * took["wall"] - took["busy"], abs=0.01)
    assert not (tmp_path / ".work" / "profile").exists()


def test_a_unit_that_raises_is_measured_too_and_the_next_one_begins_anew(tmp_path: Path) -> None:
    steps = Steps()
    with pytest.raises(KeyError), steps.unit(tmp_path, "s", "a"), steps("work"):
        raise KeyError
    with steps.unit(tmp_path, "s", "b"):
        pass
    rows = {path.stem: json.loads(path.read_text()) for path in (tmp_path / ".work/profile/s").iterdir()}
    assert set(rows["a"]) == {"work", OTHER}
    assert set(rows["b"]) == {OTHER}


def test_nothing_is_kept_where_nobody_asks(tmp_path: Path) -> None:
    steps = Steps()
    with steps("work"):
        pass
    assert list(steps.each("read", "ab")) == ["a", "b"]
    assert steps.rows is None
    assert not list(tmp_path.iterdir())


def test_a_build_says_where_its_time_went_and_one_without_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(
        "".join(json.dumps({"id": f"{n}", "text": f"text {n}"}) + "\n" for n in range(9))
    )
    recipe = {"name": "r", "sources": [{"name": "rows", "kind": "dataset", "inputs": ["rows.jsonl"]}], "dedup": {}}
    (tmp_path / "r.yaml").write_text(yaml.safe_dump(recipe))
    command = ["build", str(tmp_path / "r.yaml"), "--quiet", "--output"]
    assert main([*command, str(tmp_path / "measured"), "--profile"]) == 0
    line = json.loads((tmp_path / "measured/runs.jsonl").read_text())
    assert {"extract", "filter", "signatures", "keys", "matching", "dedup"} <= set(line["profile"])
    extract = line["profile"]["extract"]
    assert extract["units"] == 1
    assert extract["steps"]["document"]["times"] == 9
    assert extract["bytes_in"] == (tmp_path / "rows.jsonl").stat().st_size
    assert "Where the time went" in (tmp_path / "measured/report.html").read_text()
    assert main([*command, str(tmp_path / "plain")]) == 0
    assert "profile" not in json.loads((tmp_path / "plain/runs.jsonl").read_text())
    assert "Where the time went" not in (tmp_path / "plain/report.html").read_text()
    assert main(["verify", str(tmp_path / "measured")]) == 0
