"""Recipes that come with the program are found by name, wherever it is run."""

from pathlib import Path

import pytest

from manifests.errors import UserError
from manifests.packaged import FOLDER, packaged, recipe_path
from manifests.recipe import load_recipe
from pipelines.commands.cli import main


def test_a_packaged_recipe_is_found_by_its_name_outside_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("sample", "sample.yaml", "manifests/sample.yaml"):
        assert recipe_path(Path(name)) == FOLDER / "sample.yaml"
    (tmp_path / "sample").write_text("mine")
    assert recipe_path(Path("sample")) == Path("sample")


def test_an_unknown_name_gets_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="smaple: no such recipe; did you mean sample"):
        recipe_path(Path("smaple"))
    with pytest.raises(UserError, match=r"other/sample\.yaml: no such recipe; packaged recipes: "):
        recipe_path(Path("other/sample.yaml"))


def test_they_are_listed_and_written_out_so_that_they_work_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recipes"]) == 0
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()] == [path.stem for path in packaged()]
    assert main(["recipes", "sample"]) == 0
    (tmp_path / "mine.yaml").write_text(capsys.readouterr().out)
    recipe = load_recipe(tmp_path / "mine.yaml")
    assert any(Path(asset.address).is_absolute() and Path(asset.address).is_file() for asset in recipe.assets.values())
