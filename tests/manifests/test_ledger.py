"""The ledger: entries balance, come back as they were written, and say when a unit has to be done again."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from manifests.ledger import (
    Entry,
    InputFact,
    entry_path,
    is_done,
    read_entries,
    read_entry,
    totals,
    withdraw,
    write_entry,
)
from manifests.names import Names
from manifests.sealed import sealed
from manifests.survey import survey
from manifests.writing import FileFact

COUNT = st.integers(0, 10**12)
WORD = st.text("abcdefghij_", min_size=1, max_size=8)
REASONS = st.dictionaries(WORD, COUNT, max_size=4)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kept, failed, rejected = draw(COUNT), draw(COUNT), draw(REASONS)
    return Entry(
        stage=draw(WORD),
        unit=draw(WORD),
        source=draw(WORD),
        fingerprint=draw(WORD),
        read=kept + failed + sum(rejected.values()),
        kept=kept,
        failed=failed,
        rejected=rejected,
        inputs=tuple(draw(st.lists(st.builds(InputFact, st.text(max_size=9), COUNT, WORD), max_size=3))),
        outputs=tuple(draw(st.lists(st.builds(FileFact, WORD, COUNT, COUNT, WORD), max_size=3))),
        licences=draw(REASONS),
        numbers=draw(REASONS),
    )


@given(COUNT, COUNT, COUNT, REASONS)
def test_only_a_balanced_entry_can_be_made(read: int, kept: int, failed: int, rejected: dict[str, int]) -> None:
    balanced = read == kept + failed + sum(rejected.values())
    try:
        Entry("s", "u", "a", "f", read, kept, failed, rejected)
    except ValueError as error:
        assert not balanced and "kept + rejected + failed" in str(error)
    else:
        assert balanced


def test_counts_are_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        Entry("s", "u", "a", "f", read=0, kept=1, failed=-1)


@given(entries())
def test_an_entry_comes_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, entry: Entry) -> None:
    root = tmp_path_factory.mktemp("corpus")
    write_entry(root, entry)
    assert read_entry(entry_path(root, entry.stage, entry.unit)) == entry
    assert list(read_entries(root)) == [entry]


@given(st.lists(entries(), max_size=6))
def test_totals_do_not_depend_on_order_and_balance(made: list[Entry]) -> None:
    def plain(given_entries: list[Entry]) -> dict[str, dict[str, object]]:
        return {
            stage: {name: part.as_json() for name, part in sorted(sums.items())}
            for stage, sums in sorted(totals(given_entries).items())
        }

    assert json.dumps(plain(made), sort_keys=True) == json.dumps(plain(made[::-1]), sort_keys=True)
    for sums in totals(made).values():
        for part in sums.values():
            assert part.read == part.kept + part.failed + part.rejected.total()


def entry_with_output(root: Path, path: str = "documents/a/x.parquet", content: bytes = b"12345") -> Entry:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
    entry = Entry("extract", "u", "a", "mark", 1, 1, outputs=(FileFact(path, 1, len(content), "0"),))
    write_entry(root, entry)
    return entry


def test_a_unit_is_done_while_its_outputs_have_their_sizes_and_its_fingerprint_holds(tmp_path: Path) -> None:
    assert not is_done(tmp_path, "extract", "u", "mark")
    entry_with_output(tmp_path)
    assert is_done(tmp_path, "extract", "u", "mark")
    assert not is_done(tmp_path, "extract", "u", "another mark")
    (tmp_path / "documents/a/x.parquet").write_bytes(b"1234")
    assert not is_done(tmp_path, "extract", "u", "mark")
    (tmp_path / "documents/a/x.parquet").unlink()
    assert not is_done(tmp_path, "extract", "u", "mark")


def test_many_units_are_done_as_one_is(tmp_path: Path) -> None:
    entry_with_output(tmp_path)
    planned = [("u", "mark"), ("another", "mark")]
    assert survey(tmp_path, "extract", planned).done == Names(["u"])
    assert survey(tmp_path, "filter", planned).done == Names()
    assert survey(tmp_path, "extract", [("u", "another mark")]).done == Names()
    (tmp_path / "documents/a/x.parquet").write_bytes(b"1234")
    found = survey(tmp_path, "extract", planned)
    assert (found.done, found.stale, found.surplus) == (Names(), ["u"], [])


def test_withdrawing_takes_the_entry_before_the_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry_with_output(tmp_path)
    order: list[str] = []
    unlink = Path.unlink

    def noting(path: Path, missing_ok: bool = False) -> None:
        order.append(path.suffix)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", noting)
    withdraw(tmp_path, "extract", "u")
    assert order == [".json", ".parquet"]
    assert not (tmp_path / "documents/a/x.parquet").exists()


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "documents/../../outside", ""])
def test_an_entry_that_reaches_outside_of_its_corpus_is_refused(tmp_path: Path, path: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("keep me")
    root = tmp_path / "corpus"
    entry_with_output(root)
    place = entry_path(root, "extract", "u")
    data = json.loads(place.read_text())
    data["outputs"][0]["path"] = path
    del data["seal"]
    place.write_text(sealed(data))
    with pytest.raises(UserError, match="not a path inside the corpus"):
        withdraw(root, "extract", "u")
    assert outside.read_text() == "keep me"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"inputs": [], "outputs": []}', '{"inputs": 3}'])
def test_what_is_no_entry_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "u.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"u\.json: not a ledger entry"):
        read_entry(path)


def test_an_unfinished_entry_is_not_read(tmp_path: Path) -> None:
    entry = entry_with_output(tmp_path)
    (tmp_path / "ledger/extract/.v.json.0123.part").write_text("{")
    assert list(read_entries(tmp_path)) == [entry]
