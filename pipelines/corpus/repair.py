"""Makes a damaged corpus whole: takes back every unit that was hit and runs the command again that made the corpus.

The journal knows that command and the folder it was given in. It is run as its own process, as a person would run it.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from manifests import mirror
from manifests.errors import Fault, UserError
from manifests.ledger import JOURNAL_NAME
from pipelines.corpus.folder import Corpus, locked
from pipelines.corpus.verify import verify


class Command(NamedTuple):
    """The words after `proofpile`, and the folder in which they were said."""

    words: Sequence[str]
    folder: Path


def repair(root: Path, tell: Callable[[str], None]) -> None:
    """Make a corpus whole; `tell` gets a line about what was damaged.

    Raises UserError where nobody knows the command that made it, Fault where the command does not succeed.
    """
    Corpus(root).require()
    with locked(root, tell, thorough=True):
        pass
    if next(verify(root), None) is None:
        return
    command = last_command(root)
    if command is None:
        raise UserError(f"{mirror.shown(root)}: {JOURNAL_NAME} names no command; run the one that made it again")
    line = [sys.executable, "-m", "pipelines.commands.cli", *with_output(command.words, root), "--quiet"]
    ended = subprocess.run(line, cwd=command.folder, stderr=subprocess.PIPE, text=True, check=False)
    if ended.returncode:
        said = ended.stderr.strip().splitlines()
        raise Fault(f"`proofpile {' '.join(command.words)}` failed: {said[-1] if said else ended.returncode}")


def last_command(root: Path) -> Command | None:
    """The last command that the journal names and whose folder is still there."""
    try:
        lines = (root / JOURNAL_NAME).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in reversed(lines):
        try:
            run = json.loads(line)
            words, folder = [str(word) for word in run["command"]], Path(run["folder"])
        except (ValueError, KeyError, TypeError):
            continue
        if words and folder.is_dir():
            return Command(words, folder)
    return None


def with_output(words: Sequence[str], root: Path) -> list[str]:
    """A command's words with `root` for its output: the folder may have another name by now."""
    there = str(root.absolute())
    found = list(words)
    for at, word in enumerate(found):
        if word == "--output" and at + 1 < len(found):
            found[at + 1] = there
        elif word.startswith("--output="):
            found[at] = f"--output={there}"
    return [word for word in found if word != "--quiet"]
