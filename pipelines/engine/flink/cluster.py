"""A standalone Flink cluster on loopback: one job manager and some task managers, each a process of its own.

It is meant for trying things out and for tests. What listens, listens on 127.0.0.1, unless the machine's address on a
network is named: other machines then join (`join`), and that network should be one of your own. State (process ids,
logs) lies in the folder that `start` is given, so that `stop` in another process finds it.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from manifests.errors import Fault, UserError
from manifests.writing import write_text
from pipelines.engine.flink.jars import FLINK
from pipelines.engine.flink.slots import slots as offers

JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
STATE = "cluster.json"
START_SECONDS = 60.0
JOIN_SECONDS = 900.0
"""How long task managers of other machines may take to join: they may be waiting for their turn in a queue."""
OPEN_MODULES = ("java.lang", "java.util", "java.net", "java.nio", "java.util.concurrent", "java.time", "java.text")
SETTINGS = {
    "taskmanager.cpu.cores": "1.0",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "128m",
    "taskmanager.memory.task.heap.size": "512m",
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.managed.size": "256m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
    "jobmanager.memory.heap.size": "512m",
    "jobmanager.memory.off-heap.size": "128m",
    # Beam is on the class path of the cluster itself; loaded a second time from a job, its classes refuse each other.
    "classloader.resolve-order": "parent-first",
    # A task manager that was killed is missed within seconds; its job is handed in again by the engine.
    "heartbeat.interval": "3000",
    "heartbeat.timeout": "20000",
    "restart-strategy": "none",
    "rest.flamegraph.enabled": "false",
    "web.submit.enable": "false",
}


class Cluster(NamedTuple):
    """A running cluster: its REST address (`127.0.0.1:PORT`, for `--flink_master`) and its process ids."""

    address: str
    processes: tuple[int, ...]
    task_managers: int


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    folder: Path, task_managers: int = 2, slots: int = 1, host: str = "127.0.0.1", port: int | None = None
) -> Cluster:
    """Start a cluster and wait until every task manager has reported. Raises Fault with the place of the logs.

    `host` and `port`: where task managers of other machines (`join`) reach the job manager; any free port if None.
    """
    if (folder / STATE).exists():
        raise UserError(f"{folder}: a cluster was started here before; stop it first")
    jars = FLINK.class_path()
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    rest = free_port()
    settings = {
        **SETTINGS,
        "jobmanager.rpc.address": host,
        "jobmanager.rpc.port": str(free_port() if port is None else port),
        # The job manager hands files to itself at `localhost`, so that on a network it has to listen there too.
        "jobmanager.bind-host": host if host == "127.0.0.1" else "0.0.0.0",  # noqa: S104
        "rest.address": host,
        "rest.bind-address": host,
        "rest.port": str(rest),
        "blob.server.port": str(free_port()),
        **_of_task_manager(folder, slots, host),
    }
    _configure(folder, settings)
    processes = [launch(folder, jars, "jobmanager", JOB_MANAGER)]
    processes += [launch(folder, jars, f"taskmanager-{number}", TASK_MANAGER) for number in range(task_managers)]
    cluster = Cluster(f"{host}:{rest}", tuple(processes), task_managers)
    write_text(folder / STATE, json.dumps(cluster._asdict()) + "\n")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if reported(cluster) == task_managers:
            return cluster
        time.sleep(0.5)
    stop(folder)
    raise Fault(f"{folder}: the cluster did not start within {START_SECONDS:g} s; see the *.log files there")


def join(folder: Path, job_manager: str, slots: int, host: str) -> int:
    """Start a task manager on this machine, `host` for others; `job_manager` is its `HOST:PORT`. Its process id."""
    name, _, port = job_manager.rpartition(":")
    if not name or not port.isdigit():
        raise UserError(f"--job-manager {job_manager}: expected HOST:PORT, as `start` prints it")
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    settings = {**SETTINGS, "jobmanager.rpc.address": name, "jobmanager.rpc.port": port}
    _configure(folder, {**settings, **_of_task_manager(folder, slots, host)})
    return launch(folder, FLINK.class_path(), "taskmanager", TASK_MANAGER)


def joined(cluster: Cluster, task_managers: int) -> int:
    """Wait until so many task managers of other machines are there; returns the slots of all. Raises Fault."""
    deadline = time.monotonic() + JOIN_SECONDS
    while True:
        found = offers(cluster.address)
        here = 0 if found is None else found.task_managers - cluster.task_managers
        if found is not None and here >= task_managers:
            return found.total
        if time.monotonic() > deadline:
            raise Fault(f"{here} of {task_managers} task managers joined within {JOIN_SECONDS:g} s")
        time.sleep(0.5)


def _of_task_manager(folder: Path, slots: int, host: str) -> dict[str, str]:
    return {
        "taskmanager.host": host,
        "taskmanager.bind-host": host,
        "taskmanager.numberOfTaskSlots": str(slots),
        "io.tmp.dirs": str(folder / "tmp"),
    }


def _configure(folder: Path, settings: Mapping[str, str]) -> None:
    write_text(folder / "conf" / "flink-conf.yaml", "".join(f"{key}: {value}\n" for key, value in settings.items()))


def rpc_address(folder: Path) -> str:
    """Where the job manager that was started in `folder` waits for task managers."""
    text = (folder / "conf" / "flink-conf.yaml").read_text(encoding="utf-8")
    found = dict(line.split(": ", 1) for line in text.splitlines())
    return f"{found['jobmanager.rpc.address']}:{found['jobmanager.rpc.port']}"


def launch(folder: Path, jars: str, name: str, main: str) -> int:
    """Start one Java process of the cluster; returns its id."""
    opens = [f"--add-opens=java.base/{module}=ALL-UNNAMED" for module in OPEN_MODULES]
    log_format = ["showDateTime=true", "dateTimeFormat=HH:mm:ss.SSS"]
    dated = [f"-Dorg.slf4j.simpleLogger.{setting}" for setting in log_format]
    command = ["java", "-Xmx768m", *dated, *opens, "-cp", jars, main, "--configDir", str(folder / "conf")]
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder, start_new_session=True
        )
    return process.pid


def reported(cluster: Cluster) -> int:
    """How many task managers the job manager knows; 0 while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://{cluster.address}/taskmanagers", timeout=2) as answer:
            return len(json.load(answer)["taskmanagers"])
    except (OSError, ValueError, KeyError):
        return 0


def running(folder: Path) -> Cluster | None:
    """The cluster that was started in `folder`, if any."""
    try:
        data = json.loads((folder / STATE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Cluster(data["address"], tuple(data["processes"]), data["task_managers"])


def stop(folder: Path) -> None:
    """End the cluster's processes and forget it."""
    cluster = running(folder)
    if cluster is None:
        return
    for process in cluster.processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + 10
    for process in cluster.processes:
        while alive(process) and time.monotonic() < deadline:
            time.sleep(0.1)
        if alive(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    (folder / STATE).unlink(missing_ok=True)


def alive(process: int) -> bool:
    """Whether a process of ours is still running; one that has ended is reaped."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(process, os.WNOHANG)[0] == 0
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
