"""`proofpile index`: where in web archives the pages of a list of addresses lie."""

import argparse
import contextlib
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.commands import arguments as shared

if TYPE_CHECKING:
    from pipelines.engine.progress import Progress
    from pipelines.fetching.parts import Readable
    from pipelines.fetching.remote import RemoteFile

DESCRIPTION = """\
Join a list of addresses (rows with `url`, and `date` where the time of the capture is known, as OpenWebMath has them)
with Common Crawl's columnar index (Parquet). The answer is an index of the records that were asked for, in the order of
the archives, which a `web` source of a recipe reads: {from: 'DIR/*.parquet', index: BASE}. Of Parquet elsewhere only
the columns that are looked at are brought; other files one after the other, and removed; what was looked through is not
looked through again after an interruption. Addresses without a record are listed in missing.jsonl.
"""
EXAMPLES = """\
  proofpile index --addresses 'openwebmath/*.parquet' --index 'cc-index/**/*.parquet' --output chosen
"""


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = shared.command(subparsers, "index", run, "find a list of addresses in web archives", DESCRIPTION, EXAMPLES)
    parser.add_argument("--addresses", required=True, action="append", metavar="ADDRESS", help="rows with a column url")
    parser.add_argument("--index", required=True, action="append", metavar="ADDRESS", help="files of a columnar index")
    parser.add_argument("--output", required=True, type=shared.folder_here, metavar="DIR", help="folder for the answer")
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Join."""
    from pipelines.fetching.listing import expand
    from pipelines.sources.web_join import join, wanted

    progress = shared.progress(arguments)
    work = arguments.output / ".work"
    with contextlib.ExitStack() as stack:
        lists = [file for address in arguments.addresses for file in expand(address)]
        asked = wanted(stack.enter_context(_brought(file, work)) for file in lists)
    progress.say(f"index: {len(asked.times):,} addresses are looked for")
    indexes = [file for address in arguments.index for file in expand(address)]
    joined = join(
        asked, [(file.address, partial(_brought, file, work, progress)) for file in indexes], arguments.output
    )
    shutil.rmtree(work, ignore_errors=True)
    share = joined.found / joined.asked
    progress.say(f"index: {joined.found:,} of {joined.asked:,} ({share:.1%}) found in {joined.rows:,} rows")
    return 0


@contextlib.contextmanager
def _brought(file: "RemoteFile", work: Path, progress: "Progress | None" = None) -> Iterator["Readable"]:
    """A file for the time of the block: read by parts where it lies, or brought and removed afterwards."""
    from pipelines.fetching.batch import fetch_all
    from pipelines.fetching.parts import parts_of

    if progress is not None:
        progress.say(f"index: {file.name}")
    if (parts := parts_of(file)) is not None:
        yield parts
        return
    got = fetch_all([file], work / "files")[0]
    yield got.path
    if work in got.path.parents:
        got.path.unlink()
