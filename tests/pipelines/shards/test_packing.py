"""Packing loses no token and adds none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.shards.packing import Packer, marked

DOCUMENTS = st.lists(st.lists(st.integers(3, 99), max_size=12), max_size=12)


def pack(documents: list[list[int]], length: int) -> list[tuple[list[int], list[int], list[str]]]:
    packer = Packer(length)
    rows = [row for number, ids in enumerate(documents) for row in packer.add(str(number), np.array(ids, np.int32))]
    rows += packer.finish()
    return [(row.input_ids.tolist(), row.lengths, row.ids) for row in rows]


def test_documents_run_over_from_row_to_row():
    assert pack([[1, 2, 3], [4, 5, 6, 7, 8], [9]], 4) == [
        ([1, 2, 3, 4], [3, 1], ["0", "1"]),
        ([5, 6, 7, 8], [4], ["1"]),
        ([9], [1], ["2"]),
    ]


@given(DOCUMENTS, st.integers(1, 9))
def test_every_token_is_accounted_for_and_named(documents, length):
    rows = pack(documents, length)
    assert [one for ids, _, _ in rows for one in ids] == [one for ids in documents for one in ids]
    owners = [name for _, lengths, ids in rows for size, name in zip(lengths, ids, strict=True) for _ in range(size)]
    assert owners == [str(number) for number, ids in enumerate(documents) for _ in ids]
    assert all(len(ids) == sum(lengths) for ids, lengths, _ in rows)
    assert all(len(ids) == length for ids, _, _ in rows[:-1])
    assert all(0 < len(ids) <= length for ids, _, _ in rows)


@given(DOCUMENTS)
def test_unpacked_each_document_is_a_row(documents):
    kept = [(ids, [len(ids)], [str(number)]) for number, ids in enumerate(documents) if ids]
    assert pack(documents, 0) == kept


def test_marks_stand_around_a_document():
    assert marked(np.array([7, 8], np.int32), 1, 2).tolist() == [1, 7, 8, 2]
    assert marked(np.empty(0, np.int32), None, 2).tolist() == [2]
    assert marked(np.array([7], np.int32), 1, 2).dtype == np.int32
