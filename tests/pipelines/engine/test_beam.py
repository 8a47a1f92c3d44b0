"""Beam is loaded without what pipelines here have no use for."""

import subprocess
import sys

PROGRAM = """
import sys
import {module}
print([name for name in ("boto3", "pymongo", "apache_beam.runners.portability.flink_runner") if name in sys.modules])
print("apache_beam" in sys.modules)
"""


def test_the_engine_loads_beam_without_clients_of_stores_and_without_flink() -> None:
    for module in ("pipelines.engine.engine", "pipelines.stages.dedup", "pipelines.stages.share"):
        program = PROGRAM.format(module=module)
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert run.stdout.splitlines() == ["[]", "True"], module
        assert "bson" not in run.stderr, module


def test_what_plans_a_build_before_workers_are_forked_loads_no_beam() -> None:
    program = PROGRAM.format(module="pipelines.stages.plan")
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[]", "False"]
