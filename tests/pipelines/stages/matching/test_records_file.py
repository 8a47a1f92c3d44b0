"""Records that are read to verify pairs: the same numbers however little is read at once, and never more than that."""

from pathlib import Path

import numpy as np
import pytest

from dedup.columns import Ragged
from dedup.verifying import pair_similarities
from manifests.errors import UserError
from pipelines.stages.matching import records_file
from pipelines.stages.matching.records_file import RecordsWriter, Verifier

SETS = [np.unique(np.random.default_rng(n).integers(0, 400, 40 + 9 * n)).astype(np.uint32) for n in range(60)]
BOUNDS = np.concatenate([[0], np.cumsum([len(one) for one in SETS])])
LEFT, RIGHT = (side.astype(np.uint64) for side in np.triu_indices(60, 1))


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    """The records of all sets in two files, a third and two thirds of them."""
    for name, first, last in (("a", 0, 20), ("b", 20, 60)):
        writer = RecordsWriter(tmp_path / name, "jaccard")
        values = np.concatenate(SETS[first:last])
        writer.add(Ragged(values, BOUNDS[first : last + 1] - BOUNDS[first]))
        writer.close()
    return [str(tmp_path / "a"), str(tmp_path / "b")]


def numbers(documents: np.ndarray) -> np.ndarray:
    second = documents >= 20
    return (second.astype(np.uint64) << np.uint64(32)) | (documents - np.where(second, 20, 0).astype(np.uint64))


@pytest.mark.parametrize("most", [1, 700, 5_000, 8 << 20])
def test_pairs_are_as_alike_as_their_sets_and_no_more_is_read_at_once_than_may_be(
    paths: list[str], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    whole, chunk = records_file.read_into, Verifier._chunk

    def counted(descriptor: int, room: memoryview, position: int) -> None:
        read[-1] += len(room)
        whole(descriptor, room, position)

    def begun(self: Verifier, left: np.ndarray, right: np.ndarray, done: int, out: np.ndarray) -> int:
        read.append(0)
        return chunk(self, left, right, done, out)

    monkeypatch.setattr(records_file, "CHUNK_BYTES", most)
    monkeypatch.setattr(records_file, "read_into", counted)
    monkeypatch.setattr(Verifier, "_chunk", begun)
    found = Verifier(paths, "jaccard").similarities(numbers(LEFT), numbers(RIGHT))
    expected = pair_similarities(np.concatenate(SETS), BOUNDS, LEFT.astype(np.int64), RIGHT.astype(np.int64))
    assert found.tolist() == expected.tolist()
    largest_pair = 2 * max(len(one) for one in SETS) * 5
    assert max(read) <= max(most, largest_pair)
    assert (len(read) == len(LEFT)) == (most == 1)


def test_a_file_that_is_cut_or_missing_is_named(paths: list[str], tmp_path: Path) -> None:
    whole = (tmp_path / "b").read_bytes()
    for kept in (0, 16, len(whole) - 8):
        (tmp_path / "b").write_bytes(whole[:kept])
        with pytest.raises(UserError, match="b: not a whole records file"):
            Verifier(paths, "jaccard").similarities(numbers(LEFT), numbers(RIGHT))
