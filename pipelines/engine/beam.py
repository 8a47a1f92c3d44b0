"""Apache Beam, loaded without the clients of stores and databases that it takes in wherever they are installed.

Pipelines here read and write no such thing; our own stores are opened by `manifests.store`. Together these clients take
longer to load than Beam itself. Whoever needs Beam imports it from here.
"""

import importlib
import logging
import sys
from types import ModuleType
from typing import Any

from manifests.absent import absent

LOOKED_FOR = ("boto3", "pymongo", "bson", "apache_beam.io.gcp.bigquery")
NEEDED_LATE = "httplib2"
"""The HTTP client that Beam needs for packages at an address (`--extra_package=https://…`), and for nothing else."""


class Late(ModuleType):
    """Stands for a module, under its name, until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # whoever looks at all modules asks for nothing of them
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


logging.getLogger("apache_beam.io.mongodbio").setLevel(logging.ERROR)  # it would say what it did not find
sys.modules.setdefault(NEEDED_LATE, Late(NEEDED_LATE))
with absent(*LOOKED_FOR):
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner
    from apache_beam.transforms.environments import SubprocessSDKEnvironment

__all__ = ["FnApiRunner", "PipelineOptions", "SubprocessSDKEnvironment", "beam"]
