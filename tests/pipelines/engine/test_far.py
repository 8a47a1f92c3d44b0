"""Units done on hosts that share nothing but the bucket, without a cluster between them."""

from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from manifests import mirror, store
from pipelines.engine import guard
from pipelines.engine.engine import Engine, not_done
from pipelines.engine.spreading import DoUnit, DoUnits
from pipelines.engine.worker import Unit
from tests.pipelines.engine.test_engine import unit

ADDRESS = "s3://corpora/far/corpus"
CLUSTER = Engine("FlinkRunner", 2, beam_args=("--flink_master=host:1",))


def test_a_unit_finds_its_corpus_where_another_machine_has_it() -> None:
    one = Unit(
        "s", "k", "a", "/home/a/x", "m:f", "mark", '{"files":["/home/a/x/raw/1"]}', common='{"b":"/home/a/x/raw/2"}'
    )
    moved = one.moved("/b \\ y")
    assert moved.root == "/b \\ y"
    assert moved.settings() == {"b": "/b \\ y/raw/2", "files": ["/b \\ y/raw/1"]}


def test_what_another_host_did_is_seen_through_the_bucket(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = mirror.opened(ADDRESS)
    units = [unit(driver, "a"), unit(driver, "b")]
    elements = DoUnits(units, guard.Limits(), ADDRESS)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_CACHE_HOME", str(tmp_path / "host"))
        guard.stop_idle()  # workers keep the environment in which they began
        for element in elements.units:
            assert list(DoUnit(guard.Limits(), elements.place).process(element)) == [element[1]]
        host = mirror.folder_for(ADDRESS)
        guard.stop_idle()
    assert host != driver
    assert sorted(path.name for path in (host / "documents").iterdir()) == ["a.txt", "b.txt"]
    assert not (driver / "documents").exists()
    assert len(not_done(units)) == 2
    mirror.pull(driver)
    assert not not_done(units)
    assert (driver / "documents/a.txt").read_text() == "a"


def test_what_compares_documents_is_done_near_the_corpus(endpoint: str, tmp_path: Path) -> None:
    driver = mirror.opened(ADDRESS)
    assert CLUSTER.far(driver)
    assert CLUSTER.near(driver).in_process
    assert not CLUSTER.far(tmp_path)
    assert CLUSTER.near(tmp_path) is CLUSTER
    assert not Engine().far(driver)
    assert store.bucket(ADDRESS).list("documents") == {}


def test_a_transform_goes_into_one_pipeline_after_another(tmp_path: Path) -> None:
    elements = DoUnits([unit(tmp_path, "a")], guard.Limits())
    for _ in range(2):
        elements.into(beam.Pipeline(runner=FnApiRunner()))
