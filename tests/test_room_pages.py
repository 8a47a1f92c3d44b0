"""What the page of each package shows runs as it stands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("manifests", "filters", "dedup", "pipelines")


@pytest.mark.parametrize("package", PAGES)
def test_the_examples_of_a_page_run(package: str) -> None:
    text = (ROOT / package / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        assert "assert" in block
        exec(compile(block, f"{package}/README.md", "exec"), {})


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", *(f"{package}/README.md" for package in PAGES)])
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    rooms = [ROOT, (ROOT / page).parent, ROOT / "pipelines", ROOT / "pipelines" / "extraction"]
    for name in re.findall(r"`([a-z_/]+(?:\.py|/))`", text):
        assert any((room / name).exists() for room in rooms), name
