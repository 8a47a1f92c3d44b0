"""Edits that a source names change its texts before they are scored, and the ledger counts what they found."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from manifests import ledger
from manifests.errors import UserError
from manifests.recipe import parse_recipe
from pipelines.corpus.folder import Corpus
from pipelines.engine.progress import Progress
from pipelines.stages import extract
from pipelines.stages.build import Build
from pipelines.stages.editing import make_edits
from pipelines.stages.fetch import bring
from tests.pipelines.engine.inline_engine import InlineEngine

RECIPE = """\
name: edited
rules: RULES
sources:
  - name: code
    kind: code
    inputs: ['*.py']
    edits: EDITS
"""
TEXT = "import numpy\nmail = 'jane@nowhere.edu'\n"


def recipe(edits: str, rules: str = "corrected") -> str:
    return RECIPE.replace("RULES", rules).replace("EDITS", edits)


def run(folder: Path, text: str) -> tuple[str, dict[str, object], ledger.Entry]:
    (folder / "a.py").write_text(TEXT)
    made = parse_recipe(text, "edited.yaml")
    corpus = Corpus(folder / "out")
    corpus.adopt(made)
    build = bring(Build(made, corpus, InlineEngine(), Progress(quiet=True), "edited.yaml", folder))
    extract.run(build)
    (path,) = build.root.glob("documents/**/*.parquet")
    (row,) = pq.read_table(path).to_pylist()
    (entry,) = ledger.read_entries(build.root, extract.STAGE)
    return row["text"], json.loads(row["meta"]), entry


def test_an_edit_changes_the_text_and_is_counted(tmp_path: Path) -> None:
    text, meta, entry = run(tmp_path, recipe("[personal_data]"))
    assert text == TEXT.replace("jane@nowhere.edu", "<EMAIL>")
    assert meta["edits"] == {"personal_data": {"email": 1}}
    assert entry.numbers["edit.personal_data.email"] == 1


def test_options_say_what_is_masked(tmp_path: Path) -> None:
    text, meta, entry = run(tmp_path, recipe("[{kind: personal_data, options: {mask: [ip_address]}}]"))
    assert (text, "edits" in meta, "edit.personal_data.email" in entry.numbers) == (TEXT, False, False)


def test_no_edit_runs_under_published_rules(tmp_path: Path) -> None:
    assert run(tmp_path, recipe("[personal_data]", "published"))[0] == TEXT


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ("[personal]", r"sources\.code\.edits\.0\.kind: unknown kind `personal`; did you mean `personal_data`"),
        ("[{kind: personal_data, options: {masks: [email]}}]", r"edits\.0\.options: .*masks.*did you mean `mask`"),
        ("[{kind: 'filters.edits.base:Edited'}]", "is not a subclass of"),
    ],
)
def test_a_mistake_is_named_by_its_key(edits: str, message: str) -> None:
    made = parse_recipe(recipe(edits), "edited.yaml")
    with pytest.raises(UserError, match=message):
        make_edits(made.sources[0], "corrected", "edited.yaml")
