"""`python -m pipelines.engine.flink install|start|worker|stop`: bring Flink, start a cluster, join and stop it."""

import argparse
import sys
import time
from pathlib import Path

from manifests.errors import Fault, ProofpileError
from pipelines.engine.flink import cluster, worker_pool
from pipelines.engine.flink.jars import FLINK


def declared() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.engine.flink", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("install", help="bring the jars with Maven (about 150 MB)")
    start = commands.add_parser("start", help="start a job manager with task managers and print its address")
    start.add_argument("--host", default="127.0.0.1", help="this machine's address, as other machines reach it")
    start.add_argument(
        "--port", type=int, help="where task managers of other machines join (default: one that is free)"
    )
    start.add_argument(
        "--wait-for", type=int, default=0, metavar="N", help="return when N of other machines have joined"
    )
    start.add_argument("--folder", type=Path, default=FLINK.work() / "cluster")
    start.add_argument("--task-managers", type=int, default=2)
    worker = commands.add_parser("worker", help="do a cluster's work on this machine, until interrupted")
    worker.add_argument("--job-manager", required=True, metavar="HOST:PORT", help="as `start` printed it")
    worker.add_argument("--host", default="127.0.0.1", help="this machine's address, as other machines reach it")
    worker.add_argument("--slots", type=int, default=1, help="units at a time")
    worker.add_argument("--port", type=int, default=worker_pool.PORT, help="of the Python workers, on 127.0.0.1")
    worker.add_argument("--folder", type=Path, default=FLINK.work() / "worker")
    stop = commands.add_parser("stop", help="stop the cluster")
    stop.add_argument("--folder", type=Path, default=FLINK.work() / "cluster")
    return parser


def main() -> int:
    """Run one command; errors are one line."""
    arguments = declared().parse_args()
    try:
        if arguments.command == "install":
            print(FLINK.install())
        elif arguments.command == "start":
            FLINK.install()
            started = cluster.start(arguments.folder, arguments.task_managers, host=arguments.host, port=arguments.port)
            slots = cluster.joined(started, arguments.wait_for) if arguments.wait_for else started.task_managers
            apart = f" {worker_pool.ON_EACH_HOST}" if arguments.task_managers == 0 else ""
            print(f"--runner FlinkRunner --flink_master={started.address} --workers {slots or 1}{apart}")
            print(f"worker --job-manager {cluster.rpc_address(arguments.folder)}")
        elif arguments.command == "worker":
            FLINK.install()
            worker_pool.address(arguments.port)
            process = cluster.join(arguments.folder, arguments.job_manager, arguments.slots, arguments.host)
            print(f"at work, with Python workers at localhost:{arguments.port}", flush=True)
            while cluster.alive(process):
                time.sleep(1)
            raise Fault(f"{arguments.folder}: the task manager ended; see taskmanager.log there")
        else:
            cluster.stop(arguments.folder)
    except ProofpileError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
