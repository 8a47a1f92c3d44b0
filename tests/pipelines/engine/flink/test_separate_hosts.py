"""A whole build on hosts that share nothing but a bucket makes the bytes of one machine, also when a host dies."""

import shutil
from pathlib import Path

import pytest

from pipelines.engine.engine import Engine
from pipelines.engine.flink.jars import FLINK
from tests import namespaces
from tests.benchmarks import separate_hosts
from tests.chaos import small_build
from tests.pipelines.engine.kills import digests

pytestmark = [
    pytest.mark.flink,
    pytest.mark.slow,
    pytest.mark.skipif(bool(namespaces.missing()), reason=f"hosts of namespaces: {namespaces.missing()}"),
    pytest.mark.skipif(
        shutil.which("java") is None or FLINK.job_server() is None,
        reason="needs Java and `python -m pipelines.engine.flink install`",
    ),
]


def test_a_build_goes_on_when_a_host_dies_and_its_bytes_are_those_of_one_machine(tmp_path: Path) -> None:
    small_build.make_input(tmp_path, files=12)
    recipe = (tmp_path / "r.yaml").read_text().replace("keep_raw: false, ", "")
    (tmp_path / "r.yaml").write_text(recipe)
    alone = digests(small_build.build(tmp_path, "alone", Engine()))
    apart = separate_hosts.build(tmp_path / "r.yaml", tmp_path, [tmp_path], [tmp_path], kill=True)
    assert apart.found.keys() == alone.keys()
    assert {name for name in alone if alone[name] != apart.found[name]} <= {"manifest.json", "report.html", "README.md"}


def test_hosts_see_what_they_are_shown_and_nothing_of_each_other(tmp_path: Path) -> None:
    (tmp_path / "shown").write_text("to one")
    with namespaces.switch() as wire:
        one, other = wire.host(shows=[tmp_path]), wire.host(hides=[tmp_path.parent])
        environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}
        assert one.run(["cat", str(tmp_path / "shown")], environment) == "to one"
        one.run(["touch", "/tmp/mine", "/dev/shm/mine"], environment)
        assert other.run(["find", "/tmp", "/dev/shm", "-type", "f"], environment) == ""
        with pytest.raises(OSError, match="Read-only file system"):
            one.run(["touch", str(tmp_path / "more")], environment)
        with pytest.raises(OSError, match="Read-only file system"):
            other.run(["touch", "/usr/more"], environment)
        other.kill()
        assert one.run(["echo", "still here"], environment) == "still here\n"
