"""The math score that comes with the program: what its card says, what mathematics it finds and what it misses."""

import hashlib
from pathlib import Path

import pytest

import manifests
from filters.mathscore import MathScorer
from pipelines.training.mathscore_recipe import load_training

MODELS = Path(manifests.__file__).parent / "models"
MODEL = MODELS / "mathscore.bin"

ABOUT_MATHEMATICS = (
    """Let G be a finite group and let H be a subgroup of G. Then the order of H divides the order of G. The proof is
    by counting cosets: the left cosets of H partition G, and each of them has as many elements as H itself.""",
    """The matrix is diagonalizable if and only if its minimal polynomial is a product of distinct linear factors over
    the field. In particular every symmetric real matrix has an orthogonal basis of eigenvectors.""",
    """The estimator is consistent: as the sample size grows, its distribution concentrates around the true parameter,
    and by the central limit theorem it is asymptotically normal with the covariance matrix given above.""",
)
MATHEMATICS_IT_MISSES = (
    """Every continuous function on a closed interval is bounded and attains its maximum. The theorem follows since the
    image of a compact set is compact.""",
    """A topological space is connected if it is not the union of two disjoint nonempty open sets. The continuous image
    of a connected space is connected, from which the intermediate value theorem follows.""",
    """Two dice are thrown. What is the probability that the sum is seven? There are thirty-six equally likely outcomes,
    and six of them give seven, so the answer is one sixth.""",
)
"""A known limit of the model, stated on its card: it learned from the documentation of programs."""

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
    limits = load_training(MODELS.parent / "training" / "mathscore.yaml").limits.strip()
    assert "none is an untouched test set" in limits
    assert f"## Known limits\n\n{limits}\n" in (MODELS / "mathscore.md").read_text()


def test_the_model_is_small() -> None:
    assert MODEL.stat().st_size < 450_000


@pytest.mark.parametrize("text", ABOUT_MATHEMATICS)
def test_prose_of_mathematics_without_any_latex_is_found(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) > 0.5


@pytest.mark.parametrize("text", MATHEMATICS_IT_MISSES)
def test_known_limit_short_prose_of_calculus_topology_and_school_scores_as_other_prose(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) < 0.17


@pytest.mark.parametrize("text", ABOUT_OTHER_THINGS)
def test_other_prose_is_not(text: str) -> None:
    assert float(MathScorer(MODEL).score(text)["math_score"]) < 0.17
