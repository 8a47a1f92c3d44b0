"""Apache Beam, loaded without the clients of stores and databases that it takes in wherever they are installed.

Pipelines here read and write no such thing; our own stores are opened by `manifests.store`. Together these clients take
longer to load than Beam itself. Whoever needs Beam imports it from here.
"""

import logging

from manifests.absent import absent

LOOKED_FOR = ("boto3", "pymongo", "bson", "apache_beam.io.gcp.bigquery")

logging.getLogger("apache_beam.io.mongodbio").setLevel(logging.ERROR)  # it would say what it did not find
with absent(*LOOKED_FOR):
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner
    from apache_beam.transforms.environments import SubprocessSDKEnvironment

__all__ = ["FnApiRunner", "PipelineOptions", "SubprocessSDKEnvironment", "beam"]
