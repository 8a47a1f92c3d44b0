"""Notes lie in the work folder, here or in the bucket, and say when they were left."""

import time
from pathlib import Path

from manifests import mirror
from manifests.notes import note, notes


def test_notes_of_a_folder_are_found_by_their_names_in_it(tmp_path: Path) -> None:
    note(tmp_path, "spent/extract/one", "a")
    note(tmp_path, "planned/extract", "3")
    [(name, one)] = notes(tmp_path, "spent").items()
    assert (name, one.text) == ("extract/one", "a")
    assert abs(one.left - time.time()) < 60
    assert notes(tmp_path, "none") == {}


def test_notes_in_a_bucket_are_seen_by_another_machine(endpoint: str) -> None:
    root = mirror.opened("s3://corpora/noted")
    for name in ("spent/extract/one", "spent/filter/two"):
        note(root, name, name)
    found = notes(root, "spent")
    assert {name: one.text for name, one in found.items()} == {
        "extract/one": "spent/extract/one",
        "filter/two": "spent/filter/two",
    }
    assert all(abs(one.left - time.time()) < 60 for one in found.values())
    assert not (root / ".work/spent").exists()
