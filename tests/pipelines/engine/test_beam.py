"""Beam is loaded without what pipelines here have no use for."""

import subprocess
import sys

PROGRAM = """
import sys
import {module}
print([name for name in ("boto3", "pymongo", "apache_beam.runners.portability.flink_runner") if name in sys.modules])
print("apache_beam" in sys.modules)
"""


def test_beam_is_loaded_without_clients_of_stores_and_without_flink() -> None:
    for module in ("pipelines.engine.spreading", "pipelines.stages.dedup"):
        program = PROGRAM.format(module=module)
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert run.stdout.splitlines() == ["[]", "True"], module
        assert "bson" not in run.stderr, module


def test_the_first_units_are_handed_out_before_beam_is_loaded() -> None:
    for module in ("pipelines.stages.plan", "pipelines.engine.engine", "pipelines.stages.order"):
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(module=module)], capture_output=True, text=True, check=True
        )
        assert run.stdout.splitlines() == ["[]", "False"], module


def test_a_plan_of_local_files_loads_nothing_that_talks_to_servers_draws_or_reads_pages() -> None:
    needless = ("requests", "unearth", "rich", "pipelines.extraction.html.parser", "dedup.overlap")
    program = f"import sys, pipelines.stages.plan; print([name for name in {needless} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["[]"]


def test_beams_http_client_is_there_as_soon_as_something_of_it_is_asked_for() -> None:
    program = """
import sys
from pipelines.engine.beam import NEEDED_LATE
from apache_beam.internal.http_client import get_new_http
print("pyparsing" in sys.modules)
print(type(get_new_http()).__module__, "pyparsing" in sys.modules)
import httplib2
print(httplib2.Http.__module__, sys.modules[NEEDED_LATE] is httplib2)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["False", "httplib2 True", "httplib2 True"]
