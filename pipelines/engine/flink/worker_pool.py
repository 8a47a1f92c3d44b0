"""Python workers for Flink's task managers on this machine, as threads of the process that submits the jobs.

Beam has such a pool (its LOOPBACK environment), but it knows workers by their number alone, and every task manager
counts from one. With two of them, one that is done stops the other's worker of the same number, and the job ends with
"SDK harness closed connection" (seen with Beam 2.77 whenever one task manager finished well before the other). Here a
worker ends when its own task manager hangs up, and not otherwise. The work itself runs in guarded child processes
(`pipelines.engine.guard`), so threads are enough. The pool listens on 127.0.0.1 only.
"""

import contextlib
import os
import threading
import traceback
from functools import cache
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc
from apache_beam.runners.worker.sdk_worker import SdkHarness
from apache_beam.utils import thread_pool_executor
from apache_beam.utils.sentinel import Sentinel

from manifests.errors import UserError

PORT_VARIABLE = "PROOFPILE_WORKER_PORT"
PORT = int(os.environ.get(PORT_VARIABLE, "26124"))
"""Where the pool of a machine that joins a cluster listens, on each of them the same: none of those from which a system
takes the near end of its connections, which would be in use now and then."""
ON_EACH_HOST = f"--environment_type=EXTERNAL --environment_config=localhost:{PORT}"
"""Beam's options for a build whose Python workers are those of each task manager's own machine."""
STATE_CACHE = 100 << 20
"""Bytes of a grouped value that a worker keeps instead of asking for them again (Beam's default)."""
HUNG_UP = frozenset({grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE})
"""How a connection ends when the other side is done with it."""


class WorkerPool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Answers task managers that ask for a worker (Beam's Fn API, `BeamFnExternalWorkerPool`)."""

    def StartWorker(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Start a worker that connects to the task manager which asks."""
        try:
            harness = SdkHarness(
                request.control_endpoint.url, worker_id=request.worker_id, state_cache_size=STATE_CACHE
            )
        except Exception:
            return beam_fn_api_pb2.StartWorkerResponse(error=traceback.format_exc())
        name = f"worker {request.worker_id} of {request.control_endpoint.url}"
        threading.Thread(target=serve, args=(harness,), name=name, daemon=True).start()
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Do nothing: the number does not tell whose worker is meant, and that one ends when its stream does."""
        return beam_fn_api_pb2.StopWorkerResponse()


def serve(harness: SdkHarness) -> None:
    """Work until the task manager hangs up."""
    try:
        harness.run()
    except grpc.RpcError as error:
        if not hung_up(error):
            raise
    finally:
        with contextlib.suppress(AttributeError):
            harness._responses.put(Sentinel.sentinel)  # lets go of the thread that waits for answers to send


def hung_up(error: BaseException | None) -> bool:
    """Whether an error only says that the other side closed the connection."""
    return isinstance(error, grpc.RpcError) and isinstance(error, grpc.Call) and error.code() in HUNG_UP


def _told(arguments: threading.ExceptHookArgs) -> None:
    """Report what a thread raised, unless it is Beam's reader of a connection that the other side closed."""
    if not hung_up(arguments.exc_value):
        threading.__excepthook__(arguments)


@cache
def address(port: int = 0) -> str:
    """Where the pool of this process listens (`127.0.0.1:PORT`); started on the first call, ended with the process.

    Raises UserError where the port is in use.
    """
    options = [("grpc.http2.max_pings_without_data", 0), ("grpc.http2.max_ping_strikes", 0)]
    server = grpc.server(thread_pool_executor.shared_unbounded_instance(), options=options)
    try:
        port = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError:
        raise UserError(
            f"127.0.0.1:{port}: in use, by another build on this machine? Set {PORT_VARIABLE} to a free port, the same "
            "for all machines of a build"
        ) from None
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(WorkerPool(), server)
    server.start()
    _RUNNING.append(server)
    threading.excepthook = _told
    return f"127.0.0.1:{port}"


_RUNNING: list[grpc.Server] = []
"""Keeps the server: gRPC stops one that nothing refers to."""
