"""One Flink job server for all pipelines of this process: a build has several, and each would start a Java process."""

from apache_beam.options.pipeline_options import PipelineOptions, PortableOptions
from apache_beam.runners.portability.flink_runner import FlinkRunner

from pipelines.engine.flink.cluster import free_port

_JOB_SERVERS: dict[tuple[str, ...], str] = {}


def on_one_job_server(arguments: list[str], parallelism: int) -> PipelineOptions:
    """Options that run all pipelines of this process on one job server, each with its own parallelism."""
    parallel = f"--parallelism={parallelism}"
    options = PipelineOptions([*arguments, parallel], save_main_session=False)
    if options.view_as(PortableOptions).job_endpoint is None:
        key = tuple(arguments)
        if key not in _JOB_SERVERS:
            port = free_port()
            server = FlinkRunner().default_job_server(
                PipelineOptions([*arguments, f"--job_port={port}"], save_main_session=False)
            )
            server.start()
            _JOB_SERVERS[key] = f"localhost:{port}"
        options = PipelineOptions(
            [*arguments, parallel, f"--job_endpoint={_JOB_SERVERS[key]}"], save_main_session=False
        )
    return options
