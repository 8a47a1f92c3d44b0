"""Arguments that several commands share, and what becomes of them."""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.engine.engine import Engine
    from pipelines.engine.progress import Progress

IN_PROCESS = "FnApiRunner"


def command(
    subparsers: Any, name: str, run: Any, summary: str, description: str, examples: str
) -> argparse.ArgumentParser:
    """Declare a command whose help ends with examples that run."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run, command_line=())
    return parser


def place(text: str) -> Path:
    """The folder of a corpus; for one in a bucket (`s3://…`) the folder through which it is read and written."""
    from manifests import mirror
    from manifests.errors import ProofpileError

    try:
        return mirror.opened(text)
    except ProofpileError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_output(parser: argparse.ArgumentParser, *, required: bool = True, opened: bool = True) -> None:
    """Where results go; unless `opened`, it is left as it was typed."""
    kind = place if opened else str
    parser.add_argument(
        "--output", required=required, type=kind, metavar="DIR", help="folder or bucket (s3://…) for the results"
    )


def add_engine(parser: argparse.ArgumentParser) -> None:
    """How and where to run. Options of Beam pass through behind these."""
    group = parser.add_argument_group("running", "Further options are handed to Beam (--flink_master=…).")
    group.add_argument("--workers", type=int, default=1, metavar="N", help="parallel workers (default 1)")
    group.add_argument("--runner", default=IN_PROCESS, help="Beam runner (default: the in-process one; FlinkRunner)")
    group.add_argument(
        "--mode",
        choices=("threads", "processes"),
        default="threads",
        help="how the in-process runner is made parallel; both give the same bytes (default threads)",
    )
    group.add_argument("--quiet", action="store_true", help="print nothing but errors")


def add_options(parser: argparse.ArgumentParser, words: str) -> None:
    """Options of a class, `--option KEY=VALUE` each."""
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help=words)


def options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options of `--option`. Raises UserError for one without `=`."""
    from manifests.errors import UserError

    found: dict[str, Any] = {}
    for item in arguments.option:
        key, equals, value = item.partition("=")
        if not equals:
            raise UserError(f"--option {item}: expected KEY=VALUE")
        found[key] = from_json(value)
    return found


def from_json(text: str) -> Any:
    """A value typed on the command line: JSON where it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Where downloads are kept between runs."""
    parser.add_argument("--cache", type=usable_folder, metavar="DIR", help="keep pinned downloads here between builds")


def folder_here(text: str) -> Path:
    """A folder of this machine, for what cannot lie in a bucket; argparse says so of an address."""
    from manifests.errors import UserError
    from manifests.store import scheme_of

    try:
        if scheme_of(text) is None:
            return Path(text)
    except UserError:
        pass
    raise argparse.ArgumentTypeError(f"{text}: expected a folder of this machine")


def usable_folder(text: str) -> Path:
    """A folder that can be written to, made if it is not there; argparse says what is wrong with any other."""
    path = folder_here(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "is a file" if isinstance(error, FileExistsError) else str(error.strerror).lower()
        raise argparse.ArgumentTypeError(f"{text}: {reason}, expected a folder") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"{text}: cannot be written to")
    return path


def start_workers(arguments: argparse.Namespace, function: str, *names: str, compiled: bool = True) -> None:
    """Let `module:function(*names)` be called for the workers while this process loads its own libraries and plans.

    Only where they will be children of this process; to be called before Beam is loaded, which starts threads and which
    workers do without. What is wrong with the arguments is found out elsewhere. Workers that may do without compiled
    kernels are given none that are loaded: they take a second.
    """
    from pipelines.engine import nursery

    if arguments.runner == IN_PROCESS and arguments.mode == "threads":
        if compiled:
            from manifests import kernels

            kernels.load()
        nursery.start(function, names)


def engine(arguments: argparse.Namespace, limits: Any = None) -> "Engine":
    """The engine that the arguments describe."""
    from pipelines.engine.engine import Engine
    from pipelines.engine.guard import Limits

    profile = getattr(arguments, "profile", False)
    bounds = Limits() if limits is None else Limits(limits.seconds, limits.memory_mb << 20, profile)
    return Engine(arguments.runner, arguments.workers, arguments.mode, arguments.beam_args, bounds)


def progress(arguments: argparse.Namespace) -> "Progress":
    """Where progress is shown."""
    from pipelines.engine.progress import Progress

    return Progress(quiet=arguments.quiet)
