"""What is read from each kind of file, and that markup of one kind leaves no trace in the features."""

import json
import time
from pathlib import Path

import pytest

from filters.latex_commands import holds_command
from filters.mathscore import features
from manifests.errors import UserError
from pipelines.training.pages import read_pages, readable


def texts(path: Path) -> list[str]:
    return [page.text for page in read_pages(path, path.name)]


def test_restructuredtext_keeps_its_formulas_and_loses_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.rst"
    path.write_text(
        "Title\n=====\n\n.. _label:\n\nSee :func:`~numpy.linalg.inv` and :math:`\\alpha + 1`.\n\n"
        ".. math::\n   :label: one\n\n   \\frac{a}{b}\n\n   c\n\nAfter it.\n\n:param x: the *value*\n"
    )
    (text,) = texts(path)
    assert r"$\alpha + 1$" in text
    assert r"$$:label: one \frac{a}{b} c$$" in text
    assert holds_command(text)
    assert features(text) == "title see numpy linalg inv and after it the value"


def test_a_notebook_gives_its_prose(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "A $\\beta$."]},
        {"cell_type": "code", "source": ["import x"]},
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}))
    assert texts(tmp_path / "a.ipynb") == ["# Title\nA $\\beta$."]


def test_a_python_module_gives_the_documentation_of_everything_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '"""Module."""\nclass A:\n    """Class :math:`x`."""\n    def f(self):\n        """Def."""\n'
    )
    assert sorted(filter(None, texts(tmp_path / "a.py"))) == ["Class  $x$ .", "Def.", "Module."]


def test_a_page_comes_through_the_web_source(tmp_path: Path) -> None:
    words = "The derivative of a function measures how fast it changes near a point of its domain. " * 5
    (tmp_path / "a.html").write_text(f"<html><body><article><h1>Slope</h1><p>{words}</p></article></body></html>")
    (text,) = texts(tmp_path / "a.html")
    assert "how fast it changes" in text


def test_documents_come_as_they_are_and_bad_rows_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "one"}\nnot json\n{"text": "two"}\n')
    assert texts(tmp_path / "a.jsonl") == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.py", "def ("), ("a.ipynb", "[1, 2"), ("b.py", "\0"), ("c.ipynb", "{}")]
)
def test_a_file_that_cannot_be_parsed_gives_nothing(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert texts(tmp_path / name) == []


def test_unknown_files_are_refused_and_not_listed(tmp_path: Path) -> None:
    (tmp_path / "a.exe").write_bytes(b"x")
    (tmp_path / "b.md").write_text("x")
    assert [path.name for path in readable(tmp_path)] == ["b.md"]
    with pytest.raises(UserError, match=r"a\.exe: cannot learn from this kind of file"):
        texts(tmp_path / "a.exe")


@pytest.mark.parametrize("unit", [":math:`", ".. math::\n", ".. a:: ", ":a:", "=", "\n =", " ", ".. math::\n  x\n"])
def test_hostile_markup_is_linear(tmp_path: Path, unit: str) -> None:
    (tmp_path / "a.rst").write_text(unit * (300_000 // len(unit)))
    started = time.process_time()
    texts(tmp_path / "a.rst")
    assert time.process_time() - started < 5
