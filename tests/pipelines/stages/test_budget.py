"""The budget of a plan: what is here is counted, what is elsewhere is as the recipe says, for the share asked for."""

from pathlib import Path

import pytest

from manifests.recipe import Recipe, parse_recipe
from pipelines.stages import budget

FAR = """\
name: far
fraction: {fraction}
sources:
  - {{name: papers, kind: arxiv, keep_raw: {keep}, inputs: ['{address}'], raw: {{gb: 3600, files: 7200, text_gb: 100}}}}
"""


def recipe(fraction: float = 1.0, keep: str = "false", address: str = "s3://arxiv/a.xml#requester-pays") -> Recipe:
    return parse_recipe(FAR.format(fraction=fraction, keep=keep, address=address), "far.yaml")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for _, variables, _ in budget.CREDENTIALS.values():
        for name in variables:
            monkeypatch.delenv(name, raising=False)


def said(of: Recipe, folder: Path) -> str:
    return "\n".join(budget.lines(of, folder))


def test_hours_come_from_bytes_and_the_measured_speed_of_the_kind(tmp_path: Path) -> None:
    one = budget.part(recipe(), recipe().sources[0], tmp_path)
    assert one.hours == pytest.approx(3600e9 / (budget.KINDS["arxiv"].speed * 1e6) / 3600)
    assert (one.away, one.requests, one.text) == (3600e9, 7200, pytest.approx(100e9))


def test_a_fraction_takes_its_share_of_everything(tmp_path: Path) -> None:
    whole, tenth = (budget.part(recipe(share), recipe(share).sources[0], tmp_path) for share in (1.0, 0.1))
    assert tenth[2:] == pytest.approx([value / 10 for value in whole[2:]])


def test_raw_files_that_are_kept_take_disk_and_others_do_not(tmp_path: Path) -> None:
    assert budget.part(recipe(keep="true"), recipe(keep="true").sources[0], tmp_path).disk == 3600e9
    assert budget.part(recipe(), recipe().sources[0], tmp_path).disk == 0
    assert "two raw files a worker" in said(recipe(), tmp_path)


def test_files_of_this_machine_are_counted_and_no_request_is(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in "ab":
        (tmp_path / "in" / f"{name}.jsonl").write_bytes(b"x" * 500_000)
    here = parse_recipe(
        "name: here\nsources:\n  - {name: rows, kind: dataset, inputs: [in, 'in/*.jsonl', in/a.jsonl]}\n"
        "dedup: {threshold: 0.8}\n",
        "here.yaml",
    )
    one = budget.part(here, here.sources[0], tmp_path)
    assert (one.bytes, one.away, one.requests, one.known) == (2_500_000, 0, 0, True)
    lines = said(here, tmp_path)
    assert "rows: 0.003 GB; " in lines and "dedup: " in lines and "shards: " not in lines
    assert "network: 0.000 GB in 0 requests" in lines and "credentials" not in lines


def test_what_nobody_can_know_is_said_to_be_unknown(tmp_path: Path) -> None:
    of = parse_recipe(
        "name: a\nsources:\n  - {name: web, kind: web, inputs: ['https://a.example/w.paths']}\n", "a.yaml"
    )
    assert "web: of unknown size elsewhere" in said(of, tmp_path)


@pytest.mark.parametrize(
    ("variable", "address", "expected"),
    [
        ("", "s3://arxiv/a.xml#requester-pays", "credentials of AWS: are missing, and needed"),
        ("AWS_PROFILE", "s3://arxiv/a.xml#requester-pays", "credentials of AWS: there (AWS_PROFILE)"),
        ("", "hf:datasets/a/b", "credentials of Hugging Face: are not there; public places need none"),
        ("HF_TOKEN", "hf:datasets/a/b", "credentials of Hugging Face: there (HF_TOKEN)"),
        ("", "gs://bucket/b", "credentials of Google: are not there"),
    ],
)
def test_credentials_are_told_by_name_and_never_by_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, address: str, expected: str
) -> None:
    if variable:
        monkeypatch.setenv(variable, "s3cret")
    lines = said(recipe(address=address), tmp_path)
    assert expected in lines and "s3cret" not in lines


def test_who_pays_is_told(tmp_path: Path) -> None:
    assert "of which you pay for 3,600 GB" in said(recipe(), tmp_path)
    assert "you pay" not in said(recipe(address="s3://arxiv/a"), tmp_path)
