"""Google Cloud Dataflow as the place where units are done: what it has to be told, and its job file without a service.

A stage is a job of its own: its units, spread, and each of them done by workers that see the corpus in its bucket
alone. With Beam's `--dry_run=True --dataflow_job_file=FILE` the first stage that has units to do writes the job as it
would be handed in, and beside it what would be staged (the pipeline as Beam's protocol buffer); nothing is sent, and no
credentials are asked for. Dataflow's client is no dependency of ours: `apache-beam[gcp]` has it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manifests.errors import Described, UserError
from manifests.writing import atomic, disk_faults

if TYPE_CHECKING:
    from pipelines.engine.beam import beam

NAME = "dataflowrunner"
CLIENT = ("google.cloud.dataflow_v1beta3", "google.cloud.storage")
"""What Beam's runner needs of `apache-beam[gcp]`."""
NEEDED = {
    "--project": "the project that pays",
    "--region": "where the machines are",
    "--temp_location": "a folder of a bucket, gs://BUCKET/NAME",
    "--sdk_container_image": "an image that has Beam's SDK and proofpile",
}


def ready(arguments: Sequence[str]) -> None:
    """Raises UserError unless Dataflow's client is here and all that a job needs is named."""
    runner = "--runner DataflowRunner"
    if not all(_found(name) for name in CLIENT):
        raise UserError(f"{runner}: needs apache-beam[gcp], which proofpile does not install; add it with pip")
    given = {word.partition("=")[0]: word.partition("=")[2] for word in arguments}
    for option, meaning in NEEDED.items():
        if not given.get(option):
            raise UserError(f"{runner}: {option} is missing, expected {option}=… ({meaning})")
    if not given["--temp_location"].startswith("gs://"):
        raise UserError(f"{runner}: --temp_location={given['--temp_location']}: expected gs://BUCKET/NAME")
    if dry(arguments) and not given.get("--dataflow_job_file"):
        raise UserError(f"{runner}: --dry_run needs --dataflow_job_file=FILE, the file to write the job into")


def dry(arguments: Sequence[str]) -> bool:
    """Whether jobs are described and not handed in."""
    return any(word.partition("=")[0] == "--dry_run" and word.partition("=")[2] != "False" for word in arguments)


def described(build: Callable[[beam.Pipeline], Any], arguments: Sequence[str]) -> Described:
    """Write the job file of a pipeline; returns what there is to say about it."""
    from pipelines.engine.beam import PipelineOptions, beam

    options = PipelineOptions(
        [*arguments, "--runner=DataflowRunner", "--no_auth", "--sdk_location=container"], save_main_session=False
    )
    pipeline = beam.Pipeline(options=options)
    build(pipeline)
    job = pipeline.run().job
    from apache_beam.options.pipeline_options import DebugOptions
    from apache_beam.runners.dataflow.internal.apiclient import DataflowApplicationClient

    place = Path(options.view_as(DebugOptions).dataflow_job_file)

    class Unsent(DataflowApplicationClient):
        """A client that puts what it would send beside the job file."""

        def stage_file_with_retry(self, _folder: str, name: str, content: Any, *_: Any, **__: Any) -> None:
            with disk_faults(place.parent):
                place.parent.mkdir(parents=True, exist_ok=True)
                with atomic(place.parent / name) as temporary:
                    temporary.write_bytes(Path(content).read_bytes() if isinstance(content, str) else content.read())

        def submit_job_description(self, job: Any) -> None:
            """Keep it."""

    Unsent(options, job.root_staging_location).create_job(job)
    return Described(f"the job is in {place} and its pipeline in {place.parent / 'pipeline.pb'}; nothing was handed in")


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
