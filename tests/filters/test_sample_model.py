"""The math score that comes with the program: what its card says, what mathematics it finds and what it misses."""

import hashlib
import re
from pathlib import Path

import pytest

import manifests
from filters.mathscore import MathScorer
from pipelines.training.mathscore_recipe import load_training

MODELS = Path(manifests.__file__).parent / "models"
MODEL = MODELS / "mathscore.bin"
RECIPE = MODELS.parent / "training" / "mathscore.yaml"

ABOUT_MATHEMATICS = (
    """Let G be a finite group and let H be a subgroup of G. Then the order of H divides the order of G. The proof is
    by counting cosets: the left cosets of H partition G, and each of them has as many elements as H itself.""",
    """The matrix is diagonalizable if and only if its minimal polynomial is a product of distinct linear factors over
    the field. In particular every symmetric real matrix has an orthogonal basis of eigenvectors.""",
    """The estimator is consistent: as the sample size grows, its distribution concentrates around the true parameter,
    and by the central limit theorem it is asymptotically normal with the covariance matrix given above.""",
    """Every continuous function on a closed interval is bounded and attains its maximum. The theorem follows since the
    image of a compact set is compact.""",
    """A topological space is connected if it is not the union of two disjoint nonempty open sets. The continuous image
    of a connected space is connected, from which the intermediate value theorem follows.""",
)
MATHEMATICS_IT_MISSES = (
    """Two dice are thrown. What is the probability that the sum is seven? There are thirty-six equally likely outcomes,
    and six of them give seven, so the answer is one sixth.""",
    """Anna bought three boxes with a dozen eggs each and used ten eggs for a cake. She gave half of those left to her
    neighbour. How many eggs does she have now?""",
)
"""A known limit of the model, stated on its card: mathematics told in the words of everyday life."""

ABOUT_OTHER_THINGS = (
    """To install the package, open a terminal and run the command shown above. The server restarts by itself and
    writes its log to the usual place; if the connection is refused, check the firewall and the name of the host.""",
    """The city council met on Tuesday evening to hear from residents about the new bus line. Several shop owners said
    that they feared for their customers, while others welcomed the plan and asked for more benches and trees.""",
)


def test_the_model_is_the_one_its_card_and_its_checksum_name() -> None:
    digest = hashlib.sha256(MODEL.read_bytes()).hexdigest()
    assert (MODELS / "mathscore.bin.sha256").read_text() == f"{digest}  mathscore.bin\n"
    assert digest in (MODELS / "mathscore.md").read_text()


def test_the_card_states_the_limits_that_the_training_recipe_names() -> None:
    limits = load_training(RECIPE).limits.strip()
    assert "it is no untouched test set" in limits
    assert f"## Known limits\n\n{limits}\n" in (MODELS / "mathscore.md").read_text()


def test_the_model_is_small() -> None:
    assert MODEL.stat().st_size < 1_200_000


@pytest.mark.parametrize("text", ABOUT_MATHEMATICS)
def test_prose_of_mathematics_without_any_latex_is_found(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) > 0.5


@pytest.mark.parametrize("text", MATHEMATICS_IT_MISSES)
def test_known_limit_word_problems_are_not_found(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) < 0.5


def test_the_card_tells_how_it_does_on_works_it_never_learned_from() -> None:
    card = (MODELS / "mathscore.md").read_text()
    _, found, held = card.partition("Nothing was learned from these works: ")
    assert found
    works = re.findall(r"`(pypi:[^`]+)`", held.partition("\n")[0])
    assert len(works) >= 8
    inputs = {item.address.partition("==")[0] for item in load_training(RECIPE).inputs}
    assert set(works) <= inputs
    assert "calibration" in held.lower()


@pytest.mark.parametrize("text", ABOUT_OTHER_THINGS)
def test_other_prose_is_not(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) < 0.17
