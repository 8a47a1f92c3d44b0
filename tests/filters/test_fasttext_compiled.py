"""The compiled reading of a language model gives the library's numbers, to the bit, or is not used."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fasttext
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters import fasttext_compiled
from filters.fasttext_compiled import PROBE, CompiledModel, compiled_model
from filters.fasttext_model import likeliest, load

pytestmark = pytest.mark.kernel
MODEL = Path(os.environ.get("PROOFPILE_REAL_DATA", "")) / "models" / "lid.176.ftz"
real = pytest.mark.skipif(not MODEL.is_file(), reason="needs lid.176")


@pytest.fixture(scope="module")
def compiled() -> CompiledModel:
    found = compiled_model(MODEL, load(MODEL))
    assert found is not None
    return found


def library(line: str) -> list[tuple[float, str]]:
    return sorted(load(MODEL).f.predict(line + "\n", -1, 0.0, "strict"))


@real
@pytest.mark.parametrize("line", [*PROBE, "x" * 5000, "word</s> </s>", "\u00e9", "__label__ __label__en a", "ß" * 300])
def test_probabilities_are_those_of_the_library(compiled: CompiledModel, line: str) -> None:
    assert sorted(compiled.found(line)) == library(line)


@real
@pytest.mark.compiled  # uncompiled, numbers are rounded at other places
@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\n")))
def test_so_they_are_for_any_line(compiled: CompiledModel, line: str) -> None:
    assert sorted(compiled.found(line)) == library(line)


def test_grams_of_one_character_are_read_as_the_library_reads_them(tmp_path: Path) -> None:
    lines = ["__label__a theorem proof x y", "__label__b install é server"] * 20
    (tmp_path / "lines").write_text("\n".join(lines) + "\n", encoding="utf-8")
    trained = fasttext.train_supervised(
        str(tmp_path / "lines"), dim=4, epoch=5, thread=1, minn=1, maxn=3, bucket=400, minCount=1, loss="hs", verbose=0
    )
    trained.quantize(str(tmp_path / "lines"), cutoff=300, retrain=False)
    trained.save_model(str(tmp_path / "m.ftz"))
    found = compiled_model(tmp_path / "m.ftz", load(tmp_path / "m.ftz"))
    assert found is not None
    for line in ("xyz proofs", "é", "unknown server", "a b c"):
        assert sorted(found.found(line)) == sorted(load(tmp_path / "m.ftz").f.predict(line + "\n", -1, 0.0, "strict"))


@real
def test_threads_write_to_what_is_remembered_one_at_a_time(
    compiled: CompiledModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[int] = []
    most: list[int] = []
    add_rows = fasttext_compiled.add_rows

    def slow(*arguments: object) -> int:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        count = int(add_rows(*arguments))
        inside.pop()
        return count

    monkeypatch.setattr(fasttext_compiled, "add_rows", slow)
    with ThreadPoolExecutor(4) as pool:
        assert len({tuple(found) for found in pool.map(compiled.found, ["krond zyxo"] * 8)}) == 1
    assert max(most) == 1


@real
@pytest.mark.parametrize("line", ["a group of order two", "ein endlicher Körper mit vier Elementen", "", "7 8 9"])
def test_the_likeliest_label_is_told_beside_the_one_asked_for(compiled: CompiledModel, line: str) -> None:
    found = library(line)
    english = {label: probability for probability, label in found}.get("__label__en", 0.0)
    other = max(probability for probability, label in found if label != "__label__en")
    best = max(found)[1].removeprefix("__label__")
    assert likeliest(MODEL, line, "en") == (round(english, 6), round(other, 6), best)


@real
def test_a_model_for_which_the_numbers_differ_is_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    add_rows = fasttext_compiled.add_rows
    monkeypatch.setattr(fasttext_compiled, "add_rows", lambda *arguments: add_rows(*arguments) + 1)
    assert compiled_model(MODEL, load(MODEL)) is None


@real
@pytest.mark.parametrize("remembered", [0, 1, 3, 1_000])
def test_what_is_remembered_of_a_word_changes_no_answer(monkeypatch: pytest.MonkeyPatch, remembered: int) -> None:
    monkeypatch.setattr(fasttext_compiled, "REMEMBERED", remembered)
    model = compiled_model(MODEL, load(MODEL))
    assert model is not None
    lines = ["zyxo qwol zyxo", "brenfl", "zyxo zyxo brenfl krond", "y" * 50, "qwol krond \u00e9\u00e9\u00e9"]
    answers = []
    for line in lines:
        model.forget()
        answers.append(model.found(line))
    model.forget()
    own = int(model.tables.known[0])
    for line, answer in zip(lines * 3, answers * 3, strict=True):
        assert model.found(line) == answer
        assert own <= model.tables.known[0] <= own + remembered
    assert remembered < 1_000 or model.tables.known[0] == own + 5
