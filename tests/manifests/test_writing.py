"""Files appear whole or not at all, and the same rows make the same bytes whatever order they came in."""

import errno
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import writing
from manifests.errors import Fault
from manifests.records import DOCUMENT, REJECTED, Document, Rejected, order_key
from manifests.writing import PartWriter, Workspace, atomic, row_bytes, write_text


def test_a_file_that_is_written_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.txt"
    write_text(path, "ä\n")
    assert path.read_bytes() == "ä\n".encode()
    assert [found.name for found in path.parent.iterdir()] == ["a.txt"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), atomic(path) as temporary:
        temporary.write_text("new, half")
        raise RuntimeError
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("a.txt", "old")]


@pytest.mark.parametrize(
    ("code", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "the disk is full"), (errno.EROFS, "cannot write here")],
)
def test_a_disk_that_refuses_is_one_clear_line(tmp_path: Path, code: int, said: str) -> None:
    with pytest.raises(Fault, match=said) as caught, atomic(tmp_path / "a.txt"):
        raise OSError(code, "planted")
    assert str(tmp_path / "a.txt") in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_another_error_of_the_system_keeps_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), atomic(tmp_path / "a.txt"):
        raise IsADirectoryError


def write(root: Path, rows: list[Any], schema: Any = REJECTED, **options: Any) -> dict[str, bytes]:
    workspace = Workspace(root, "stage", "unit")
    writer = PartWriter(workspace, "out/rows", schema, **options)
    for row in rows:
        writer.add(row)
    facts = writer.close()
    workspace.publish(facts)
    for fact in facts:
        path = root / fact.path
        assert (fact.bytes, fact.sha256) == (path.stat().st_size, writing.sha256_of(path))
        assert fact.rows == pq.read_metadata(path).num_rows
    assert not [path for path in (root / writing.WORK_FOLDER).rglob("*") if path.is_file()]
    return {path.name: path.read_bytes() for path in sorted((root / "out").glob("*"))}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
# Few ids, so that some rows share one.
REJECTIONS = st.builds(Rejected, st.sampled_from("abcd"), TEXT, TEXT, TEXT, TEXT)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(REJECTIONS, min_size=1, max_size=12).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_bytes_do_not_depend_on_the_order_of_arrival(
    tmp_path_factory: pytest.TempPathFactory, both: tuple[list[Rejected], list[Rejected]]
) -> None:
    one, two = (write(tmp_path_factory.mktemp("corpus"), rows) for rows in both)
    assert one == two
    ids = pq.read_table(_saved(tmp_path_factory, one["rows.parquet"])).column("id").to_pylist()
    assert ids == sorted((row.id for row in both[0]), key=order_key)


def _saved(factory: pytest.TempPathFactory, content: bytes) -> Path:
    path = factory.mktemp("read") / "rows.parquet"
    path.write_bytes(content)
    return path


def test_the_order_of_scores_in_memory_does_not_show(tmp_path: Path) -> None:
    there = [Document("i", "s", "", text, scores={"a": 1.0, "b": 2.0}) for text in ("x", "y")]
    back = [Document("i", "s", "", text, scores={"b": 2.0, "a": 1.0}) for text in ("y", "x")]
    assert write(tmp_path / "1", there, DOCUMENT) == write(tmp_path / "2", back, DOCUMENT)


def test_nothing_makes_no_file(tmp_path: Path) -> None:
    assert write(tmp_path, []) == {}


def test_parts_are_closed_at_the_bound_and_hold_every_row_once(tmp_path: Path) -> None:
    rows = [Document(f"id{number}", "s", "", "x" * 1000) for number in range(100)]
    files = write(tmp_path, rows, DOCUMENT, part_bytes=20_000)
    assert list(files)[:2] == ["rows-001.parquet", "rows-002.parquet"] and "rows.parquet" in files
    sizes = [pq.read_metadata(tmp_path / "out" / name).num_rows for name in files]
    assert sum(sizes) == 100 and max(sizes) <= 20
    found = [value for name in files for value in pq.read_table(tmp_path / "out" / name)["id"].to_pylist()]
    assert sorted(found) == sorted(row.id for row in rows)


def test_the_writer_says_when_the_next_row_will_write_a_part(tmp_path: Path) -> None:
    writer = PartWriter(Workspace(tmp_path, "stage", "unit"), "out/rows", DOCUMENT, part_bytes=2_000)
    writer.add(Document("1", "s", "", "x" * 3000))
    assert writer.is_full and not writer.facts
    writer.add(Document("2", "s", "", "x"))
    assert not writer.is_full and len(writer.facts) == 1


@given(
    st.builds(Document, TEXT, TEXT, TEXT, st.text(max_size=300), scores=st.dictionaries(TEXT, st.floats(), max_size=4))
)
def test_a_row_is_never_counted_as_less_than_it_takes(row: Document) -> None:
    held = sum(sys.getsizeof(value) for value in row if isinstance(value, str)) + sys.getsizeof(tuple(row))
    held += sum(sys.getsizeof(key) + sys.getsizeof(value) for key, value in row.scores.items())
    assert row_bytes(row) >= 0.8 * held


def test_two_workers_of_one_unit_do_not_meet(tmp_path: Path) -> None:
    rows = [Rejected(str(number), "s", "t", "r") for number in range(5)]
    first, second = Workspace(tmp_path, "stage", "unit"), Workspace(tmp_path, "stage", "unit")
    writers = [PartWriter(space, "out/rows", REJECTED) for space in (first, second)]
    for row in rows:
        for writer in writers:
            writer.add(row)
    one, two = (writer.close() for writer in writers)
    assert one == two
    first.publish(one)
    second.publish(two)
    assert writing.sha256_of(tmp_path / "out/rows.parquet") == one[0].sha256


def test_a_disk_that_fills_up_while_rows_are_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "planted")

    monkeypatch.setattr(pq, "write_table", full)
    workspace = Workspace(tmp_path, "stage", "unit")
    writer = PartWriter(workspace, "out/rows", REJECTED)
    writer.add(Rejected("i", "s", "t", "r"))
    with pytest.raises(Fault, match="the disk is full"):
        writer.close()
    workspace.discard()
    assert not (tmp_path / "out").exists()
