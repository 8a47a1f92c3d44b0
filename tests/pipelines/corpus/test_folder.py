"""The corpus folder: hashes of what decides a unit's outputs, and who may write to it."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from pipelines.corpus.folder import fingerprint, fingerprints, locked


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
