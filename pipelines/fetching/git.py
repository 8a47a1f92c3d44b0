"""A git repository at a commit, as the tar that `git archive` makes of it, by the program git.

One commit is asked for, without its history; where a server does not give single commits, everything is. The tar
holds every file of the commit, also those that the repository's own attributes would leave out (`export-ignore`), and
is the same for the same commit: its times are the commit's. Sources: git-fetch(1), git-archive(1), gitattributes(5).
Credentials are those that git itself finds; it never asks for any.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from manifests.errors import Fault, UserError
from pipelines.fetching.redaction import shown
from pipelines.fetching.remote import READ_SIZE, Answer, NotThere, TryAgain

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
SETTINGS = (
    "core.hooksPath=/dev/null", "protocol.ext.allow=never", "http.lowSpeedLimit=1000", "http.lowSpeedTime=60",
    "tar.umask=0022", "gc.auto=0", "transfer.fsckObjects=true",
)  # fmt: skip
WHOLE = "* -export-ignore -export-subst\n"
"""Attributes that come before a repository's own, so that its tar is the commit and nothing but it."""
ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "LC_ALL": "C"}
BATCH_SSH = "ssh -o BatchMode=yes"
_MISSING = re.compile(
    r"not our ref|couldn't find remote ref|unadvertised object|not found|does not exist|does not appear to be a git"
    r"|remote error: upload-pack: not our ref|Authentication failed|could not read Username|Permission denied"
)
_SINGLE = re.compile(r"not our ref|unadvertised object|couldn't find remote ref")
_PASSING = re.compile(
    r"Could not resolve host|Connection (?:refused|timed out|reset)|early EOF|Failed to connect|Operation too slow"
    r"|returned error: (?:429|5\d\d)|unexpected disconnect|hung up unexpectedly"
)


def open_at(url: str, commit: str) -> Answer:
    """The tar of a repository at a commit, from its first byte on.

    Raises NotThere for a repository or commit that is not there or not given to us, TryAgain, or Fault.
    """
    name = f"git:{shown(url)}@{commit}"
    folder = tempfile.TemporaryDirectory(prefix="proofpile-git-")
    try:
        _fetch(Path(folder.name), url, commit, name)
        process = subprocess.Popen(
            _command(folder.name, "archive", "--format=tar", commit),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
    except BaseException:
        folder.cleanup()
        raise

    def close() -> None:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
        folder.cleanup()

    assert process.stdout is not None  # a pipe was asked for
    return Answer(_chunks(process.stdout, process, name), complete_at_end=True, close=close)


def _chunks(stream: IO[bytes], process: "subprocess.Popen[bytes]", name: str) -> Iterator[bytes]:
    while chunk := stream.read(READ_SIZE):
        yield chunk
    if process.wait() != 0:
        raise Fault(f"{name}: git archive ended with {process.returncode}")


def _fetch(folder: Path, url: str, commit: str, name: str) -> None:
    """Bring a commit into a new repository in `folder`."""
    kind = "sha256" if len(commit) > 40 else "sha1"
    _run(folder, name, "init", "--quiet", "--bare", f"--object-format={kind}")
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "attributes").write_text(WHOLE)
    said = _said(folder, "fetch", "--quiet", "--no-tags", "--depth=1", "--", url, commit)
    if said is not None and _SINGLE.search(said):
        # Servers give single commits only where they are told to (uploadpack.allowAnySHA1InWant).
        said = _said(folder, "fetch", "--quiet", "--", url, "+refs/*:refs/all/*")
    if said is not None:
        raise _problem(name, said)
    if _said(folder, "cat-file", "-e", commit + "^{commit}") is not None:
        raise NotThere(f"{name}: the repository has no such commit")


def _problem(name: str, said: str) -> Exception:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if _PASSING.search(said):
        return TryAgain("git could not reach the server", unreachable="resolve host" in said or "refused" in said)
    if _MISSING.search(said):
        return NotThere(f"{name}: no such repository or commit, or it is not given to us")
    told = next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "no word of why")
    # What git says may hold the address, and with it a password.
    told = re.sub(r"\S*(?:://|@)\S*", "…", told)
    return Fault(f"{name}: {told[:200]}")


def _run(folder: Path, name: str, *arguments: str) -> None:
    if (said := _said(folder, *arguments)) is not None:
        raise _problem(name, said)


def _said(folder: Path, *arguments: str) -> str | None:
    """What git says if it fails, else None. Raises UserError where there is no git."""
    try:
        done = subprocess.run(_command(str(folder), *arguments), capture_output=True, env=_environment(), check=False)
    except FileNotFoundError:
        raise UserError("git: addresses need the program git, which is not installed") from None
    return None if done.returncode == 0 else done.stderr.decode("utf-8", "replace") or "git failed"


def _command(folder: str, *arguments: str) -> list[str]:
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    return ["git", *settings, "-C", folder, *arguments]


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith("GIT_SSH")}
    return {**kept, **ENVIRONMENT, "GIT_SSH_COMMAND": kept.get("GIT_SSH_COMMAND", BATCH_SSH)}
