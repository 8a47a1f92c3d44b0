"""Code inside of Markdown stays whatever it looks like."""

import itertools
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extraction.notebooks.code_spans import code_of, outside_code
from pipelines.extraction.notebooks.markdown import to_markdown


def corrected(source: str) -> str:
    cell = {"cell_type": "markdown", "metadata": {}, "source": source}
    return to_markdown(json.dumps({"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [cell]}), "corrected")


@pytest.mark.parametrize(
    "source",
    [
        "Use `![alt](x.png)` and `<img src=1>`.",
        "Two ticks: ``a ` b <img src=1>``.",
        "```html\n<img src='a'>\n<script>x</script>\n```",
        "~~~\n![a](b.png)\n~~~",
        "`<script>` opens and `</script>` closes.",
        "```` \n```\n<img src=1>\n````",
    ],
)
def test_code_is_left_as_it_is(source: str) -> None:
    assert corrected(source).strip() == source.strip()


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("a ![p](b.png) c", "a  c"),
        ("`x` <img src=1> `y`", "`x`  `y`"),
        ("a <script>let s = `t`;</script> b", "a  b"),
        ("a ` b\n\n<img src=1>\n\nc ` d", "a ` b\n\n\n\nc ` d"),
        ("one ` tick <img src=1> alone", "one ` tick  alone"),
        ("```\ncode\n```\n<img src=1>\nend", "```\ncode\n```\n\nend"),
    ],
)
def test_what_stands_outside_goes_as_before(source: str, left: str) -> None:
    assert corrected(source).strip() == left


@given(st.text(alphabet="`~ab\n<>![]()\0", max_size=60))
def test_nothing_is_lost_where_nothing_is_stripped(text: str) -> None:
    assert outside_code(text, lambda whole: whole) == text
    spans = list(code_of(text))
    assert all(start < end for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


def test_time_is_linear_in_backticks_that_never_close() -> None:
    def spent(count: int) -> float:
        text = "".join("`" * (1 + number % 300) + "x" for number in range(count))
        started = time.process_time()
        outside_code(text, lambda whole: whole)
        return time.process_time() - started

    spent(500)
    assert spent(4000) < 30 * max(spent(1000), 1e-3)
