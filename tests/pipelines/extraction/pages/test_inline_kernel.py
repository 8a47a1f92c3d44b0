"""White space in the bytes of a page is what `str.isspace` calls so, also where the bytes end in the middle."""

import numpy as np
import pytest

from pipelines.extraction.pages.inline_kernel import collapsed, space_at

pytestmark = pytest.mark.kernel


def size(raw: bytes, at: int = 0) -> int:
    return int(space_at(np.frombuffer(raw, np.uint8), at, len(raw)))


def test_the_kernel_and_python_agree_on_every_character() -> None:
    for code in [*range(0xD800), *range(0xE000, 0x3400 + 0xE000)]:
        raw = chr(code).encode()
        assert size(raw) == (len(raw) if chr(code).isspace() else 0), hex(code)


@pytest.mark.parametrize("blank", ["\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u205f", "\u3000"])
def test_a_character_cut_at_the_end_is_no_white_space(blank: str) -> None:
    whole = blank.encode()
    for cut in range(1, len(whole)):
        assert size(b"x" + whole[:cut], 1) == 0
        # What lies behind the end is not looked at.
        assert int(space_at(np.frombuffer(b"x" + whole, np.uint8), 1, 1 + cut)) == 0


@pytest.mark.parametrize(
    ("before", "after"), [("  a \t b ", "a b"), ("\xa0", ""), ("a\u3000\u2003b", "a b"), ("é", "é")]
)
def test_runs_of_white_space_become_one_and_none_is_at_the_ends(before: str, after: str) -> None:
    source = np.frombuffer(before.encode(), np.uint8)
    out = np.zeros(len(source) + 1, np.uint8)
    assert out[: collapsed(source, 0, len(source), out, 0)].tobytes().decode() == after
