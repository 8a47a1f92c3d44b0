"""A kernel is known by the meaning of all that it comes from, and by nothing else."""

import os
import time
from pathlib import Path

import pytest

from manifests import compiled
from manifests.compiled import Meanings

KERNEL = '"""A kernel."""\n\nfrom dedup.table import SIZE\n\n\ndef scan(a):\n    return a + SIZE\n'
TABLE = 'SIZE = 3\n"""Units: bytes."""\nNAMES = "names.tsv"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    room = tmp_path / "dedup"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "kernel.py").write_text(KERNEL)
    (room / "table.py").write_text(TABLE)
    (room / "names.tsv").write_text("a\t1\n")
    (room / "other.py").write_text("SIZE = 3\n")
    return tmp_path


def change(path: Path, text: str) -> None:
    path.write_text(text)


def mark(root: Path) -> str:
    return Meanings(root).mark("dedup.kernel")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kernel.py", KERNEL.replace("+", "-")),
        ("table.py", TABLE.replace("3", "4")),
        ("names.tsv", "a\t2\n"),
    ],
)
def test_a_change_of_meaning_in_any_source_is_seen(root: Path, name: str, text: str) -> None:
    before = mark(root)
    change(root / "dedup" / name, text)
    assert mark(root) != before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kernel.py", "# written again\n" + KERNEL.replace("A kernel.", "The kernel.")),
        ("table.py", TABLE.replace("bytes", "pages") + "# a comment\n"),
        ("other.py", "SIZE = 5\n"),
    ],
)
def test_comments_and_modules_that_it_does_not_import_change_nothing(root: Path, name: str, text: str) -> None:
    before = mark(root)
    change(root / "dedup" / name, text)
    assert mark(root) == before


def test_what_is_remembered_is_believed_only_while_the_source_is_the_same(root: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    before = Meanings(root, memory).mark("dedup.kernel")
    assert memory.is_file()
    assert Meanings(root, memory).mark("dedup.kernel") == before
    table = root / "dedup" / "table.py"
    change(table, TABLE.replace("3", "4"))
    os.utime(table, ns=(time.time_ns(), time.time_ns() + 1))
    assert Meanings(root, memory).mark("dedup.kernel") != before
    memory.write_text("[1, 2")
    assert Meanings(root, memory).mark("dedup.kernel") != before


def test_the_user_says_where_kernels_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert compiled.home() == tmp_path / "cache" / "proofpile" / "kernels"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    assert compiled.home() == tmp_path / "mine"


def test_folders_of_old_sources_go_when_they_were_not_used_for_long(tmp_path: Path) -> None:
    new, recent, old = (tmp_path / name for name in ("new", "recent", "old"))
    for folder in (new, recent, old):
        folder.mkdir()
    long_ago = time.time() - (compiled.UNUSED_DAYS + 1) * 86400
    os.utime(old, (long_ago, long_ago))
    compiled.sweep(new)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "recent"]
