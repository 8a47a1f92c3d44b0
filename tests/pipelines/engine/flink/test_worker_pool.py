"""The pool of Python workers: several task managers use the same numbers, and none ends another's worker."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc, endpoints_pb2

from manifests.errors import UserError
from pipelines.engine.flink import worker_pool


class TaskManager(beam_fn_api_pb2_grpc.BeamFnControlServicer):
    """The side of a task manager that a worker connects to: gives it orders, and hangs up when told."""

    def __init__(self) -> None:
        self.orders: queue.Queue[Any] = queue.Queue()
        self.connected = threading.Event()
        self.answers: queue.Queue[Any] = queue.Queue()
        self.server = grpc.server(futures.ThreadPoolExecutor(8))
        beam_fn_api_pb2_grpc.add_BeamFnControlServicer_to_server(self, self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def Control(self, answers: Iterator[Any], context: Any) -> Iterator[Any]:
        self.connected.set()
        threading.Thread(target=lambda: [self.answers.put(answer) for answer in answers], daemon=True).start()
        while (order := self.orders.get()) is not None:
            yield order

    def is_served(self) -> bool:
        """Whether the worker still answers."""
        number = str(time.monotonic_ns())
        progress = beam_fn_api_pb2.ProcessBundleProgressRequest(instruction_id="none")
        self.orders.put(beam_fn_api_pb2.InstructionRequest(instruction_id=number, process_bundle_progress=progress))
        try:
            return bool(self.answers.get(timeout=10).instruction_id == number)
        except queue.Empty:
            return False

    def hang_up(self) -> None:
        self.orders.put(None)


@pytest.fixture
def pool() -> Iterator[Any]:
    with grpc.insecure_channel(worker_pool.address()) as channel:
        yield beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)


@pytest.fixture
def task_managers() -> Iterator[tuple[TaskManager, TaskManager]]:
    both = TaskManager(), TaskManager()
    yield both
    for one in both:
        one.hang_up()
        one.server.stop(None)


def start(pool: Any, manager: TaskManager, number: str) -> None:
    endpoint = endpoints_pb2.ApiServiceDescriptor(url=manager.address)
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id=number, control_endpoint=endpoint)
    assert pool.StartWorker(request).error == ""
    assert manager.connected.wait(20)


def test_a_task_manager_that_is_done_does_not_stop_anothers_worker_of_the_same_number(
    pool: Any, task_managers: tuple[TaskManager, TaskManager]
) -> None:
    first, second = task_managers
    start(pool, first, "1-1")
    start(pool, second, "1-1")
    first.hang_up()
    pool.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id="1-1"))
    assert second.is_served()


def test_a_worker_ends_when_its_task_manager_hangs_up(
    pool: Any, task_managers: tuple[TaskManager, TaskManager]
) -> None:
    first, _ = task_managers
    start(pool, first, "7-1")
    name = f"worker 7-1 of {first.address}"
    assert name in {thread.name for thread in threading.enumerate()}
    first.hang_up()
    deadline = time.monotonic() + 20
    while name in {thread.name for thread in threading.enumerate()} and time.monotonic() < deadline:
        time.sleep(0.05)
    assert name not in {thread.name for thread in threading.enumerate()}


def test_a_pool_listens_on_this_machine_only() -> None:
    assert worker_pool.address().startswith("127.0.0.1:")


def test_a_port_that_is_in_use_is_one_line_with_the_variable_that_names_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"^127.0.0.1:{port}: in use.*{worker_pool.PORT_VARIABLE}") as caught:
            worker_pool.address(port)
    assert "\n" not in str(caught.value)


def test_the_usual_port_is_none_that_a_system_gives_to_the_near_end_of_connections() -> None:
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    assert lowest > worker_pool.PORT
