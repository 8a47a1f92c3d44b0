"""The same bytes on Spark, whose jars come by a command, and through a job server that somebody else started."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.engine.engine import Engine
from pipelines.engine.flink.cluster import free_port
from pipelines.engine.flink.jars import FLINK
from pipelines.engine.spark.jars import SPARK
from tests.pipelines.stages.test_frame import LINES, build, files, outputs

CONTENTS = [[f"line {number} of {part}" for number in range(20)] + LINES for part in range(4)]
NO_JAVA = shutil.which("java") is None


@pytest.mark.slow
@pytest.mark.skipif(
    NO_JAVA or SPARK.job_server() is None, reason="needs Java and `python -m pipelines.engine.spark install`"
)
def test_spark_makes_the_same_bytes(tmp_path: Path) -> None:
    files(tmp_path, *CONTENTS)
    here = build(tmp_path).root
    assert outputs(here) == outputs(build(tmp_path, Engine("SparkRunner", 2), "spark").root)


@pytest.fixture
def job_server(tmp_path: Path) -> Iterator[str]:
    """A job server (Flink's) that runs whether there is a build or not."""
    port = free_port()
    words = ["java", "-jar", str(FLINK.job_server()), "--flink-master", "[local]", "--job-port", str(port)]
    words += ["--artifact-port", "0", "--expansion-port", "-1", "--artifacts-dir", str(tmp_path / "staged")]
    with (tmp_path / "server.log").open("wb") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            while process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.3)
            yield f"localhost:{port}"
        finally:
            process.terminate()


@pytest.mark.flink
@pytest.mark.slow
@pytest.mark.skipif(
    NO_JAVA or FLINK.job_server() is None, reason="needs Java and `python -m pipelines.engine.flink install`"
)
def test_a_job_server_that_is_named_makes_the_same_bytes(tmp_path: Path, job_server: str) -> None:
    files(tmp_path, *CONTENTS)
    here = build(tmp_path).root
    engine = Engine("PortableRunner", 2, beam_args=(f"--job_endpoint={job_server}",))
    assert outputs(here) == outputs(build(tmp_path, engine, "portable").root)
