"""Hands units of work to workers, by Beam or by its own threads, and sees to it that only missing units are done.

A stage is a list of units and, on a runner of Beam's, one pipeline: `Create` the missing units, spread them, do each.
The text of documents never enters the pipeline; it goes from file to file inside one unit. A unit is done when its
ledger entry is there (`manifests.ledger.is_done`), so a run that was interrupted goes on with what is missing, on the
same runner or another one. A stage that compares documents builds its own pipeline and runs it with `run_pipeline`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from manifests import ledger, mirror, segments
from manifests.errors import Damaged, Fault, ProofpileError, UserError
from manifests.names import Names
from manifests.paged import Chosen
from manifests.survey import Survey, survey
from manifests.writing import WORK_FOLDER, disk_faults
from pipelines.engine import dataflow, guard
from pipelines.engine.flink import slots
from pipelines.engine.flink.jars import FLINK
from pipelines.engine.progress import Progress
from pipelines.engine.spark.jars import SPARK
from pipelines.engine.timing import Profile
from pipelines.engine.turns import Turns
from pipelines.engine.worker import Unit

if TYPE_CHECKING:
    # Threads of this process hand out units without Beam, which takes longer to load than the first of them waits.
    from pipelines.engine.beam import FnApiRunner, PipelineOptions, beam

IN_PROCESS = "FnApiRunner"
MOST_WORKERS = 4096
"""Beam starts as many threads or processes as it is told; a slip of the finger must not take the machine down."""
PLACE = " [while running"
"""What Beam adds to the text of every error: the step's name, which tells a user nothing."""
JOB_UNITS = 8192
"""Units of one job of a runner's: its graph, which holds them, is of about 1 KB a unit."""
SIZE_STEPS = 4
"""Sizes are told apart by so many steps to each doubling."""
ASKED_AT_ONCE = 1 << 12
SUBMISSIONS = 5
"""So often a job is handed in to a cluster that loses workers."""
LONGEST_CAUSE = 300
"""Characters of what a cluster says about a job that it gave up."""
BUG = f"{guard.Bug.__module__}.{guard.Bug.__qualname__}"
"""What stands in a runner's error for an exception that no other try would change."""
_LOG = logging.getLogger("proofpile.engine")
TRIES = 3
"""Beam's in-process runner with several workers now and then loses elements of a shuffle without an error (seen with
2.77: once in 25 runs on a busy machine). The ledger tells which units it lost; they are handed out again."""
REFUSED = {
    "daskrunner": "it silently loses the output of finish_bundle, tagged outputs and all sinks but one",
    "prismrunner": "Beam downloads its program when it starts, which no lock file names",
    "rayrunner": "Beam does not contain it",
}
SERVED = {
    "flinkrunner": ("--flink_job_server_jar", "--flink_submit_uber_jar", "--job_endpoint"),
    "sparkrunner": ("--spark_job_server_jar", "--spark_submit_uber_jar", "--job_endpoint"),
    "portablerunner": ("--job_endpoint",),
}
"""Runners that are no more than a client of a job server, and the options of Beam that name one."""
JARS = {"flinkrunner": FLINK, "sparkrunner": SPARK}
"""The job servers that can be had by a command of ours."""
OPTIONS = {"FlinkRunner": "--flink_", "SparkRunner": "--spark_", "DataflowRunner": "--dataflow_"}
"""How options begin that only one runner reads."""
IN_PROCESS_NAMES = {"fnapirunner", "inprocess", "directrunner", "bundlebaseddirectrunner"}


@dataclass(frozen=True)
class Engine:
    """Where pipelines run.

    `workers` counts parallel workers of the in-process runner; `mode` is how it makes them parallel: `threads` (each
    thread drives a worker process of ours) or `processes` (Beam's own multi-process mode). Neither changes a
    byte of output. `beam_args` are Beam's own options, passed through (`--flink_master=…`). `meanwhile` is called while
    threads wait for the units of a stage, each time: what is loaded there keeps nobody waiting.
    """

    runner: str = IN_PROCESS
    workers: int = 1
    mode: str = "threads"
    beam_args: tuple[str, ...] = ()
    limits: guard.Limits = field(default_factory=guard.Limits)
    profile: Profile = field(default_factory=Profile)
    meanwhile: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        name = self.runner.lower()
        if name in REFUSED:
            raise UserError(f"--runner {self.runner}: refused, because {REFUSED[name]}; use the default or FlinkRunner")
        if name in SERVED and name not in JARS and not self._given() & set(SERVED[name]):
            raise UserError(f"--runner {self.runner}: needs a job server; name one with {' or '.join(SERVED[name])}")
        for runner, prefix in OPTIONS.items():
            stray = next((word.partition("=")[0] for word in self.beam_args if word.startswith(prefix)), None)
            if stray is not None and name in {*JARS, *IN_PROCESS_NAMES, dataflow.NAME} - {runner.lower()}:
                raise UserError(f"--runner {self.runner}: {stray} is an option of another; expected --runner {runner}")
        if name == dataflow.NAME:
            dataflow.ready(self.beam_args)
        if name not in {*SERVED, *IN_PROCESS_NAMES, dataflow.NAME} and "." not in name:
            known = f"{IN_PROCESS} (the default), FlinkRunner, SparkRunner or DataflowRunner"
            raise UserError(f"--runner {self.runner}: no such runner; expected {known}")
        slots_asked = self._given_values("--parallelism")
        if slots_asked and not (slots_asked[-1].isdigit() and int(slots_asked[-1])):
            raise UserError(f"--parallelism={slots_asked[-1]}: expected a whole number from 1 on")
        if not 1 <= self.workers <= MOST_WORKERS:
            raise UserError(f"--workers {self.workers}: expected a whole number from 1 to {MOST_WORKERS}")

    @property
    def in_process(self) -> bool:
        """Whether the embedded runner is meant."""
        return self.runner.lower() in IN_PROCESS_NAMES

    def options(self, parallelism: int | None = None) -> PipelineOptions:
        """Beam's options for this engine; `parallelism` as a Flink cluster offers it."""
        from pipelines.engine.beam import PipelineOptions

        arguments = list(self.beam_args)
        if self.in_process:
            # The mode of processes is an environment of the runner (`_embedded`), which `in_memory` leaves alone.
            mode = "multi_threading" if self.workers > 1 and self.mode == "threads" else "in_memory"
            arguments += [f"--direct_num_workers={self.workers}", f"--direct_running_mode={mode}"]
        else:
            arguments.append(f"--runner={self.runner}")
            name = self.runner.lower()
            if name in SERVED:
                arguments += self._served_defaults(name)
            if name == "flinkrunner":
                from pipelines.engine.flink.job_server import on_one_job_server

                return on_one_job_server(arguments, self.parallelism if parallelism is None else parallelism)
        return PipelineOptions(arguments, save_main_session=False)

    def _given(self) -> set[str]:
        """The names of Beam's options that the user gave."""
        return {argument.split("=")[0] for argument in self.beam_args}

    def _given_values(self, option: str) -> list[str]:
        """The values that the user gave for an option of Beam's."""
        return [word.partition("=")[2] for word in self.beam_args if word.startswith(f"{option}=")]

    def _served_defaults(self, name: str) -> list[str]:
        """What a job server needs and the user did not say: workers without Docker, our job server."""
        from pipelines.engine.flink import worker_pool

        given = self._given()
        defaults = []
        if "--environment_type" not in given or "--environment_type=LOOPBACK" in self.beam_args:
            defaults += ["--environment_type=EXTERNAL", f"--environment_config={worker_pool.address()}"]
        if not given & set(SERVED[name]):
            jar = JARS[name].job_server()
            if jar is None:
                raise UserError(
                    f"--runner {self.runner}: no job server here; run `{JARS[name].command()}` once, "
                    f"or name one with {SERVED[name][0]}"
                )
            defaults.append(f"{SERVED[name][0]}={jar}")
        if name == "sparkrunner" and "--spark_master_url" not in given:
            defaults.append(f"--spark_master_url=local[{self.workers}]")
        return defaults

    def _embedded(self) -> FnApiRunner:
        """The embedded runner; with worker processes started by our own command, which keeps Beam's talk down."""
        from pipelines.engine.beam import FnApiRunner, SubprocessSDKEnvironment

        if self.workers == 1 or self.mode == "threads":
            return FnApiRunner()
        command = f"{shlex.quote(sys.executable)} -m pipelines.engine.harness"
        return FnApiRunner(SubprocessSDKEnvironment.from_command_string(command))

    @property
    def parallelism(self) -> int:
        """How many slots a job on Flink takes."""
        given = self._given_values("--parallelism")
        return int(given[-1]) if given else self.workers

    @property
    def cluster(self) -> str | None:
        """The address of a Flink cluster that runs whether we do or not."""
        named = self._given_values("--flink_master")
        return named[-1] if self.runner.lower() == "flinkrunner" and named and not named[-1].startswith("[") else None

    def far(self, root: Path) -> bool:
        """Whether the work is done on hosts that see the corpus in its bucket, and no folder of this machine."""
        return (self.cluster is not None or self.on_dataflow) and bool(mirror.address_of(root))

    @property
    def on_dataflow(self) -> bool:
        """Whether Google Cloud Dataflow is meant."""
        return self.runner.lower() == dataflow.NAME

    def near(self, root: Path) -> Engine:
        """The engine for what reads the whole corpus at once: this machine's, where hosts far away would see none."""
        if not self.far(root):
            return self
        workers = min(self.workers, len(os.sched_getaffinity(0)))
        return Engine(workers=workers, limits=self.limits, profile=self.profile)

    def run_pipeline(self, build: Callable[[beam.Pipeline], Any]) -> None:
        """Build a pipeline and run it to its end. Errors of units come out as themselves.

        A cluster that loses a worker ends the job; it is then handed in again, with the slots that are left: `build` is
        called once for each try.
        """
        if self.on_dataflow and dataflow.dry(self.beam_args):
            raise dataflow.described(build, self.beam_args)
        for number in range(SUBMISSIONS):
            found = None if self.cluster is None else slots.offered(self.cluster, self.parallelism)
            try:
                self._run_once(build, found)
            except Exception as error:
                mine = translated(error)
                if self.cluster is None or isinstance(mine, ProofpileError) or BUG in str(error):
                    raise mine from error
                if number == SUBMISSIONS - 1:
                    raise Fault(
                        f"Flink at {self.cluster} gave the job up {SUBMISSIONS} times: {cause(error)}"
                    ) from error
                _LOG.warning("Flink gave the job up (a worker was lost?); it is handed in again")
            else:
                return

    def _run_once(self, build: Callable[[beam.Pipeline], Any], parallelism: int | None) -> None:
        from pipelines.engine.beam import beam

        # The stock DirectRunner first tries to download another runner and falls back without a word, so the
        # embedded runner is named by its class.
        runner = self._embedded() if self.in_process else None
        pipeline = beam.Pipeline(runner=runner, options=self.options(parallelism))
        build(pipeline)
        with quiet_beam():
            state = pipeline.run().wait_until_finish()
        if state not in (None, "DONE"):
            lost = Fault if self.cluster is None else RuntimeError  # a cluster is asked again
            raise lost(f"the runner {self.runner} ended the pipeline in state {state}")

    def run_units(
        self,
        units: Sequence[Unit],
        progress: Progress | None = None,
        *,
        alone: bool = True,
        looked: Survey | None = None,
    ) -> int:
        """Do the units that are not done yet; returns how many that were.

        Unless this run is `alone` the stage's working folder is others' too, and stays. `looked`: what the ledger holds
        of these units, where it was looked at. Raises what a unit raised; every other unit that had finished stays
        done.
        """
        if not units:
            return 0
        root, stage = Path(units[0].root), units[0].stage
        with self.profile.stage(stage):
            found = survey(root, stage, planned(units)) if looked is None else looked
            if alone:
                ledger.withdraw_all(root, stage, found.stale)
            else:
                for key in found.stale:
                    ledger.withdraw(root, stage, key, beside=True)
            # The largest are done first, so that at the end all workers are busy with small ones.
            missing = by_size(units, places_not_done(units, found.done))
            return self._run_missing(root, stage, missing, len(units), progress, alone) if missing else 0

    def _run_missing(
        self, root: Path, stage: str, missing: Sequence[Unit], total: int, progress: Progress | None, alone: bool
    ) -> int:
        if self.on_dataflow and not self.far(root):
            raise UserError(
                f"{root}: --runner DataflowRunner needs an --output that its workers reach, gs://BUCKET/NAME"
            )
        if alone:
            shutil.rmtree(root / WORK_FOLDER / stage, ignore_errors=True)
        watch = (
            progress.watch(root, stage, total, far=self.far(root)) if progress is not None else contextlib.nullcontext()
        )
        left = missing
        with watch:
            for _ in range(TRIES):
                # A file would not be seen on hosts that share nothing but the bucket.
                light = left if self.far(root) else lightened(left, root / WORK_FOLDER / stage / "plans")
                few = replace(self, workers=min(self.workers, len(left)))
                if few.in_process and (few.workers == 1 or few.mode == "threads"):
                    Turns(light, few.limits).done_by(few.workers, self.meanwhile)
                else:
                    from pipelines.engine.spreading import DoUnits

                    place, units = mirror.address_of(root) if self.far(root) else "", iter(light)
                    while job := list(islice(units, JOB_UNITS)):
                        few.run_pipeline(DoUnits(job, few.limits, place).into)
                if self.far(root):
                    mirror.pull(root)
                left = not_done(left)
                if not left:
                    break
            else:
                names = ", ".join(unit.key for unit in left[:3])
                raise Fault(
                    f"{stage}: the runner reported success {TRIES} times, but {len(left)} units are not done: {names}"
                )
        if alone:
            segments.sweep(root / ledger.LEDGER_FOLDER / stage)
            shutil.rmtree(root / WORK_FOLDER / stage, ignore_errors=True)
        return len(missing)


def not_done(units: Sequence[Unit]) -> Sequence[Unit]:
    """The units of one stage that have no entry, or one of another plan, or not its outputs."""
    if not units:
        return units
    done = survey(Path(units[0].root), units[0].stage, planned(units)).done
    return Chosen(units, places_not_done(units, done))


def planned(units: Iterable[Unit]) -> Iterator[tuple[str, str]]:
    """The key of each unit, and its fingerprint."""
    return ((unit.key, unit.fingerprint) for unit in units)


def places_not_done(units: Iterable[Unit], done: Names) -> Iterator[int]:
    """The places in the plan of the units that are not among those that are done."""
    left, first = iter(units), 0
    while keys := [unit.key for unit in islice(left, ASKED_AT_ONCE)]:
        yield from (first + place for place, found in enumerate(done.among(keys)) if not found)
        first += len(keys)


def by_size(units: Sequence[Unit], places: Iterable[int]) -> Chosen[Unit]:
    """The units at some places of the plan, the largest first.

    Sizes of about 12 % more or less count as one, and such units stay in the plan's order: its pages are then read one
    after the other (`manifests.paged`), which is what takes time where there are very many.
    """
    chosen = Chosen(units, places)
    sizes = np.fromiter((unit.size for unit in chosen), np.float64, len(chosen))
    steps = np.round(np.log2(np.maximum(sizes, 1)) * SIZE_STEPS)
    return Chosen(units, np.asarray(chosen.places)[np.argsort(-steps, kind="stable")].tolist())


def lightened(units: Iterable[Unit], folder: Path) -> Iterator[Unit]:
    """The units, their long payloads in files of a folder, each of which is written when its unit is asked for."""
    for unit in units:
        with disk_faults(folder):
            light = unit.light(folder)
        yield light


def translated(error: Exception) -> Exception:
    """The error that a unit raised, dug out of what the runner made of it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ProofpileError):
            return type(seen)(str(seen).partition(PLACE)[0])
        if isinstance(seen, guard.Bug):
            return seen
        seen = seen.__cause__ or seen.__context__
    # Runners that work in other processes hand back only text; our errors are recognised by their class names.
    text = str(error)
    for kind in (UserError, Damaged, Fault):
        marker = f"{kind.__module__}.{kind.__qualname__}: "
        if marker in text:
            return kind(text.rsplit(marker, maxsplit=1)[-1].splitlines()[0].partition(PLACE)[0])
    return error


def cause(error: Exception) -> str:
    """One line of what a cluster says: the cause of all causes, without the calls of its program."""
    lines = str(error).splitlines() or [type(error).__name__]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return (causes or lines)[-1 if causes else 0].strip()[:LONGEST_CAUSE]


@contextlib.contextmanager
def quiet_beam() -> Iterator[None]:
    """Keep Beam's warnings about its own business off the terminal while a pipeline runs."""
    logger = logging.getLogger("apache_beam")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
