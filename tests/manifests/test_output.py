"""A unit's output: nothing of it is seen until its block ends well, then all of it with its entry."""

from pathlib import Path

import pyarrow as pa
import pytest

from manifests.ledger import entry_path, read_entry
from manifests.output import output

SCHEMA = pa.schema([pa.field("id", pa.string()), pa.field("text", pa.string())])


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_tables_and_files_are_published_in_order_with_their_entry(tmp_path: Path) -> None:
    with output(tmp_path, "toy", "u1") as out:
        rows = out.rows("rows/u1", SCHEMA)
        out.path("note.txt").write_text("hello")
        out.wrote("note.txt", 1)
        nothing = out.rows("nothing/u1", SCHEMA)
        rows.add(("a", "x"))
        out.account("s", "print", 3, 1, failed=1, rejected={"short": 1})
        assert nothing.rows == [] and "note.txt" not in files(tmp_path)
    entry = read_entry(entry_path(tmp_path, "toy", "u1"))
    assert [fact.path for fact in entry.outputs] == ["rows/u1.parquet", "note.txt"]
    assert (entry.read, entry.kept, entry.failed, entry.rejected) == (3, 1, 1, {"short": 1})
    assert files(tmp_path) == ["ledger/toy/u1.json", "note.txt", "rows/u1.parquet"]


def test_a_unit_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="planted"), output(tmp_path, "toy", "u1") as out:
        out.path("note.txt").write_text("hello")
        out.wrote("note.txt", 1)
        out.account("s", "print", 0, 0)
        raise OSError("planted")
    assert files(tmp_path) == []


def test_a_unit_without_an_account_or_balance_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="without an account"), output(tmp_path, "toy", "u1"):
        pass
    with pytest.raises(ValueError, match="read 2"), output(tmp_path, "toy", "u1") as out:
        out.account("s", "print", 2, 1)
    assert not entry_path(tmp_path, "toy", "u1").exists()
