"""Rows on their way into the stream come out as they went in, from whatever files and in whatever order."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.shards import token_file
from pipelines.shards.packing import Row
from pipelines.shards.token_file import TokenFile, gathered

SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def written(path: Path, source: str, sizes: list[int], vocabulary_size: int) -> list[dict[str, object]]:
    """Write rows of so many tokens, each of two documents but the shortest; what they are as values."""
    out = TokenFile(path, vocabulary_size)
    rows = []
    for number, size in enumerate(sizes):
        lengths = [1, size - 1] if size > 1 else [1]
        ids = [f"{source}{number}-{place}" for place in range(len(lengths))]
        row = Row(
            np.arange(size, dtype=np.int32) + 100 * number + vocabulary_size - 2000,
            lengths,
            ids,
            list(range(len(lengths))),
            [source] * len(lengths),
        )
        out.add(row)
        rows.append(
            {
                "input_ids": row.input_ids.tolist(),
                "lengths": lengths,
                "ids": ids,
                "positions": row.positions,
                "sources": row.sources,
                "source": source,
            }
        )
    out.close()
    return rows


@settings(deadline=None, max_examples=60)
@given(parts=st.lists(SIZES, min_size=1, max_size=3), size=st.sampled_from([5000, 1 << 16, 70_000]), data=st.data())
def test_rows_of_several_files_are_in_the_order_that_was_asked(tmp_path_factory, parts, size, data) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_file, "BATCH_TOKENS", 16)
        files = [folder / f"{number}.arrow" for number in range(len(parts))]
        rows = [
            written(path, f"s{number}", sizes, size)
            for number, (path, sizes) in enumerate(zip(files, parts, strict=True))
        ]
    places = [(file, row) for file, sizes in enumerate(parts) for row in range(len(sizes))]
    asked = data.draw(st.lists(st.sampled_from(places), max_size=30))
    file_of, numbers = (np.array([one[at] for one in asked], dtype=np.int64) for at in (0, 1))
    table = gathered(files, file_of, numbers)
    assert table.to_pylist() == [rows[file][row] for file, row in asked]
