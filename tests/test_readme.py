"""The README's promises that can be run: the printed source is the tested one, and the commands are known."""

import re
import shlex
from pathlib import Path

from pipelines.commands.cli import parser

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
EXAMPLE = ROOT / "tests" / "examples" / "mediawiki_source.py"


def test_the_printed_source_is_the_tested_one() -> None:
    printed = (
        README.read_text().split("<!-- mediawiki: begin -->\n```python\n")[1].split("```\n<!-- mediawiki: end -->")[0]
    )
    assert printed == EXAMPLE.read_text()
    assert len(printed.splitlines()) < 60


def test_every_command_that_is_printed_parses() -> None:
    pieces = README.read_text().split("```")[1::2]
    printed = [line.split("  #")[0] for piece in pieces for line in piece.splitlines()]
    lines = [line for line in printed if re.match(r"(\.venv/bin/)?proofpile ", line)]
    assert len(lines) > 12
    for line in lines:
        words = shlex.split(line.split("proofpile ", 1)[1])
        _, rest = parser().parse_known_args(words)
        assert all(word.startswith("--flink_master") for word in rest), line


def test_every_file_that_is_linked_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        assert (ROOT / target).exists(), target
