"""Benchmarks that are known by name, and recipes that name them."""

import re

import pytest

from manifests.benchmarks import addresses_of, find_known, groups, known_benchmarks
from manifests.errors import UserError
from manifests.recipe import parse_recipe

RECIPE = """
name: mine
sources: [{name: s, kind: dataset, inputs: [a.jsonl]}]
overlap: {benchmarks: %s}
"""


def test_the_mathematical_benchmarks_of_today_are_known() -> None:
    assert len(known_benchmarks()) >= 50
    for name in ("math", "gsm8k", "math-500", "aime-2025", "gpqa-diamond", "mmlu-pro", "putnambench", "minif2f-lean4"):
        assert addresses_of(name)


@pytest.mark.parametrize("name", known_benchmarks())
def test_an_entry_says_where_what_and_under_which_licence(name: str) -> None:
    entry = known_benchmarks()[name]
    assert entry.title and entry.source and entry.licence
    assert all(re.match(r"hf:datasets/\S+!\S+$|https://\S+$", place) for place in entry.addresses().values())
    assert entry.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert find_known(name) is entry, "no other entry has one of its names"
    assert (entry.seen == "bytes") == (entry.sha256 is not None)
    assert (entry.seen == "no") == (not entry.addresses())


def test_names_are_found_however_they_are_written() -> None:
    assert find_known("MATH-500") is find_known("math500") is known_benchmarks()["math-500"]
    assert find_known("Hendrycks_MATH") is known_benchmarks()["math"]
    assert find_known("nothing") is None


def test_a_data_set_stands_for_the_parquet_of_its_test_split() -> None:
    assert addresses_of("aime-2025") == {
        "": "hf:datasets/MathArena/aime_2025@refs/convert/parquet!default/train/0000.parquet"
    }
    assert list(addresses_of("math"))[:2] == ["algebra", "counting_and_probability"]


def test_what_is_not_known_is_one_line_with_a_hint() -> None:
    with pytest.raises(UserError, match="no benchmark is known as `gms8k`; did you mean `gsm8k`"):
        addresses_of("gms8k")
    with pytest.raises(UserError, match="no public address; expected champ=FILE"):
        addresses_of("champ")


def test_a_recipe_names_benchmarks_and_gets_their_assets() -> None:
    recipe = parse_recipe(RECIPE % "[gsm8k, ocw]", "r.yaml")
    assert recipe.overlap is not None
    assert recipe.overlap.benchmarks["gsm8k"].assets() == {"": "benchmark-gsm8k"}
    assert recipe.assets["benchmark-gsm8k"].sha256 == known_benchmarks()["gsm8k"].sha256
    assert recipe.assets["benchmark-ocw"].licence == "CC-BY-NC-SA-4.0"


def test_a_group_stands_for_its_members_and_a_benchmark_of_parts_has_an_asset_for_each() -> None:
    recipe = parse_recipe("assets: {a: {from: b.jsonl}}" + RECIPE % "{llemma: , mine: {asset: a}}", "r.yaml")
    assert recipe.overlap is not None
    assert list(recipe.overlap.benchmarks) == [*groups()["llemma"], "mine"]
    assert len(recipe.overlap.benchmarks["mmlu_stem"].assets()) == 18
    assert "benchmark-math-algebra" in recipe.assets


def test_a_recipe_with_an_unknown_benchmark_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match=r"overlap\.benchmarks\.maths?: no benchmark is known") as caught:
        parse_recipe(RECIPE % "[maths]", "r.yaml")
    assert "\n" not in str(caught.value)
