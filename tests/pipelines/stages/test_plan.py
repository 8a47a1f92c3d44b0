"""The plan of a recipe: what is wrong is found before any work, and the dry run says what would be done."""

from pathlib import Path

import pytest

from manifests.errors import UserError
from manifests.recipe import Recipe, parse_recipe
from pipelines.stages import plan

SMALL = """\
name: toy
fraction: 0.25
assets:
  lid: {from: 'hf:owner/model@0123456789012345678901234567890123456789!lid.bin'}
  plain: {from: 'https://me:pa55word@host/model.bin?token=pa55word'}
sources:
  - name: here
    kind: web
    inputs: [{from: pages, fraction: 1.0}]
    licence: CC0-1.0
    cutoff: 2023-04-01
    filters: [{score: math_found, above: 0.17, reason: little_math}]
  - name: there
    kind: dataset
    keep_raw: false
    size: 15 B tokens
    inputs: ['s3://bucket/*.gz', 'pypi:toy==1.0!**/*.txt#sha256=%s']
""" % ("ab" * 32)


def recipe(text: str = SMALL) -> Recipe:
    return parse_recipe(text, "toy.yaml")


def test_the_plan_names_inputs_pins_sizes_and_thresholds(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("12345")
    told = plan.describe(recipe(), tmp_path / "toy.yaml")
    lines = [line.strip() for line in told.splitlines()]
    assert "source  here: pages, 1 files, 5 bytes (not pinned)" in lines
    assert "source  there: s3://bucket/*.gz, 0.25 of the files (not pinned)" in lines
    assert f"(sha256 {'ab' * 8}…)" in told
    assert "lid.bin (pinned by commit)" in told
    assert "there: 15 B tokens" in lines
    assert "here: kind web; rules corrected; licence CC0-1.0; cutoff 2023-04-01" in lines
    assert "there: kind dataset; rules corrected; raw files are not kept" in lines
    assert 'here: {"score":"math_found","above":0.17,"reason":"little_math"}' in lines
    assert told.count("not asked for") == 3


def test_the_plan_tells_no_secret(tmp_path: Path) -> None:
    assert "pa55word" not in plan.describe(recipe(), tmp_path / "toy.yaml")


def test_the_plan_is_the_same_every_time_and_touches_nothing(tmp_path: Path) -> None:
    assert plan.describe(recipe(), tmp_path / "toy.yaml") == plan.describe(recipe(), tmp_path / "toy.yaml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("s3://bucket/*.gz", "s3:/bucket", "toy.yaml: sources.there.inputs.0: "),
        ("https://me:pa55word@host/", "gopher://host/", "toy.yaml: assets.plain.from: "),
        ("kind: web", "kind: wed", "toy.yaml: sources.here.kind: unknown kind `wed`"),
        ("    licence: CC0-1.0\n", "    options: {depth: 3}\n", "toy.yaml: sources.here.options: depth: unknown key"),
        ("sources:\n", "scores: {e: {kind: tongue}}\nsources:\n", "toy.yaml: scores.e.kind: unknown kind `tongue`"),
        (
            "sources:\n",
            "scores: {e: {kind: language, model: lid, options: {speed: 3}}}\nsources:\n",
            "toy.yaml: scores.e: got an unexpected keyword argument 'speed'",
        ),
        (
            "score: math_found",
            "score: math_fuond",
            "sources.0.filters.0.score: nothing computes `math_fuond`; did you mean",
        ),
        ("score: math_found", "score: enlish", "nothing computes `enlish`; did you mean `english`?"),
        ("score: math_found", "score: english", "nothing computes `english` here; expected a score of kind language"),
        (
            "{score: math_found",
            "{when: [{score: lenght, above: 1}], score: math_found",
            "when.0.score: nothing",
        ),
        ("sources:\n", "shards: {tokenizer: none}\nsources:\n", "shards.tokenizer: no asset is called `none`"),
        (
            "sources:\n",
            "overlap: {benchmarks: {math: {asset: none}}}\nsources:\n",
            "overlap.benchmarks.math.asset: no asset is called `none`",
        ),
    ],
)
def test_a_mistake_is_found_before_any_work(old: str, new: str, expected: str) -> None:
    plan.check(recipe(), "toy.yaml")
    with pytest.raises(UserError) as caught:
        plan.check(recipe(SMALL.replace(old, new)), "toy.yaml")
    assert expected in str(caught.value) and "\n" not in str(caught.value)
    assert "pa55word" not in str(caught.value)


def test_a_score_that_lost_its_model_is_not_blamed_for_that_too(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "name: x\nscores: {lang: {kind: language, model: lidd}}\nsources:\n"
        "  - {name: a, kind: dataset, inputs: ['https://a.org/b'], scores: [lang],\n"
        "     filters: [{score: enlish, at_least: 0.5}]}\n"
    )
    with pytest.raises(UserError) as caught:
        plan.read(tmp_path / "r.yaml")
    lines = [line.removeprefix(f"{tmp_path}/").partition("; ")[0] for line in str(caught.value).split("\n")]
    assert lines[:2] == [
        "r.yaml:2: scores.lang.model: no asset is called `lidd`",
        "r.yaml:5: sources.0.filters.0.score: nothing computes `enlish`",
    ]
    assert not any("scores.lang: " in line for line in lines)
