"""Language and math score with real fastText models: the recognised language, and what the models are asked."""

import os
from pathlib import Path

import pytest

from filters.fasttext_model import load, predict
from filters.language import ENGLISH_AT_LEAST, UNKNOWN, LanguageScorer
from filters.language import features as language_features
from filters.mathscore import MathScorer
from filters.mathscore import features as math_features
from manifests.errors import UserError

REAL = os.environ.get("PROOFPILE_REAL_DATA")
needs_real_data = pytest.mark.skipif(REAL is None, reason="PROOFPILE_REAL_DATA is not set")

SENTENCES = {
    "en": "Every finite group of odd order is solvable, as Feit and Thompson proved in a long paper.",
    "de": "Jede endliche Gruppe ungerader Ordnung ist auflösbar, wie Feit und Thompson bewiesen haben.",
    "fr": "Tout groupe fini d'ordre impair est résoluble, comme l'ont démontré Feit et Thompson.",
    "ja": "奇数位数の有限群はすべて可解であることをファイトとトンプソンが証明した。",
}


@pytest.fixture(scope="module")
def toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier trained on two kinds of lines."""
    import fasttext

    folder = tmp_path_factory.mktemp("model")
    lines = ["__label__positive theorem proof group ring"] * 20 + [
        "__label__negative install server package click"
    ] * 20
    (folder / "lines.txt").write_text("\n".join(lines) + "\n")
    model = fasttext.train_supervised(
        str(folder / "lines.txt"), lr=0.5, dim=4, epoch=20, thread=1, bucket=0, minCount=1, verbose=0
    )
    model.save_model(str(folder / "toy.bin"))
    return folder / "toy.bin"


@pytest.fixture(scope="module")
def lid() -> Path:
    return Path(str(REAL)) / "models" / "lid.176.ftz"


@needs_real_data
@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("rules", ["published", "corrected"])
def test_tells_the_language(lid: Path, language: str, rules: str) -> None:
    scores = LanguageScorer(lid, rules).score(SENTENCES[language])  # type: ignore[arg-type]  # parametrised literal
    assert scores["language"] == language
    assert (float(scores["english"]) > 0.5) is (language == "en")


@needs_real_data
def test_formulas_do_not_hide_the_language(lid: Path) -> None:
    formula = r"$$\int_{\partial\Omega} \langle \nabla u, \vec{n} \rangle \, dS = \sum_{k} \frac{\alpha_k}{k!}$$ "
    text = "Thus we get " + formula * 40 + "as was to be shown."
    assert float(LanguageScorer(lid).score(text)["english"]) > 0.8


@needs_real_data
def test_text_without_letters_has_no_language(lid: Path) -> None:
    for text in ("", "12 + 30 = 42", r"$$\alpha$$", " \n"):
        assert LanguageScorer(lid).score(text) == {"english": 0.0, "language": UNKNOWN}


@needs_real_data
def test_lone_surrogates_and_labels_in_the_text_do_no_harm(lid: Path) -> None:
    text = SENTENCES["en"] + " \ud800 __label__fr \0 </s>\n" + SENTENCES["en"]
    assert LanguageScorer(lid).score(text)["language"] == "en"


@needs_real_data
def test_the_text_behind_a_line_end_counts(lid: Path) -> None:
    text = SENTENCES["en"] + "\n" + (SENTENCES["ja"] + "\n") * 40
    assert LanguageScorer(lid).score(text)["language"] == "ja"


def test_a_model_loads_when_it_is_first_asked(tmp_path: Path) -> None:
    scorer = LanguageScorer(tmp_path / "absent.ftz")
    with pytest.raises(UserError, match=r"absent\.ftz: no such model"):
        scorer.score("Some text")


def test_a_file_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.bin").write_bytes(b"this is no model")
    with pytest.raises(UserError, match=r"bad\.bin: not a fastText model"):
        MathScorer(tmp_path / "bad.bin").score("Some text")


def test_math_score_is_the_probability_of_the_positive_label(toy_model: Path) -> None:
    scorer = MathScorer(toy_model)
    high = scorer.score("The THEOREM: (proof). A ring,\nand a group!")["math_score"]
    low = scorer.score("Click: install the server package")["math_score"]
    assert isinstance(high, float)
    assert isinstance(low, float)
    assert 0 <= low < 0.5 < high <= 1
    assert scorer.score("The THEOREM: (proof). A ring,\nand a group!")["math_score"] == high


def test_probabilities_of_all_labels_are_given_likeliest_first(toy_model: Path) -> None:
    found = predict(load(toy_model), "theorem proof")
    assert list(found) == ["positive", "negative"]
    assert sum(found.values()) == pytest.approx(1, abs=1e-4)


def test_loading_says_nothing(toy_model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load.cache_clear()
    load(toy_model)
    assert capfd.readouterr() == ("", "")


def test_the_classifier_never_sees_latex() -> None:
    text = "The $\\alpha$-limit is \\emph{never} empty.\n\n$$\\frac{a}{b}$$\nProof: (1) $x$ exists."
    assert math_features(text) == "the limit is never empty proof 0 exists"


def test_published_features_keep_what_stands_outside_of_dollar_signs() -> None:
    assert math_features("A $x$ or \\alpha 7\nEnd.", "published") == "a  or \\alpha 0end."


def test_language_sees_words_as_they_are_written_without_addresses_and_code() -> None:
    text = "Größe:\nsee https://example.org/a or `ls -l`, ask a@b.org. $x^2$ Ende"
    assert language_features(text) == "Größe: see or ask Ende"


@needs_real_data
@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Spheres. The sphere command creates spheres. Examples sphere([-2,0,0],[2,0,0])", True),
        ("Graphing the area under a curve. plotarea(sin(x),x=0..2*pi) draws the area.", True),
        ("Les sphères. La commande sphere crée des sphères. Exemples sphere([-2,0,0],2)", False),
        ("Kugeln: der Befehl sphere erzeugt Kugeln im Raum. sphere([0,0,0],2)", False),
        ("Сфера: команда sphere создаёт сферу. sphere([0,0,0],2)", False),
    ],
)
def test_short_and_symbolic_english_is_english(lid: Path, text: str, english: bool) -> None:
    scorer = LanguageScorer(lid)
    assert (float(scorer.score(text)["english"]) >= ENGLISH_AT_LEAST) == english


def test_language_sees_no_piece_of_a_program_or_a_formula() -> None:
    text = "The sphere command: sphere([-2,0,0],2) or f(x)=x^2 gives a ball (of radius 2) in x and y. 第3章"
    assert language_features(text) == "The sphere command: or gives a ball (of radius in and 第3章"


def test_a_model_that_was_cut_short_is_refused_wherever_the_cut_is(toy_model: Path, tmp_path: Path) -> None:
    whole = toy_model.read_bytes()
    for length in [0, 4, 63, 90, 100, 150, len(whole) // 2, len(whole) - 1]:
        cut = tmp_path / f"{length}.bin"
        cut.write_bytes(whole[:length])
        with pytest.raises(UserError, match="cut short"):
            load(cut)
