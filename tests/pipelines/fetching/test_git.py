"""Git repositories at a commit: the whole commit, whatever the repository's attributes say, and nothing else."""

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from manifests.errors import Fault, UserError
from pipelines.fetching import git
from pipelines.fetching.address import parse
from pipelines.fetching.download import download
from pipelines.fetching.listing import expand
from pipelines.fetching.remote import NotThere
from tests.pipelines.fetching.servers import HASTY

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def run(folder: Path, *arguments: str) -> str:
    names = {
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c",
        "GIT_AUTHOR_DATE": "2023-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2023-01-01T00:00:00Z",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env={**os.environ, **names}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "sums.git"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    (folder / "a.v").write_text("Qed.\n$Format:%H$\n")
    (folder / "hidden.v").write_text("Lemma.\n")
    (folder / ".gitattributes").write_text("hidden.v export-ignore\na.v export-subst\n")
    (folder / "link.v").symlink_to("a.v")
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "-m", "one")
    (folder / "b.v").write_text("later\n")
    run(folder, "add", "-A")
    run(folder, "commit", "-q", "-m", "two")
    return folder


def members(path: Path) -> dict[str, bytes | None]:
    with tarfile.open(path) as tar:
        assert tar.pax_headers["comment"]
        opened = {info.name: tar.extractfile(info) if info.isreg() else None for info in tar}
        return {name: file.read() if file else None for name, file in opened.items()}


@pytest.mark.parametrize("form", ["{0}", "file://{0}"])
def test_a_commit_is_taken_whole_and_as_it_was(repository: Path, tmp_path: Path, form: str) -> None:
    commit = run(repository, "rev-parse", "HEAD~1")
    [file] = expand(f"git:{form.format(repository)}@{commit}")
    assert file.local is None
    assert file.name.endswith("sums.git.tar")
    first = download(file, tmp_path / "x.tar", patience=HASTY)
    assert members(first.path) == {
        ".gitattributes": b"hidden.v export-ignore\na.v export-subst\n", "a.v": b"Qed.\n$Format:%H$\n",
        "hidden.v": b"Lemma.\n", "link.v": None,
    }  # fmt: skip
    again = download(file, tmp_path / "y.tar", patience=HASTY)
    assert again.sha256 == first.sha256


def test_a_server_that_gives_no_single_commits_is_asked_for_everything(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = run(repository, "rev-parse", "HEAD~1")
    asked = []
    said = git._said

    def stubborn(folder: Path, *arguments: str) -> str | None:
        asked.append(arguments)
        if "--depth=1" in arguments:
            return "fatal: remote error: upload-pack: not our ref"
        return said(folder, *arguments)

    monkeypatch.setattr(git, "_said", stubborn)
    [file] = expand(f"git:{repository}@{commit}")
    got = download(file, tmp_path / "x.tar", patience=HASTY)
    assert "b.v" not in members(got.path)
    assert any("+refs/*:refs/all/*" in arguments for arguments in asked)


@pytest.mark.parametrize("commit", ["0" * 40, "12ab" * 10])
def test_a_commit_that_is_not_there_is_one_line(repository: Path, tmp_path: Path, commit: str) -> None:
    [file] = expand(f"git:{repository}@{commit}")
    with pytest.raises(NotThere, match=rf"git:\S+@{commit}: ") as problem:
        download(file, tmp_path / "x.tar", patience=HASTY)
    assert "\n" not in str(problem.value)
    assert not (tmp_path / "x.tar").exists()


def test_a_blob_is_no_commit(repository: Path, tmp_path: Path) -> None:
    blob = run(repository, "rev-parse", "HEAD:a.v")
    [file] = expand(f"git:{repository}@{blob}")
    with pytest.raises(NotThere, match="no such commit"):
        download(file, tmp_path / "x.tar", patience=HASTY)


def test_a_repository_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    [file] = expand(f"git:{tmp_path}/none.git@{'a' * 40}")
    with pytest.raises(NotThere, match="no such repository"):
        download(file, tmp_path / "x.tar", patience=HASTY)


def test_a_server_that_cannot_be_reached_is_a_fault_after_some_tries(tmp_path: Path) -> None:
    [file] = expand(f"git:http://127.0.0.1:9/x.git@{'a' * 40}")
    with pytest.raises(Fault, match="git could not reach the server"):
        download(file, tmp_path / "x.tar", patience=HASTY)


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    [file] = expand(f"git:http://ann:pa55word@127.0.0.1:9/x.git@{'a' * 40}")
    assert "pa55word" not in file.address + repr(file) + file.name
    with pytest.raises(UserError, match="cannot be left to workers"):
        file.plain()


@pytest.mark.parametrize(
    "wrong",
    [
        "git:https://example.org/x.git", "git:https://example.org/x.git@main", "git:ext::sh -c id@" + "a" * 40,
        "git:--upload-pack=x@" + "a" * 40, "git:ssh://-oProxyCommand=x/y@" + "a" * 40, "git:@" + "a" * 40,
    ],
)  # fmt: skip
def test_wrong_addresses_are_one_line(wrong: str) -> None:
    with pytest.raises(UserError, match="expected git:URL@SHA") as problem:
        parse(wrong)
    assert "\n" not in str(problem.value)


def test_archives_are_streamed(repository: Path) -> None:
    commit = run(repository, "rev-parse", "HEAD")
    with git.open_at(str(repository), commit) as answer:
        whole = b"".join(answer.chunks)
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        assert "b.v" in tar.getnames()


def test_an_archive_that_is_read_in_part_leaves_nothing_open(repository: Path) -> None:
    commit = run(repository, "rev-parse", "HEAD")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with git.open_at(str(repository), commit) as answer:
        next(iter(answer.chunks))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
