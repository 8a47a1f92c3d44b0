"""Packing loses no token and adds none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.shards import packing
from pipelines.shards.best_fit import best_fit_rows
from pipelines.shards.packing import BestFit, Concatenated, Packing, Piece, Row, marked, pieces_of

pytestmark = pytest.mark.kernel

DOCUMENTS = st.lists(st.lists(st.integers(3, 99), max_size=12), max_size=12)


def rows_of(packer: Packing, documents: list[list[int]]) -> list[Row]:
    pieces = [Piece(str(number), np.array(ids, np.int32), 0, "s") for number, ids in enumerate(documents)]
    return [*(row for piece in pieces for row in packer.add(piece, whole=True)), *packer.finish()]


def pack(documents: list[list[int]], length: int) -> list[tuple[list[int], list[int], list[str]]]:
    return [(row.input_ids.tolist(), row.lengths, row.ids) for row in rows_of(Concatenated(length), documents)]


def together(rows: list[Row]) -> dict[str, list[int]]:
    """The documents again, from their pieces by position."""
    pieces = sorted((piece for row in rows for piece in pieces_of(row)), key=lambda piece: (piece.id, piece.position))
    found: dict[str, list[int]] = {}
    for piece in pieces:
        assert piece.position == len(found.setdefault(piece.id, []))
        found[piece.id] += piece.ids.tolist()
    return found


def test_documents_run_over_from_row_to_row():
    assert pack([[1, 2, 3], [4, 5, 6, 7, 8], [9]], 4) == [
        ([1, 2, 3, 4], [3, 1], ["0", "1"]),
        ([5, 6, 7, 8], [4], ["1"]),
        ([9], [1], ["2"]),
    ]


@settings(deadline=None)
@given(DOCUMENTS, st.integers(1, 9))
def test_every_token_is_accounted_for_and_named(documents, length):
    rows = pack(documents, length)
    assert [one for ids, _, _ in rows for one in ids] == [one for ids in documents for one in ids]
    owners = [name for _, lengths, ids in rows for size, name in zip(lengths, ids, strict=True) for _ in range(size)]
    assert owners == [str(number) for number, ids in enumerate(documents) for _ in ids]
    assert all(len(ids) == sum(lengths) for ids, lengths, _ in rows)
    assert all(len(ids) == length for ids, _, _ in rows[:-1])
    assert all(0 < len(ids) <= length for ids, _, _ in rows)


@settings(deadline=None)
@given(DOCUMENTS)
def test_unpacked_each_document_is_a_row(documents):
    kept = [(ids, [len(ids)], [str(number)]) for number, ids in enumerate(documents) if ids]
    assert pack(documents, 0) == kept


def test_marks_stand_around_a_document():
    assert marked(np.array([7, 8], np.int32), 1, 2).tolist() == [1, 7, 8, 2]
    assert marked(np.empty(0, np.int32), None, 2).tolist() == [2]
    assert marked(np.array([7], np.int32), 1, 2).dtype == np.int32


@settings(deadline=None)
@given(DOCUMENTS, st.integers(1, 9))
def test_positions_put_the_documents_together_again(documents, length):
    whole = {str(number): ids for number, ids in enumerate(documents) if ids}
    assert together(rows_of(Concatenated(length), documents)) == whole
    assert together(rows_of(BestFit(length, 0, last=True), documents)) == whole
    assert together(rows_of(BestFit(length, 0, last=False), documents)) == whole


@settings(deadline=None)
@given(DOCUMENTS, st.integers(1, 9))
def test_where_documents_fit_best_only_longer_ones_are_cut(documents, length):
    packer = BestFit(length, 0, last=True)
    rows = rows_of(packer, documents)
    assert all(len(row.input_ids) == length for row in rows)
    assert all(set(row.input_ids[sum(row.lengths) :].tolist()) <= {0} for row in rows)
    places = [name for row in rows for name in row.ids]
    assert {name for name in places if places.count(name) > 1} <= {
        str(number) for number, ids in enumerate(documents) if len(ids) > length
    }
    assert (packer.cut, packer.cut_that_fit) == (sum(len(ids) > length for ids in documents), 0)


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), max_size=80), st.integers(40, 70))
def test_every_piece_goes_where_it_leaves_least_room(sizes, length):
    sizes.sort(reverse=True)
    room: list[int] = []
    for size, row in zip(sizes, best_fit_rows(np.array(sizes, np.int64), length).tolist(), strict=True):
        fits = [one for one in room if one >= size]
        if row == len(room):
            assert not fits
            room.append(length)
        else:
            assert room[row] == min(fits)
        room[row] -= size


def test_what_is_cut_is_counted():
    packer = Concatenated(4)
    rows_of(packer, [[1, 2, 3], [4, 5], [1] * 9, [6]])
    assert (packer.cut, packer.cut_that_fit) == (2, 1)


def test_little_is_filled_up_and_little_is_held(monkeypatch):
    monkeypatch.setattr(packing, "HELD_TOKENS", 1 << 16)
    sizes = np.minimum(np.random.default_rng(1).lognormal(5, 1.2, 4000).astype(int) + 1, 5000)
    packer = BestFit(1024, 0, last=False)
    rows = rows_of(packer, [[7] * size for size in sizes])
    loose = [row for row in rows if len(row.input_ids) < 1024]
    assert all(len(row.input_ids) == 1024 for row in rows[: len(rows) - len(loose)])
    free = sum(1024 - sum(row.lengths) for row in rows[: len(rows) - len(loose)]) / sizes.sum()
    assert free < 0.001
    assert len(loose) < 0.02 * len(rows)
    assert packer.cut == (sizes > 1024).sum()
