"""What the README and its pages promise that can be run: the printed source is the tested one, commands are known."""

import re
import shlex
from pathlib import Path

import pytest

from pipelines.commands.cli import parser
from pipelines.engine.beam_options import joined, unknown_options

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
ENGINE = ROOT / "pipelines" / "engine" / "README.md"
BENCHMARKS = ROOT / "tests" / "benchmarks" / "README.md"
EXAMPLE = ROOT / "tests" / "examples" / "mediawiki_source.py"


def test_the_printed_source_is_the_tested_one() -> None:
    printed = (
        README.read_text().split("<!-- mediawiki: begin -->\n```python\n")[1].split("```\n<!-- mediawiki: end -->")[0]
    )
    assert printed == EXAMPLE.read_text()
    assert len(printed.splitlines()) < 60


@pytest.mark.parametrize(("page", "fewest"), [(README, 13), (ENGINE, 4)])
def test_every_command_that_is_printed_parses(page: Path, fewest: int) -> None:
    pieces = page.read_text().split("```")[1::2]
    printed = [line.split("  #")[0] for piece in pieces for line in piece.replace("\\\n", "").splitlines()]
    lines = [line for line in printed if re.match(r"(\.venv/bin/)?proofpile ", line)]
    assert len(lines) >= fewest
    for line in lines:
        words = shlex.split(line.split("proofpile ", 1)[1])
        _, rest = parser().parse_known_args(words)
        assert unknown_options(joined(rest)) == [], line


@pytest.mark.parametrize("page", [README, ENGINE, BENCHMARKS])
def test_every_file_that_is_linked_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", [README, BENCHMARKS])
def test_every_measurement_names_a_module_that_is_there(page: Path) -> None:
    rows = re.findall(r"^\| .* \| [^|]*`([a-z_]+)[^`]*`[^|]*\|$", page.read_text(), re.MULTILINE)
    named = {word for word in rows if "_" in word and word != "lm_eval"}
    assert len(named) > 10
    for module in named:
        place = ROOT / "tests" / "benchmarks" / module
        assert place.is_dir() or place.with_suffix(".py").exists(), module
