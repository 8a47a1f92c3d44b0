"""Patterns over paths, and names that cannot leave their folder."""

import contextlib
import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from pipelines.fetching.patterns import LONGEST_PART, Pattern, alternatives, fixed_prefix, safe_name


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*.tex", "a.tex", True),
        ("*.tex", "b/a.tex", False),
        ("**/*.tex", "a.tex", True),
        ("**/*.tex", "x/y/a.tex", True),
        ("x/**", "x/y/z", True),
        ("x/**", "y/x/z", False),
        ("x/**/z", "x/z", True),
        ("**", "any/thing", True),
        ("{a,b/{c,d}}/*", "b/d/e", True),
        ("{a,b/{c,d}}/*", "b/e/e", False),
        ("a[0-9]?.gz", "a1x.gz", True),
        ("a[!0-9].gz", "a1.gz", False),
        ("A.tex", "a.tex", False),
        ("a.b", "aXb", False),
        ("", "", True),
    ],
)
def test_what_fits(pattern: str, name: str, fits: bool) -> None:
    assert Pattern(pattern).matches(name) is fits


@given(st.text("ab*?[]!", max_size=8), st.text("ab[]!", max_size=8))
def test_within_one_part_it_is_the_shells_rule(pattern: str, name: str) -> None:
    if pattern != "**":
        assert Pattern(pattern).matches(name) == fnmatch.fnmatchcase(name, pattern)


@given(st.lists(st.sampled_from(["a", "b", "**", "*"]), max_size=6), st.lists(st.sampled_from("ab"), max_size=6))
def test_two_stars_span_parts(pattern: list[str], name: list[str]) -> None:
    def fits(wanted: list[str], parts: list[str]) -> bool:
        if not wanted:
            return not parts
        if wanted[0] == "**":
            return any(fits(wanted[1:], parts[skip:]) for skip in range(len(parts) + 1))
        return bool(parts) and wanted[0] in {"*", parts[0]} and fits(wanted[1:], parts[1:])

    if pattern and name:
        assert Pattern("/".join(pattern)).matches("/".join(name)) == fits(pattern, name)


def test_braces_are_written_out_in_order() -> None:
    assert alternatives("{a,b}{c,d}") == ["ac", "ad", "bc", "bd"]
    assert alternatives("x{,y}") == ["x", "xy"]
    with pytest.raises(UserError, match="not closed"):
        alternatives("{a")
    with pytest.raises(UserError, match="more than 1024"):
        alternatives("{a,b}" * 12)


@pytest.mark.parametrize(("pattern", "prefix"), [("a/b*/c", "a/"), ("*", ""), ("a/b", "a/b"), ("a/{b,c}", "a/")])
def test_the_fixed_part_of_a_pattern(pattern: str, prefix: str) -> None:
    assert fixed_prefix(pattern) == prefix


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("*a" * 30 + "b", "a" * 1_000_000),
        ("**/" * 30 + "b", "a/" * 100_000),
        ("{" * 1000, "a"),
        ("[" * 1000 + "]", "[" * 100_000),
    ],
)
def test_hostile_patterns_and_names_end_soon(pattern: str, name: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(UserError):
        assert not Pattern(pattern).matches(name)
    assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a/b.tex", "a/b.tex"),
        ("/etc/passwd", "etc/passwd"),
        ("../../a", "%2E%2E/%2E%2E/a"),
        ("a/./b//c/", "a/b/c"),
        ("a\\..\\b\0\n", "a%5C..%5Cb%00%0A"),
        ("", "file"),
        ("été.tex", "été.tex"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=600))
def test_a_safe_name_stays_below_its_folder_and_is_its_own_safe_name(name: str) -> None:
    safe = safe_name(name)
    parts = safe.split("/")
    assert not set(parts) & {"", ".", ".."}
    assert all(len(part.encode()) <= LONGEST_PART for part in parts)
    assert safe_name(safe) == safe


def test_long_names_that_differ_in_the_middle_stay_different() -> None:
    assert safe_name("a" * 300 + "x" + "a" * 300) != safe_name("a" * 300 + "y" + "a" * 300)


def test_a_name_of_200_bytes_is_kept_and_a_longer_one_becomes_one_of_at_most_as_many() -> None:
    assert safe_name("é" * 100) == "é" * 100
    for name in ("é" * 100 + "a", "a" * 201, "\U0001d465" * 300):
        found = safe_name(name).encode()
        assert 190 <= len(found) <= 200 and found[:80] == name.encode()[:80] and found[-80:] == name.encode()[-80:]
