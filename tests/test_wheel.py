"""The wheel alone, outside of any checkout: packaged recipes by name, and all that a stranger needs to begin."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds nothing but what the wheel brings, beside the libraries of this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.decode()
    if not listed:
        pytest.skip("not a checkout")
    for name in listed.split("\0"):
        if name and (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            (sources / name).write_bytes((ROOT / name).read_bytes())
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, sources],
        capture_output=True,
        text=True,
        env=clean,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no wheel can be built here: {made.stderr.splitlines()[-1:]}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def proofpile(installed: Path, work: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the installed program in a folder that holds nothing of ours."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(installed), sysconfig.get_path("purelib")]),
    }
    command = [sys.executable, "-P", "-m", "pipelines.commands.cli", *words]
    return subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)


def test_the_program_is_the_installed_one(installed: Path, tmp_path: Path) -> None:
    code = "import sys, pipelines; print(pipelines.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    found = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith(str(installed))


def test_packaged_recipes_are_listed_and_planned_by_name(installed: Path, tmp_path: Path) -> None:
    names = [line.split()[0] for line in proofpile(installed, tmp_path, "recipes").stdout.splitlines()]
    assert {"sample", "proof-pile-2", "proof-pile-2-published"} <= set(names)
    for name in ("sample", "manifests/sample.yaml"):
        planned = proofpile(installed, tmp_path, "build", name, "--output", "o", "--dry-run")
        assert planned.returncode == 0, planned.stderr
        assert "pypi:sympy" in planned.stdout
    assert not (tmp_path / "o").exists()


def test_a_recipe_that_is_written_out_plans_anywhere(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(proofpile(installed, tmp_path, "recipes", "sample").stdout)
    planned = proofpile(installed, tmp_path, "build", "mine.yaml", "--output", "o", "--dry-run")
    assert planned.returncode == 0, planned.stderr


def test_a_source_is_begun_checked_and_used(installed: Path, tmp_path: Path) -> None:
    assert proofpile(installed, tmp_path, "new", "source", "my_notes").returncode == 0
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text("Every bounded sequence of real numbers has a convergent subsequence.")
    name = "my_notes_source:MyNotesSource"
    checked = proofpile(installed, tmp_path, "check", name, "--input", "in")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    made = proofpile(installed, tmp_path, "extract", "--source", name, "--input", "in", "--output", "o")
    assert "1 read = 1 kept" in made.stderr + made.stdout


def test_everything_that_the_packages_read_is_in_the_wheel(installed: Path) -> None:
    kept = ("manifests", "filters", "dedup", "pipelines")
    listed = subprocess.run(["git", "ls-files", *kept], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [name for name in listed.splitlines() if not name.endswith("README.md") and (ROOT / name).exists()]
    assert len(files) > 200
    assert [name for name in files if not (installed / name).exists()] == []
