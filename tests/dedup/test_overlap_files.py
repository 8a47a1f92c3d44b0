"""An index in a file answers as the one in memory does, and long documents as short ones."""

from pathlib import Path

import pytest

import dedup.overlap.search
from dedup.benchmarks import Item
from dedup.overlap import Overlap
from dedup.overlap.storage import map_arrays

pytestmark = pytest.mark.kernel

ITEMS = [
    Item(
        "math",
        str(number),
        (
            (
                "problem",
                f"How many {fruit} does the gardener of {town} carry home in 17 baskets if each holds 23 of them?",
            ),
        ),
    )
    for number, (fruit, town) in enumerate([("apricots", "Ghent"), ("quinces", "Łódź"), ("cherries", "Évora")])
]
TEXT = "Some words before.\n\n" + dict(ITEMS[1].fields)["problem"] + "\n\nSome words after."


@pytest.mark.parametrize("method", ["published", "exact"])
def test_a_mapped_index_finds_and_says_the_same(tmp_path: Path, method):
    built = Overlap(ITEMS, method, (10,))
    built.save(tmp_path / "index")
    mapped = Overlap.load(tmp_path / "index")
    hits = list(built.find([("d", TEXT)]))
    assert hits
    assert list(mapped.find([("d", TEXT)])) == hits
    assert mapped.coverage() == built.coverage()
    assert list(mapped.targets) == list(built.targets)
    assert mapped.targets[1].text == dict(ITEMS[1].fields)["problem"]


def test_an_index_is_written_whole_and_to_the_byte_the_same(tmp_path: Path):
    for name in ("one", "two"):
        Overlap(ITEMS, "exact").save(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    (tmp_path / "one").write_bytes(b"something else")
    with pytest.raises(ValueError, match="no index"):
        map_arrays(tmp_path / "one")


def test_a_long_document_is_searched_in_windows_and_loses_and_doubles_nothing(monkeypatch):
    overlap = Overlap(ITEMS, "exact", (10,))
    text = ("Größere Wörter in a sentence that says nothing. " * 40 + TEXT) * 12
    whole = list(overlap.find([("d", text)]))
    assert len({hit.document_start for hit in whole if hit.item_id == "1" and hit.kind == "whole"}) == 12
    for window in (1000, 1999, 7000):
        monkeypatch.setattr(dedup.overlap.search, "WINDOW", window)
        narrow = Overlap(ITEMS, "exact", (10,))
        narrow._margin = 600
        places = [(hit.item_id, hit.document_start, hit.document_end, hit.kind) for hit in narrow.find([("d", text)])]
        assert places == [(hit.item_id, hit.document_start, hit.document_end, hit.kind) for hit in whole]


def test_edited_texts_have_a_switch_of_their_own():
    edited = TEXT.replace("gardener", "farmer").replace("carry", "take")
    assert {hit.method for hit in Overlap(ITEMS, "exact").find([("d", edited)])} >= {"fuzzy"}
    only = Overlap(ITEMS, "exact", fuzzy=False)
    assert "fuzzy" not in {hit.method for hit in only.find([("d", edited)])}
    assert "fuzzy" not in {row.method for row in only.coverage()}
