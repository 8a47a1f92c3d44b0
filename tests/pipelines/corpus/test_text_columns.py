"""Which columns hold the texts of a corpus that nobody described."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import UserError
from pipelines.corpus.text_columns import text_columns, text_from

SAID = "In how many ways can Ola lay six blue tiles in a row of nine places?"


@pytest.mark.parametrize(
    "row",
    [
        {"raw_content": SAID, "url": "u"},
        {"markdown": SAID},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": SAID}]}]},
        {"page_content": SAID, "metadata": {}},
        {"data": {"text": SAID}},
        {"dialog": [SAID, "Four."]},
        {"turns": [{"speaker": "a", "text": SAID}]},
        {"abstract": "Of tiles.", "full_text": SAID},
        {"texts": [SAID, "Four."]},
        {"code": SAID, "language": "Lean"},
        {"prompt": SAID, "chosen": "Four.", "rejected": "Five."},
        {"problem": SAID, "generated_solution": "Four."},
        {"question": SAID, "generated_solution": "Four.", "expected_answer": "4"},
        {"problem": SAID, "answer": "4"},
        {"inputs": SAID, "targets": "Four."},
        {"text": None, "content": SAID},
        {"TEXT": SAID},
        {"title": "Of tiles", "sections": [{"heading": "Tiles", "text": SAID}]},
        {"transcript": SAID},
        {"html": SAID},
        {"abstract": SAID, "doi": "d"},
    ],
    ids="+".join,
)
def test_the_text_is_found(row: dict[str, Any]) -> None:
    keys = text_columns(Path("corpus.jsonl"), iter([row]))
    text = text_from(row, keys)
    assert isinstance(text, str) and text.startswith(SAID)


def test_a_file_without_texts_is_named_with_its_columns() -> None:
    with pytest.raises(UserError, match=r"corpus\.jsonl: no column `text` .* are there: a, b; name one"):
        text_columns(Path("corpus.jsonl"), iter([{"a": 1, "b": 2}]))


def test_rows_before_the_place_of_a_damage_tell_the_columns() -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {"body": SAID}
        raise EOFError("planted")

    assert text_columns(Path("corpus.jsonl"), rows()) == ("body",)
    with pytest.raises(UserError):  # no damage, but what a person is told
        text_columns(Path("corpus.jsonl"), iter([{"number": 1}]))
