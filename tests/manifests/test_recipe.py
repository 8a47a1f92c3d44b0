"""Recipes: what is accepted, what a mistake is told as, and what the hash covers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import UserError
from manifests.recipe import Recipe, load_recipe, parse_recipe

SMALL = """\
name: toy
sources:
  - name: a
    kind: web
    inputs: [one, {from: two, fraction: 0.5}]
"""


def fault(text: str) -> str:
    with pytest.raises(UserError) as caught:
        parse_recipe(text, "r.yaml")
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_plain_string_is_short_for_an_input() -> None:
    [source] = parse_recipe(SMALL, "r.yaml").sources
    assert [(item.address, item.fraction) for item in source.inputs] == [("one", None), ("two", 0.5)]


def test_a_date_may_be_written_without_quotes() -> None:
    recipe = parse_recipe(SMALL + "    cutoff: 2023-03-31\n", "r.yaml")
    assert recipe.source("a").cutoff == "2023-03-31"


def test_the_hash_covers_meaning_not_spelling() -> None:
    plain = parse_recipe(SMALL, "r.yaml")
    spelled = parse_recipe("# a comment\nseed: 0\nrules: corrected\n" + SMALL, "other.yaml")
    assert plain.sha256 == spelled.sha256
    assert plain.sha256 != parse_recipe("seed: 1\n" + SMALL, "r.yaml").sha256


def test_a_recipe_comes_back_from_its_own_json() -> None:
    recipe = parse_recipe(SMALL, "r.yaml")
    assert Recipe.model_validate_json(recipe.as_json()) == recipe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SMALL + "sede: 3\n", "r.yaml:6: sede: unknown key; did you mean `seed`?"),
        (SMALL + "    rulse: published\n", "r.yaml:6: sources.0.rulse: unknown key; did you mean `rules`?"),
        (SMALL + "    zzz: 1\n", "r.yaml:6: sources.0.zzz: unknown key; expected one of name, kind, inputs"),
        (SMALL + "    filters: [{score: x}]\n", "expected exactly one of at_least, above, at_most, below"),
        (SMALL + "    scores: [english]\n", "sources.0.scores: no score is called `english`; scores: none"),
        (SMALL + "  - {name: a, kind: web, inputs: [x]}\n", "two sources are called `a`"),
        (SMALL.replace("name: a", "name: A/b"), "r.yaml:3: sources.0.name: expected lower-case letters"),
        (SMALL.replace("name: a", "name: assets"), "`assets` is the name of a part of every corpus"),
        (SMALL.replace("[one, {from: two, fraction: 0.5}]", "[]"), "sources.0.inputs: "),
        (SMALL.replace("0.5", "1.5"), "r.yaml:5: sources.0.inputs.1.fraction: "),
        ("name: x\nsources: []\n", "r.yaml:2: sources: "),
        ("assets: {m: {from: x, sha256: abc}}\n" + SMALL, "r.yaml:1: assets.m.sha256: expected 64 hexadecimal digits"),
        ("scores: {s: {kind: language, model: m}}\n" + SMALL, "scores.s.model: no asset is called `m`; assets: none"),
        ("name: toy\n\tx: 1\n", "r.yaml:2: not valid YAML"),
        ("- 1\n", "r.yaml: expected a mapping"),
        ("", "r.yaml: expected a mapping"),
        ("[" * 5000, "r.yaml: not valid YAML"),
        (SMALL + "    cutoff: 2023-02-31\n", "r.yaml:6: not valid YAML: `2023-02-31`: day "),
    ],
)
def test_a_mistake_is_one_line_with_file_line_and_key(text: str, expected: str) -> None:
    assert expected in fault(text)


@pytest.mark.parametrize("secret", ["https://me:pa55word@host/x", "https://host/x?token=pa55word"])
def test_no_error_repeats_a_secret(secret: str) -> None:
    assert "pa55word" not in fault(SMALL.replace("[one, {from: two, fraction: 0.5}]", secret))
    assert "pa55word" not in fault(SMALL + f"seed: '{secret}'\n")


def test_a_long_value_is_cut() -> None:
    assert len(fault(SMALL + f"seed: {'x' * 100_000}\n")) < 300


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.yaml: no such recipe"):
        load_recipe(tmp_path / "none.yaml")


@given(st.text(max_size=200))
def test_no_text_whatever_ends_in_anything_but_a_recipe_or_one_clear_error(text: str) -> None:
    try:
        parse_recipe(text, "r.yaml")
    except UserError as error:
        assert str(error).startswith("r.yaml")


@pytest.mark.parametrize("place", ['name: "a\\ud800"', 'description: "\\udfff"', '"\\ud801": 1'])
def test_half_a_character_is_refused_with_its_line(place: str) -> None:
    with pytest.raises(UserError, match=r"^r\.yaml:2: U\+D[8F][0F][01F] in this text is half of a character") as caught:
        parse_recipe(f"# a recipe\n{place}\nsources: [{{name: a, kind: web, inputs: [b]}}]\n", "r.yaml")
    str(caught.value).encode()
