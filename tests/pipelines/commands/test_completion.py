"""Completion: what the shell itself offers after the beginning of a command."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.commands.cli import COMMANDS, main


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["completion", "bash"]) == 0
    place = tmp_path / "proofpile.bash"
    place.write_text(capsys.readouterr().out)
    return place


def offered(script: Path, folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    typed = " ".join(f"'{word}'" for word in ("proofpile", *words))
    code = f"source {script}; COMP_WORDS=({typed}); COMP_CWORD={len(words)}; _shtab_proofpile; echo ${{COMPREPLY[@]}}"
    done = subprocess.run([bash, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_every_command_is_offered(script: Path, tmp_path: Path) -> None:
    assert {name.replace("_", "-") for name in COMMANDS} <= set(offered(script, tmp_path, ""))
    assert offered(script, tmp_path, "insp") == ["inspect"]


def test_options_choices_and_paths_are_offered(script: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("")
    assert "--dry-run" in offered(script, tmp_path, "build", "--dry")
    assert "corrected" in offered(script, tmp_path, "extract", "--rules", "corr")
    assert "mine.yaml" in offered(script, tmp_path, "build", "mi")


def test_zsh_has_a_script_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    assert capsys.readouterr().out.startswith("#compdef proofpile")
