"""Equal ids are found in whatever files and passes, and documents that run on are not taken for two."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.shards import equal_ids
from pipelines.shards.equal_ids import repeated_ids
from pipelines.shards.packing import Row
from pipelines.shards.token_file import TokenFile

NAMES = st.lists(st.text(alphabet="ab\x00é", max_size=3), max_size=12)


def written(path: Path, names: list[str]) -> Path:
    """A file with a document of each name, every one of them cut into two rows."""
    out = TokenFile(path, 1000)
    for name in names:
        for position in (0, 4):
            out.add(Row(np.arange(4, dtype=np.int32), [4], [name], [position], ["s"]))
    out.close()
    return path


@settings(deadline=None, max_examples=60)
@given(parts=st.lists(NAMES, min_size=1, max_size=3), held=st.sampled_from([1, 5, 1 << 25]))
def test_every_id_but_the_first_of_its_name_is_counted(tmp_path_factory, parts, held) -> None:
    folder = tmp_path_factory.mktemp("ids")
    files = [written(folder / f"{number}.arrow", names) for number, names in enumerate(parts)]
    counts = Counter(name for names in parts for name in names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equal_ids, "HELD", held)
        found = repeated_ids(files, counts.total())
    again = {name for name, count in counts.items() if count > 1}
    assert (found is None) == (not again)
    assert found is None or (found.documents, found.example in again) == (counts.total() - len(counts), True)
