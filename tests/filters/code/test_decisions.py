"""Real files that were read and judged: in this environment's packages, or below `PROOFPILE_CODE_FILES`."""

import hashlib
import os
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks.code_decisions import DIGEST, Decision, decided, decisions, found

FOLDERS = os.environ.get("PROOFPILE_CODE_FILES", "")
"""Folders with unpacked packages of the list, parted by colons."""
LEAST_RIGHT = 0.97
"""Share of the list that `corrected` decides as the readers did (464 of 473)."""
LISTED = decisions()


def installed() -> list[tuple[Decision, bytes]]:
    """Files of the list that this environment's packages hold, in the listed version."""
    site = Path(sysconfig.get_path("purelib"))
    files = ((one, site / one.path) for one in LISTED if one.origin == "pypi")
    read = ((one, path.read_bytes()) for one, path in files if path.is_file())
    return [(one, raw) for one, raw in read if hashlib.sha256(raw).hexdigest()[:DIGEST] == one.sha256]


def test_the_list_holds_three_hundred_files_each_once_of_many_kinds() -> None:
    assert len(LISTED) >= 300
    assert len({one.sha256 for one in LISTED}) == len(LISTED)
    assert all(len(one.sha256) == DIGEST and one.right in ("keep", "drop") and one.what for one in LISTED)
    assert {one.language for one in LISTED} >= {"c", "cpp", "coq", "gap", "lean", "matlab", "python", "r"}
    assert Counter(one.right for one in LISTED)["drop"] > 100


@pytest.mark.parametrize(("one", "raw"), [pytest.param(*pair, id=pair[0].path) for pair in installed()])
def test_files_of_installed_packages_are_decided_as_their_reader_did(one: Decision, raw: bytes) -> None:
    assert decided(one, raw, "corrected") == one.right, one.what
    assert decided(one, raw, "published") in ("keep", "drop")


@pytest.mark.skipif(not FOLDERS, reason="PROOFPILE_CODE_FILES is not set")
def test_files_of_unpacked_packages_are_decided_as_their_readers_did() -> None:
    pairs = list(found([Path(folder) for folder in FOLDERS.split(":")], LISTED))
    right = sum(decided(one, raw, "corrected") == one.right for one, raw in pairs)
    assert pairs
    assert right >= LEAST_RIGHT * len(pairs)
