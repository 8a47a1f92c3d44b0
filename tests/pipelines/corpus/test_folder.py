"""The corpus folder: hashes of what decides a unit's outputs, and who may write to it."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import UserError
from manifests.recipe import parse_recipe
from pipelines.corpus.folder import Corpus, fingerprint, fingerprints, locked


@pytest.mark.parametrize("more", [([("a", "b")],), ([("é", "\udcff")], "x"), ({"b": 1, "a": [2]}, None, 3)])
def test_fingerprints_of_many_units_are_those_of_each(more: tuple[Any, ...]) -> None:
    decides = [1, {"b": 2, "a": "ü"}, []]
    assert fingerprints(decides)(*more) == fingerprint(decides, *more)


def test_a_folder_is_free_although_a_process_lives_that_was_forked_while_it_was_held(tmp_path: Path) -> None:
    with locked(tmp_path, print):
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    try:
        with locked(tmp_path, print):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_corpus_that_has_lost_its_recipe_and_its_manifest_is_taken_where_changes_are_accepted(tmp_path: Path) -> None:
    recipe = parse_recipe("name: a\nsources: [{name: b, kind: web, inputs: [c]}]\n", "r.yaml")
    (tmp_path / "ledger").mkdir()
    (tmp_path / "manifest.json").write_text("no manifest")
    with pytest.raises(UserError, match=r"a corpus that has lost its recipe\.yaml; .*--accept-changes"):
        Corpus(tmp_path).adopt(recipe)
    Corpus(tmp_path).adopt(recipe, accept_changes=True)
    assert not Corpus(tmp_path).takes(recipe)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="not empty and not a corpus"):
        Corpus(tmp_path / "foreign").adopt(recipe, accept_changes=True)
