"""`python -m pipelines.engine.flink install|start|stop`: bring Flink, start and stop a small cluster."""

import argparse
import sys
from pathlib import Path

from manifests.errors import ProofpileError
from pipelines.engine.flink import cluster, jars


def main() -> int:
    """Run one command; errors are one line."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.engine.flink", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="bring the jars with Maven (about 150 MB)")
    start = commands.add_parser("start", help="start a cluster on 127.0.0.1 and print its address")
    start.add_argument("--folder", type=Path, default=jars.home() / "cluster")
    start.add_argument("--task-managers", type=int, default=2)
    stop = commands.add_parser("stop", help="stop the cluster")
    stop.add_argument("--folder", type=Path, default=jars.home() / "cluster")
    arguments = parser.parse_args()
    try:
        if arguments.command == "install":
            print(jars.install())
        elif arguments.command == "start":
            jars.install()
            started = cluster.start(arguments.folder, arguments.task_managers)
            print(f"--runner FlinkRunner --flink_master={started.address} --workers {started.task_managers}")
        else:
            cluster.stop(arguments.folder)
    except ProofpileError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
