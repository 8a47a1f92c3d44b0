"""Dataflow is told what it needs before anything begins; a dry run leaves the job that would be handed in."""

import json
import re
import socket
from pathlib import Path

import pytest
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from manifests.errors import Described, UserError
from pipelines.engine import dataflow, guard
from pipelines.engine.beam import beam
from pipelines.engine.engine import Engine
from pipelines.engine.spreading import DoUnits
from tests.pipelines.engine.test_engine import unit

GIVEN = (
    "--project=project-of-mine",
    "--region=europe-west1",
    "--temp_location=gs://bucket-of-mine/t",
    "--sdk_container_image=registry/proofpile:1",
)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it look as if Dataflow's client were installed."""
    monkeypatch.setattr(dataflow, "_found", lambda _: True)


def test_without_its_client_it_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataflow, "_found", lambda _: False)
    with pytest.raises(UserError, match=r"^--runner DataflowRunner: needs apache-beam\[gcp\][^\n]*$"):
        Engine("DataflowRunner", beam_args=GIVEN)


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("missing", range(len(GIVEN)))
def test_what_is_not_named_is_told_before_anything_begins(missing: int) -> None:
    given = [word for number, word in enumerate(GIVEN) if number != missing]
    option = GIVEN[missing].partition("=")[0]
    with pytest.raises(UserError, match=f"^--runner DataflowRunner: {option} is missing, expected {option}=…"):
        Engine("DataflowRunner", beam_args=tuple(given))


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("--temp_location=/tmp/t", "--temp_location=/tmp/t: expected gs://BUCKET/NAME"),
        ("--dry_run=True", "--dry_run needs --dataflow_job_file=FILE"),
    ],
)
def test_what_is_wrong_is_told_before_anything_begins(more: str, said: str) -> None:
    with pytest.raises(UserError, match=f"^--runner DataflowRunner: {re.escape(said)}"):
        Engine("DataflowRunner", beam_args=(*GIVEN, more))


@pytest.mark.usefixtures("client")
def test_a_corpus_in_a_folder_is_out_of_reach_for_its_workers(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs an --output that its workers reach"):
        Engine("DataflowRunner", beam_args=GIVEN).run_units([unit(tmp_path, "a")])


@pytest.mark.skipif(not all(map(dataflow._found, dataflow.CLIENT)), reason="needs apache-beam[gcp]")
def test_a_dry_run_writes_the_job_and_its_pipeline_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("somebody was asked"))
    place = tmp_path / "plans" / "job.json"
    engine = Engine("DataflowRunner", beam_args=(*GIVEN, "--dry_run=True", f"--dataflow_job_file={place}"))
    units = DoUnits([unit(tmp_path, "a"), unit(tmp_path, "b")], guard.Limits(), "gs://bucket-of-mine/corpus")
    with pytest.raises(Described, match=re.escape(f"the job is in {place}")):
        engine.run_pipeline(units.into)
    job = json.loads(place.read_text())
    [pool] = job["environment"]["workerPools"]
    assert pool["workerHarnessContainerImage"] == "registry/proofpile:1"
    pipeline = beam_runner_api_pb2.Pipeline.FromString((place.parent / "pipeline.pb").read_bytes())
    names = {transform.unique_name for transform in pipeline.components.transforms.values()}
    assert {f"Do the units/{step}" for step in ("Name units", "Spread units", "Do unit")} <= names


def test_an_engine_is_told_what_units_did(tmp_path: Path) -> None:
    pipeline = beam.Pipeline(runner=FnApiRunner())
    DoUnits([unit(tmp_path, "a"), unit(tmp_path, "b")], guard.Limits()).into(pipeline)
    counters = pipeline.run().metrics().query()["counters"]
    guard.stop_idle()
    found = {(one.key.metric.namespace, one.key.metric.name): one.committed for one in counters}
    assert found == {("extract", "units"): 2, ("extract", "read"): 2, ("extract", "kept"): 2, ("extract", "failed"): 0}
