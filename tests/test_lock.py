"""The lock file names every package with its hashes, so that an index cannot hand out other bytes."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()


def requirements() -> dict[str, str]:
    """Each locked package with all that stands behind its version."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==\S+((?:.*\\\n)*.*)$", LOCK, re.MULTILINE)
    return {name.lower().replace("_", "-").replace(".", "-"): rest for name, rest in found}


def test_every_package_has_hashes() -> None:
    locked = requirements()
    assert len(locked) > 100
    assert [name for name, rest in locked.items() if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", rest)] == []


def test_whatever_the_program_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [re.split(r"[<>=!~\[; ]", need)[0].lower().replace("_", "-") for need in project["dependencies"]]
    assert set(named) <= set(requirements())


def test_no_place_of_an_index_is_named() -> None:
    assert "://" not in LOCK


def test_whatever_a_locked_package_needs_is_locked_too() -> None:
    """With hashes pip takes nothing that is not in the file, so a need that is missing stops the installation."""
    locked = requirements()
    missing = set()
    for name in locked:
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # not for this platform
        for need in map(Requirement, needs):
            if (need.marker is None or need.marker.evaluate({"extra": ""})) and canonicalize_name(
                need.name
            ) not in locked:
                missing.add(f"{need.name}, of {name}")
    assert missing == set()
