"""The corpus folder: hashes of what decides a unit's outputs."""

from typing import Any

import pytest

from pipelines.corpus.folder import fingerprint, fingerprints


@pytest.mark.parametrize("more", [([("a", "b")],), ([("é", "\udcff")], "x"), ({"b": 1, "a": [2]}, None, 3)])
def test_fingerprints_of_many_units_are_those_of_each(more: tuple[Any, ...]) -> None:
    decides = [1, {"b": 2, "a": "ü"}, []]
    assert fingerprints(decides)(*more) == fingerprint(decides, *more)
