"""What is wrong with a recipe is told whole: a line for each mistake, and none that only follows from another."""

import pytest

from manifests.errors import UserError
from manifests.mistakes import Mistakes
from manifests.recipe import BrokenRecipe, parse_recipe

SOUND = """\
name: toy
assets:
  lid: {from: lid.bin}
  tok: {from: tok.model}
scores:
  lang: {kind: language, model: lid}
sources:
  - name: a
    kind: web
    inputs: [one]
    scores: [lang]
    filters: [{score: english, at_least: 0.5}]
dedup: {threshold: 0.8}
shards: {tokenizer: tok}
"""


def lines(*changes: tuple[str, str]) -> list[str]:
    text = SOUND
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(UserError) as caught:
        parse_recipe(text, "r.yaml")
    return str(caught.value).split("\n")


def test_every_mistake_has_a_line_of_its_own() -> None:
    assert lines(("threshold: 0.8", "treshold: 0.8"), ("inputs: [one]", "inputs: one"), ("name: toy", "name: Toy")) == [
        "r.yaml:1: name: expected lower-case letters, digits, - and _, beginning with a letter or digit, found 'Toy'",
        "r.yaml:10: sources.0.inputs: expected a list, found 'one'",
        "r.yaml:13: dedup.treshold: unknown key; did you mean `threshold`?",
    ]


def test_keys_that_do_not_fit_are_told_beside_keys_that_are_wrong() -> None:
    assert lines(
        ("threshold: 0.8", "threshold: 8"), ("scores: [lang]", "scores: [lung]"), ("tokenizer: tok", "tokenizer: to")
    ) == [
        "r.yaml:13: dedup.threshold: input should be less than or equal to 1, found 8",
        "r.yaml:11: sources.0.scores: no score is called `lung`; scores: lang",
        "r.yaml:14: shards.tokenizer: no asset is called `to`; assets: lid, tok",
    ]


def test_a_key_given_twice_hides_no_other_mistake() -> None:
    assert lines(("name: toy\n", "name: toy\nname: boy\n"), ("kind: web\n", "kind: web\n    weight: 0\n")) == [
        "r.yaml:2: name: this key stands in line 1 already",
        "r.yaml:11: sources.0.weight: input should be greater than 0, found 0",
    ]


def test_what_only_follows_from_a_mistake_is_not_told() -> None:
    assert lines(("lid: {from: lid.bin}", "lid: {licence: MIT}")) == ["r.yaml:3: assets.lid.from: this key is missing"]


@pytest.mark.parametrize("switch", ["yes", "true", "off"])
def test_a_switch_is_no_number(switch: str) -> None:
    found = lines(("threshold: 0.8", f"threshold: {switch}"), ("at_least: 0.5", f"at_least: {switch}"))
    assert {line.partition(": expected a number, found")[0] for line in found if "expected a number" in line} == {
        "r.yaml:12: sources.0.filters.0.at_least",
        "r.yaml:13: dedup.threshold",
    }


@pytest.mark.parametrize(
    ("cutoff", "fits"),
    [(day, True) for day in ("2023", "2023-04", "2023-04-01")] + [(no, False) for no in ("2023-13", "soon", "1.4.23")],
)
def test_a_cutoff_is_a_date(cutoff: str, fits: bool) -> None:
    text = SOUND.replace("kind: web\n", f"kind: web\n    cutoff: '{cutoff}'\n")
    if fits:
        assert parse_recipe(text, "r.yaml").sources[0].cutoff == cutoff
    else:
        with pytest.raises(UserError, match=r"r\.yaml:10: sources\.0\.cutoff: expected a date"):
            parse_recipe(text, "r.yaml")


def test_a_threshold_that_no_number_can_meet_is_refused() -> None:
    assert lines(("at_least: 0.5", "at_least: .nan"))[0].startswith("r.yaml:12: sources.0.filters.0.at_least: ")


def test_what_is_left_of_a_recipe_can_be_looked_at_further() -> None:
    with pytest.raises(BrokenRecipe) as caught:
        parse_recipe(SOUND.replace("threshold: 0.8", "treshold: 0.8"), "r.yaml")
    assert caught.value.rest is not None
    assert caught.value.rest.sources[0].filters[0].score == "english"


def test_nothing_is_left_where_a_source_is_none() -> None:
    with pytest.raises(BrokenRecipe) as caught:
        parse_recipe(SOUND.replace("    kind: web\n", ""), "r.yaml")
    assert caught.value.rest is None


def test_a_line_is_said_once_and_counts_each_time() -> None:
    found = Mistakes()
    for _ in range(2):
        with found.noting():
            raise UserError("r.yaml: key: wrong")
    assert (found.lines, found.noted) == (["r.yaml: key: wrong"], 2)
    with pytest.raises(UserError, match="key: wrong"):
        found.settle()


@pytest.mark.parametrize(
    "text",
    [
        "name: x\nsources: &a\n  - *a\n",
        "name: x\nsources: &a\n  - {name: a, kind: web, inputs: *a}\n",
        SOUND + "zzz: &b {again: *b}\n",
    ],
)
def test_an_alias_that_leads_back_is_a_mistake_like_others(text: str) -> None:
    with pytest.raises(UserError, match=r"^r\.yaml:\d+: "):
        parse_recipe(text, "r.yaml")


def test_aliases_that_multiply_cost_nothing() -> None:
    levels = "\n".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    text = SOUND.replace("kind: web\n", "kind: web\n    options: *all\n")
    assert lines_of_text(f"zzz: &all\n  l0: &l0 [true, true]\n{levels}\n{text}") == ["r.yaml:1: zzz: unknown key"]


def lines_of_text(text: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        parse_recipe(text, "r.yaml")
    return [line.partition(";")[0] for line in str(caught.value).split("\n")]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("seed: 1:30", "`1:30` is 90 to YAML"),
        ("seed: 017", "`017` is 15 to YAML"),
        ("fraction: 0:0.5", "`0:0.5` is 0.5 to YAML"),
    ],
)
def test_a_number_that_is_another_to_yaml_is_refused(written: str, told: str) -> None:
    assert lines(("name: toy\n", f"name: toy\n{written}\n"))[0].startswith(f"r.yaml:2: {told}; expected a plain number")


@pytest.mark.parametrize("written", ["seed: 0", "seed: 1_000", "fraction: 0.5", "seed: 0x1F", "description: '1:30'"])
def test_a_number_that_is_as_it_looks_is_taken(written: str) -> None:
    assert parse_recipe(SOUND.replace("name: toy\n", f"name: toy\n{written}\n"), "r.yaml").name == "toy"


@pytest.mark.parametrize(
    ("written", "taken"),
    [("2024-01-01", "a date"), ("no", "a switch"), ("12", "a number"), ("1e5", None), ("0.5", "a number")],
)
def test_a_text_that_is_something_else_to_yaml_is_to_stand_in_quotes(written: str, taken: str | None) -> None:
    if taken is None:  # YAML takes no exponent without a point for a number
        assert parse_recipe(SOUND.replace("name: toy", f"name: {written}"), "r.yaml").name == written
    else:
        expected = f"r.yaml:1: name: `{written}` is {taken} to YAML; expected a text, in quotes"
        assert lines(("name: toy", f"name: {written}")) == [expected]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("seed: !!python/object/apply:os.getcwd []", "not valid YAML: the tag tag:yaml.org,2002:python/object"),
        ("seed: !mine 3", "not valid YAML: `3`: could not determine a constructor"),
        ("description: 2024-13-45", "not valid YAML: `2024-13-45`: month must be in 1..12"),
        ("? [a, b]\n: c", "a list or a mapping stands for a key; expected a name"),
        ("description: a\0b", "not valid YAML: unacceptable character #x0000"),
        ("seed: " + "9" * 5000, "not valid YAML: `99"),
    ],
)
def test_what_yaml_cannot_read_is_told_with_its_line(written: str, told: str) -> None:
    found = lines(("name: toy\n", f"name: toy\n{written}\n"))
    assert found[0].startswith(f"r.yaml:2: {told}")
    assert len(found) == 1


def test_a_mapping_may_take_over_the_keys_of_another() -> None:
    text = SOUND.replace("dedup: {threshold: 0.8}", "dedup: {<<: {threshold: 0.7}}")
    dedup = parse_recipe(text, "r.yaml").dedup
    assert dedup is not None and dedup.threshold == 0.7
