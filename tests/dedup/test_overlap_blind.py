"""Small texts written without a look at what decides: lists, dress, invisible signs, templates, neighbours.

Each line of `overlap_blind.jsonl` has an item, a text that stands between two others in a document, and what a reader
would say of it: the item `whole` in another dress, an item that is `counted`, what is `uncounted` (neighbours, the
language of problems), a `template`, or `none` (what both have says nothing).
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from manifests.records import Hit
from tests.dedup.test_overlap_cases import hits

pytestmark = pytest.mark.kernel
CASES = [json.loads(line) for line in Path(__file__).with_name("overlap_blind.jsonl").read_text().splitlines()]
SAID: dict[str, Callable[[list[Hit]], bool]] = {
    "whole": lambda found: any(hit.counted and hit.score == 1 and hit.method == "exact" for hit in found),
    "counted": lambda found: any(hit.counted for hit in found),
    "uncounted": lambda found: not any(hit.counted for hit in found),
    "template": lambda found: {hit.kind for hit in found} == {"template"} and not any(hit.counted for hit in found),
    "none": lambda found: not found,
}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['want']}: {case['name']}" for case in CASES])
def test_a_reader_would_say_so(case: dict[str, str]) -> None:
    found = hits(case["problem"], case["text"])
    assert SAID[case["want"]](found), [(hit.method, hit.kind, hit.score, hit.probability) for hit in found]


def test_every_answer_is_asked_for() -> None:
    assert {case["want"] for case in CASES} == set(SAID)
    assert len(CASES) > 100
