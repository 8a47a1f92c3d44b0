"""The worker of Beam's multi-process mode: Beam's own module, started so that its talk stays off the terminal.

Beam's worker logs every step of its start at level INFO to standard error unless the root logger has a handler. Its
logs reach the runner all the same. Run as `python -m pipelines.engine.harness`.
"""

import logging
import runpy

MODULE = "apache_beam.runners.worker.sdk_worker_main"

if __name__ == "__main__":
    logging.getLogger().addHandler(logging.NullHandler())
    runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
